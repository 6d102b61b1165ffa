"""The session as a document: its steps as a list, played, edited, saved and opened.

Without being asked, the document follows what a person does from the start of the program, so that
an afternoon can be saved afterwards; nobody is asked about it at the end. Opening other files then
begins another such list. Once a person has pressed *New Session* or has edited a list, it is hers:
opening other files is a step like others, and what is not saved is asked about.

A session that was opened is looked at and played; what a person does beside it is not taken in
before she says so (`taking_in`), and goes to where the session stands then.
"""

from pathlib import Path

from psygnal import Signal

from viewer.session import journal
from viewer.session.beginning import beginning_of
from viewer.session.editing import Editing
from viewer.session.locating import mismatches, shortened, with_short_paths
from viewer.session.player import Player
from viewer.state.tree import as_json

READY = "ready"


class Document:
    """The steps of a live session, or of one that was opened.

    Parameters
    ----------
    session : Session
    studio : Studio, optional
        Tells the hashes of what is open.

    Attributes
    ----------
    editing : Editing
    player : Player
    path : Path or None
        Where it was saved, or opened from.
    taking_in : bool
        Whether what a person does becomes a step.
    asked_for : bool
        Whether a person has begun or edited it: then what is not saved is asked about.
    faults : dict of int to str
        Steps that this program does not know, by their place, and why; they are left out.
    changed : Signal
        Steps, place, playing, name: whatever a pane shows.
    told : Signal(str)
        A sentence that a person should see once.
    """

    changed = Signal()
    told = Signal(str)

    def __init__(self, session, studio=None):
        self.session = session
        self.editing = Editing(session.commands)
        self.player = Player(session)
        self.path = None
        self.taking_in = True
        self.asked_for = False
        self.faults = {}
        self._header = None
        self._hashes = {}
        self._saved = self.editing.steps
        self._busy = False
        self._studio = studio
        self.player.load(self.steps, session.first, len(self.steps))
        self.editing.changed.connect(self._edited)
        self.player.changed.connect(self.changed.emit)
        session.done.connect(self._done)
        if studio is not None:
            studio.changed.connect(self._learn)

    @property
    def steps(self):
        """The list, a tuple of commands."""
        return self.editing.steps

    @property
    def is_changed(self):
        """Whether the steps are others than those saved."""
        return self.steps != self._saved

    @property
    def asks_to_save(self):
        """Whether a person should be asked before this is lost."""
        return self.asked_for and self.is_changed

    @property
    def title(self):
        """Its name: ``tour.lamella``, with a star when changed; empty without one."""
        if self.path is None:
            return ""
        return self.path.name + ("*" if self.asks_to_save else "")

    # what a person does, live

    def _done(self, command):
        if self.player.giving:
            return
        player = self.player
        if command.kind.startswith("window.") and not self.taking_in:
            return  # where panes stand is no way to leave a session that is looked at
        if command.kind == "open" and not self.asked_for and self.path is None:
            self._begin_at_opening()
        elif player.playing or player.left or not self.taking_in:
            player.person_acted()
        elif player.place == len(self.steps):
            self._quietly(lambda: self.editing.append(command))
            player.went_on(self.steps)
        else:
            place = player.place
            self._quietly(lambda: self.editing.take_in(place, command))
            player.follow(self.steps, place + 1)
        self.changed.emit()

    def _begin_at_opening(self):
        """Other files: what came before them is kept only as far as it still shows."""
        commands = beginning_of(self.session.commands, self.session.first, self.session.state)
        self._replace(commands)
        self.session.continue_at(self.player.seconds)

    def _replace(self, steps):
        self._quietly(lambda: self.editing.load(steps))
        self.player.load(self.steps, self.player.first, len(self.steps))
        self._saved = self.steps

    def _quietly(self, change):
        """Change the list without taking it for an edit."""
        self._busy = True
        try:
            change()
        finally:
            self._busy = False

    def _edited(self):
        if self._busy:
            return
        self.asked_for = True
        self.player.follow(self.steps)
        self.taking_in = self.taking_in and not self.player.left
        self.faults = {}
        self.changed.emit()

    def take_in(self, wanted):
        """Have what is done from now on become steps, where the session stands; or no more."""
        if wanted and self.player.left:
            self.player.go_to(self.player.place)
        self.taking_in = wanted
        self.asked_for = self.asked_for or wanted
        self.changed.emit()

    def insert(self, kind, /, **args):
        """Put a caption or a wait where the session stands."""
        self.editing.insert(self.player.place, kind, **args)

    # files

    def new(self):
        """Begin a session of its own with what is seen now; from now on steps are taken in."""
        self.player.pause()
        self.session.end_drag()
        steps = beginning_of(self.session.commands, self.session.first, self.session.state)
        self.session.restart(steps)
        self.player.first = self.session.first
        self._replace(steps)
        self.path, self._header, self.faults = None, None, {}
        self.taking_in = self.asked_for = True
        self.changed.emit()

    def open(self, loaded):
        """Show a session that was read: its list, and the state it leads to.

        Parameters
        ----------
        loaded : viewer.session.locating.Loaded
            With nothing missing that is needed.
        """
        self.player.pause()
        self.session.drop_drag()
        self.path, self._header = Path(loaded.path), loaded.header
        self.faults = dict(loaded.faults)
        header, self._hashes = loaded.header, {}
        entries = [("network", header.network), ("data", header.data)]
        entries += [(role, entry) for entry in header.others for role in ("network", "data")]
        for role, entry in entries:
            if entry.get("path") and entry.get("hash"):
                self._hashes.setdefault((role, entry["path"]), entry["hash"])
        self.player.load(loaded.commands, loaded.first, 0)
        self._quietly(lambda: self.editing.load(loaded.commands))
        self._saved = self.steps
        self.taking_in = self.asked_for = False
        self.player.go_to(len(self.steps))
        for text in (*loaded.notes, *self.player.faults):
            self.told.emit(text)
        self._check()
        self.changed.emit()

    def save(self, path=None):
        """Write the session file; `path` None: where it was.

        Raises
        ------
        InputError, MachineError
            It cannot be written; nothing is lost.
        """
        path = Path(path or self.path)
        self.session.end_drag()
        header, commands = self.content(path.absolute().parent)
        journal.write(path, header, commands)
        self.path, self._saved = path, self.steps
        self.changed.emit()

    def content(self, folder):
        """Header and commands as they stand in a file of a folder.

        Returns
        -------
        header : journal.Header
        commands : list of Command
        """
        opened = [step.args for step in self.steps if step.kind == "open"]
        begun = opened[0] if opened else {}
        network, data = (self._entry(role, begun.get(role), folder) for role in ("network", "data"))
        for entry, names in ((data, ("labels", "classes", "limit")), (network, ("scores",))):
            entry.update({n: begun[n] for n in names if begun.get(n) is not None})
        for name in ("labels", "classes"):
            if isinstance(data.get(name), str):
                data[name] = shortened(data[name], folder)
        named = {begun.get("network"), begun.get("data"), None}
        others = {args.get(role): role for args in opened for role in ("network", "data")}
        header = journal.Header(
            network=network,
            data=data,
            preprocessing=dict(begun.get("preprocessing") or {}),
            window=self._window(),
            study={"path": shortened(begun["study"], folder)} if begun.get("study") else {},
            others=[
                self._entry(role, path, folder)
                for path, role in others.items()
                if path not in named
            ],
        )
        return header, [with_short_paths(step, folder) for step in self.steps]

    def _entry(self, role, path, folder):
        if path is None:
            return {}
        short = shortened(path, folder)
        known = self._hashes.get((role, path)) or self._hashes.get((role, short))
        return {"hash": known, "path": short}

    def _window(self):
        first = self.player.first.window
        window = {"theme": first.theme, "layout": as_json(first.layout)}
        exact = None if self._header is None else self._header.window.get("exact")
        return window if exact is None else {**window, "exact": exact}

    # hashes

    def _learn(self, facts, old):
        if facts.phase != READY or facts.network is old.network:
            return
        source = self.session.state.source
        self._check()
        for role, path, item, name in (
            ("network", source.network, facts.network, "sha256"),
            ("data", source.data, facts.data, "hash"),
        ):
            if path is not None and item is not None:
                self._hashes[role, path] = getattr(item, name)

    def _check(self):
        """Say what of an opened session is not what it was made with."""
        facts = None if self._studio is None else self._studio.facts
        if self._header is None or facts is None or facts.phase != READY:
            return
        data_hash = None if facts.data is None else facts.data.hash
        opening = next((step.args for step in self.steps if step.kind == "open"), {})
        if opening.get("network") == self.session.state.source.network:
            for text in mismatches(self._header, facts.network.sha256, data_hash):
                self.told.emit(f"{text[0].upper()}{text[1:]}.")

    def close(self):
        """Let the session and the studio go."""
        self.session.done.disconnect(self._done)
        self.session.interrupted.disconnect(self.player._interrupted)
        if self._studio is not None:
            self._studio.changed.disconnect(self._learn)
