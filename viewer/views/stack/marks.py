"""Small marks over the stack: the focused unit, the ends of the colour bar."""

import numpy as np

from viewer.views.stack.marking import box_of_voxel, voxel_of_unit

# Half the side of the mark round a unit, at least, and the length of its ticks, logical pixels.
MARK_PX, TICK_PX = 4.0, 5.0


def box_of(marked, contents, shapes, drawn=lambda name, voxel: voxel):
    """Where a focused unit stands in the world; None when it is not drawn.

    Parameters
    ----------
    marked : (str, int, tuple of int) or None
        Layer, channel, position.
    contents : StackContents
    shapes : dict of str to tuple of int
    drawn : callable(name, voxel) -> voxel
        Where a voxel of a layer's box is drawn.
    """
    slab = None if marked is None else contents.slab(marked[0])
    if slab is None:
        return None
    voxel = voxel_of_unit(shapes[slab.name], *marked[1:])
    return None if voxel is None else box_of_voxel(slab, drawn(slab.name, voxel))


def unit(pen, low, high):
    """A box with four ticks, light on dark, round what a unit covers (pixels, corner to corner)."""
    x, y = middle = (np.asarray(low) + high) / 2
    half = np.maximum((np.asarray(high) - low) / 2 + 1, MARK_PX)
    (left, top), (right, bottom) = middle - half, middle + half
    for colour, width in ((pen.theme.view, 3.0), (pen.theme.text, 1.0)):
        thick = width / 2
        pen.frame((left, top, right, bottom), colour, 1.0, width)
        pen.rectangle(x - thick, top - TICK_PX, width, TICK_PX, colour)
        pen.rectangle(x - thick, bottom, width, TICK_PX, colour)
        pen.rectangle(left - TICK_PX, y - thick, TICK_PX, width, colour)
        pen.rectangle(right, y - thick, TICK_PX, width, colour)


def ends(pen, bar):
    """Ticks at both ends of a colour bar (left, top, right, bottom): they can be dragged."""
    left, top, right, bottom = bar
    for x in (left, right):
        pen.rectangle(x - 1, top - 3, 2, bottom - top + 6, pen.theme.text)
