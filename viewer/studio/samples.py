"""Runs one sample through the network in full, off the main thread: ask once, drop the late.

One thread owns the child process. Of the samples asked for while it works only the last is run;
answers that no longer fit are kept in a cache bounded in bytes, so that stepping back is instant.
A person who steps on evenly (arrow keys, playing) is expected to go on so: once three questions
have stood at equal distances, the samples that would come next are run ahead into that cache, as
many as `AHEAD` and half of it hold. Between questions the thread goes on with patient work (the
comparison of presets). Both do one sample at a time, so that a question never waits for more than
one sample.
"""

import threading
import time
from collections import OrderedDict, deque
from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np

from engine.errors import LamellaError

CACHE_BYTES = 384 * 2**20
AHEAD = 6


@dataclass(frozen=True)
class Setting:
    """What samples are run with; a new generation whenever any of it changes.

    With a ``recording`` they are read from a study instead.
    """

    generation: int
    network: object
    data: object
    preprocessing: object
    recording: object = None


@dataclass(frozen=True)
class Question:
    """A sample asked for; answers of an older generation are dropped."""

    generation: int
    sample: int


@dataclass(frozen=True)
class Answer:
    """One sample, run in full.

    Attributes
    ----------
    question : Question
    picture : ndarray or None
        As the data has it: dtype[H, W] or dtype[H, W, C]; None when it cannot be read.
    seen : uint8[H, W, 3] or None
        As the network gets it, to look at.
    maps : mapping of str to float32[C, *positions]
        The post-activation tensor of every layer.
    scores : float32[K] or None
        Class scores as the network gives them.
    failure : str or None
        One sentence when the sample could not be run.
    seconds : float
        What running it took.
    """

    question: Question
    picture: np.ndarray | None = None
    seen: np.ndarray | None = None
    maps: Mapping[str, np.ndarray] = field(default_factory=dict)
    scores: np.ndarray | None = None
    failure: str | None = None
    seconds: float = 0.0

    @property
    def nbytes(self):
        """Bytes of picture and maps."""
        picture = 0 if self.picture is None else self.picture.nbytes
        return picture + sum(values.nbytes for values in self.maps.values())


class AnswerCache:
    """The latest answers, bounded in bytes; the one put last is always kept."""

    def __init__(self, limit=CACHE_BYTES):
        self._limit = limit
        self._answers = OrderedDict()
        self.nbytes = 0

    def get(self, question):
        """The answer to a question, or None."""
        answer = self._answers.get(question)
        if answer is not None:
            self._answers.move_to_end(question)
        return answer

    def put(self, answer):
        """Keep an answer; the least recently used go."""
        old = self._answers.pop(answer.question, None)
        self.nbytes += answer.nbytes - (old.nbytes if old is not None else 0)
        self._answers[answer.question] = answer
        while self.nbytes > self._limit and len(self._answers) > 1:
            _, gone = self._answers.popitem(last=False)
            self.nbytes -= gone.nbytes

    def room_ahead(self, nbytes):
        """How many answers of a size may be made ahead: they fill at most half of the cache."""
        return self._limit // 2 // max(1, nbytes)

    def clear(self):
        """Forget all."""
        self._answers.clear()
        self.nbytes = 0


def expected(trail, count):
    """The samples that come next when a person goes on stepping as before.

    Parameters
    ----------
    trail : sequence of int
        The last three samples that were asked for.
    count : int
        Of samples; after the last the first one follows.

    Returns
    -------
    list of int
        At most `AHEAD`; empty when the steps are not even.
    """
    if len(trail) < 3 or not count:
        return []
    before, last, now = trail
    step = now - last
    if step == 0 or step != last - before:
        return []
    return [(now + step * ahead) % count for ahead in range(1, min(AHEAD, count - 1) + 1)]


