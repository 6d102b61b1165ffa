"""Graphs made of a network's file, run in the child process; values can stay there between runs."""

from collections import OrderedDict

from engine.errors import MachineError

MOST_SESSIONS = 6
"""Graphs that are ready at a time; the one not used for longest goes first."""


class Computing:
    """Sessions on graphs, and what runs left for later ones.

    Parameters
    ----------
    runtime : engine.run.sessions.Runtime
    """

    def __init__(self, runtime):
        self._runtime = runtime
        self._sessions = OrderedDict()
        self._kept = {}

    def take(self, key, graph, level, threads=None):
        """Make a session on a model's bytes, unless there is one."""
        if key not in self._sessions:
            while len(self._sessions) >= MOST_SESSIONS:
                self._sessions.popitem(last=False)
            self._sessions[key] = self._runtime.session(level=level, graph=graph, threads=threads)
        self._sessions.move_to_end(key)

    def session(self, key):
        """The session on a graph, or None when it is not here, or no longer."""
        if key not in self._sessions:
            return None
        self._sessions.move_to_end(key)
        return self._sessions[key]

    def run(self, feeds, key, outputs, keep, use, forget):
        """Run one graph.

        Parameters
        ----------
        feeds : dict of str to ndarray
        key : str
        outputs : list of str
            What is wanted.
        keep : dict of str to str
            Outputs that stay here, and under which name.
        use : dict of str to str
            Inputs, and the kept value that each takes.
        forget : list of str
            Kept values that are dropped first.

        Returns
        -------
        dict of str to ndarray, or None
            None when the graph is not here, or no longer.
        """
        session = self.session(key)
        if session is None:
            return None
        for name in forget:
            self._kept.pop(name, None)
        if any(name not in self._kept for name in use.values()):
            raise MachineError("the child process no longer has what it was asked to go on with")
        given = dict(feeds) | {name: self._kept[kept] for name, kept in use.items()}
        names = list(dict.fromkeys([*outputs, *keep]))
        found = session.handles(names, given)
        for name, kept in keep.items():
            self._kept[kept] = found[name]
        return {name: found[name].numpy() for name in outputs}
