"""From orders and correlations to pictures; no Qt, no GL."""

import numpy as np

from viewer.views.signed_map import coloured
from viewer.visuals.transfer import colours

MOST_DOTS = 400
"""Channels up to which two orders are drawn as dots, one a channel; more are counted in squares."""

SQUARES = 96


def method_picture(portrait, which, theme):
    """The small picture of a method.

    Parameters
    ----------
    portrait : viewer.studio.stability.Portrait
    which : str
        ``'distances'``: zero is the background, the largest has the last colour;
        ``'correlations'``: centred on zero, -1 to 1.
    theme : Theme

    Returns
    -------
    uint8[n, n, 3]
    """
    if which == "correlations":
        return coloured(portrait.correlations, 1.0, theme)
    table = np.rint(np.clip(colours(theme, False), 0, 1) * 255).astype(np.uint8)
    values = portrait.distances
    largest = float(np.nanmax(values, initial=0.0)) or 1.0
    place = np.rint(np.nan_to_num(values) / largest * (len(table) - 1)).astype(np.intp)
    picture = table[np.clip(place, 0, len(table) - 1)]
    unknown = np.isnan(values)
    if unknown.any():
        picture[unknown] = coloured(np.full((1, 1), np.nan), 1.0, theme)[0, 0]
    return picture


def matrix_picture(matrix, theme):
    """Rank correlations as colours centred on zero, -1 to 1: float[n, n] to uint8[n, n, 3]."""
    return coloured(np.asarray(matrix, np.float32), 1.0, theme)


def turned(ranks):
    """Places counted from the end: int[V] to int[V]."""
    return len(ranks) - 1 - ranks


def counts_picture(across, down, theme):
    """How many channels stand where in two orders: the background where none does.

    Parameters
    ----------
    across, down : int[V]
        Each channel's place; down is drawn upwards.
    theme : Theme

    Returns
    -------
    uint8[SQUARES, SQUARES, 3]
    """
    count = max(1, len(across))
    places = [np.minimum(part * SQUARES // count, SQUARES - 1) for part in (across, down)]
    counts = np.zeros((SQUARES, SQUARES))
    np.add.at(counts, (SQUARES - 1 - places[1], places[0]), 1)
    table = np.rint(np.clip(colours(theme, False), 0, 1) * 255).astype(np.uint8)
    share = np.sqrt(counts / max(1.0, counts.max()))
    return table[np.rint(share * (len(table) - 1)).astype(np.intp)]
