"""*Save with its data*: a session with its network, its samples and its study in one folder.

::

    NAME.session/
      session.lamella     opens what lies beside it, wherever the folder is
      network/            the ONNX file and its external data
      data/               the samples, `engine.data.kept`: files byte for byte, arrays exactly
      results.study/      the study, where it is complete: ranges, statistics, predictions

Samples keep their numbers; those that the session never shows are left out, unless all are wanted.
With the study the folder shows everything as it was without computing anything over all samples.
"""

import shutil
from dataclasses import dataclass, field, replace
from pathlib import Path

import numpy as np

from engine.errors import InputError
from engine.selections.resolving import resolve
from viewer.session import journal
from viewer.session.moving import keys_of
from viewer.session.replay import fault_of
from viewer.session.session import TRAVEL, Session
from viewer.state.tree import StateHolder
from viewer.studio.selecting import known_of

SUFFIX = ".session"
FILE = journal.IN_FOLDER
NETWORK, DATA, STUDY = "network", "data", "results.study"
NEIGHBOURS = 48
READY, DONE, OPENED = "ready", "done", "opened"


@dataclass(frozen=True)
class Plan:
    """What will be saved, said before it is.

    Attributes
    ----------
    commands : tuple of Command
    header : journal.Header
        Both with the paths inside the folder.
    network : tuple of (Path, str)
        Files, and their names in the folder.
    data : engine DataSet or None
        With the labels and class names as they are shown.
    samples : tuple of int
    study : Path or None
    sizes : dict of str to int
        Bytes of ``'network'``, ``'data'`` and ``'study'``, at most.
    notes : tuple of str
        What is left out, and why.
    """

    commands: tuple
    header: journal.Header
    network: tuple = ()
    data: object = None
    samples: tuple = ()
    study: Path | None = None
    sizes: dict = field(default_factory=dict)
    notes: tuple = ()

    @property
    def bytes(self):
        """Bytes of all, at most."""
        return sum(self.sizes.values())


def plan(document, facts, *, everything=False, with_study=True):
    """What saving a session with its data takes.

    Parameters
    ----------
    document : Document
    facts : Facts
        Of the network and data that are open.
    everything : bool
        All samples, not only those that the session shows.
    with_study : bool
        The study too, where it is complete.

    Returns
    -------
    Plan

    Raises
    ------
    InputError
        Nothing is open, or the network or the pictures are not at hand.
    """
    source = document.session.state.source
    network, data = _at_hand(facts, source)
    study, notes = _study(facts, data, with_study)
    steps, others = _redirected(document.steps, source, network, data, study)
    notes += [f"{name} is opened by the session as well, and not saved with it" for name in others]
    samples = ()
    if data is not None:
        count = len(data)
        used = range(count) if everything else used_samples(document, facts, count)
        samples = tuple(used)
    files = _network_files(network)
    header = document.content(Path("."))[0]
    header = replace(
        header,
        network={"hash": facts.network.sha256, "path": f"{NETWORK}/{network.name}"},
        data={"hash": None, "path": DATA} if data is not None else {},
        study={"path": STUDY} if study is not None else {},
        others=[],
    )
    return Plan(
        steps,
        header,
        files,
        data,
        samples,
        study,
        _sizes(files, data, samples, study),
        tuple(notes),
    )


