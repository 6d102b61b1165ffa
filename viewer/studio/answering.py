"""Many small questions, answered together: one job goes from one to the next.

Orders of a hundred layers take a moment each; a job for every one of them, and the views told
after every one, would take longer than the orders. What is asked meanwhile is answered by the same
job, the most urgent first; what is no longer asked is left out.
"""

import threading
import time

from engine.errors import Cancelled, InputError
from viewer.studio.jobs import sentence
from viewer.studio.questions import CANCELLED, PATIENCE, AnswerKeeper, Found, Tools

SECONDS_BETWEEN_NEWS = 0.15


class TogetherKeeper(AnswerKeeper):
    """An `AnswerKeeper` whose questions are answered by one job as long as there are any.

    Attributes
    ----------
    title : str
        Of the job.
    """

    needs_network = False
    title = "Ordering channels"

    def __init__(self, studio, asking, tell):
        self._lock = threading.Lock()
        self._waiting, self._told = (), []
        super().__init__(studio, asking, tell)

    def _changed(self, *_):
        questions = self._questions()
        for key in questions:
            if key in self._found:
                self._found.move_to_end(key)
        passed = [key for key, found in self._found.items() if found.passing]
        for key in passed:
            if key not in questions:
                del self._found[key]
        with self._lock:
            self._waiting = tuple(q for key, q in questions.items() if key not in self._found)
            waiting, asked = self._waiting, self._asked
        if self._job is not None:
            if asked is not None and asked not in questions and not self._job.stopping:
                self._is_vain = True
                self._job.cancel()
        elif waiting:
            self._begin_all()
        elif self._tools is not None and not self._tools.fits(self._studio.facts):
            self._tools.close()
            self._tools = None

    def _begin_all(self):
        facts, studio = self._studio.facts, self._studio
        self._is_vain = False
        if self._tools is None or not self._tools.fits(facts):
            if self._tools is not None:
                self._tools.close()
            self._tools = Tools(studio.engine, facts, studio.reader)
        tools = self._tools
        self._job = studio.jobs.start(
            self.title,
            lambda task: self._answer_all(tools, task),
            patience=PATIENCE,
            ended=self._ended_all,
        )

    # in the job's thread

    def _answer_all(self, tools, task):
        done, news, said = set(), [], time.monotonic()
        try:
            while True:
                question = self._next(done)
                if question is None:
                    return
                done.add(question.key)
                task.report(len(done) - 1, None, question.title)
                news.append((question, *_answered(question, tools, task)))
                if time.monotonic() - said > SECONDS_BETWEEN_NEWS:
                    self._post(news)
                    news, said = [], time.monotonic()
        finally:
            self._post(news)

    def _next(self, done):
        with self._lock:
            found = next((each for each in self._waiting if each.key not in done), None)
            self._asked = None if found is None else found.key
        return found

    def _post(self, news):
        if news:
            self._studio.inbox.post(self._came, news)

    # in the main thread

    def _came(self, news):
        if self._closed:
            return
        for question, found, error in news:
            if error is not None:
                self._studio.failed.emit(question.title, error)
            self._found[question.key] = found
        self._keep(news[-1][0].key, news[-1][1])

    def _ended_all(self):
        was_cancelled, self._job = self._job.stopping and not self._is_vain, None
        with self._lock:
            self._asked = None
        if self._closed:
            return
        if was_cancelled:  # by a person
            for key in self._questions():
                self._found.setdefault(key, Found(failure=CANCELLED, passing=True))
            self._tell(dict(self._found))
        self._changed()


def _answered(question, tools, task):
    """(Found, the exception where it was not foreseen) of a question; `Cancelled` goes on."""
    try:
        return Found(question.find(tools, task)), None
    except Cancelled:
        raise
    except Exception as error:  # noqa: BLE001  (told to the person by the error door)
        text, foreseen = sentence(error)
        passing = not isinstance(error, InputError)
        return Found(failure=text, passing=passing), None if foreseen else error
