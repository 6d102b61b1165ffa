"""Plausible presets tried side by side on the first samples, with the accuracy of each."""

import math
from dataclasses import replace

import numpy as np

from engine.errors import LamellaError
from viewer.studio.facts import PresetTrial

SHOWN = 6
COUNTED = 64


def samples_to_try(count, labels):
    """How many of the first samples are run: 64 where there are labels, else 6."""
    return min(count, COUNTED if labels is not None and np.any(labels >= 0) else SHOWN)


class Trials:
    """The comparison as patient work for a `SampleWorker`.

    Parameters
    ----------
    engine : EngineDoor
    candidates : list of Preprocessing
    labels : int[N] or None
    predict : callable(scores) -> int
        The predicted class of one sample's scores.
    tell : callable(tuple of PresetTrial)
        Called in the worker after each sample; should post to the main thread.
    """

    def __init__(self, engine, candidates, labels, predict, tell):
        self._engine = engine
        self._labels = labels
        self._predict = predict
        self._tell = tell
        self._trials = [PresetTrial(candidate) for candidate in candidates]

    def steps(self, give_runner, setting):
        """Run the samples, one a step under all candidates."""
        for sample in range(samples_to_try(len(setting.data), self._labels)):
            try:
                picture = setting.data.image(sample)
            except LamellaError:  # the data set lists it as skipped
                self._add_nothing()
                continue
            for at, trial in enumerate(self._trials):
                if trial.failure is None:
                    self._trials[at] = self._tried(trial, give_runner(), setting, sample, picture)
            self._tell(tuple(self._trials))
            yield

    def _add_nothing(self):
        self._trials = [replace(trial, scores=(*trial.scores, None)) for trial in self._trials]

    @staticmethod
    def _cheapest(network):
        """The layer that costs least to hand over: only the scores are wanted."""
        sizes = {layer.name: math.prod(layer.output_shape) for layer in network.layers}
        return min(sizes, key=sizes.get)

    def _tried(self, trial, runner, setting, sample, picture):
        try:
            _, scores = self._engine.run_sample(
                runner,
                setting.network,
                trial.preprocessing,
                picture,
                self._cheapest(setting.network),
            )
        except LamellaError as error:
            return replace(trial, failure=str(error))
        label = -1 if self._labels is None else int(self._labels[sample])
        counted = label >= 0 and scores is not None
        kept = (*trial.scores, scores) if sample < SHOWN else trial.scores
        return replace(
            trial,
            scores=kept,
            counted=trial.counted + counted,
            right=trial.right + (counted and self._predict(scores) == label),
        )
