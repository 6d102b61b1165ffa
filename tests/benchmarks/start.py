"""How quickly things start: imports, the help text, the first picture."""

import json
import subprocess
import sys

from tests.benchmarks.measure import process_seconds, python_seconds
from tests.benchmarks.report import Figure, Goal

RUNS = 5


def figures():
    """The figures of this file with the function that measures each."""
    return [
        (
            Figure("import.engine", "`import engine`", "s", Goal("<=", value=0.3)),
            lambda figure, place: figure.measured(
                [python_seconds("import engine") for _ in range(RUNS)]
            ),
        ),
        (
            Figure("import.help", "`lamella --help`", "s", Goal("<=", value=0.5)),
            lambda figure, place: figure.measured(
                [process_seconds([sys.executable, "-m", "viewer", "--help"]) for _ in range(RUNS)]
            ),
        ),
        (
            Figure(
                "first.picture",
                "sample opened to first picture of a volume, after imports",
                "s",
                Goal("<=", value=3),
            ),
            first_picture,
        ),
    ]


def first_picture(figure, place):
    """Each run in a process of its own, under EGL; imports come before the clock starts."""
    runs = []
    for _ in range(RUNS):
        command = [sys.executable, "-m", "tests.benchmarks.first_picture"]
        answer = subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True)
        runs.append(json.loads(answer.stdout)["seconds"])
    return figure.measured(runs)
