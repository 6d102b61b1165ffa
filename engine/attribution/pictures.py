"""Pictures of one grey, as the network takes them: what black, white and a cover become."""

import numpy as np

from engine.errors import InputError


def plain_input(network, grey):
    """What a picture of one grey becomes.

    Parameters
    ----------
    network : engine.network.network.Network
    grey : int
        0 to 255.

    Returns
    -------
    ndarray
        The input's shape with a batch of one.
    """
    steps = network.preprocessing
    if steps is None:
        raise InputError(
            "it is not known how pictures become its input",
            where=network.path,
            remedy="give the options of preprocessing",
        )
    rows, columns = steps.size
    shape = (rows, columns) if steps.channels == "gray" else (rows, columns, 3)
    made = steps(np.full(shape, grey, np.uint8))
    return made[None] if "N" in network.input_layout else made
