"""The selection of the whole program, and those that were saved under a name: descriptions.

What they come to, in samples and in embedding points, is a fact and not part of the state
(`viewer.studio.selecting`); what regions are there stands in `engine.selections.describing`.
"""

import hashlib
from dataclasses import dataclass

from engine.selections.describing import MODES, OF_SAMPLES, Region, Saved, kinds_of

__all__ = [
    "MODES",
    "OF_SAMPLES",
    "NamedSelections",
    "Region",
    "Saved",
    "Selection",
    "inverted",
    "named",
    "selection_hash",
]

LONGEST_NAME = 80
ALL = Region("all")


@dataclass(frozen=True)
class Selection:
    """What is brushed.

    Attributes
    ----------
    steps : tuple of (mode, region)
        Applied one after the other to nothing; a replacement is always the first.
    """

    steps: tuple = ()

    def __bool__(self):
        return bool(self.steps)

    @property
    def is_of_samples(self):
        """Whether it names samples only, no points."""
        return kinds_of(self.steps) <= set(OF_SAMPLES)


@dataclass(frozen=True)
class NamedSelections:
    """What this session has saved under a name, over what the study already had.

    Attributes
    ----------
    entries : tuple of (str, steps or None)
        By name, sorted; None: forgotten.
    """

    entries: tuple = ()

    def steps(self, name):
        """The steps saved under a name in this session, or None."""
        return dict(self.entries).get(name)

    def with_entry(self, name, steps):
        """The same with another entry."""
        return NamedSelections(
            tuple(sorted({**dict(self.entries), name: steps}.items(), key=_name))
        )


def _name(entry):
    return entry[0]


def named(selections, of_study):
    """All named selections: those of the study, with what the session changed.

    Parameters
    ----------
    selections : NamedSelections
    of_study : dict of str to steps

    Returns
    -------
    dict of str to steps
        Sorted by name.
    """
    merged = {**of_study, **dict(selections.entries)}
    return {name: merged[name] for name in sorted(merged) if merged[name] is not None}


def inverted(selection):
    """What is not selected: everything where nothing is, and the other way round."""
    steps = selection.steps
    if not steps:
        return Selection((("replace", ALL),))
    if steps == (("replace", ALL),):
        return Selection()
    if len(steps) == 2 and steps[0] == ("replace", ALL) and steps[1][0] == "subtract":
        taken = steps[1][1]
        if isinstance(taken, Saved):
            return Selection(taken.steps)
    return Selection((("replace", ALL), ("subtract", Saved(steps))))


def selection_hash(selection):
    """SHA-256 of the selection's canonical JSON."""
    from viewer.state.tree import canonical_json

    return hashlib.sha256(canonical_json(selection).encode()).hexdigest()
