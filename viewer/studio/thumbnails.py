"""Small pictures of samples, whatever the file holds."""

import numpy as np

from engine.errors import LamellaError

SIDE = 8
GREY = 90


def thumbnail_of(data, sample):
    """A small picture of a sample; plain grey for one that cannot be read (told elsewhere).

    Parameters
    ----------
    data : engine DataSet
    sample : int

    Returns
    -------
    uint8[h, w, 3]
    """
    try:
        return data.thumbnail(sample)
    except LamellaError:
        return np.full((SIDE, SIDE, 3), GREY, np.uint8)