def write(plan, folder, task):
    """Save what was planned; the folder is there when all of it is, and not before.

    Parameters
    ----------
    plan : Plan
    folder : path
        ``NAME.session``; must not exist.
    task : Task

    Returns
    -------
    list of (str, str)
        Samples that could not be read, and why.

    Raises
    ------
    InputError, MachineError, Cancelled
        Nothing is left behind.
    """
    from engine.data.kept import keep, open_kept
    from engine.study.copying import copy_study

    folder = Path(folder)
    if folder.exists():
        raise InputError("there is something already", where=folder, remedy="choose another name")
    unfinished = folder.with_name(folder.name + ".unfinished")
    faults, header = [], plan.header
    try:
        shutil.rmtree(unfinished, ignore_errors=True)
        for file, name in plan.network:
            task.report(0, None, f"saving {name}")
            (unfinished / NETWORK / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(file, unfinished / NETWORK / name)
        described = None
        if plan.data is not None:
            faults = keep(plan.data, plan.samples, unfinished / DATA, task)
            kept = open_kept(unfinished / DATA)
            described = kept.describe()
            hash_of_data = plan.data.hash if plan.study is not None else kept.hash
            header = replace(header, data={"hash": hash_of_data, "path": DATA})
        if plan.study is not None:
            place = {"path": str(folder.absolute() / DATA), "relative": f"../{DATA}"}
            copy_study(plan.study, unfinished / STUDY, {**described, **place}, task)
        journal.write(unfinished / FILE, header, plan.commands)
        unfinished.rename(folder)
    except OSError as error:
        raise journal.not_written(folder, error) from error
    finally:
        shutil.rmtree(unfinished, ignore_errors=True)
    return faults


def used_samples(document, facts, count):
    """Samples that a session shows: focused, played or selected, and those beside them.

    Where a lasso cannot be resolved any more, because the points of its layer are not there, every
    sample may have been selected.

    Parameters
    ----------
    document : Document
    facts : Facts
    count : int
        N, samples of the data set.

    Returns
    -------
    list of int
    """
    known = replace(known_of(facts), count=count)
    session = Session(StateHolder(document.player.first), clock=lambda: 0.0)
    used, seen = np.zeros(count, bool), []
    focused = {0, min(document.session.state.focus.sample, count - 1)}
    for step in document.steps:
        if fault_of(step) is not None:
            continue
        try:
            state = session.give(step)
        except InputError:
            continue  # a step that is left out in every replay
        focused.add(min(state.focus.sample, count - 1))
        if step.kind == "focus.sample" and step.kind not in TRAVEL:
            focused |= {min(frame.get("sample", 0), count - 1) for _, frame in keys_of(step)}
        if not seen or state.selection != seen[-1]:
            seen.append(state.selection)
    for selection in (*seen, document.session.state.selection):
        brushed = resolve(selection.steps, known)
        if brushed.missing:
            return list(range(count))
        used |= brushed.samples
    for sample in focused:
        used[max(0, sample - NEIGHBOURS) : sample + NEIGHBOURS + 1] = True
    return np.flatnonzero(used).tolist()


def _at_hand(facts, source):
    """The network's file and the pictures, or why they cannot be saved."""
    from viewer.samples import network_file

    if facts.phase != READY or facts.network is None:
        raise InputError("nothing is open", remedy="open a network first")
    path = Path(network_file(source.network or facts.network.path))
    if facts.recording is not None or not path.is_file():
        raise InputError("the network is not at hand", where=facts.network.path)
    data = facts.data
    if data is not None and hasattr(data, "pictures"):
        data = data.pictures
        if data is None:
            raise InputError("the pictures are not at hand", where=facts.data.path)
    return path, data


def _study(facts, data, wanted):
    """The study to save, and what is to be said of it."""
    if not wanted or data is None or facts.study_path is None:
        return None, []
    if facts.extraction.phase not in (DONE, OPENED):
        return None, ["the study is not complete and is left out: it is extracted anew"]
    if facts.summary.samples != len(data):
        return None, ["the study lacks some samples and is left out: it is extracted anew"]
    return Path(facts.study_path), []


def _redirected(steps, source, network, data, study):
    """The steps, opening what lies in the folder; and what else they open."""
    made, others = [], []
    for step in steps:
        if step.kind == "open":
            args = step.args
            same = all(args.get(name) == getattr(source, name) for name in ("network", "data"))
            if same and args.get("study") == source.study:
                args = {"network": f"{NETWORK}/{network.name}"}
                if study is not None:
                    args["study"] = STUDY
                elif data is not None:
                    args["data"] = DATA
                kept = {name: step.args.get(name) for name in ("preprocessing", "scores")}
                args |= {name: value for name, value in kept.items() if value}
            else:
                others.append(args.get("network") or args.get("study"))
            step = replace(step, args=args)
        made.append(step)
    return tuple(made), [str(name) for name in others]


def _network_files(path):
    """The network's files, with their names beside each other."""
    from engine.network.load import external_files, read_model

    files = [path, *external_files(read_model(path, map_weights=True), path)]
    root = path.resolve().parent
    return tuple((file, file.resolve().relative_to(root).as_posix()) for file in files)


def _sizes(files, data, samples, study):
    from engine.data.kept import size_of
    from engine.study.copying import files_of

    return {
        "network": sum(file.stat().st_size for file, _ in files),
        "data": 0 if data is None else size_of(data, samples),
        "study": 0 if study is None else sum(size for _, size in files_of(study)),
    }
