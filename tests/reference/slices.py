"""Cuts of a volume as colours, value by value: the slow way."""

import numpy as np

from viewer.gl.theme import rgb
from viewer.visuals.transfer import Transfer, table


def colour_of(value, low, high, signed, theme):
    """Colour of one value, uint8[3]: the table's entry at its share of the range."""
    if np.isnan(value):
        return as_bytes(rgb(theme.nan))
    if np.isinf(value):
        return as_bytes(rgb(theme.infinite if value > 0 else theme.negative_infinite))
    if value > high or (signed and value < low):
        return as_bytes(rgb(theme.clipped))
    entries = table(Transfer(theme=theme))[1 if signed else 0, :, :3]
    span = (high - low) or 1.0
    share = (max(float(value), low) - low) / span
    return as_bytes(entries[1 + int(1.0 + share * 1022)])


def as_bytes(colour):
    """0 to 1 as uint8."""
    return np.rint(np.clip(colour, 0, 1) * 255).astype(np.uint8)


def cut(values, kind, at, order):
    """Rows of a cut as lists: ``values[order[place]][row][column]`` at one row or column."""
    channels, rows, columns = values.shape
    if kind == "xy":
        return [[values[at][row][column] for column in range(columns)] for row in range(rows)]
    across = range(columns) if kind == "xc" else range(rows)
    pick = (lambda c, x: values[c][at][x]) if kind == "xc" else (lambda c, x: values[c][x][at])
    return [[pick(order[place], x) for x in across] for place in range(channels)]


def strongest(values, rows, columns):
    """The value farthest from zero of each share of the cells; NaN where any is."""
    high, wide = min(rows, len(values)), min(columns, len(values[0]))

    def bounds(count, most):
        return [(place * count) // most for place in range(most)] + [count]

    down, across = bounds(len(values), high), bounds(len(values[0]), wide)
    found = np.zeros((high, wide), np.float32)
    for row in range(high):
        for column in range(wide):
            cell = [
                values[y][x]
                for y in range(down[row], down[row + 1])
                for x in range(across[column], across[column + 1])
            ]
            odd = [value for value in cell if np.isnan(value)]
            found[row, column] = odd[0] if odd else max(cell, key=lambda value: (abs(value), value))
    return found
