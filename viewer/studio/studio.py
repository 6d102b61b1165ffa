"""The studio: makes what the state asks for exist, and tells the views what exists.

It follows the state in one direction: a change of the source opens, of the preprocessing prepares
anew, of the focus runs a sample, of the extraction starts or stops it. All work is done by threads
and child processes; everything here runs in the main thread and returns at once.
"""

import itertools
import shutil
import time

from psygnal import Signal

from engine.errors import InputError, LamellaError
from viewer.state.source import ALL, AUTOMATIC
from viewer.studio import (
    attributing,
    cache,
    comparing,
    ordering,
    projecting,
    seriating,
    slicing,
    stability,
    validating,
    weighing,
)
from viewer.studio.answering import TogetherKeeper
from viewer.studio.building import Builder
from viewer.studio.doors import EngineDoor
from viewer.studio.embedding import PointKeeper
from viewer.studio.facts import (
    EMPTY,
    FAILED,
    OPENING,
    READY,
    ExtractionFacts,
    Facts,
    StudySummary,
)
from viewer.studio.inbox import Inbox
from viewer.studio.jobs import Jobs, sentence
from viewer.studio.means import MeanKeeper
from viewer.studio.naming import NamedOrders, NameKeeper
from viewer.studio.opening import open_network_and_data, open_study_files, title_of
from viewer.studio.pairs import PairKeeper
from viewer.studio.predictions import predicted_class
from viewer.studio.questions import AnswerKeeper
from viewer.studio.reading import StudyReader
from viewer.studio.recorded import in_rows
from viewer.studio.samples import SampleWorker, Setting
from viewer.studio.selecting import SelectionKeeper
from viewer.studio.stored import StoredValues
from viewer.studio.trials import Trials

SECONDS_BETWEEN_LOOKS = 3.0
SECONDS_BETWEEN_TRIES = 0.2