class SampleWorker:
    """The thread that runs focused samples.

    Parameters
    ----------
    inbox : Inbox
        Answers are posted there.
    engine : EngineDoor
    on_answer : callable(Answer)
        Called in the main thread with every answer of the present generation, in order.
    on_failure : callable(title, exception)
        Called in the main thread with what was not foreseen.
    """

    def __init__(self, inbox, engine, on_answer, on_failure):
        self._inbox = inbox
        self._engine = engine
        self._on_answer = on_answer
        self._on_failure = on_failure
        self._condition = threading.Condition()
        self._setting = None
        self._waiting = None
        self._patient = None
        self._trail = deque(maxlen=3)
        self._ahead = deque()
        self._room = AHEAD
        self._closed = False
        self._cache = AnswerCache()
        self._runner = None
        self._recording = None
        self._thread = None

    def use(self, setting):
        """Run samples with this from now on (None: rest); what waits is forgotten."""
        with self._condition:
            self._setting = setting
            self._waiting = None
            self._patient = None
            self._trail.clear()
            self._ahead.clear()
            self._condition.notify()

    def ask(self, sample):
        """Ask for a sample; one asked for before and not yet begun is forgotten."""
        with self._condition:
            if self._setting is None:
                return
            generation = self._setting.generation
            self._waiting = Question(generation, sample)
            self._trail.append(sample)
            following = expected(self._trail, len(self._setting.data))[: self._room]
            self._ahead = deque(Question(generation, number) for number in following)
            if self._thread is None:
                self._thread = threading.Thread(target=self._work, name="samples", daemon=True)
                self._thread.start()
            self._condition.notify()

    def go_on_with(self, patient):
        """Patient work between questions.

        Parameters
        ----------
        patient : callable(give_runner, setting) -> iterator
            Each step does one sample's worth and yields; dropped at the next `use`.
        """
        with self._condition:
            self._patient = patient
            self._condition.notify()

    def close(self, seconds=10.0):
        """End the thread and the child process."""
        with self._condition:
            self._closed = True
            self._condition.notify()
            runner, thread = self._runner, self._thread
        if runner is not None and thread is not None:
            thread.join(1.0)
            if thread.is_alive():
                runner.close()
        if thread is not None:
            thread.join(seconds)

    # in the thread

    def _work(self):
        steps = None
        while True:
            what, setting, thing = self._next(steps)
            if what == "question":
                self._answer(setting, thing)
            elif what == "ahead":
                self._run_ahead(setting, thing)
            elif what == "begin":
                steps = self._begin(setting, thing)
            elif what == "step":
                steps = self._step(steps)
            else:
                steps = None
                self._end_runner()
                if what == "close":
                    return

    def _next(self, steps):
        """Wait for what is to be done, its setting, and with what.

        It is one of: close, rest, question, ahead, begin, step.
        """
        with self._condition:
            while True:
                setting = self._setting
                if self._closed:
                    return "close", None, None
                if setting is None:
                    if self._runner is not None or self._recording is not None:
                        return "rest", None, None
                elif self._waiting is not None:
                    question, self._waiting = self._waiting, None
                    return "question", setting, question
                elif self._ahead:
                    return "ahead", setting, self._ahead.popleft()
                elif self._patient is not None:
                    patient, self._patient = self._patient, None
                    return "begin", setting, patient
                elif steps is not None and steps[0] is setting:
                    return "step", setting, None
                self._condition.wait()

    def _begin(self, setting, patient):
        return setting, patient(lambda: self._runner_for(setting), setting)

    def _step(self, steps):
        try:
            next(steps[1])
        except StopIteration:
            return None
        except Exception as error:  # noqa: BLE001  (told to the person by the error door)
            self._inbox.post(self._on_failure, "Comparing presets", error)
            return None
        return steps

    def _answer(self, setting, question):
        answer = self._cache.get(question)
        if answer is None:
            try:
                answer = self._run(setting, question)
            except LamellaError as error:
                answer = Answer(question, failure=str(error))
            except Exception as error:  # noqa: BLE001  (told to the person by the error door)
                answer = Answer(question, failure=f"This sample could not be run: {error}")
                self._inbox.post(self._on_failure, "Running the sample", error)
            else:
                self._cache.put(answer)
        if answer.nbytes:
            self._room = self._cache.room_ahead(answer.nbytes)
        self._inbox.post(self._deliver, answer)

    def _run_ahead(self, setting, question):
        """Keep an answer that will probably be asked for."""
        if self._cache.get(question) is not None:
            return
        try:
            self._cache.put(self._run(setting, question))
        except LamellaError:  # told when the sample is asked for, which may never be
            return
        except Exception as error:  # noqa: BLE001  (told to the person by the error door)
            self._inbox.post(self._on_failure, "Running the next sample", error)

    def _deliver(self, answer):
        setting = self._setting
        if setting is not None and answer.question.generation == setting.generation:
            self._on_answer(answer)

    def _run(self, setting, question):
        start = time.perf_counter()
        if setting.recording is not None:
            self._recording = setting.recording
            picture, maps, scores = setting.recording.read(question.sample)
            seen = None if picture is None else setting.preprocessing.as_seen(picture)
            seconds = time.perf_counter() - start
            return Answer(question, picture, seen, maps, scores, None, seconds)
        picture = setting.data.image(question.sample)
        runner = self._runner_for(setting)
        maps, scores = self._engine.run_sample(
            runner, setting.network, setting.preprocessing, picture
        )
        seconds = time.perf_counter() - start
        seen = setting.preprocessing.as_seen(picture)
        return Answer(question, picture, seen, maps, scores, None, seconds)

    def _runner_for(self, setting):
        """The child that holds the setting's network; a dead one is replaced."""
        network = setting.network
        runner = self._runner
        if runner is None or runner.held is not network or not runner.alive:
            self._end_runner()
            self._cache.clear()
            self._runner = _HeldRunner(network, self._engine.runner(network.path))
        return self._runner.runner

    def _end_runner(self):
        if self._recording is not None:
            self._recording.close()
            self._recording = None
        runner, self._runner = self._runner, None
        if runner is not None:
            runner.close()


class _HeldRunner:
    """A runner and the network it holds."""

    def __init__(self, network, runner):
        self.held = network
        self.runner = runner

    @property
    def alive(self):
        return getattr(self.runner, "alive", True)

    def close(self):
        self.runner.close()
