"""A study as what is looked at, where its network or its pictures are not at hand.

Layers kept in full are shown as they are; of the others the window says what was kept.
"""

from dataclasses import replace
from pathlib import Path

import numpy as np

from engine.errors import InputError, LamellaError


class RecordedData:
    """The samples of a study: names and labels always, pictures where the data is still there.

    Parameters
    ----------
    study : engine Study
    pictures : engine DataSet or None
    """

    def __init__(self, study, pictures):
        facts = study.data
        self.name = facts.get("name", study.path.stem)
        self.path = str(facts.get("path", study.path))
        self.hash = facts.get("hash", "")
        self.notes = []
        self.index = np.asarray(study.samples.index)
        self.names = list(study.samples.names)
        self.groups = list(study.samples.groups)
        self.labels = np.asarray(study.labels)
        self.classes = study.classes
        self.pictures = pictures

    def __len__(self):
        return len(self.index)

    def image(self, row):
        """The picture of a row, or None where the data is not at hand."""
        return None if self.pictures is None else self.pictures.image(int(self.index[row]))

    def thumbnail(self, row, size=64):
        """A small picture; grey where the data is not at hand."""
        if self.pictures is None:
            return np.full((size, size, 3), 90, np.uint8)
        return self.pictures.thumbnail(int(self.index[row]), size)


class Recording:
    """Reads samples out of a study, in the one thread that is to read it.

    Parameters
    ----------
    engine : EngineDoor
    path : Path
    data : RecordedData
    """

    def __init__(self, engine, path, data):
        self._engine = engine
        self._path = path
        self._data = data
        self._study = None

    def read(self, row):
        """Picture, maps of the layers that were kept in full, and scores of a row."""
        study, maps = self._open(), {}
        for name in study.layers:
            plan = study.kept(name)
            if is_whole(plan):
                maps[name] = self._whole(name, plan, row)
        scores = study.scores
        return self._data.image(row), maps, None if scores is None else scores[row]

    def summary(self, kind):
        """What the study says about all samples: `StudySummary`."""
        from viewer.studio.reading import summarise

        return summarise(self._open(), kind)

    def _open(self):
        if self._study is None:
            self._study = self._engine.open_study(self._path)
        return self._study

    def _whole(self, name, plan, row):
        values = np.asarray(self._study.activations(name)[row], np.float32)
        if plan.policy == "sampled" and plan.positions:
            places = np.asarray(self._study.positions(name)[row])
            order = np.argsort(np.ravel_multi_index(tuple(places.T), plan.positions))
            values = values[:, order]
        return values.reshape(plan.channels, *plan.positions)

    def close(self):
        """Close the study."""
        if self._study is not None:
            self._study.close()
            self._study = None


def in_rows(summary, data):
    """A study's summary with predictions by the rows of what is looked at.

    Parameters
    ----------
    summary : StudySummary
        By number in the data set.
    data : engine DataSet or RecordedData

    Returns
    -------
    StudySummary
    """
    index = getattr(data, "index", None)
    if index is None or summary.predicted is None or not summary.samples:
        return summary
    known = index < len(summary.predicted)
    predicted = np.full(len(index), -1, np.int32)
    predicted[known] = summary.predicted[index[known]]
    confidence = summary.confidence
    if confidence is not None:
        found = np.full(len(index), np.nan, np.float32)
        found[known] = confidence[index[known]]
        confidence = found
    return replace(summary, predicted=predicted, confidence=confidence)


def is_whole(plan):
    """Whether every value of a layer's map was kept."""
    if plan.policy == "sampled":
        return plan.sampled >= plan.units
    return plan.policy == "full"


def network_at_hand(summary, chosen):
    """The file of a study's network, or None: where it was, or where a person says it is."""
    for path in (chosen, summary.path):
        if path and Path(path).is_file():
            return path
    return None


def pictures_at_hand(engine, description, folder, task):
    """The data set of a study, or None and the reason why it is not at hand."""
    try:
        return engine.reopen_data(description, folder, task), None
    except LamellaError as error:
        return None, str(error)


def check_same_network(network, summary):
    """Refuse another network than the one that made the study."""
    if network.sha256 != summary.sha256:
        raise InputError(
            "this is not the network that made the study",
            where=network.path,
            expected=f"SHA-256 {summary.sha256[:12]}",
            got=network.sha256[:12],
        )
