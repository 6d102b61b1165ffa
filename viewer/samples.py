"""Networks and data that travel with the program, by the names `sample:NAME`."""

from engine.errors import InputError
from viewer.resources import find

PREFIX = "sample:"


def names():
    """Names of the sample networks, without the prefix."""
    return sorted(p.name for p in find("samples").iterdir() if (p / f"{p.name}.onnx").is_file())


def network_file(word):
    """The file of a network: a path stays, ``sample:NAME`` becomes the sample's ONNX file."""
    return word if not word.startswith(PREFIX) else str(_find(word, "onnx"))


def data_file(word):
    """What `engine.open_data` takes: a sample that is a file becomes its path, all else stays.

    ``sample:digits`` is made by the engine from scikit-learn's digits.
    """
    if not word.startswith(PREFIX) or word == "sample:digits":
        return word
    return str(_find(word, "npz"))


def _find(word, extension):
    name = word.removeprefix(PREFIX)
    if name not in names():
        expected = ", ".join(PREFIX + name for name in names())
        raise InputError("there is no such sample", where=word, expected=expected)
    return find(f"samples/{name}/{name}.{extension}")
