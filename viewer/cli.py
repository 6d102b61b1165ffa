"""The command line: `lamella [MODEL|STUDY|SESSION] [DATA]` and its verbs, with their exit statuses.

0 done; 2 the arguments or a file are wrong; 1 the machine or the program failed; 130 cancelled.
An error is one sentence on standard error; a traceback goes to a file, and to the terminal with
``LAMELLA_DEBUG=1``.
"""

import argparse
import difflib
import errno
import os
import select
import signal
import sys
from importlib import import_module

from engine.errors import InputError, LamellaError

DESCRIPTION = """\
Open an ONNX vision network with its images and look inside: every layer's activations as volumes,
its statistics and its predictions. Without words: the sample network on the sample data."""

VERBS = {
    "info": "what a network is: its layers, shapes, cost, receptive fields, preprocessing",
    "extract": "run the data through the network and keep every layer in a study",
    "attribute": "what a class, a unit or a filter rests on in a picture",
    "order": "a layer's channels so that like ones stand side by side, and how good that is",
    "gradient": "the graph that computes gradients of a network, as an ONNX file",
    "importance": "how important the filters of a layer are, by gradient or by activity",
    "ablate": "what a network loses without some of its filters: error rates, and their curve",
    "replay": "give a session's commands again: where they lead, and what does not match",
    "render": "a session as a movie or PNG frames, drawn without a screen",
    "doctor": "what this machine offers, what is missing, and the line that installs it",
}
OF_THE_PERSON = (FileNotFoundError, PermissionError, IsADirectoryError, NotADirectoryError)
STDOUT = 1
SHELLS = ("bash", "zsh", "tcsh")


class Parser(argparse.ArgumentParser):
    """A parser whose complaints are one sentence, and whose options are never guessed."""

    def __init__(self, **settings):
        super().__init__(
            allow_abbrev=False, formatter_class=argparse.RawDescriptionHelpFormatter, **settings
        )

    def error(self, message):
        """Raise `InputError` with argparse's complaint and where the options are listed."""
        message = message.removeprefix("argument ")
        unknown, found, words = message.partition("unrecognized arguments: ")
        if found and not unknown:
            message = self._unknown(words.split())
        elif "required: " in message:
            lacking = message.rpartition(": ")[2]
            message = f"{lacking} {'are' if ',' in lacking else 'is'} missing"
        raise InputError(message, remedy=f"{self.prog} --help lists what there is")

    def _unknown(self, words):
        word = words[0].partition("=")[0]
        near = difflib.get_close_matches(word, self._option_string_actions, n=1)
        if not word.startswith("-"):
            return f"one word too many: {word}"
        return f"there is no option {word}" + (f" (did you mean {near[0]}?)" if near else "")


class _Version(argparse.Action):
    """Prints the version; looks it up only when asked."""

    def __call__(self, parser, namespace, values, option_string=None):
        from importlib.metadata import version

        print("lamella", version("lamella"))
        parser.exit()


class _Completion(argparse.Action):
    """Prints the script that teaches a shell to complete `lamella`."""

    def __call__(self, parser, namespace, values, option_string=None):
        print(completion(values))
        parser.exit()


def parser_of(verb=None):
    """The parser of one verb; of ``lamella [MODEL|STUDY|SESSION] [DATA]`` without a verb."""
    if verb is not None:
        usage = f"lamella {verb} {import_module(f'viewer.verbs.{verb}').USAGE}"
        parser = Parser(prog=f"lamella {verb}", usage=usage, description=_sentence(VERBS[verb]))
        _fill(parser, verb)
        return parser
    width = max(map(len, VERBS))
    verbs = [f"  {name:{width}}  {what}" for name, what in VERBS.items()]
    verbs = ["verbs (`lamella VERB --help` says more about each):", *verbs]
    parser = Parser(
        prog="lamella",
        usage="lamella [MODEL|STUDY|SESSION] [DATA] [options]\n       lamella VERB ...",
        description="\n".join([DESCRIPTION, "", *verbs]),
    )
    _fill(parser, "open")
    _add_general(parser)
    return parser


def completion(shell):
    """The completion script for ``bash``, ``zsh`` or ``tcsh``."""
    import shtab

    from viewer.verbs.options import add_data_options

    parser = Parser(prog="lamella")
    add_data_options(parser)
    _add_general(parser)
    verbs = parser.add_subparsers(metavar="MODEL|STUDY|SESSION|VERB")
    for name, what in VERBS.items():
        _fill(verbs.add_parser(name, help=what), name)
    # the first word may be a verb or a file, the second a file: shtab knows verbs only
    files = "\n".join(f"_shtab_lamella_pos_{i}_COMPGEN=_shtab_compgen_files" for i in (0, 1))
    return shtab.complete(parser, shell=shell, preamble={"bash": files})