class Studio:
    """Ties the engine to the state.

    Parameters
    ----------
    session : Session
        Whose state is followed.
    engine : EngineDoor, optional
    extracts : bool
        False: only focused samples are run (movies, tests).
    saves : bool
        False: named selections are not written to the study (movies).

    Attributes
    ----------
    facts : Facts
    changed : Signal(Facts, Facts)
        New and old facts; in the main thread.
    failed : Signal(str, Exception)
        Title of the work and what went wrong, where no view shows it.
    told : Signal(str, str)
        A sentence that a person should see once, and its details.
    jobs : Jobs
    inbox : Inbox
    builder : Builder
        Makes arrays for the views, off the main thread.
    """

    changed = Signal(Facts, Facts)
    failed = Signal(str, object)
    told = Signal(str, str)

    def __init__(self, session, engine=None, *, extracts=True, saves=True):
        self.session = session
        self.engine = engine or EngineDoor()
        self.inbox = Inbox()
        self.jobs = Jobs(self.inbox, self._fail)
        self.facts = Facts()
        self._extracts = extracts
        self._generations = itertools.count(1)
        self.builder = Builder(self.inbox, self._fail)
        self._samples = SampleWorker(self.inbox, self.engine, self._answered, self._fail)
        self._reader = StudyReader(self.inbox, self.engine, self._summarised, self._could_not_read)
        self._points = PointKeeper(
            self, self._reader, lambda points, words: self._set(points=points, points_words=words)
        )
        self._selecting = SelectionKeeper(
            self, self._points, lambda selected: self._set(selected=selected)
        )
        self._pairs = PairKeeper(self, lambda tables: self._set(pairs=tables))
        self._naming = NameKeeper(
            self, self._reader, lambda found: self._set(selections=found), writes=saves
        )
        self._orders = NameKeeper(
            self,
            self._reader,
            lambda found: self._set(orders=found),
            writes=saves,
            things=NamedOrders,
        )
        self._means = MeanKeeper(self, self._reader, lambda means: self._set(means=means))
        explaining = AnswerKeeper(
            self,
            (
                projecting.questions,
                attributing.questions,
                validating.questions,
                seriating.questions,
                slicing.questions,
                comparing.questions,
            ),
            lambda found: self._set(explanations=found),
        )
        ordered = TogetherKeeper(
            self,
            (ordering.questions, stability.questions),
            lambda found: self._set(channel_orders=found),
        )
        compared = AnswerKeeper(  # beside them: it may run many samples
            self, (stability.comparisons,), lambda found: self._set(compared_orders=found)
        )
        compared.needs_network = False
        self._measured = [{} for _ in weighing.ASKING]
        weighed = [
            AnswerKeeper(self, (ask,), lambda found, place=place: self._weighed(place, found))
            for place, ask in enumerate(weighing.ASKING)
        ]
        self._answering = (explaining, ordered, compared, *weighed)
        self._stored = StoredValues(self, self._reader)
        self._opening = None
        self._extraction = None
        self._ending = set()
        self._closed = False
        session.holder.changed.connect(self._follow)

    def _weighed(self, place, found):
        """What one of the lists of `viewer.studio.weighing.ASKING` has found."""
        self._measured[place] = found
        self._set(measured={key: each for one in self._measured for key, each in one.items()})

    @property
    def reader(self):
        """The thread that reads the study: `StudyReader`."""
        return self._reader

    # what the state asks for

    def _follow(self, state, old):
        if state.source != old.source:
            self._open(state)
            return
        if self.facts.phase != READY:
            return
        if state.preprocessing.options != old.preprocessing.options:
            self._prepare_anew(state)
        elif state.preprocessing.confirmed != old.preprocessing.confirmed:
            self._set(confirmed=self._is_confirmed(state, self.facts.guess))
            self._follow_extraction(state)
        if state.focus.sample != old.focus.sample:
            self._samples.ask(self._sample_of(state))
        if state.extraction.wanted != old.extraction.wanted:
            self._follow_extraction(state)
        for layer in set(state.extraction.full) - set(old.extraction.full):
            self._keep_in_full(layer)

    def _sample_of(self, state):
        """The focused sample, within what there is."""
        return min(state.focus.sample, max(0, self.facts.sample_count - 1))

    # opening

    def _open(self, state):
        self._stop_extraction()
        if self._opening is not None:
            self._opening.cancel()
        self._samples.use(None)
        source, options = state.source, dict(state.preprocessing.options)
        if source.network is None and source.study is None:
            self._replace(Facts())
            return

        def work(task):
            if source.study is not None:
                return open_study_files(self.engine, source, task)
            return open_network_and_data(self.engine, source, options, task)

        self._replace(Facts(phase=OPENING))
        title = title_of(source)
        self._opening = self.jobs.start(
            f"Opening {title}",
            work,
            done=self._opened,
            failed=self._could_not_open,
        )
        self._opening.on_cancel = self._cancelled_opening

    def reopen(self):
        """Try the same files again."""
        self._open(self.session.state)

    def _opened(self, opened):
        self._opening = None
        state = self.session.state
        guess = opened.guess
        self._replace(
            Facts(
                phase=READY,
                network=opened.network,
                data=opened.data,
                labels=opened.labels,
                class_names=opened.class_names,
                notes=opened.notes,
                guess=guess,
                preprocessing=opened.preprocessing,
                confirmed=opened.study is not None or self._is_confirmed(state, guess),
                recording=opened.recording,
                saved_study=opened.study,
                stored=self._stored.ask,
            )
        )
        self._prepare_anew(state, network_is_new=True)

    def _could_not_open(self, error):
        self._opening = None
        text, foreseen = sentence(error)
        self._replace(Facts(phase=FAILED, failure=text))
        if not foreseen:
            self.failed.emit("Opening", error)

    def _cancelled_opening(self):
        self._opening = None
        self._replace(Facts(phase=EMPTY))

    # preprocessing

    @staticmethod
    def _is_confirmed(state, guess):
        return state.preprocessing.confirmed or (guess is not None and guess.certain)

    def _prepare_anew(self, state, network_is_new=False):
        """Run samples with the preprocessing that the state asks for; a study of its own."""
        network = self.facts.network
        if not network_is_new and not self._correct(state):
            return
        self._stop_extraction()
        facts = self.facts
        if facts.data is None:
            return
        opened = network_is_new and facts.saved_study
        data = getattr(facts.data, "pictures", None) or facts.data
        path = opened or cache.study_path(network, data, facts.preprocessing)
        extraction = ExtractionFacts("opened" if opened else "none")
        self._set(study_path=path, summary=StudySummary(), extraction=extraction)
        setting = Setting(
            next(self._generations), network, facts.data, facts.preprocessing, facts.recording
        )
        self._samples.use(setting)
        self._samples.ask(self._sample_of(state))
        if opened:
            self.look_at_study()
        if facts.recording is not None:
            self._samples.go_on_with(self._reading_once(facts.recording, path))
        elif network_is_new and self._extracts and not opened:
            self._samples.go_on_with(self._trials().steps)

    def _correct(self, state):
        """Take the person's preprocessing; False when the network must be opened again for it."""
        options = dict(state.preprocessing.options)
        size = self.facts.preprocessing.size
        if self.facts.recording is not None:
            error = InputError("the network of this study is not at hand", remedy="open it as well")
            self._fail("Preprocessing", error)
            return False
        if tuple(options.get("size", size)) != tuple(size):
            self._open(state)
            return False
        try:
            preprocessing = self.engine.with_options(self.facts.guess, options)
        except LamellaError as error:
            self._fail("Preprocessing", error)
            return False
        confirmed = self._is_confirmed(state, self.facts.guess)
        self._set(preprocessing=preprocessing, confirmed=confirmed, answer=None)
        return True

    def _reading_once(self, recording, path):
        """Patient work: the summary of a study that only the samples' thread reads."""
        kind = self.facts.network.scores

        def steps(give_runner, setting):
            summary = recording.summary(kind)
            self.inbox.post(self._summarised, path, summary)
            yield

        return steps

    def _trials(self):
        facts = self.facts
        network = facts.network

        def tell(trials):
            self.inbox.post(self._tried, network, trials)

        return Trials(
            self.engine,
            self.engine.candidates(facts.guess),
            facts.labels,
            lambda scores: predicted_class(network, scores),
            tell,
        )

    def _tried(self, network, trials):
        if self.facts.network is network:
            self._set(trials=trials)

    # samples

    def _answered(self, answer):
        self._set(answer=answer)
        if self.facts.extraction.phase == "none":
            self._follow_extraction(self.session.state)

    # extraction

    def _follow_extraction(self, state):
        """Start or stop extracting, as the state wants it, once the first picture stands."""
        facts = self.facts
        if facts.answer is None or facts.recording is not None or not self._extracts:
            return
        wanted = state.extraction.wanted
        if wanted == ALL or (wanted == AUTOMATIC and facts.confirmed):
            if self._extraction is None and not self._ending:
                self._start_extraction()
        else:
            self._stop_extraction()
            phase = "unconfirmed" if wanted == AUTOMATIC else "stopped"
            self._set(extraction=ExtractionFacts(phase))

    def _extracting(self, facts, path, **options):
        """The work of an extraction into a study of the cache."""
        path.parent.mkdir(parents=True, exist_ok=True)
        data = getattr(facts.data, "pictures", facts.data)

        def work(task):
            for name, size in cache.make_room(path, self.engine.is_written):
                self.inbox.post(
                    self.told.emit,
                    f"The study {name} ({size / 1e9:.1f} GB), least recently opened, made room.",
                    "",
                )
            while self.engine.is_written(path):  # another window, or a movie of this one
                task.report(0, None, "waits for another program that writes this study")
                time.sleep(SECONDS_BETWEEN_TRIES)
            return self.engine.extract(
                facts.network, data, path, preprocessing=facts.preprocessing, task=task, **options
            )

        return work

    def _keep_in_full(self, layer):
        """Extract one layer with all its positions, into a study beside the other."""
        facts = self.facts
        if facts.recording is not None or facts.data is None:
            return
        data = getattr(facts.data, "pictures", facts.data)
        path = cache.study_path(facts.network, data, facts.preprocessing, layer)

        def kept(_):
            if self.facts.network is facts.network:
                self._set(in_full={**self.facts.in_full, layer: path})

        self.jobs.start(
            f"Keeping {layer} in full",
            self._extracting(facts, path, layers=[layer], policy="full"),
            unit="samples",
            done=kept,
        )

    def _start_extraction(self):
        facts = self.facts
        if facts.study_path == facts.saved_study:
            data = getattr(facts.data, "pictures", facts.data)
            path = cache.study_path(facts.network, data, facts.preprocessing)
            self._set(study_path=path)
        work = self._extracting(facts, self.facts.study_path)
        self._set(extraction=ExtractionFacts("running"))
        job = self.jobs.start(
            f"Extracting {facts.data.name}",
            work,
            unit="samples",
            done=lambda report: self._extracted(job, report),
            failed=lambda error: self._extraction_failed(job, error),
            ended=lambda: self._extraction_ended(job),
        )
        job.on_cancel = lambda: self.session.do("extract.cancel")
        self._extraction = job

    def _stop_extraction(self):
        job, self._extraction = self._extraction, None
        if job is not None:
            self._ending.add(job)
            job.cancel()

    def _extracted(self, job, report):
        if job is self._extraction:
            self._set(extraction=ExtractionFacts("done", report=report))
            cache.mark_opened(self.facts.study_path)
            self.look_at_study()
            self._tell_skipped(report)

    def _tell_skipped(self, report):
        """Pictures that could not be read: counted, told once."""
        skipped = list(report.skipped)
        if skipped:
            lines = [f"{entry['name']}: {entry['reason']}" for entry in skipped]
            what = "1 picture was" if len(lines) == 1 else f"{len(lines):,} pictures were"
            text = f"{what} left out: unreadable."
            self.told.emit(text, "\n".join(lines))

    def extract_anew(self):
        """Throw the study away, which is in the cache, and extract it anew."""
        path = self.facts.study_path
        if path is None or path.parent != cache.studies_folder() or self._extraction is not None:
            return
        self.jobs.start(
            f"Removing {path.name}",
            lambda task: shutil.rmtree(path),
            done=lambda _: self.extract_again(),
        )

    def extract_again(self):
        """Go on with an extraction that failed."""
        if self._extraction is None and not self._ending:
            self._follow_extraction(self.session.state)

    def _extraction_failed(self, job, error):
        if job is self._extraction:
            text, foreseen = sentence(error)
            self._set(extraction=ExtractionFacts("failed", failure=text))
            if not foreseen:
                self.failed.emit(job.title, error)

    def _extraction_ended(self, job):
        if job is self._extraction:
            self._extraction = None
            return
        self._ending.discard(job)
        if not self._closed:
            self._follow_extraction(self.session.state)

    # the study

    def look_at_study(self):
        """Read what the study says by now; the window calls it every few seconds."""
        facts = self.facts
        if facts.study_path is not None and facts.recording is None:
            kind = facts.network.scores
            self._reader.look(facts.study_path, kind)

    @property
    def can_read_points(self):
        """Whether embedding points that are needed were cancelled or could not be made."""
        return self._points.can_ask_again

    def read_points(self):
        """Make them after all."""
        self._points.ask_again()

    def move_study(self, destination):
        """Move the study to where a person wants it; it is opened there from now on."""
        path = self.facts.study_path

        def work(task):
            task.report(0, None, f"moving to {destination}")
            if destination.exists():
                raise InputError(
                    "there is something already", where=destination, remedy="choose another name"
                )
            shutil.move(path, destination)

        def moved(_):
            if self.facts.study_path == path:
                self._set(study_path=destination)

        self.jobs.start(f"Saving {destination.name}", work, done=moved)

    def _could_not_read(self, title, error):
        """What is wrong with the study; while it is extracted the extraction tells it."""
        if self._extraction is None and self.facts.extraction.phase != "failed":
            self._fail(title, error)

    def _summarised(self, path, summary):
        if path == self.facts.study_path:
            self._set(summary=in_rows(summary, self.facts.data))

    # all

    def _fail(self, title, error):
        self.failed.emit(title, error)

    def _set(self, **changes):
        self._replace(self.facts.but(**changes))

    def _replace(self, facts):
        old, self.facts = self.facts, facts
        self.changed.emit(facts, old)

    def close(self):
        """Stop everything; no thread and no child process is left."""
        if self._closed:
            return
        self._closed = True
        self.session.holder.changed.disconnect(self._follow)
        self._means.close()
        for keeper in self._answering:
            keeper.close()
        self._pairs.close()
        self._selecting.close()
        self._points.close()
        self._samples.use(None)
        self.jobs.close()
        for keeper in self._answering:
            keeper.release()
        self._naming.close()
        self._orders.close()
        self._samples.close()
        self._reader.close()
        self.builder.close()
