"""The text of a block at its size on the screen: lines that fit; no Qt, no GL."""

from functools import lru_cache

from viewer.visuals.glyphs import measure

TEXT = 12
LEAST, MOST = 7, 15


def text_size(scale):
    """Size of a block's text in logical pixels; 0 when nobody could read it."""
    size = int(TEXT * scale + 1e-6)
    return 0 if size < LEAST else min(size, MOST)


@lru_cache(maxsize=20_000)
def shorten_middle(text, room, size, face="regular"):
    """A text with its middle left out so that it fits; empty when not even two letters do.

    Parameters
    ----------
    room : int
        Pixels.
    size : int
        Of the letters, pixels.
    """
    if measure(text, size, face) <= room:
        return text
    low, high = 0, len(text) - 1
    while low < high:
        kept = (low + high + 1) // 2
        if measure(_without_middle(text, kept), size, face) <= room:
            low = kept
        else:
            high = kept - 1
    return _without_middle(text, low) if low >= 2 else ""


def _without_middle(text, kept):
    """``kept`` letters, the end one longer than the beginning: names differ at their ends."""
    head = kept // 2
    return f"{text[:head]}…{text[len(text) - (kept - head) :]}"


@lru_cache(maxsize=20_000)
def second_line(kind, shape, field, room, size):
    """Kind, shape and receptive field, as much of it as fits: what stands left, and right.

    Parameters
    ----------
    field : str
        As of `viewer.views.network.resolve.field_text`.
    room, size : int
        Pixels.
    """
    number = field[:1] in "≤0123456789"
    both = f"{kind}  {shape}".strip()
    words = f"field {field}" if number and field else field
    for left, right in (
        (both, words),
        (both, field if number else "all"),
        (shape, field if number else "all"),
    ):
        if measure(left, size) + measure(right, size) + size <= room:
            return left, right
    return (shape if measure(shape, size) <= room else ""), ""
