"""Which finished parts a study has and where each block of samples stands in them.

Parts are independent: they are found by looking, so one can be dropped or added. Where several
hold the same values (a layer that was written again), the one with the highest number counts.
HDF5 is used by one thread at a time, under `Catalog.lock`; few files are kept open.
"""

import contextlib
import json
import threading
from collections import OrderedDict
from dataclasses import dataclass
from pathlib import Path

import h5py
import numpy as np

from engine.errors import InputError, LamellaError
from engine.study.layout import PART_FORMAT, VERSION, digest, part_paths

OPEN_FILES = 16


@dataclass(frozen=True)
class PartFacts:
    """One finished part: its place, blocks as int64[B, 3] (first, stop, rows), table of layers."""

    path: Path
    stamp: tuple
    kind: str
    blocks: np.ndarray
    table: dict

    @property
    def number(self):
        """The part's number."""
        return int(self.path.stem)

    @property
    def rows(self):
        """Samples in it."""
        return int(self.blocks[:, 2].sum())


@dataclass(frozen=True)
class Place:
    """A block inside a part: the samples' range, its rows, the block's number in the part."""

    first: int
    stop: int
    rows: int
    part: PartFacts
    row: int
    index: int


class Catalog:
    """The parts of a study's folder.

    Attributes
    ----------
    parts : list of PartFacts
        By number.
    base : list of Place
        The blocks of samples, ascending.
    ranges : dict of (first, stop) to Place
    lock : threading.RLock
        Held while HDF5 is used.
    """

    def __init__(self, folder, study):
        self.folder = Path(folder)
        self._study = study
        self.lock = threading.RLock()
        self._files = OrderedDict()
        self.parts, self.base, self.ranges = [], [], {}
        self._values = {}

    def refresh(self):
        """Look for parts; returns whether something changed.

        Raises
        ------
        InputError
            Naming the part that is damaged, foreign, or overlaps with another one.
        """
        with self.lock:
            known = {part.path: part for part in self.parts}
            parts = []
            for path in part_paths(self.folder):
                with contextlib.suppress(FileNotFoundError):  # dropped since we looked
                    stamp = _stamp(path)
                    old = known.get(path)
                    parts.append(old if old and old.stamp == stamp else self._read(path, stamp))
            if [p.stamp for p in parts] == [p.stamp for p in self.parts]:
                return False
            base = _places([p for p in parts if p.kind == "base"])
            _check_overlap(base)
            self.parts, self.base = parts, base
            self.ranges = {(b.first, b.stop): b for b in base}
            self._values = {}
            for part in parts:
                for place in _places([part]):
                    for key in part.table:
                        self._values.setdefault((key, place.first, place.stop), []).append(place)
            for path in [p for p in self._files if p not in {x.path for x in parts}]:
                self._files.pop(path)[1].close()
            return True

    def values_place(self, plan, block):
        """Newest place of a block's values that were kept by a LayerPlan's policy, or None."""
        for place in reversed(self._values.get((plan.key, block.first, block.stop), ())):
            if _fits(place.part.table[plan.key], plan):
                return place
        return None

    def has(self, block, wanted):
        """Whether a block's values of a layer are there as a LayerPlan wants them."""
        if wanted.policy == "pooled":
            return True
        place = self.values_place(wanted, block)
        return place is not None and place.part.table[wanted.key]["stored"] == wanted.dtype

    def superseded(self, plans):
        """Parts of nothing but values that no reader of these plans needs any more."""
        needed = {
            place.part.path
            for plan in plans
            for block in self.base
            if (place := self.values_place(plan, block)) is not None
        }
        return [p.path for p in self.parts if p.kind == "values" and p.path not in needed]

    @contextlib.contextmanager
    def reading(self, part):
        """The part's open HDF5 file, under the lock; reading errors name the part."""
        with self.lock:
            try:
                yield self._open(part.path, part.stamp)
            except FileNotFoundError as error:
                raise InputError(
                    "this part of the study is gone",
                    where=part.path,
                    remedy="open or refresh the study to see what is there",
                ) from error
            except (OSError, RuntimeError, KeyError, ValueError) as error:
                if isinstance(error, LamellaError):
                    raise
                raise damaged(part.path, error) from error

    def close(self):
        """Close every file; they are opened again when needed."""
        with self.lock:
            while self._files:
                self._files.popitem()[1][1].close()

    def _open(self, path, stamp):
        if path in self._files and self._files[path][0] == stamp:
            self._files.move_to_end(path)
            return self._files[path][1]
        if path in self._files:
            self._files.pop(path)[1].close()
        file = h5py.File(path, "r", locking=False)
        self._files[path] = (stamp, file)
        while len(self._files) > OPEN_FILES:
            self._files.popitem(last=False)[1][1].close()
        return file

    def _read(self, path, stamp):
        try:
            file = self._open(path, stamp)
            facts = dict(file.attrs)
            if facts.get("format") != PART_FORMAT or int(facts["version"]) > VERSION:
                raise InputError("this is no part that this version can read", where=path)
            if facts["study"] != self._study:
                raise InputError(
                    "this part belongs to another study", where=path, remedy="move it away"
                )
            blocks = file["blocks"][()].astype(np.int64).reshape(-1, 3)
            if facts["check"] != digest([facts["layers"], blocks.tolist()]):
                raise ValueError("its table of contents was changed")
            if len(file["samples/index"]) != blocks[:, 2].sum():
                raise ValueError("it has another number of samples than it says")
            table = json.loads(facts["layers"])
            return PartFacts(
                path, stamp, str(facts["kind"]), blocks, {(x["name"], x["which"]): x for x in table}
            )
        except FileNotFoundError:
            raise
        except (OSError, RuntimeError, KeyError, ValueError, TypeError) as error:
            raise damaged(path, error) from error


def _fits(entry, plan):
    """Whether the values that an entry of a part's table describes are of a plan's policy."""
    same = entry["stored"] is not None and entry["policy"] == plan.policy
    return same and (plan.policy != "sampled" or entry["sampled"] == plan.sampled)


def damaged(path, error):
    """The error that names a part which cannot be read."""
    return InputError(
        f"this part of the study is damaged ({' '.join(str(error).split())})",
        where=path,
        remedy="delete it and extract again: only its samples are computed again",
    )


def _stamp(path):
    facts = path.stat()
    return (str(path), facts.st_ino, facts.st_size, facts.st_mtime_ns)


def _places(parts):
    found = []
    for part in parts:
        row = 0
        for index, (first, stop, rows) in enumerate(part.blocks.tolist()):
            found.append(Place(first, stop, rows, part, row, index))
            row += rows
    return sorted(found, key=lambda p: (p.first, p.stop))


def _check_overlap(places):
    for a, b in zip(places, places[1:], strict=False):
        if b.first < a.stop:
            raise InputError(
                f"it holds samples {b.first} to {b.stop}, which {a.part.path.name} holds too",
                where=b.part.path,
                remedy="move one of the two away",
            )
