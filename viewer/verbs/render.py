"""`lamella render SESSION -o movie.mp4|FOLDER`: a session as a movie, without a screen."""

import argparse
import re
from pathlib import Path

from viewer.verbs.options import number
from viewer.verbs.sessions import add_session, differences, load_session
from viewer.verbs.terminal import note, shown_task

USAGE = "SESSION -o movie.mp4|FOLDER [--frame 1280x720] [--fps 30] [options]"


def add_arguments(parser):
    """SESSION, where the movie goes, and its size and rate."""
    add_session(parser)
    movie = parser.add_argument_group("movie")
    movie.add_argument(
        "-o",
        "--out",
        metavar="PLACE",
        required=True,
        help="a movie, *.mp4 (H.264), or a folder for PNG frames",
    )
    movie.add_argument(
        "--frame",
        metavar="WxH",
        type=frame_size,
        default=(1280, 720),
        help="width and height in pixels (1280x720); text grows with it",
    )
    movie.add_argument("--fps", metavar="N", type=number, default=30, help="frames a second (30)")


def frame_size(word):
    """``WIDTHxHEIGHT`` as (width, height)."""
    match = re.fullmatch(r"(\d{1,7})[xX×](\d{1,7})", word)
    if match is None or not int(match[1]) or not int(match[2]):
        raise argparse.ArgumentTypeError(f"{word!r} is not WIDTHxHEIGHT, such as 1280x720")
    return int(match[1]), int(match[2])


def run(arguments):
    """Render, and print where the movie is.

    Raises
    ------
    InputError, MachineError, Cancelled
        Frames that were finished are kept, and the sentence says so.
    """
    from viewer.record.movie import check_place
    from viewer.record.performance import film

    check_place(arguments.out, arguments.frame, arguments.fps, 1)
    with shown_task(f"Rendering {Path(arguments.session).name}") as task:
        loaded = load_session(arguments, task)
        for text in differences(loaded, task):
            note(text)
        _, left_out = film(
            loaded.commands,
            arguments.out,
            first=loaded.first,
            size=arguments.frame,
            fps=arguments.fps,
            exact=loaded.header.window.get("exact") is not False,
            task=task,
        )
    for text in left_out:
        note(f"left out: {text}")
    print(arguments.out)
