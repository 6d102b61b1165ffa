"""The one writer of a study: lock, identity, finished ranges, parts, layers written again.

Use::

    with StudyWriter(folder, header) as writer:
        if writer.plan is None:
            writer.begin(layers, batch=8, block=32, samples=len(data))
        for first, stop in blocks:
            if not writer.is_finished(first, stop):
                writer.add(block)

It is called from one thread. After a kill at any moment the study holds every finished part.
"""

import contextlib
import datetime
import time
from dataclasses import replace
from pathlib import Path

from engine.errors import InputError, MachineError
from engine.study.catalog import Catalog
from engine.study.layout import (
    FORMAT,
    HEADER,
    LOCK,
    PARTS,
    UNFINISHED,
    VERSION,
    canonical,
    differences,
    digest,
    is_study,
    part_path,
    part_paths,
    read_header,
    write_header,
)
from engine.study.lock import StudyLock
from engine.study.parts import PartWriter, remove_unfinished
from engine.study.sizes import LayerPlan
from engine.study.space import check_space

SMALL = 64 << 20  # bytes before which a part is closed only when it took long
LARGE = 256 << 20  # bytes past which no part goes


class StudyWriter:
    """Hold a study's lock and add blocks of samples to it.

    Parameters
    ----------
    folder : path
        Made when missing.
    header : dict
        Plain JSON data: ``identity`` (what the arrays depend on) and any facts for the reader
        (``network, data, preprocessing, classes, scores, versions``).

    Attributes
    ----------
    plan : dict or None
        What was decided on the first batches: ``batch, block, samples, layers``; None: `begin`
        has to be called.
    samples_reused : int
        Samples in parts that were finished before.

    Raises
    ------
    InputError
        When another process writes the study, when the folder holds something else, or when the
        study there was made with something else; says what.
    MachineError
        When the disk is full or the folder cannot be written.
    """

    def __init__(self, folder, header):
        self.folder = Path(folder)
        self._started = time.monotonic()
        self._part = None
        self._part_keys = None
        self._part_started = 0.0
        self._open_ranges = []
        _check_folder(self.folder)
        self._made_folder = not self.folder.exists()
        try:
            (self.folder / PARTS).mkdir(parents=True, exist_ok=True)
            self._lock = StudyLock(self.folder)
        except OSError as error:
            raise MachineError(
                f"the study cannot be locked for writing ({error.strerror})",
                where=folder,
                remedy="choose another destination with -o",
            ) from error
        try:
            remove_unfinished(self.folder)
            self._header = self._adopt(header)
            self._catalog = Catalog(self.folder, self._study)
            self._catalog.refresh()
            self._catalog.close()
        except BaseException:
            self._release()
            raise
        self.samples_reused = sum(block.rows for block in self._catalog.base)

    def _adopt(self, header):
        """The header to go on with: that on disk when there is one of the same identity."""
        canonical(header)  # plain JSON, no NaN
        self._study = digest(header["identity"])
        if not is_study(self.folder):
            if part_paths(self.folder):
                raise InputError(f"there are parts but no {HEADER}", where=self.folder)
            now = datetime.datetime.now().astimezone().isoformat(timespec="seconds")
            return {"format": FORMAT, "version": VERSION, "created": now, **header}
        there = read_header(self.folder)
        different = differences(there.get("identity"), header["identity"])
        if different:
            name, old, new = different[0]
            name = name.removeprefix("options.")
            more = f" (and {len(different) - 1} more)" if len(different) > 1 else ""
            raise InputError(
                f"the study there was made with another {name}{more}: "
                f"{_short(old)} there, {_short(new)} asked for",
                where=self.folder,
                remedy="choose another destination with -o, or remove the study first",
            )
        return {**header, **there, "versions": header.get("versions", there.get("versions"))}

    @property
    def plan(self):
        """The recorded plan or None."""
        return self._header.get("plan")

    @property
    def layers(self):
        """What is kept of each layer, as the reader sees it: tuple of LayerPlan."""
        return tuple(LayerPlan.from_json(x) for x in self.plan["layers"])

    @property
    def wanted(self):
        """Layers that are to be written again, as they will be: tuple of LayerPlan."""
        return tuple(LayerPlan.from_json(x) for x in self._header.get("wanted", ()))

    @property
    def finished(self):
        """Ranges of samples in finished parts: list of (first, stop), ascending."""
        return [(b.first, b.stop) for b in self._catalog.base]

    def is_finished(self, first, stop):
        """Whether a block stands in a finished part."""
        return (first, stop) in self._catalog.ranges

    def begin(self, layers, *, batch, block, samples, **facts):
        """Record, before the first part, everything that would depend on time.

        Parameters
        ----------
        layers : sequence of LayerPlan
            With their policies, dtypes and histogram ranges.
        batch, block, samples : int
            Samples a run, a block, and in all.
        facts
            Further plain data kept beside them.
        """
        if self.plan is not None:
            raise ValueError("the study has a plan already")
        layers = [plan.as_json() for plan in layers]
        self._header["plan"] = {
            "batch": batch, "block": block, "samples": samples, "layers": layers, **facts,
        }  # fmt: skip
        write_header(self.folder, self._header)

    def add(self, block):
        """Add a block of samples; it is safe once its part is closed.

        Raises
        ------
        MachineError
            When the disk is full; finished parts are kept.
        """
        self._check_new(block)
        layers = self._block_layers(block)
        _check_rows(block)
        check_space(self.folder, _bytes_of(block))
        self._open_part(block, layers, values_only=False)
        self._add(block)

    def add_values(self, block):
        """Add activations of wanted layers for a block that is finished already.

        ``block.kept`` holds each wanted layer.
        """
        if not self.is_finished(block.first, block.stop):
            raise ValueError(f"samples {block.first} to {block.stop} are not in the study yet")
        layers = [plan for plan in self.wanted if plan.key in block.kept]
        _check_rows(block)
        check_space(self.folder, _bytes_of(block))
        self._open_part(block, layers, values_only=True)
        self._add(block)

    def want(self, layers):
        """Record that layers are to be kept otherwise: in float32, or by another policy.

        Until `settle`, readers see what was kept before.
        """
        wanted = {plan.key: plan for plan in (*self.wanted, *layers)}
        self._finish_part()
        self._header["wanted"] = [plan.as_json() for plan in wanted.values()]
        write_header(self.folder, self._header)

    def stale(self, key):
        """Finished ranges whose values of a wanted layer are not yet as wanted."""
        wanted = {plan.key: plan for plan in self.wanted}[key]
        return [(b.first, b.stop) for b in self._catalog.base if not self._catalog.has(b, wanted)]

    def settle(self):
        """Let readers see the wanted layers, which are complete now."""
        self._finish_part()
        wanted = {plan.key: plan for plan in self.wanted}
        for key in wanted:
            if missing := self.stale(key):
                raise ValueError(f"{key} lacks samples {missing[0][0]} to {missing[0][1]}")
        if not wanted:
            return
        self._header["plan"]["layers"] = [
            wanted.get(plan.key, plan).as_json() for plan in self.layers
        ]
        del self._header["wanted"]
        write_header(self.folder, self._header)
        for path in self._catalog.superseded(self.layers):
            with contextlib.suppress(OSError):  # Windows keeps what a reader has open; harmless
                path.unlink()
        self._catalog.refresh()

    def set_facts(self, **facts):
        """Replace entries of the header: ``report=...``, ``data=...``; not the identity."""
        if {"identity", "plan", "wanted", "format", "version"} & facts.keys():
            raise ValueError("these entries of the header do not change")
        canonical(facts)
        self._header.update(facts)
        write_header(self.folder, self._header)

    def close(self):
        """Finish the open part and release the lock."""
        try:
            self._finish_part()
        finally:
            self._release()

    def abort(self):
        """Drop the open part and release the lock."""
        try:
            if self._part is not None:
                self._part.discard()
        finally:
            self._part, self._open_ranges = None, []
            self._release()

    def _release(self):
        """Release the lock; of a study that was never begun nothing stays behind."""
        begun = is_study(self.folder)
        if not begun:
            with contextlib.suppress(OSError):
                (self.folder / PARTS).rmdir()
        self._lock.release(remove=not begun)
        if not begun and self._made_folder:
            with contextlib.suppress(OSError):  # it may hold other things
                self.folder.rmdir()

    def __enter__(self):
        return self

    def __exit__(self, kind, error, trace):
        # Whole blocks in the open part are worth keeping even when the work failed or was
        # cancelled; what that was is told, not what may fail on the way out.
        try:
            self.close()
        except MachineError:
            if error is None:
                raise

    def _check_new(self, block):
        if self.plan is None:
            raise ValueError("begin() comes before the first block")
        for first, stop in (*self.finished, *self._open_ranges):
            if block.first < stop and first < block.stop:
                raise ValueError(
                    f"samples {block.first} to {block.stop} overlap with {first} to {stop}"
                )

    def _block_layers(self, block):
        """The plans of a block's layers, with the dtype that wanted layers will have."""
        dtypes = {plan.key: plan.dtype for plan in self.wanted}
        layers = [replace(p, dtype=dtypes.get(p.key, p.dtype)) for p in self.layers]
        missing = [p.key for p in layers if p.policy != "pooled" and p.key not in block.kept]
        if missing:
            raise ValueError(f"the block lacks layer {missing[0]}")
        channels = sum(plan.channels for plan in layers)
        if block.pooled["maximum"].shape[1] != channels:
            got = block.pooled["maximum"].shape[1]
            raise ValueError(f"the block has {got} channels of {channels}")
        return layers

    def _open_part(self, block, layers, *, values_only):
        """Have a part open that can take this block."""
        keys = [(values_only, plan.key) for plan in layers]
        if self._part is not None and (keys != self._part_keys or not self._part.accepts(block)):
            self._finish_part()
        if self._part is None:
            numbers = [part.number for part in self._catalog.parts]
            path = part_path(self.folder, max(numbers, default=-1) + 1)
            self._part = PartWriter(path, self._study, layers, values_only=values_only)
            self._part_keys = keys
            self._part_started = time.monotonic()

    def _add(self, block):
        try:
            self._part.add(block)
        except BaseException:  # the part has removed itself
            self._part, self._open_ranges = None, []
            raise
        self._open_ranges.append((block.first, block.stop))
        now = time.monotonic()
        if _is_due(self._part.bytes, now - self._part_started, now - self._started):
            self._finish_part()

    def _finish_part(self):
        if self._part is None:
            return
        part, self._part, self._open_ranges = self._part, None, []
        part.finish()
        self._catalog.refresh()
        self._catalog.close()