def main(words=None):
    """Run one command.

    Parameters
    ----------
    words : sequence of str, optional
        What was typed after ``lamella``; the words of this process without it.

    Returns
    -------
    int
        The exit status: 0, 1, 2 or 130.
    """
    try:
        arguments = parse(list(sys.argv[1:] if words is None else words))
        arguments.run(arguments)
        status = 0
    except SystemExit as end:  # --help, --version
        status = end.code or 0
    except (Exception, KeyboardInterrupt) as error:  # noqa: BLE001 - the one door to the person
        status = 0 if isinstance(error, BrokenPipeError) and _reader_left() else report(error)
    fault = _flush_fault()
    if fault is not None:  # nothing more can be said there, nor at the interpreter's end
        os.dup2(os.open(os.devnull, os.O_WRONLY), STDOUT)
        if not isinstance(fault, BrokenPipeError):  # of which `lamella info model | head` is one
            return report(fault)
    return status


def _reader_left():
    """Whether the pipe that broke is standard output's, and not one of the engine's."""
    if _flush_fault() is not None or not hasattr(select, "poll"):
        return True
    watch = select.poll()
    watch.register(STDOUT, select.POLLERR)
    return bool(watch.poll(0))


def _flush_fault():
    """Why standard output does not take what was written, or None."""
    try:
        sys.stdout.flush()
    except OSError as fault:
        return fault
    return None


def parse(words):
    """The words of a command line as a namespace; its ``run`` is the verb's function."""
    verb = words[0] if words and words[0] in VERBS else None
    parser = parser_of(verb)
    arguments = parser.parse_args(_joined_numbers(words[1:] if verb else words))
    arguments.run = import_module(f"viewer.verbs.{verb or 'open'}").run
    return arguments


def report(error):
    """Say an error as one sentence on standard error; returns the exit status."""
    status, sentence = _told(error)
    if os.environ.get("LAMELLA_DEBUG"):
        import traceback

        traceback.print_exception(error)
    print(f"lamella: {sentence}", file=sys.stderr)
    return status


def _told(error):
    """Exit status and sentence of an error."""
    if isinstance(error, LamellaError):
        return error.exit_status, str(error)
    if isinstance(error, KeyboardInterrupt):
        return 128 + signal.SIGINT, "cancelled; what was finished is kept."
    if isinstance(error, MemoryError):
        return (
            1,
            "this machine has not enough memory for that; --memory and --limit make it smaller.",
        )
    if isinstance(error, OSError) and error.errno in (errno.ENOSPC, errno.EDQUOT):
        where = f"{error.filename}: " if error.filename else ""
        return 1, f"{where}the disk is full; make room and start again, what was finished is kept."
    if isinstance(error, OSError) and error.strerror and error.filename is not None:
        return 2 if isinstance(error, OF_THE_PERSON) else 1, f"{error.filename}: {error.strerror}."
    return 1, _unexpected(error)


def _unexpected(error):
    """Keep the traceback of a fault in the program; says where it lies."""
    import traceback

    from platformdirs import user_cache_path

    text = "".join(traceback.format_exception(error))
    what = " ".join(f"{type(error).__name__}: {error}".split())[:300]
    path = user_cache_path("lamella", appauthor=False) / "last-error.txt"
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(f"lamella {' '.join(sys.argv[1:])}\n\n{text}", encoding="utf-8")
    except OSError as fault:
        return (
            f"a fault in the program ({what}); its traceback could not be kept ({fault.strerror})."
        )
    return f"a fault in the program ({what}); its traceback is in {path}."


def _add_general(parser):
    parser.add_argument("--version", action=_Version, nargs=0, help="print the version")
    parser.add_argument(
        "--print-completion",
        action=_Completion,
        choices=SHELLS,
        metavar="SHELL",
        help=f"print the completion script for {', '.join(SHELLS)}",
    )


def _fill(parser, verb):
    import_module(f"viewer.verbs.{verb}").add_arguments(parser)


def _sentence(text):
    return text[0].upper() + text[1:] + "."


def _joined_numbers(words):
    """``--mean 0.5 0.5 0.5`` as ``--mean=0.5,0.5,0.5``, so that the words after it stay free."""
    from viewer.verbs.options import NUMBER_OPTIONS, is_numbers

    joined, waiting = [], None
    for word in words:
        if waiting is not None and is_numbers(word):
            joined[-1] += ("," if "=" in joined[-1] else "=") + word.strip(",")
            continue
        waiting = word if word in NUMBER_OPTIONS else None
        joined.append(word)
    return joined
