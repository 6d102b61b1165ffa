"""Networks that travel with the program, by the names `sample:NAME`."""

from engine.errors import InputError
from viewer.resources import find

PREFIX = "sample:"


def names():
    """Names of the sample networks, without the prefix."""
    return sorted(p.name for p in find("samples").iterdir() if (p / f"{p.name}.onnx").is_file())


def network_file(word):
    """The file of a network: a path stays, ``sample:NAME`` becomes the sample's ONNX file.

    Raises
    ------
    InputError
        When there is no such sample; the sentence names those that are.
    """
    if not word.startswith(PREFIX):
        return word
    name = word.removeprefix(PREFIX)
    if name not in names():
        expected = ", ".join(PREFIX + name for name in names())
        raise InputError("there is no such sample", where=word, expected=expected)
    return str(find(f"samples/{name}/{name}.onnx"))
