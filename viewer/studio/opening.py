"""Opening files off the main thread: a network with data, or a study."""

from dataclasses import dataclass
from pathlib import Path

from engine.errors import InputError
from viewer.samples import network_file
from viewer.studio.recorded import (
    RecordedData,
    Recording,
    check_same_network,
    network_at_hand,
    pictures_at_hand,
)

SAMPLE = "sample:"


@dataclass(frozen=True, eq=False)
class Opened:
    """What opening gave.

    Attributes
    ----------
    network : engine Network
    guess, preprocessing : engine Preprocessing
        As guessed, and with the person's options.
    data : engine DataSet or None
    labels : int32[N] or None
    class_names : tuple of str or None
    notes : tuple of str
    study : Path or None
        The study that was opened; None: one in the cache is made.
    recording : Recording or None
        Where samples are read from when the network is not at hand.
    """

    network: object
    guess: object
    preprocessing: object
    data: object = None
    labels: object = None
    class_names: tuple | None = None
    notes: tuple = ()
    study: object = None
    recording: object = None


def open_network_and_data(engine, source, options, task):
    """Open what a `Source` names.

    Parameters
    ----------
    engine : EngineDoor
    source : viewer.state.source.Source
    options : dict
        Preprocessing options.
    task : Task

    Returns
    -------
    Opened
    """
    task.report(0, None, "reading the network")
    network = engine.open_network(
        network_file(source.network), size=options.get("size"), scores=source.scores, task=task
    )
    notes = tuple(network.notes)
    preprocessing = guess = network.preprocessing
    if options:
        preprocessing = engine.with_options(guess, options)
    if source.data is None:
        return Opened(network, guess, preprocessing, notes=notes)
    task.report(0, None, "reading the data")
    data = engine.open_data(
        source.data, labels=source.labels, classes=source.classes, limit=source.limit, task=task
    )
    data.identify(task)
    if len(data) == 0:
        raise InputError("there are no pictures in it", where=source.data)
    labels, names = data.labels, data.classes
    notes += tuple(data.notes)
    if network.classes is not None:
        labels, names, told = engine.fit_labels(data, network.classes)
        notes += tuple(told)
    names = None if names is None else tuple(names)
    return Opened(network, guess, preprocessing, data, labels, names, notes)


def open_study_files(engine, source, task):
    """Open a study, with its network and its pictures where they are at hand.

    Parameters and result as `open_network_and_data`.
    """
    path = Path(source.study)
    task.report(0, None, "reading the study")
    with engine.open_study(path) as study:
        summary = engine.network_summary(study.network)
        preprocessing = engine.preprocessing(study.preprocessing)
        pictures, why = pictures_at_hand(engine, study.data, path, task)
        data = RecordedData(study, pictures)
    if len(data) == 0:
        raise InputError("there is no sample in this study yet", where=path)
    names = None if data.classes is None else tuple(data.classes)
    notes = (f"Its pictures are not at hand: {why}",) if why else ()
    file = network_at_hand(summary, source.network)
    if file is not None and pictures is not None:
        task.report(0, None, "reading the network")
        network = engine.open_network(file, size=preprocessing.size, task=task)
        check_same_network(network, summary)
        recording = None
    else:
        network, recording = summary, Recording(engine, path, data)
        if file is None:
            notes += (f"Its network is not at hand: {summary.path}",)
    return Opened(
        network, preprocessing, preprocessing, data, data.labels, names, notes, path, recording
    )


def title_of(source):
    """How a person calls what is opened: ``resnet.onnx``."""
    name = source.study or source.network or "nothing"
    return name if name.startswith(SAMPLE) else Path(name).name
