"""A tensor's own layout, and how the graph turns it to ``[N, C, *positions]`` and back."""

from dataclasses import dataclass

import numpy as np

from engine.network.axes import channel_axis, position_axes
from engine.network.axis_groups import parts_of


@dataclass(frozen=True)
class Layout:
    """How to read a tensor.

    Parameters
    ----------
    letters : tuple of str
        One for each axis (`engine.network.axes`); ``(NT)`` is a batch folded into another axis.
    shape : tuple of (int or None)
        None at the axis of the batch.
    sizes : tuple of int
        The shape at ``batch`` samples.
    batch : int
    flat : int or None
        Set for scores: the tensor is N rows of so many numbers, however it is shaped.
    """

    letters: tuple[str, ...]
    shape: tuple[int | None, ...]
    sizes: tuple[int, ...]
    batch: int = 1
    flat: int | None = None

    @classmethod
    def of_scores(cls, shape, sizes, classes, batch):
        """The layout of class scores: ``[N, K]``, ``[N, K, 1, 1]``, ``[K]``."""
        return cls((), tuple(shape), tuple(sizes), batch, classes)

    @property
    def channels(self):
        """How many channels (classes, for scores)."""
        if self.flat is not None:
            return self.flat
        sizes, letters = self._unfolded()
        axis = channel_axis(letters)
        return 1 if axis is None else sizes[axis]

    @property
    def positions(self):
        """The sizes of the positions, rows before columns."""
        if self.flat is not None:
            return ()
        sizes, letters = self._unfolded()
        return tuple(sizes[axis] for axis in position_axes(letters))

    def turn(self, back, name):
        """Emit the tensor as ``[N, C, *positions]``."""
        if self.flat is not None:
            return name if len(self.shape) == 2 else back.reshape(name, (None, self.flat))
        sizes, letters = self._unfolded()
        if len(sizes) != len(self.sizes):
            name = back.reshape(name, self._free(sizes, letters))
        order = self._order(letters)
        if order != sorted(order):
            name = back.op("Transpose", name, perm=order)
        if "N" not in letters:
            name = back.op("Unsqueeze", name, back.constant([0]))
        if channel_axis(letters) is None:
            name = back.op("Unsqueeze", name, back.constant([1]))
        return name

    def turn_back(self, back, name):
        """Emit ``[N, C, *positions]`` in the tensor's own layout."""
        if self.flat is not None:
            return name if len(self.shape) == 2 else back.reshape(name, self.shape)
        sizes, letters = self._unfolded()
        if channel_axis(letters) is None:
            name = back.op("Squeeze", name, back.constant([1]))
        if "N" not in letters:
            name = back.op("Squeeze", name, back.constant([0]))
        order = self._order(letters)
        if order != sorted(order):
            name = back.op("Transpose", name, perm=[int(axis) for axis in np.argsort(order)])
        if len(sizes) != len(self.sizes):
            name = back.reshape(name, self.shape)
        return name

    def _unfolded(self):
        """Sizes and letters with folded axes written out."""
        sizes, letters = [], []
        for size, letter in zip(self.sizes, self.letters, strict=True):
            parts = parts_of(letter)
            if len(parts) == 1:
                sizes.append(size)
            else:
                sizes += [self.batch if part == "N" else size // self.batch for part in parts]
            letters += parts
        return sizes, letters

    def _free(self, sizes, letters):
        return [None if letter == "N" else s for s, letter in zip(sizes, letters, strict=True)]

    def _order(self, letters):
        first = letters.index("N") if "N" in letters else None
        order = [first, channel_axis(letters), *position_axes(letters)]
        return [axis for axis in order if axis is not None]
