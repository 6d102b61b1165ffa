"""Thin lines along the edges of boxes: those behind a volume first, those before it last."""

import numpy as np

from viewer.gl.api import GL

# For every edge the two faces that meet there; a face is axis * 2 + side. As in frame.vert.
_FACES = tuple(
    (((axis + 1) % 3) * 2 + first, ((axis + 2) % 3) * 2 + second)
    for axis in range(3)
    for second in (0, 1)
    for first in (0, 1)
)
ALL_EDGES = (1 << 12) - 1


def edge_mask(low, high, eye):
    """Edges of a box that have a face towards the eye, as bits.

    Parameters
    ----------
    low, high : float[3]
        Corners in the world.
    eye : float[4]
        (position, 1), or (direction of parallel rays, 0).

    Returns
    -------
    int
        Bit n is set when edge n is in front; the others lie behind the box.
    """
    eye = np.asarray(eye, float)
    if eye[3]:
        towards = [
            bool(eye[axis] < low[axis]) if side == 0 else bool(eye[axis] > high[axis])
            for axis in range(3)
            for side in (0, 1)
        ]
    else:
        towards = [
            bool(eye[axis] > 0) if side == 0 else bool(eye[axis] < 0)
            for axis in range(3)
            for side in (0, 1)
        ]
    return sum(1 << edge for edge, (a, b) in enumerate(_FACES) if towards[a] or towards[b])


def draw_frame(context, matrix, view, low, high, edges, colour, width=1.0):
    """Draw edges of a box; blending premultiplied, a vertex array bound, as `VolumeStack` does.

    Parameters
    ----------
    matrix : float[4, 4]
        Clip space from world.
    view : (float, float)
        Pixels.
    low, high : float[3]
    edges : int
        Bits, see `edge_mask`.
    colour : tuple of float
        RGBA 0 to 1, not premultiplied.
    width : float
        Pixels.
    """
    if not edges:
        return
    program = context.program("frame/frame.vert", "frame/frame.frag")
    program.use()
    program.set(
        clip_from_world=matrix,
        box_low=tuple(low),
        box_high=tuple(high),
        edges=edges,
        view=view,
        width=float(width),
        colour=colour,
    )
    GL.glDrawArrays(GL.GL_TRIANGLES, 0, 72)
