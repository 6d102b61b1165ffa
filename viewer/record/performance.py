"""A session performed without a screen: its state at any of its moments, all of it computed, drawn.

The same session, studio and views as in the window, without Qt. Computing takes no time of the
movie: a frame waits until everything that it shows is there, the ranges over the whole study
included, so that a movie is the same on every run.
"""

import math
import time

from engine.errors import InputError, LamellaError, MachineError
from engine.tasks import Task
from viewer.record.movie import check_place, render
from viewer.record.pictures import Canvas
from viewer.session.captions import captions_at
from viewer.session.replay import Playback
from viewer.session.session import Session
from viewer.stage.composition import Composition, shown
from viewer.stage.stage import Stage
from viewer.state.tree import StateHolder
from viewer.studio.facts import FAILED, OPENING
from viewer.studio.studio import Studio

PATIENCE = 120.0
"""Seconds without any news after which waiting is a fault of the program."""
READING = "Reading the study"
_ROUNDS = 20


class Performance:
    """A session's commands, performed in rising time; close it when done.

    Parameters
    ----------
    commands : sequence of Command
    first : State, optional
        What they begin with: network and data of the session's header.
    engine : EngineDoor, optional
    tell : callable(str), optional
        Called again and again while something is waited for, with what; may raise `Cancelled`.
    most : float
        A frame waits no longer than so many seconds, and shows what is there by then.

    Attributes
    ----------
    seconds : float
        How long it is.
    stage : Stage
    composition : Composition
    """

    def __init__(self, commands, first=None, *, engine=None, tell=None, most=math.inf):
        self.playback = Playback(commands, StateHolder(first))
        self.seconds = self.playback.seconds
        self.tell = tell or (lambda what: None)
        self._session = Session(StateHolder(), clock=lambda: 0.0)
        self._studio = Studio(self._session, engine, saves=False)
        self._studio.failed.connect(self._failed)
        self._faults = {}
        self._news, self._told = None, 0.0
        self._most, self._until = most, math.inf
        self.stage = Stage(self._session, self._studio, animates=False)
        self.composition = Composition(self.stage)

    def draw(self, context, width, height, seconds):
        """Draw a moment into the framebuffer that is bound, once it is all there.

        Returns
        -------
        bool
            False: the framebuffer of the last call holds this picture already.

        Raises
        ------
        LamellaError
            What cannot be opened or computed.
        Cancelled
            By the task, while something is computed.
        """
        state = shown(self.playback.state_at(seconds))
        captions = captions_at(self.playback.commands, seconds)
        captions = tuple((caption.text, caption.place) for caption in captions)
        self._session.holder.set(state)
        self._until = time.monotonic() + self._most
        drew = False
        for _ in range(_ROUNDS):
            self._settle()
            now = self.composition.draw(context, width, height, state, captions)
            drew = drew or now
            # a view may find out what it lacks, or ask for another picture, while it is drawn
            is_still = not self.stage.pending and not now
            if is_still or time.monotonic() > self._until:
                return drew
        return drew

    def _settle(self):
        """Wait until everything that is shown has been computed, and bring the views in step."""
        end = time.monotonic() + PATIENCE
        while True:
            self._studio.inbox.pump()
            self.stage.refresh()
            waits = self._waits()
            if waits is None and not self._studio.inbox.pump():
                return
            now = time.monotonic()
            if now > self._until:
                return
            if self._tell(waits):
                end = now + PATIENCE
            if now > end:
                raise MachineError(f"nothing more is heard ({waits})")
            time.sleep(0.002)

    def _waits(self):
        """What is waited for, in words; None when everything is there."""
        facts = self._studio.facts
        if facts.phase == FAILED:
            raise self._faults.get("Opening") or InputError(facts.failure)
        if facts.phase == OPENING:
            return "opening"
        if facts.is_late(self._session.state):
            return "running a sample"
        phase = facts.extraction.phase
        if self._studio.jobs.running or phase == "running":
            return "extracting"
        if phase in ("done", "opened") and self._reads(facts):
            return "reading the study"
        return "preparing pictures" if self.stage.pending else None

    def _reads(self, facts):
        """Whether what the study says is still to come: it is there, and was not found damaged."""
        present = facts.study_path is not None and (facts.study_path / "study.json").exists()
        return present and not facts.summary.samples and READING not in self._faults

    def _tell(self, waits):
        """Tell what goes on; whether it is something new."""
        running = self._studio.jobs.running
        what, done = waits or "drawing", 0
        if running:
            progress = running[0].progress
            what = running[0].title
            if progress is not None and progress.total:
                done = progress.done
                what += f": {done:,.0f} of {progress.total:,.0f}"
        now, news = time.monotonic(), (what, done) != self._news
        if news or now > self._told + 0.05:
            self.tell(what)
            self._told = now
        self._news = (what, done)
        return news

    def _failed(self, title, error):
        if not isinstance(error, LamellaError):
            error = MachineError(f"{title} failed ({type(error).__name__}: {error})")
        self._faults[title] = error

    @property
    def mismatches(self):
        """Commands that this program could not apply so far, and why."""
        return list(self.playback.mismatches)

    def close(self):
        """Stop everything; GL objects go with the context they were made in."""
        self._studio.close()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()


def film(
    commands, path, *, first=None, size=(1280, 720), fps=30, exact=True, task=None, engine=None
):
    """Render a session to a movie or a folder of pictures.

    Parameters
    ----------
    commands : sequence of Command
    path : str or Path
        ``*.mp4``, or a folder for PNG files.
    first : State, optional
        What the session begins with: network and data of its header.
    size : (int, int)
        Width and height, pixels.
    fps : float
        Frames a second.
    exact : bool
        False: a frame waits for what it shows no longer than it lasts.
    task : Task, optional
        Progress and cancel; finished frames are kept.
    engine : EngineDoor, optional

    Returns
    -------
    frames : int
    mismatches : list of str
        Commands that this program could not apply, and why.

    Raises
    ------
    InputError, MachineError, Cancelled
        As `viewer.record.movie.render`, and what cannot be opened or computed.
    """
    check_place(path, size, fps, 1)
    task = task or Task("Rendering")
    most = math.inf if exact else 1 / fps
    with Performance(commands, first, engine=engine, most=most) as performance:
        frames = max(1, math.ceil(round(performance.seconds * fps, 6)))

        def draw(context, width, height, number):
            performance.tell = lambda what: task.report(number, frames, what)
            return performance.draw(context, width, height, number / fps)

        frames = render(draw, path, frames=frames, size=size, fps=fps, task=task)
        return frames, performance.mismatches


def still(commands, *, first=None, seconds=None, size=(1280, 720), task=None, engine=None):
    """One moment of a session as a picture.

    Parameters
    ----------
    commands, first, task, engine
        As for `film`.
    seconds : float, optional
        The moment; by default the end.
    size : (int, int)
        Width and height, pixels.

    Returns
    -------
    uint8[height, width, 3]
    """
    task = task or Task("Rendering")
    with Performance(commands, first, engine=engine) as performance:
        performance.tell = lambda what: task.report(0, None, what)
        moment = performance.seconds if seconds is None else seconds
        with Canvas(*size) as canvas:
            return canvas.picture(lambda *place: performance.draw(*place, moment))
