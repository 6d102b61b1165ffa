"""What a verb says: progress and notes on standard error, tables and JSON on standard output."""

import json
import math
import signal
import sys
import threading
import time
from contextlib import contextmanager

from engine.errors import one_line
from engine.tasks import Task
from viewer.amounts import time_text
from viewer.pace import Pace

QUIET_SECONDS = 10
"""Without a terminal, progress is a line this often."""


@contextmanager
def shown_task(title):
    """A `Task` whose progress is shown on standard error; Ctrl-C cancels it.

    The first Ctrl-C asks the work to stop where nothing is lost, a second one ends it at once.
    """
    show = _bars(title) if sys.stderr.isatty() else _lines(title)
    with show as on_progress:
        task = Task(title, on_progress)
        with _ctrl_c_cancels(task):
            yield task


def note(text):
    """One line for the person, on standard error."""
    print(f"lamella: {one_line(text)}", file=sys.stderr, flush=True)


def print_json(document):
    """One strict JSON document on standard output: NaN and infinite numbers become null."""
    json.dump(strict(document), sys.stdout, allow_nan=False, ensure_ascii=False, indent=2)
    print()


def strict(value):
    """The value with what JSON has no word for replaced: arrays, tuples, NaN and infinity."""
    if hasattr(value, "tolist"):  # NumPy's scalars and arrays
        value = value.tolist()
    if isinstance(value, dict):
        return {str(key): strict(item) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [strict(item) for item in value]
    if isinstance(value, float) and not math.isfinite(value):
        return None
    return value


def console():
    """Rich's console on standard output; a pipe gets whole lines, however long."""
    from rich.console import Console

    width = None if sys.stdout.isatty() else 1000
    return Console(width=width, highlight=False, markup=False, soft_wrap=False)


def table(columns):
    """A plain table; a column is a name, or (name, 'right')."""
    from rich.box import SIMPLE_HEAD
    from rich.table import Table

    made = Table(box=SIMPLE_HEAD, pad_edge=False, header_style="bold")
    for column in columns:
        name, justify = column if isinstance(column, tuple) else (column, "left")
        made.add_column(name, justify=justify, overflow="fold")
    return made


@contextmanager
def _ctrl_c_cancels(task):
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    before = signal.getsignal(signal.SIGINT)

    def on_ctrl_c(_number, _frame):
        if task.cancelled:
            raise KeyboardInterrupt
        note("stopping where nothing is lost; Ctrl-C again ends at once")
        task.cancel()

    signal.signal(signal.SIGINT, on_ctrl_c)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before)


@contextmanager
def _bars(title):
    from rich.console import Console
    from rich.progress import BarColumn, Progress, SpinnerColumn, TextColumn

    columns = (
        SpinnerColumn(),
        TextColumn("{task.description}"),
        BarColumn(),
        TextColumn("{task.fields[far]}"),
    )
    with Progress(*columns, console=Console(stderr=True), transient=True) as bars:
        row = bars.add_task(title, total=None, far="")
        pace = Pace()

        def on_progress(progress):
            bars.update(
                row,
                description=progress.what or title,
                total=progress.total,
                completed=progress.done,
                far=far_words(progress, pace),
            )

        yield on_progress


@contextmanager
def _lines(title):
    said = time.monotonic()
    pace = Pace()

    def on_progress(progress):
        nonlocal said
        far = far_words(progress, pace)
        if time.monotonic() - said >= QUIET_SECONDS:
            said = time.monotonic()
            note(f"{progress.what or title} {far}")

    yield on_progress


def far_words(progress, pace):
    """``120/500, 35.2 a second, 11 s left``; only ``2/4`` for a few steps; else nothing."""
    rate, left = pace.read(progress)
    if not progress.total:
        return ""
    text = f"{progress.done:,.0f}/{progress.total:,.0f}"
    if rate is not None and progress.total > 10:
        text += f", {rate:.3g} a second, {time_text(left)} left"
    return text
