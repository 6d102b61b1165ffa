"""From samples and values to the pictures of the cells; no Qt, no GL."""

from dataclasses import dataclass

import numpy as np

from engine.errors import LamellaError
from viewer.views.signed_map import grey, reduced, signed_over

TOGETHER = 12
"""Pictures made at a time: so many come before the next ones are asked for."""


SEEN = "seen"
"""As the key of a look: the sample itself, in its colours."""


@dataclass(frozen=True)
class Look:
    """What a cell's picture follows from, beside its theme.

    Attributes
    ----------
    sample : int
    key : tuple, `SEEN` or None
        Of the question; None: only the grey picture.
    limit : float
    opacity : float
    factor : int
        So many values across and down become the strongest of them, where cells are small.
    """

    sample: int
    key: tuple | None = None
    limit: float = 0.0
    opacity: float = 1.0
    factor: int = 1


def seen_of(data, preprocessing, sample):
    """A sample as the network gets it: uint8[H, W, 3], or None where it cannot be read."""
    try:
        return preprocessing.as_seen(data.image(sample))
    except LamellaError:
        return None


def make(wanted, pictures, data, preprocessing, theme):
    """Make cells' pictures.

    Parameters
    ----------
    wanted : list of (Look, float32[H, W] or None)
    pictures : dict of int to uint8[H, W, 3] or None
        Samples that were read before.
    data : engine DataSet
    preprocessing : Preprocessing
    theme : Theme

    Returns
    -------
    (dict of Look to uint8[H, W, 3] or None, dict of int to uint8[H, W, 3] or None)
        And the samples that were read now. None where a picture cannot be read and there are no
        values.
    """
    read, greys, made = {}, {}, {}
    for look, values in wanted:
        if look.sample not in pictures and look.sample not in read:
            read[look.sample] = seen_of(data, preprocessing, look.sample)
        seen = pictures.get(look.sample, read.get(look.sample))
        if look.sample not in greys:
            greys[look.sample] = None if seen is None else grey(seen)
        behind = greys[look.sample]
        if look.key == SEEN:
            made[look] = seen
        elif behind is None and values is None:
            made[look] = None
        else:
            if values is not None and look.factor > 1:
                values = reduced(values, look.factor)
                behind = None if behind is None else shrunk(behind, look.factor)
            made[look] = signed_over(behind, values, look.limit, look.opacity, theme)
    return made, read


def shrunk(picture, factor):
    """Every square of ``factor`` x ``factor`` pixels as their mean, as `reduced` cuts them."""
    rows, columns = picture.shape[:2]
    padded = np.pad(picture, ((0, -rows % factor), (0, -columns % factor), (0, 0)), mode="edge")
    blocks = padded.reshape(padded.shape[0] // factor, factor, -1, factor, padded.shape[2])
    return np.rint(blocks.mean((1, 3))).astype(np.uint8)


def table_of(wish):
    """The cells as `viewer.studio.comparison_table.write_comparison` takes them.

    Parameters
    ----------
    wish : ComparisonWish

    Returns
    -------
    list of (Row, str, str, Explained or None, str)
        Row by row, also those that nobody asks for.
    """
    found = []
    for at, row in enumerate(wish.rows):
        name = str(wish.data.names[row.sample])
        for place, column in enumerate(wish.columns):
            cell = wish.cells.get((at, place))
            told = (None, row.aim.why) if cell is None else (cell.found, cell.failure)
            found.append((row, name, column, *told))
    return found
