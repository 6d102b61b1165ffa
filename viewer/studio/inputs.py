"""What the network gets of a picture, as a layer's values look: channels first."""

import numpy as np


def input_of(preprocessing, picture):
    """The network's input for one picture.

    Parameters
    ----------
    preprocessing : engine Preprocessing
    picture : dtype[H, W] or dtype[H, W, C]

    Returns
    -------
    float32[C, H, W]
        A flattened input is folded back where its length is that of the picture, else
        ``[1, 1, K]``.
    """
    values = np.asarray(preprocessing(picture), np.float32)
    axes = preprocessing.layout.replace("N", "")
    if axes == "K":
        rows, columns = preprocessing.size
        if values.size % (rows * columns):
            return values.reshape(1, 1, -1)
        return np.moveaxis(values.reshape(rows, columns, -1), 2, 0)
    if "C" in axes:
        return np.moveaxis(values, axes.index("C"), 0)
    return values.reshape(1, *values.shape)
