"""The engine as the window uses it: one object, so that tests can put another in its place."""

from pathlib import Path

from engine.errors import InputError


class EngineDoor:
    """The calls into the engine; each import happens in the thread that needs it."""

    def open_network(self, path, **options):
        """`engine.open_network`."""
        from engine.network.network import open_network

        return open_network(path, **options)

    def open_data(self, path, **options):
        """`engine.open_data`."""
        from engine.data import open_data

        return open_data(path, **options)

    def reopen_data(self, description, folder, task=None):
        """The data set that a study describes."""
        from engine.data import reopen

        return reopen(description, relative_to=folder, task=task)

    def network_summary(self, document):
        """What a study says about its network."""
        from engine.network.summary import NetworkSummary

        return NetworkSummary.from_json(document)

    def preprocessing(self, document):
        """Preprocessing as a study keeps it."""
        from engine.network.preprocessing import Preprocessing

        return Preprocessing.from_json(document)

    def fit_labels(self, data, classes_in_scores):
        """`engine.data.fit_labels`: labels, names, notes."""
        from engine.data import fit_labels

        return fit_labels(data, classes_in_scores)

    def runner(self, path):
        """A child process that holds the network."""
        from engine.run.runner import Runner

        return Runner(path)

    def explainer(self, network, runner):
        """`engine.Explainer`."""
        from engine.attribution.explainer import Explainer

        return Explainer(network, runner)

    def projector(self, explainer, layers):
        """Projects the strongest units of some layers' filters."""
        from engine.attribution.top_filters import FilterProjector

        return FilterProjector(explainer, layers)

    def weights_of(self, network, layer):
        """A layer's weights, filters first: float32[F, I, *kernel], or None."""
        from engine.analysis.importance import weights_of

        return weights_of(network, layer)

    def filters_before(self, explainer, target, layers):
        """Those of the layers that have filters and lie before a target."""
        from engine.attribution.graphs import between
        from engine.gradient.filters import filters_of

        network, forward = explainer.network, explainer.forward
        reached = set(between(network, forward, target))
        return tuple(
            name
            for name in layers
            if name in reached and filters_of(network, forward, name) is not None
        )

    def weight_gradients(self, explainer, inputs, target, layers, task=None):
        """`engine.analysis.importance.weight_gradients`."""
        from engine.analysis.importance import weight_gradients

        return weight_gradients(explainer, inputs, target, layers, task=task)

    def finite_differences(self, explainer, inputs, target, layer, places, task=None):
        """`engine.gradient.differences.finite_differences`."""
        from engine.gradient.differences import finite_differences

        return finite_differences(
            explainer.network, inputs, target, layer, places, explainer=explainer, task=task
        )

    def importance(self, network, data, layers, **options):
        """`engine.analysis.importance.importance`."""
        from engine.analysis.importance import importance

        return importance(network, data, layers, **options)

    def ablation(self, network, runner, data, labels):
        """`engine.analysis.ablation.Ablation`."""
        from engine.analysis.ablation import Ablation

        return Ablation(network, runner, data, labels, preprocessing=network.preprocessing)

    def run_sample(self, runner, network, preprocessing, picture, layers=None):
        """All layers' activations and the class scores for one picture."""
        from engine.run.sample import run_sample

        return run_sample(runner, network, preprocessing, picture, layers=layers)

    def extract(self, network, data, study, **options):
        """`engine.extract`."""
        from engine.run.extract import extract

        return extract(network, data, study, **options)

    def open_study(self, path):
        """`engine.open_study`."""
        from engine.study.reader import open_study

        return open_study(path)

    def make_points(self, study, layer, task):
        """A layer's embedding points over an open study."""
        from engine.embedding.points import make_points

        return make_points(study, layer, task=task)

    def add_rows(self, values, sums):
        """Add rows of values to sums: float16 or float32 [n, K] to float64[K]."""
        from engine.kernels.adding import add_rows

        add_rows(values, sums)

    def read_selections(self, path):
        """The named selections of a study; none where there is no study yet."""
        from engine.selections.keeping import read_selections

        return read_selections(path)

    def change_selections(self, path, changes):
        """Change some of them (None: forget); False where there is no study yet."""
        from engine.selections.keeping import change_selections
        from engine.study.layout import is_study

        if not is_study(path):
            return False
        change_selections(path, changes)
        return True

    def read_named_orders(self, path):
        """The named orders of a study; none where there is no study yet."""
        from engine.analysis.named_orders import read_named_orders

        return read_named_orders(path)

    def change_named_orders(self, path, changes):
        """Change some of them (None: forget); False where there is no study yet."""
        from engine.analysis.named_orders import change_named_orders
        from engine.study.layout import is_study

        if not is_study(path):
            return False
        change_named_orders(path, changes)
        return True

    def with_options(self, guess, options):
        """The guessed preprocessing with a person's options."""
        from engine.network.preprocessing import with_options

        return with_options(guess, **options)

    def candidates(self, guess):
        """Plausible presets, the guess first."""
        from engine.network.preprocessing_guess import candidates

        return candidates(guess)

    def is_written(self, path):
        """Whether somebody holds the lock of a study."""
        from engine.study.lock import StudyLock

        if not Path(path).is_dir():
            return False
        try:
            StudyLock(path).release()
        except InputError:
            return True
        return False
