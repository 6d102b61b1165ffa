"""Draws the blocks and wires of a graph: instances, a call each for blocks, curves and lanes.

What is given are the things in sight; they are uploaded for each picture, which for thousands
costs less than to keep them on the card and draw those out of sight.
"""

import numpy as np

from viewer.gl.api import GL
from viewer.gl.objects import Buffer, VertexArray
from viewer.gl.theme import rgb

BLOCK = np.dtype([("centre", "f4", 2), ("fill", "u1", 4), ("strip", "u1", 4), ("marks", "f4")])
WIRE = np.dtype([("ends", "f4", 4), ("colour", "u1", 4)])
HATCHED, FOLDED, ACTIVE, HOVERED, FADED, FOUND = 1, 2, 4, 8, 16, 32
MOST_STEPS, LEAST_STEPS, FAR_STEPS = 16, 4, 24


def steps_for(length_px):
    """Parts of a curve that is so long on the screen that it looks round."""
    if length_px < 2:
        return 1
    return int(np.clip(round(length_px / 5), LEAST_STEPS, MOST_STEPS))


class GraphPicture:
    """Blocks and wires in a view."""

    def __init__(self):
        self._context = None
        self._owned = ()

    def draw(self, context, width_px, height_px, ratio, place, theme, blocks, curves, lanes, sizes):
        """Draw into the bound framebuffer.

        Parameters
        ----------
        place : Placing
            ``scale`` pixels for each of the graph, ``offset`` (across, along) pixels of its
            origin, ``swap`` whether depth grows to the right.
        theme : Theme
        blocks : BLOCK[N]
        curves, lanes : WIRE[M]
            Curved pieces, and straight ones.
        sizes : (float, float, float)
            A block's size across and along, and the way along between two rows, in the graph.
        """
        if self._context is not context:
            self._make(context)
        GL.glViewport(0, 0, width_px, height_px)
        GL.glDisable(GL.GL_DEPTH_TEST)
        GL.glDisable(GL.GL_CULL_FACE)
        GL.glEnable(GL.GL_BLEND)
        GL.glBlendEquation(GL.GL_FUNC_ADD)
        GL.glBlendFunc(GL.GL_ONE, GL.GL_ONE_MINUS_SRC_ALPHA)
        common = {
            "view": (float(width_px), float(height_px)),
            "offset": tuple(float(part) for part in place.offset),
            "scale": float(place.scale),
            "swap": bool(place.swap),
        }
        width = float(np.clip(1.3 * place.scale, 0.6 * ratio, 1.8 * ratio))
        program = context.program("graph/wire.vert", "graph/wire.frag")
        program.use()
        program.set(**common, width=width)
        self._wires(program, lanes, 1)
        # A curve that goes far aside is nearly level in its middle and bends sharply at its ends.
        ends = curves["ends"]
        far = np.abs(ends[:, 2] - ends[:, 0]) > 1.5 * sizes[2]
        self._wires(program, curves[~far], steps_for(sizes[2] * place.scale))
        self._wires(program, curves[far], FAR_STEPS if sizes[2] * place.scale > 2 else 3)
        self._blocks(context, common, ratio, theme, blocks, sizes)
        GL.glBindVertexArray(0)
        GL.glUseProgram(0)

    def _wires(self, program, wires, steps):
        if not len(wires):
            return
        program.set(steps=steps)
        _, wire_buffer, _, wire_vertices = self._owned
        wire_buffer.write(wires)
        wire_vertices.bind()
        GL.glDrawArraysInstanced(GL.GL_TRIANGLE_STRIP, 0, 2 * (steps + 1), len(wires))

    def _blocks(self, context, common, ratio, theme, blocks, sizes):
        if not len(blocks):
            return
        block_buffer, _, block_vertices, _ = self._owned
        program = context.program("graph/block.vert", "graph/block.frag")
        program.use()
        program.set(
            **common,
            half=(sizes[0] / 2, sizes[1] / 2),
            ratio=float(ratio),
            border=(*rgb(theme.edge), 1.0),
            hatch=(*rgb(theme.line), 1.0),
            accent=(*rgb(theme.accent), 1.0),
            found=(*rgb(theme.text), 1.0),
            sheet=(*rgb(theme.panel), 1.0),
            view_colour=(*rgb(theme.view), 1.0),
        )
        block_buffer.write(blocks)
        block_vertices.bind()
        GL.glDrawArraysInstanced(GL.GL_TRIANGLES, 0, 6, len(blocks))

    def _make(self, context):
        self._context = context
        blocks, wires = Buffer(context), Buffer(context)
        block_vertices, wire_vertices = VertexArray(context), VertexArray(context)
        self._owned = (blocks, wires, block_vertices, wire_vertices)
        _instances(block_vertices, blocks, BLOCK)
        _instances(wire_vertices, wires, WIRE)
        GL.glBindVertexArray(0)

    def release(self):
        """Delete its objects; the context must be current."""
        for owned in self._owned:
            owned.release()
        self._context, self._owned = None, ()


def _instances(vertices, buffer, layout):
    """Attributes that step once an instance, in the order of a structured dtype's fields."""
    for location, name in enumerate(layout.names):
        dtype, offset = layout.fields[name][:2]
        count = dtype.shape[0] if dtype.shape else 1
        is_bytes = dtype.base == np.uint8
        kind = GL.GL_UNSIGNED_BYTE if is_bytes else GL.GL_FLOAT
        vertices.attribute(location, buffer, count, kind, layout.itemsize, offset, is_bytes)
        GL.glVertexAttribDivisor(location, 1)
