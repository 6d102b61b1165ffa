"""Which layers a search finds: parts of names, globs, kinds."""

from fnmatch import fnmatchcase

from viewer.views.network.last import Last


@Last
def matches(layers, text):
    """Indices of the layers that a search finds, in order of depth.

    Words apart all hold at once. A word is a part of the name; with ``*``, ``?`` or ``[`` a
    pattern for the whole name; after ``kind:`` a kind, after ``op:`` an operator, after ``shape:``
    an output shape such as ``64x28x28``; each of them may be a pattern. Capitals do not count.

    Parameters
    ----------
    layers : sequence of engine Layer
    text : str
    """
    words = text.lower().split()
    if not words:
        return ()
    return tuple(
        index for index, layer in enumerate(layers) if all(_holds(layer, word) for word in words)
    )


def _holds(layer, word):
    name, colon, wanted = word.partition(":")
    if colon and name == "kind":
        return _like(layer.kind.lower(), wanted)
    if colon and name == "op":
        return any(_like(op.lower(), wanted) for op in layer.op_types)
    if colon and name == "shape":
        return _like("x".join(map(str, layer.output_shape)), wanted)
    if any(mark in word for mark in "*?["):
        return fnmatchcase(layer.name.lower(), word)
    return word in layer.name.lower()


def _like(text, wanted):
    if any(mark in wanted for mark in "*?["):
        return fnmatchcase(text, wanted)
    return text == wanted or (bool(wanted) and text.startswith(wanted))


def following(found, active, step):
    """The match after (or before) the active layer, round and round; None without matches.

    Parameters
    ----------
    found : sequence of int
    active : int or None
        Index of the focused layer.
    step : int
        1 or -1.
    """
    if not found:
        return None
    if active is None:
        return found[0] if step > 0 else found[-1]
    if step > 0:
        return next((index for index in found if index > active), found[0])
    return next((index for index in reversed(found) if index < active), found[-1])
