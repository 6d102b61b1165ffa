"""The text of a block at its size on the screen: lines that fit; no Qt, no GL."""

import re
from collections import Counter
from functools import lru_cache

from viewer.views.network.last import Last
from viewer.visuals.glyphs import measure

TEXT = 12
LEAST, COMFORTABLE, LARGEST = 7, 10, 15
MOST = 0.6


def text_size(scale):
    """Size of a block's text in logical pixels; 0 when nobody could read it.

    It shrinks with the block down to a comfortable size, keeps that while one line fits, and then
    shrinks to the least that can be read.
    """
    size = max(int(TEXT * scale + 1e-6), min(COMFORTABLE, int(2 * TEXT * scale + 1e-6)))
    return 0 if size < LEAST else min(size, LARGEST)


@Last
def cores_of(layers):
    """What of each layer's name tells it from others, where a name is too long: by name.

    Words that most layers have in their names are left out at the beginning and the end, or at
    the beginning alone, as long as something with letters remains and no two become the same.
    """
    parts = {layer.name: re.split(r"([_./-]+)", layer.name) for layer in layers}
    counts = Counter(word for words in parts.values() for word in set(words[::2]) if word)
    common = {word for word, count in counts.items() if count >= MOST * len(layers)} | {""}
    cores = {name: name for name in parts}
    for with_end in (False, True):
        made = {name: _core(words, common, with_end) for name, words in parts.items()}
        seen = Counter(made.values())
        cores.update((name, core) for name, core in made.items() if seen[core] == 1)
    return cores


def _core(words, common, with_end):
    first, last = 0, len(words)
    while with_end and last > 2 and words[last - 1] in common and _tells(words[: last - 2]):
        last -= 2
    while words[first] in common and _tells(words[first + 2 : last]):
        first += 2
    return "".join(words[first:last])


def _tells(words):
    return any(letter.isalpha() for word in words[::2] for letter in word)


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
