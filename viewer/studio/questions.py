"""What takes long to find out: questions of the views, answered one after the other.

A view's questions follow from state and facts alone, so the same state asks the same anywhere.
They are answered by jobs, one at a time, with one child process for the network and one set of
built graphs; what is no longer asked for is cancelled, what was found is remembered, bounded in
bytes. What a person has cancelled is not begun again by itself.
"""

from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass, field, replace

from engine.errors import InputError
from viewer.studio.facts import READY
from viewer.studio.jobs import sentence

CACHE_BYTES = 256 * 2**20
PATIENCE = 0.6
# What an answer counts at least: failures have no bytes of their own.
LEAST_BYTES = 1024
CANCELLED = "cancelled; taken away and shown again it begins anew"


@dataclass(frozen=True)
class Question:
    """Something to find out; two with one key are the same.

    Attributes
    ----------
    key : tuple
        Everything that the answer depends on, plain values; `key_of` begins it.
    title : str
        Of its row in the task list.
    find : callable(Tools, Task) -> object with ``nbytes``
        Called in a job's thread.
    tells : bool
        ``find`` takes a third argument, ``tell(value)``, for what is known on the way.
    """

    key: tuple
    title: str = field(compare=False)
    find: Callable = field(compare=False)
    tells: bool = field(default=False, compare=False)


@dataclass(frozen=True, eq=False)
class Found:
    """An answer: what was found, or why not.

    Attributes
    ----------
    value : object or None
    failure : str
    passing : bool
        Whether the reason may pass (it was cancelled, the child process died): once nobody asks
        any more it is forgotten, so that asking again tries again.
    partly : bool
        More will come: what was found so far.
    """

    value: object = None
    failure: str = ""
    passing: bool = False
    partly: bool = False


def key_of(facts, what, *parts):
    """The key of a question about this network, data and preprocessing."""
    return (what, facts.network.sha256, facts.data.hash, facts.preprocessing.digest(), *parts)


class Tools:
    """What finds answers, for one network: an explainer, projectors, inputs of samples.

    Parameters
    ----------
    engine : EngineDoor
    facts : Facts
    reader : StudyReader, optional

    Attributes
    ----------
    kept : OrderedDict
        What finding one answer has made that finding another may use.
    """

    def __init__(self, engine, facts, reader=None):
        self._engine, self._reader = engine, reader
        self.kept = OrderedDict()
        self._of = facts.network, facts.preprocessing
        self.network = facts.network
        if facts.preprocessing is not facts.network.preprocessing:
            self.network = replace(facts.network, preprocessing=facts.preprocessing)
        self._explainer, self._projectors, self._runner = None, {}, None
        self._ablation = None

    def fits(self, facts):
        """Whether these are for the network and the preprocessing of some facts."""
        network, preprocessing = self._of
        return network is facts.network and preprocessing is facts.preprocessing

    @property
    def engine(self):
        """`EngineDoor`: calls into the engine."""
        return self._engine

    @property
    def explainer(self):
        """`engine.Explainer`; its child process is started when first needed, and when it died."""
        if self._explainer is None or not self._runner.alive:
            self.close()
            self._projectors, self._ablation = {}, None
            self._runner = self._engine.runner(self.network.path)
            self._explainer = self._engine.explainer(self.network, self._runner)
        return self._explainer

    def read(self, path, work, task):
        """What ``work(study, task)`` returns, called in the thread that reads studies.

        Others are served there whenever the work reports to its task, or asks it.
        """
        return self._reader.read_study(path, work, task)

    def projector(self, layers):
        """`engine.attribution.top_filters.FilterProjector` of some layers, made once."""
        key, explainer = tuple(layers), self.explainer
        if key not in self._projectors:
            self._projectors[key] = self._engine.projector(explainer, key)
        return self._projectors[key]

    def ablation(self, data, labels):
        """`engine.analysis.ablation.Ablation` over some data, made once; it remembers what lies
        before the layer cut last."""
        runner = self.explainer.runner
        known = self._ablation
        if known is None or known[0] is not data or known[1] is not labels:
            known = data, labels, self._engine.ablation(self.network, runner, data, labels)
        self._ablation = known
        return known[2]

    def close(self):
        """End the child process, and those of projectors."""
        for projector in self._projectors.values():
            projector.close()
        if self._runner is not None:
            self._runner.close()


