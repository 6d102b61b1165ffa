"""What a person has named, kept with the study: read when it opens, written when it changes.

The state has what this session saved and forgot; over it lies, in the facts, what the study had
when it was opened. Both together are what stands in the study's file, which only the study's
thread reads and writes. A session that begins anew takes nothing away: what was saved before
belongs to the study.
"""

from engine.selections.describing import with_samples
from viewer.state.orders import all_named
from viewer.state.selection import named
from viewer.studio.facts import READY


class NamedSelections:
    """Selections by their names: where a `NameKeeper` finds and puts them."""

    title = "Keeping the named selections"

    @staticmethod
    def merged(state, of_study):
        """All that there are: those of the study, with what the session changed."""
        return named(state.selections, of_study)

    @staticmethod
    def read(engine, path, data):
        """Those of a study, by name."""
        kept = engine.read_selections(path)
        return {name: numbered(steps, data, to_rows=True) for name, steps in kept.items()}

    @staticmethod
    def change(engine, path, changes, data):
        """Change some of a study (None: forget); False where there is no study yet."""
        changes = {
            name: None if steps is None else numbered(steps, data)
            for name, steps in changes.items()
        }
        return engine.change_selections(path, changes)


class NamedOrders:
    """Orders by their names: see `NamedSelections`."""

    title = "Keeping the named orders"

    @staticmethod
    def merged(state, of_study):
        """All that there are: those of the study, with what the session changed."""
        return all_named(state.orders, of_study)

    @staticmethod
    def read(engine, path, data):
        """Those of a study, by name."""
        return engine.read_named_orders(path)

    @staticmethod
    def change(engine, path, changes, data):
        """Change some of a study (None: forget); False where there is no study yet."""
        return engine.change_named_orders(path, changes)


class NameKeeper:
    """Keeps named things in the facts and in the study's file what they are to be.

    Parameters
    ----------
    studio : Studio
    reader : StudyReader
    tell : callable(dict of str to thing)
        Puts what the study had into the facts; main thread.
    writes : bool
        False: the study's file is left alone (movies).
    things : class
        `NamedSelections` or `NamedOrders`.
    """

    def __init__(self, studio, reader, tell, writes=True, things=NamedSelections):
        self._things = things
        self._studio = studio
        self._reader = reader
        self._tell = tell
        self._writes = writes
        self._path = self._source = None
        self._base = self._written = None
        self._due = False
        self._unfinished = 0
        studio.session.holder.changed.connect(self._changed)
        studio.session.restarted.connect(self._restarted)
        studio.changed.connect(self._changed)

    def close(self):
        """Write what is to be written, and listen no more."""
        self._settle()
        if self._unfinished:
            self._reader.read(lambda: None)  # the writes before it are done then
        self._studio.session.holder.changed.disconnect(self._changed)
        self._studio.session.restarted.disconnect(self._restarted)
        self._studio.changed.disconnect(self._changed)

    def _changed(self, *_):
        if not self._due:
            self._due = True
            self._studio.inbox.post(self._settle)

    def _settle(self):
        """Read the file of another study; write what the session has changed."""
        self._due = False
        facts, session = self._studio.facts, self._studio.session
        if facts.phase != READY or facts.data is None or facts.study_path is None:
            self._path = self._base = self._written = None
            return
        if facts.study_path != self._path:
            self._path, self._source = facts.study_path, session.recorded.source
            self._base = self._written = None
            self._read(facts)
        elif self._base is not None and session.recorded.source == self._source:
            wanted = self._things.merged(session.recorded, self._base)
            if wanted != self._written and self._writes:
                self._write(wanted, facts)

    def _restarted(self):
        """What was saved before the session began anew stays with the study."""
        if self._base is not None and self._base != self._written:
            self._base = self._written
            self._tell(self._base)

    def _read(self, facts):
        path, data, engine = self._path, facts.data, self._studio.engine

        def read(found):
            if path == self._path:
                self._base = self._written = found
                self._tell(found)
                self._changed()

        self._reader.soon(lambda: self._things.read(engine, path, data), read, self._failed)

    def _write(self, wanted, facts):
        before, self._written = self._written, wanted
        path, data, engine = self._path, facts.data, self._studio.engine
        changes = dict.fromkeys(before.keys() - wanted.keys())
        changes |= {name: kept for name, kept in wanted.items() if before.get(name) != kept}

        def came(done):
            self._unfinished -= 1
            if not done and self._written == wanted:
                self._written = before  # there is no study yet: again when there is one

        def failed(error):
            self._unfinished -= 1
            self._failed(error)

        self._unfinished += 1
        self._reader.soon(lambda: self._things.change(engine, path, changes, data), came, failed)

    def _failed(self, error):
        self._studio.failed.emit(self._things.title, error)


def numbered(steps, data, to_rows=False):
    """Steps with samples numbered as in the data set; or from there as the window numbers them.

    Samples that a study opened by itself does not have are left out.
    """
    index = getattr(data, "index", None)
    if index is None:
        return steps
    pairs = {int(number): row for row, number in enumerate(index)}
    if not to_rows:
        pairs = {row: number for number, row in pairs.items()}
    return with_samples(steps, pairs.get)
