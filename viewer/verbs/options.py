"""The options that every verb which reads data shares, and how their words become values."""

import argparse
import math
import re

PRESETS = ("imagenet", "caffe", "zero-one", "minus-one-one", "int8", "raw")
NUMBER_OPTIONS = ("--mean", "--std", "--scale")
FILES = {"bash": "_shtab_compgen_files", "zsh": "_files", "tcsh": "f"}
"""How a shell completes a word that is a file."""
_NUMBER = r"[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?"
_FRACTION = re.compile(rf"{_NUMBER}(/{_NUMBER})?")
_UNITS = {"": 1, "k": 10**3, "m": 10**6, "g": 10**9, "t": 10**12}
_UNITS |= {"ki": 2**10, "mi": 2**20, "gi": 2**30, "ti": 2**40}


def add_model(parser):
    """The network, and what chooses its class scores."""
    model = parser.add_argument("model", metavar="MODEL", help="an ONNX file, or sample:NAME")
    model.complete = FILES


def add_data(parser):
    """The images."""
    data = parser.add_argument(
        "data", metavar="DATA", help="a folder, IDX, NPZ, NPY, HDF5, video, list, or sample:NAME"
    )
    data.complete = FILES


def add_data_options(parser):
    """Options for data, labels and preprocessing, the same in every verb that reads data."""
    data = parser.add_argument_group("data")
    _file(data, "--labels", "labels of the samples: CSV with file,label, JSON, NPY or IDX")
    _file(data, "--classes", "names of the classes, one a line, or JSON")
    data.add_argument(
        "--scores",
        metavar="NAME",
        help="the output that has the class scores (guessed and said when left out)",
    )
    data.add_argument(
        "--limit", metavar="N", type=whole, help="take the first N samples of the data set"
    )
    steps = parser.add_argument_group(
        "preprocessing (guessed, with the reason said; what is given here wins)"
    )
    steps.add_argument("--preprocess", metavar="PRESET", choices=PRESETS, help=", ".join(PRESETS))
    steps.add_argument(
        "--size",
        metavar="ROWSxCOLS",
        type=size,
        help="size of the network's input, as 224x224 or 224",
    )
    steps.add_argument(
        "--crop",
        metavar="FRACTION",
        type=crop,
        help="part of the resized picture that the centre crop keeps, 0 to 1; none: stretch",
    )
    steps.add_argument(
        "--scale", metavar="FACTOR", type=number, help="values are multiplied by it, as 1/255"
    )
    steps.add_argument(
        "--mean", metavar="M[,M,M]", type=numbers, help="then this is subtracted, per channel"
    )
    steps.add_argument(
        "--std", metavar="S[,S,S]", type=numbers, help="and the rest divided by this"
    )
    steps.add_argument(
        "--bgr",
        action=argparse.BooleanOptionalAction,
        help="channels in the order blue, green, red, or not",
    )
    steps.add_argument(
        "--gray", action=argparse.BooleanOptionalAction, help="pictures turned to grey, or not"
    )
    steps.add_argument(
        "--layout", metavar="AXES", help="axes of the input: NCHW, NHWC, NHW, NK ..."
    )


def add_json(parser):
    """The option that turns a report into one JSON document on standard output."""
    parser.add_argument(
        "--json", action="store_true", help="print one JSON document, and nothing else, to stdout"
    )


def add_device(parser):
    """The option that chooses where the network runs."""
    parser.add_argument(
        "--device", choices=("cpu", "cuda"), help="where the network runs (CUDA when it works)"
    )


def preprocessing_of(arguments):
    """What was said of preprocessing: keywords of `engine.network.preprocessing.with_options`."""
    names = ("size", "crop", "scale", "mean", "std", "bgr", "gray", "layout")
    said = {
        name: getattr(arguments, name) for name in names if getattr(arguments, name) is not None
    }
    if arguments.preprocess is not None:
        said["preset"] = arguments.preprocess
    if said.get("crop") == "none":
        said["crop"] = None
    return said


# -- words to values: argparse shows an ArgumentTypeError as "--size: <text>" ----------------------


def number(word):
    """A number or a fraction such as ``1/255``."""
    if not _FRACTION.fullmatch(word):
        raise argparse.ArgumentTypeError(f"{word!r} is not a number, nor a fraction such as 1/255")
    above, _, below = word.partition("/")
    divisor = float(below) if below else 1.0
    value = float(above) / divisor if divisor else math.inf
    if not math.isfinite(value):
        raise argparse.ArgumentTypeError(f"{word!r} is not a finite number")
    return value


def numbers(word):
    """One number, or several with commas between."""
    return tuple(number(part) for part in word.strip(",").split(","))


def is_numbers(word):
    """Whether a word is numbers with commas between, and nothing else."""
    return all(_FRACTION.fullmatch(part) for part in word.strip(",").split(","))


def whole(word):
    """A whole number above 0."""
    if not re.fullmatch(r"\d+", word) or int(word) == 0:
        raise argparse.ArgumentTypeError(f"{word!r} is not a whole number above 0")
    return int(word)


def size(word):
    """``ROWSxCOLS`` or one number for both, as (rows, columns)."""
    match = re.fullmatch(r"(\d+)(?:[xX×](\d+))?", word)
    rows, columns = (int(match[1]), int(match[2] or match[1])) if match else (0, 0)
    if not rows or not columns:
        raise argparse.ArgumentTypeError(f"{word!r} is not ROWSxCOLS, such as 224x320 or 224")
    return rows, columns


def crop(word):
    """A fraction above 0 and at most 1, or ``'none'``."""
    if word.lower() == "none":
        return "none"
    value = number(word)
    if not 0 < value <= 1:
        raise argparse.ArgumentTypeError(f"{word!r} is not above 0 and at most 1 (none: stretch)")
    return value


def size_in_bytes(word):
    """Bytes as ``2000000000``, ``2GB``, ``1.5G`` or ``512MiB``."""
    match = re.fullmatch(r"(\d+\.?\d*)\s*([kmgt]?i?)b?", word.strip().lower())
    if not match or match[2] not in _UNITS or float(match[1]) == 0:
        raise argparse.ArgumentTypeError(f"{word!r} is not a size in bytes, such as 2GB or 512MiB")
    return int(float(match[1]) * _UNITS[match[2]])


def _file(group, option, text):
    action = group.add_argument(option, metavar="FILE", help=text)
    action.complete = FILES