class AnswerKeeper:
    """Keeps one part of the facts what the views ask.

    Parameters
    ----------
    studio : Studio
    asking : sequence of callable(State, Facts) -> sequence of Question
        The most urgent first.
    tell : callable(dict of tuple to Found)
        Puts answers into the facts; main thread.

    Attributes
    ----------
    needs_network : bool
        Whether nothing is answered from a study whose network is not at hand.
    """

    needs_network = True

    def __init__(self, studio, asking, tell):
        self._studio = studio
        self._asking = asking
        self._tell = tell
        self._found = OrderedDict()
        self._tools = None
        self._asked = self._job = None
        self._part = {}
        self._is_vain = self._closed = False
        studio.session.holder.changed.connect(self._changed)
        studio.changed.connect(self._opened)
        studio.changed.connect(self._changed)

    def close(self):
        """Listen no more, begin nothing more."""
        self._closed = True
        self._studio.session.holder.changed.disconnect(self._changed)
        self._studio.changed.disconnect(self._opened)
        self._studio.changed.disconnect(self._changed)

    def release(self):
        """End the child process, when the jobs have ended."""
        if self._tools is not None:
            self._tools.close()

    def _questions(self):
        state, facts = self._studio.session.state, self._studio.facts
        if facts.phase != READY or facts.data is None:
            return {}
        if self.needs_network and facts.recording is not None:
            return {}
        asked = [question for ask in self._asking for question in ask(state, facts)]
        return {question.key: question for question in asked}

    def _opened(self, new, old):
        """Files that were open before have facts of their own: tell what is known of them."""
        if new.network is not None and new.network is not old.network and self._found:
            self._tell(dict(self._found))

    def _changed(self, *_):
        questions = self._questions()
        for key in questions:
            if key in self._found:
                self._found.move_to_end(key)
        for key in [key for key, found in self._found.items() if found.passing]:
            if key not in questions:
                del self._found[key]
        if self._job is not None:
            if self._asked not in questions and not self._job.stopping:
                self._is_vain = True
                self._job.cancel()
            return
        missing = next((q for key, q in questions.items() if key not in self._found), None)
        if missing is not None:
            self._begin(missing)
        elif self._tools is not None and not self._tools.fits(self._studio.facts):
            old, self._tools = self._tools, None
            self._studio.jobs.start("Ending a network", lambda task: old.close(), patience=PATIENCE)

    def _begin(self, question):
        facts, engine = self._studio.facts, self._studio.engine
        self._asked, self._is_vain = question.key, False
        if self._tools is None or not self._tools.fits(facts):
            old, self._tools = self._tools, Tools(engine, facts, self._studio.reader)
        else:
            old = None
        tools = self._tools

        def work(task):
            if old is not None:
                old.close()
            if not question.tells:
                return question.find(tools, task)
            return question.find(
                tools, task, lambda value: self._studio.inbox.post(self._came, question.key, value)
            )

        self._job = self._studio.jobs.start(
            question.title,
            work,
            patience=PATIENCE,
            done=lambda value: self._keep(question.key, Found(value)),
            failed=lambda error: self._failed(question, error),
            ended=lambda: self._ended(question.key),
        )

    def _came(self, key, value):
        """A part of an answer, while the rest is being found."""
        if not self._closed and self._asked == key and key not in self._found:
            self._part = {key: Found(value, partly=True)}
            self._tell({**self._found, **self._part})

    def _failed(self, question, error):
        text, foreseen = sentence(error)
        self._keep(question.key, Found(failure=text, passing=not isinstance(error, InputError)))
        if not foreseen:
            self._studio.failed.emit(question.title, error)

    def _ended(self, key):
        self._job = self._asked = None
        self._part = {}
        if self._closed:
            return
        if key not in self._found and not self._is_vain:  # a person has cancelled it
            self._keep(key, Found(failure=CANCELLED, passing=True))
        self._changed()

    def _keep(self, key, found):
        """Remember an answer; the least recently asked go, never those that are asked now."""
        self._found[key] = found
        self._part = {}
        asked = self._questions()
        total = sum(_bytes_of(each) for each in self._found.values())
        for old in [each for each in self._found if each != key and each not in asked]:
            if total <= CACHE_BYTES:
                break
            total -= _bytes_of(self._found.pop(old))
        self._tell(dict(self._found))


def _bytes_of(found):
    return max(LEAST_BYTES, getattr(found.value, "nbytes", 0))