def _is_due(size, seconds, worked):
    """Whether a part of `size` bytes, open for `seconds`, is to be closed.

    After 64 MB and 1 s plus a tenth of the time worked, whichever is later; so parts are neither
    many nor small. A network that gives little to write would then lose hours when killed:
    after twice that time a part is closed however small it is.
    """
    patience = 1.0 + worked / 10
    return size >= LARGE or seconds >= 2 * patience or (size >= SMALL and seconds >= patience)


def _arrays(block):
    """Every array of a block that has a row for each sample: (what it is, array)."""
    yield from block.pooled.items()
    for key, kept in block.kept.items():
        yield f"values of {key}", kept.values
        if kept.positions is not None:
            yield f"positions of {key}", kept.positions


def _check_rows(block):
    """Raise `ValueError` when an array of a block has not one row a sample."""
    count = len(block.samples)
    for name, array in _arrays(block):
        if len(array) != count:
            raise ValueError(f"{name}: {len(array)} rows for {count} samples")


def _bytes_of(block):
    """Bytes that a block will take on disk, at most, with its part's tables."""
    statistics = sum(array.nbytes for array in block.statistics.values())
    return statistics + sum(array.nbytes for _, array in _arrays(block))


def _check_folder(folder):
    """Raise `InputError` for a folder that holds something else, or a file."""
    if not folder.exists():
        return
    if not folder.is_dir():
        raise InputError("this is a file, a study is a folder", where=folder)
    ours = {HEADER, HEADER + UNFINISHED, PARTS, LOCK, "results"}
    if not is_study(folder) and {name.name for name in folder.iterdir()} - ours:
        raise InputError(
            "the folder holds other things and no study",
            where=folder,
            remedy="choose a new folder with -o",
        )


def _short(value):
    text = "automatic" if value is None else canonical(value)
    return text if len(text) <= 60 else text[:57] + "..."
