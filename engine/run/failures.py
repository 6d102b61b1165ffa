"""ONNX Runtime's errors as one sentence that names the file, the node and the way out."""

import re

from engine.errors import InputError, LamellaError

CODE = re.compile(r"^\[ONNXRuntimeError\] : \d+ : \w+ : ")
SOURCE = re.compile(  # its own file and the C++ signature behind it
    r"\S{0,200}\.(?:cc|h|cpp|cu|cuh):\d+ "
    r"(?:[^()]{0,100}::[^()]{0,100}\((?:[^()]|\(\))*\)(?: const)? )?"
)
RUNNING = re.compile(
    r"Non-zero status code returned while running (\S+) node\. Name:'(.*?)' Status Message: (.*)",
    re.DOTALL,
)
ALLOCATION = re.compile(r"Failed to allocate memory for requested buffer of size (\d+)")
NO_KERNEL = re.compile(
    r"Could not find an implementation for (\S+?)\((-?\d+)\) node with name '(.*?)'"
)
UNKNOWN = (
    re.compile(r"No Op registered for (?P<op>\S+) with domain_version"),
    re.compile(r'In Node, \("(?P<node>.*?)", (?P<op>\w+), ".*?No opset import for domain'),
    re.compile(r"(?P<op>\S+?)\(-?\d+\) is not a registered function/op"),
)
PROTOBUF = "protobuf parsing failed"
LONGEST = 300
READ = 4000
"""Characters of an error that are looked at: names in a hostile file can be long."""


class OutOfMemory(InputError):
    """A tensor did not fit: a smaller batch may."""


def translated(error, path, doing="opening it"):
    """The `LamellaError` for an exception that ONNX Runtime raised.

    Parameters
    ----------
    error : Exception
        `LamellaError` and `MemoryError` of our own are answered too.
    path : str
        The model's file.
    doing : str
        What failed, for the errors that say little themselves.
    """
    if isinstance(error, LamellaError):
        return error
    if isinstance(error, MemoryError):
        return OutOfMemory("not enough memory", where=path, remedy=SMALLER)
    if isinstance(error, UnicodeDecodeError):
        return InputError(
            "a name in it is no text (UTF-8)", where=path, remedy="the file may be damaged"
        )
    text = SOURCE.sub("", CODE.sub("", str(error)[:READ]))
    for rule in (_allocation, _no_kernel, _unknown, _protobuf, _running):
        known = rule(text, path)
        if known is not None:
            return known
    return InputError(f"ONNX Runtime failed in {doing}: {_short(text)}", where=path)


SMALLER = "choose a smaller --batch or --size, or a larger --memory"


def _short(text):
    text = " ".join(text.split())
    return text if len(text) <= LONGEST else text[: LONGEST - 3] + "..."


def _node(op, name):
    return f"{op} {name!r}" if name else f"a nameless {op}"


def _allocation(text, path):
    found = ALLOCATION.search(text)
    if not found and "bad_alloc" not in text and "out of memory" not in text.lower():
        return None
    running = RUNNING.search(text)
    who = f"node {_node(*running.group(1, 2))}" if running else "the network"
    size = f"{int(found.group(1)) / 1e9:.3g} GB at once, more" if found else "more memory"
    return OutOfMemory(f"{who} needs {size} than this machine gives", where=path, remedy=SMALLER)


def _no_kernel(text, path):
    found = NO_KERNEL.search(text)
    if not found:
        return None
    op, version, name = found.groups()
    return InputError(
        f"ONNX Runtime cannot run operator {op} of version {version} (node {name!r})",
        where=path,
        remedy="export the network again, with opset 7 or newer",
    )


def _unknown(text, path):
    for pattern in UNKNOWN:
        found = pattern.search(text)
        if found:
            op, node = found["op"], found.groupdict().get("node")
            where = f" (node {node!r})" if node else ""
            return InputError(
                f"operator {op}{where} is none of ONNX or ONNX Runtime",
                where=path,
                remedy="export the network with standard operators; code for operators is never "
                "loaded",
            )
    return None


def _protobuf(text, path):
    if PROTOBUF not in text and "No graph was found" not in text:
        return None
    return InputError(
        "it is no ONNX file, or a part of one", where=path, remedy="copy or export it again"
    )


def _running(text, path):
    found = RUNNING.search(text)
    if not found:
        return None
    op, name, message = found.groups()
    return InputError(f"node {_node(op, name)} failed: {_short(message)}", where=path)
