"""The boxes of the stack with their channels in an order; volumes are not uploaded again for it.

A volume only gets the table by which the shader finds the channel at a place. The sheets of layers
without maps are small: their cells, or their rows, are moved. What is picked and what is marked
always names the true channel.
"""

from dataclasses import replace

import numpy as np

from viewer.views.stack.build import sheet_shape


class Ordering:
    """Puts boxes in order, and remembers what it made, so that equal ones stay the same objects."""

    def __init__(self):
        self._made, self._orders = {}, {}

    def applied(self, contents, orders, shapes):
        """The contents with their channels in order.

        Parameters
        ----------
        contents : StackContents
        orders : dict of str to int32[C]
            By layer; a layer without one, or with one of another number of channels, stays.
        shapes : dict of str to tuple of int
            Each layer's (C, *positions), as drawn.
        """
        made, self._orders, slabs = {}, {}, []
        for slab in contents.slabs:
            order, shape = orders.get(slab.name), shapes.get(slab.name)
            if order is not None and shape is not None and len(order) == shape[0] > 1:
                key = (id(slab.values), id(order))
                known = self._made.get(key) or (slab.values, order, _moved(slab, order, shape))
                made[key] = known
                self._orders[slab.name] = order, shape
                slab = replace(slab, **known[2])
            slabs.append(slab)
        self._made = made
        return contents if not made else replace(contents, slabs=tuple(slabs))

    def true_voxel(self, name, voxel):
        """The voxel of a layer's box that is drawn at a voxel of it.

        Volumes are looked up by picking itself; cells and rows of sheets here.
        """
        return self._voxel(name, voxel, lambda order, place: int(order[place]))

    def drawn_voxel(self, name, voxel):
        """Where a voxel of a layer's box is drawn: the inverse of `true_voxel`."""
        return self._voxel(
            name, voxel, lambda order, channel: int(np.flatnonzero(order == channel)[0])
        )

    def _voxel(self, name, voxel, find):
        order, shape = self._orders.get(name, (None, ()))
        if order is None or not is_sheet(shape):
            return voxel
        front, row, column = voxel
        if int(np.prod(shape[1:])) > 1:
            return front, find(order, row), column
        columns = sheet_shape(shape[0])[1]
        place = row * columns + column
        if place >= shape[0]:
            return voxel
        return front, *divmod(find(order, place), columns)


def is_sheet(shape):
    """Whether a layer of this shape (C, *positions) is drawn as one sheet."""
    positions = tuple(shape[1:])
    is_line = len(positions) == 1 or (len(positions) == 2 and 1 in positions)
    return is_line or int(np.prod(positions)) <= 1


def _moved(slab, order, shape):
    """What of a slab is another one in an order."""
    order = np.asarray(order)
    if is_sheet(shape):
        values = slab.values.copy()
        if int(np.prod(shape[1:])) > 1:
            return {"values": slab.values[:, order]}
        flat = values.reshape(-1)
        flat[: len(order)] = slab.values.reshape(-1)[order]
        return {"values": values}
    each = slab.values.shape[0] // len(order)
    if each > 1:  # leading positions are folded into the channels
        order = (order[:, None] * each + np.arange(each)).ravel()
    return {"order": order}
