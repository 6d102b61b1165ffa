"""`lamella [MODEL|STUDY|SESSION] [DATA]`: open a window; alone, on the sample and its data."""

from pathlib import Path

from engine.errors import InputError, MachineError
from viewer.verbs.options import add_data_options, preprocessing_of
from viewer.verbs.sessions import add_places, places_of

SAMPLE = "sample:shapes"


def add_arguments(parser):
    """MODEL, STUDY or SESSION, DATA, and the options for data."""
    parser.add_argument(
        "model",
        metavar="MODEL|STUDY|SESSION",
        nargs="?",
        help="an ONNX file, a study, a session, or sample:NAME",
    )
    parser.add_argument(
        "data",
        metavar="DATA",
        nargs="?",
        help="a folder, IDX, NPZ, NPY, HDF5, video, list of files, or sample:NAME",
    )
    add_data_options(parser)
    add_places(parser)


def run(arguments):
    """Open the window on what was named."""
    from viewer.doctor import window_fault

    what = to_open(arguments)
    fault = window_fault()
    if fault is not None:
        reason, remedy = fault
        raise MachineError(f"no window can open: {reason}", remedy=remedy)
    from viewer.app import run as run_window

    run_window(**what)


def to_open(arguments):
    """What the window is to open: arguments of the command ``open``, or ``session``.

    Returns
    -------
    dict
        Network and data, or ``study``; or ``session`` (a path), ``answers`` (where its files are,
        see `viewer.session.locating.load`) and ``skip``.

    Raises
    ------
    InputError
        What was named is not there, or is neither a network nor a study.
    """
    word, data = arguments.model, arguments.data
    if word is None:
        word, data = SAMPLE, SAMPLE
    if is_session(word):
        return session_to_open(word, arguments)
    for role in places_of(arguments):
        remedy = "without one write lamella MODEL DATA"
        raise InputError("this option goes with a session", where=f"--{role}", remedy=remedy)
    if is_study(word):
        if data is not None:
            raise InputError("a study has its data already", where=data, remedy="leave DATA out")
        return {"study": word}
    check_model(word)
    check_data(data)
    return {
        "network": word,
        "data": data,
        "labels": arguments.labels,
        "classes": arguments.classes,
        "limit": arguments.limit,
        "scores": arguments.scores,
        "preprocessing": preprocessing_of(arguments),
    }


def is_session(word):
    """Whether a word names a session file."""
    from viewer.session import journal

    return not word.startswith("sample:") and journal.is_session(word)


def session_to_open(word, arguments):
    """A session and what was said about it; what is wrong with the file is said at once."""
    from viewer.session import journal

    journal.read(journal.file_of(word))
    answers = places_of(arguments)
    if arguments.data is not None:
        answers["data"] = arguments.data
    return {"session": str(word), "answers": answers, "skip": arguments.skip}


def check_data(word):
    """Say that DATA is not there; what it holds is looked at when it is opened."""
    if word is None or word.startswith("sample:"):
        return
    if not Path(word).exists() and not Path(word.rpartition("::")[0] or word).exists():
        raise InputError("there is no such file or folder", where=word, remedy="check the path")


def is_study(word):
    """Whether a folder is a study."""
    return (Path(word) / "study.json").is_file()


def check_model(word):
    """Say what is wrong with the name of a network before anything heavy starts."""
    from viewer.samples import network_file

    path = Path(network_file(word))
    if path.is_dir():
        raise InputError(
            "this folder is neither a network nor a study",
            where=word,
            expected="an ONNX file, or a folder with study.json",
        )
    if not path.exists():
        remedy = "name an ONNX file or a study"
        raise InputError("there is no such file, study or verb", where=word, remedy=remedy)
