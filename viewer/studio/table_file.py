"""A CSV file that stands there whole or not at all."""

import csv
from contextlib import contextmanager
from pathlib import Path

from viewer.session.journal import not_written


@contextmanager
def written(path):
    """A writer of rows (`csv.writer`); the file takes its place when all of them are there.

    Raises
    ------
    InputError, MachineError
        It cannot be written there. Nothing is left behind, then as after any other failure.
    """
    path = Path(path)
    unfinished = path.with_name(path.name + ".part")
    try:
        with open(unfinished, "w", encoding="utf-8", newline="") as file:
            yield csv.writer(file)
        unfinished.replace(path)
    except OSError as error:
        raise not_written(path, error) from error
    finally:
        unfinished.unlink(missing_ok=True)
