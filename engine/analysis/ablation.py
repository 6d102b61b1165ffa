"""What a network loses without some of its filters: error rates of a data set, scores of a sample.

A filter that is switched off has zero, or its mean over the data set, in place of its channel
behind the layer's activation function, at every position. What lies before the first layer with a
filter off runs once; the rest runs for each question (`engine.rewrite.cut`). A quantised channel
gets the integer that stands for zero, or the one nearest to its mean; the integer operators behind
it stay as they are.
"""

import threading
from collections import OrderedDict
from dataclasses import dataclass, field

import numpy as np

from engine.analysis.rates import Rates, rates_of
from engine.errors import InputError

WAYS = ("zero", "mean")

MOST_CUTS = 3
"""Cuts whose graphs are kept; the one not used for longest goes first."""


@dataclass(frozen=True)
class Row:
    """The least and the most important filter of a layer, each removed alone.

    Attributes
    ----------
    layer : str
    least, most : int
        Channels.
    before, without_least, without_most : Rates
    """

    layer: str
    least: int
    most: int
    before: Rates
    without_least: Rates
    without_most: Rates


class Ablation:
    """Switches filters of one network off.

    Parameters
    ----------
    network : engine.network.network.Network
    runner : engine.run.runner.Runner
        Of its file.
    data : engine.data.DataSet
    labels : int[N], optional
        The class of each sample as the scores count them, below 0 where it is not known; by
        default the data's own, fitted to the scores.
    preprocessing : engine.network.preprocessing.Preprocessing, optional
        By default the network's own.
    samples : int, optional
        The first so many of the data set; all by default.
    memory : int, optional
        Bytes that may be kept of what enters the rest of the network; more is computed anew.

    Attributes
    ----------
    survey : engine.run.survey.Survey
        ``survey.words`` says where not all of what enters the rest fits into memory.
    labels : int32[N] or None
    class_names : list of str
        One for each score.
    notes : list of str
        What was done to the labels.

    Raises
    ------
    InputError
        When the network has no class scores, or the pictures do not fit.
    """

    def __init__(
        self,
        network,
        runner,
        data,
        labels=None,
        *,
        preprocessing=None,
        samples=None,
        memory=None,
        batch=None,
    ):
        from engine.data import fit_labels
        from engine.run.survey import Survey

        if network.scores is None:
            raise InputError(
                "it has no class scores, so that nothing can be right or wrong",
                where=network.path,
                got=network.scores_reason,
                remedy="--scores names the output that holds them",
            )
        self.network, self.runner, self.data = network, runner, data
        fitted, self.class_names, self.notes = fit_labels(data, network.scores.classes)
        if labels is None:
            labels = fitted
        self.survey = Survey(
            network,
            runner,
            data,
            preprocessing=preprocessing,
            samples=samples,
            memory=memory,
            batch=batch,
        )
        self.labels = None
        if labels is not None:
            self.labels = np.asarray(labels, np.int32)[: self.survey.samples]
        self._cuts, self._means, self._base, self._whole = OrderedDict(), {}, None, None
        self._sample = None
        self._lock = threading.RLock()

    # -- error rates ---------------------------------------------------------------------------

    def base(self, task=None, partial=None):
        """Error rates of the untouched network, computed once.

        Parameters
        ----------
        task : engine.tasks.Task, optional
        partial : callable(Rates), optional
            Told the rates of the samples that have been run, every half second or so.

        Returns
        -------
        Rates

        Raises
        ------
        InputError
            Without labels.
        """
        self._check_labels()
        if self._base is None:
            with self._lock:
                if self._whole is None:
                    from engine.rewrite.cut import whole

                    self._whole = self._for_survey(whole(self.network))
            told = self._telling(partial)
            found = self.survey.predictions(
                None, self._whole, {}, 1, what="the network as it is", partial=told, task=task
            )
            self._base = self._rates(found[0])
        return self._base

    def rates(self, off, by="zero", task=None, partial=None):
        """Error rates with some filters switched off.

        Parameters
        ----------
        off : dict of str to sequence of int
            Channels, by layer.
        by : {"zero", "mean"}
            What stands in place of a channel.
        task : engine.tasks.Task, optional
        partial : callable(Rates), optional
            As for `base`.

        Returns
        -------
        Rates
            For nothing switched off those of `base`.

        Raises
        ------
        InputError
            For unknown layers and channels, and without labels.
        MachineError, Cancelled
        """
        self._check_labels()
        off = self._checked(off, by)
        if not off:
            return self.base(task, partial)
        what = f"without {sum(map(len, off.values()))} filters"
        found = self.predictions([off], by, what=what, partial=self._telling(partial), task=task)
        return self._rates(found[0])

    def predictions(self, offs, by="zero", *, what="", partial=None, task=None):
        """Predicted classes of all samples for several sets of filters switched off.

        Parameters
        ----------
        offs : sequence of M dicts as for `rates`
            All are evaluated on one cut, before the first layer that any of them names.
        partial : callable(int32[M, N]), optional

        Returns
        -------
        int32[M, N]
            -1 without a class, -2 for samples that could not be read.
        """
        offs = [self._checked(off, by) for off in offs]
        layers = tuple(dict.fromkeys(name for off in offs for name in off))
        made = self._cut(layers)
        sets = [self._inputs(made, off, by, task) for off in offs]
        inputs = {name: np.stack([each[name] for each in sets]) for name in sets[0]}
        before, after = self._graphs(made, self._for_survey, "survey")
        return self.survey.predictions(
            before, after, inputs, len(offs), what=what, partial=partial, task=task
        )

    def table(self, importance, by="zero", task=None):
        """The least and the most important filter of each layer removed, one at a time.

        Parameters
        ----------
        importance : dict of str to float[F]
            By layer; a filter without a number (NaN) is neither.
        by : {"zero", "mean"}
        task : engine.tasks.Task, optional

        Returns
        -------
        tuple of Row
            In the order of ``importance``.
        """
        before, rows = self.base(task), []
        for place, (layer, values) in enumerate(importance.items(), 1):
            values = np.asarray(values, np.float64)
            if not np.isfinite(values).any():
                raise InputError(f"no filter of layer {layer!r} has an importance that is finite")
            least, most = int(np.nanargmin(values)), int(np.nanargmax(values))
            offs = [{layer: (least,)}, {layer: (most,)}]
            what = f"removing filters of {layer} ({place} of {len(importance)})"
            found = self.predictions(offs, by, what=what, task=task)
            rows.append(Row(layer, least, most, before, *map(self._rates, found)))
        return tuple(rows)

    def curve(
        self,
        layer,
        importance,
        steps=20,
        of_class=None,
        randoms=10,
        seed=0,
        by="zero",
        task=None,
        partial=None,
    ):
        """Error rates against the share of a layer's filters that is removed.

        Parameters
        ----------
        layer : str
        importance : float[F]
        steps : int
            Thresholds from nothing to all removed, evenly; fewer where the layer has fewer.
        of_class : int, optional
            Rates of this class, too.
        randoms : int
            Random orders beside the ascending and the descending one; 0: neither.
        seed : int
            Of the random orders.
        by : {"zero", "mean"}
        task : engine.tasks.Task, optional
        partial : callable(Curve), optional
            Told the curve of the samples that have been run.

        Returns
        -------
        engine.analysis.ablation_curve.Curve
        """
        from engine.analysis.ablation_curve import Plan

        self._check_labels()
        found = self.network.layer(layer)
        plan = Plan.of(importance, found.output_shape[0], steps, randoms, seed)
        self._check_class(of_class)
        told = None
        if partial is not None:

            def told(classes):
                partial(plan.curve(classes, self.labels, of_class))

        offs = [{layer: channels} for channels in plan.sets]
        what = f"removing filters of {layer}"
        classes = self.predictions(offs, by, what=what, partial=told, task=task)
        return plan.curve(classes, self.labels, of_class)

    # -- one sample ----------------------------------------------------------------------------

    def scores(self, inputs, off, by="zero", task=None):
        """Class scores of one picture with some filters switched off.

        Parameters
        ----------
        inputs : the input's dtype, the input's shape
            As `Preprocessing` gives it, with or without the batch.
        off, by, task
            As for `rates`; layers without a channel (``{"conv2": ()}``) make ready for them.

        Returns
        -------
        float32[K]
            As `engine.run.sample.run_sample` gives them. What lies before the first layer runs
            once for a picture.
        """
        layers = tuple(dict.fromkeys(off))
        off = self._checked(off, by)
        with self._lock:
            made = self._cut(layers)
            feeds = self._feeds(inputs)
            chosen = self._inputs(made, {name: off.get(name, ()) for name in layers}, by, task)
            before, after = self._graphs(made, self._graph, "sample")
            output = after.outputs[0]
            if before is None:
                found = after.run(feeds | chosen, [output], task=task)
            else:
                use = self._kept_sample(before, feeds, task)
                found = after.run(chosen, [output], use=use, task=task)
        return self.network.scores.read(found[output])[0]

    def _feeds(self, inputs):
        """All inputs for one picture, repeated to the batch where the file fixes it."""
        inputs, shape = np.asarray(inputs), tuple(self.network.input_shape)
        if "N" in self.network.input_layout and inputs.ndim == len(shape) - 1:
            inputs = inputs[None]
        if inputs.ndim != len(shape) or inputs.shape[1:] != shape[1:]:
            raise InputError("the picture does not fit the input", expected=shape, got=inputs.shape)
        if "N" in self.network.input_layout:
            inputs = np.repeat(inputs[:1], self.network.batch, axis=0)
        inputs = np.ascontiguousarray(inputs, self.network.input_dtype)
        return self.network.feeds_for(inputs)

    def _kept_sample(self, before, feeds, task):
        """Names in the child process of what enters the rest for a picture."""
        picture = feeds[self.network.image_input]
        same = self._sample is not None and self._sample[:2] == (before.key, self.runner.pid)
        if same and np.array_equal(self._sample[2], picture):
            return self._sample[3]
        forget = () if self._sample is None else self._sample[3].values()
        self._sample = None
        names = {name: f"ablation {id(self)} {name}" for name in before.outputs}
        before.run(feeds, [], keep=names, forget=forget, task=task)
        self._sample = (before.key, self.runner.pid, picture.copy(), names)
        return names

    # -- graphs --------------------------------------------------------------------------------

    def _graph(self, model, threads=None):
        from engine.run.graphs import Graph

        return Graph(self.runner, model, threads=threads)

    def _for_survey(self, model):
        return self._graph(model, threads=1 if self.survey.parallel else None)

    def _cut(self, layers):
        """A network cut before some layers' readers, made once."""
        from engine.rewrite.cut import cut

        key = tuple(sorted(layers))
        with self._lock:
            if key not in self._cuts:
                while len(self._cuts) >= MOST_CUTS:
                    self._cuts.popitem(last=False)
                self._cuts[key] = _Made(cut(self.network, key))
            self._cuts.move_to_end(key)
            return self._cuts[key]

    def _graphs(self, made, graph, name):
        """The graphs before and after a cut, for one sample or for the survey, made once."""
        with self._lock:
            if name not in made.graphs:
                before, after = made.cut.before, made.cut.after
                made.graphs[name] = (None if before is None else graph(before), graph(after))
            return made.graphs[name]

    def _inputs(self, made, off, by, task):
        """The inputs of the rest that say which channels are off, and by what."""
        inputs = {}
        for site in made.cut.sites:
            names = made.cut.masks[site.tensor]
            channels = off.get(site.layer, ())
            inputs[names.off] = site.off(channels)
            values = np.zeros(self.network.layer(site.layer).output_shape[0])
            if by == "mean" and len(channels):
                values = self.means(site.layer, task)
            inputs[names.value] = site.values(values)
        return inputs

    def means(self, layer, task=None):
        """Mean of each channel of a layer over the data set's finite values, float64[C]."""
        if layer not in self._means:
            from engine.rewrite.cut import before_layer

            graph = self._graph(before_layer(self.network, layer))
            layout = self.network.layer(layer).file_layout
            what = f"means of {layer}"
            self._means[layer] = self.survey.means(graph, layout, what=what, task=task)
        return self._means[layer]

    # -- checks --------------------------------------------------------------------------------

    def _checked(self, off, by):
        """Channels by layer, sorted, layers without any left out."""
        if by not in WAYS:
            raise InputError("a filter is switched off by zero or mean", got=by)
        checked = {}
        for name, channels in off.items():
            count = self.network.layer(name).output_shape[0]
            channels = sorted({int(channel) for channel in channels})
            wrong = [each for each in channels if not 0 <= each < count]
            if wrong:
                raise InputError(
                    f"layer {name!r} has no channel {wrong[0]}", expected=f"0 to {count - 1}"
                )
            if channels:
                checked[name] = tuple(channels)
        return checked

    def check(self, off, of_class=None):
        """Raise `InputError` where `rates` or `curve` would, before anything is computed."""
        self._check_labels()
        self._checked(off, "zero")
        self._cut(tuple(off))
        self._check_class(of_class)

    def _check_labels(self):
        if self.labels is None or not (self.labels >= 0).any():
            raise InputError(
                "error rates need labels, and its samples have none",
                where=self.data.path,
                got="; ".join(self.notes) or None,
                remedy="--labels names a file of them",
            )

    def _check_class(self, number):
        if number is None:
            return
        count = self.network.scores.classes
        if not 0 <= number < count:
            raise InputError(f"there is no class {number}", expected=f"0 to {count - 1}")
        if not (self.labels == number).any():
            raise InputError(f"no sample is labelled {number}", where=self.data.path)

    def _rates(self, predicted):
        """`Rates` of predicted classes int32[N]; copied, because a survey goes on to fill them."""
        notes = tuple(self.survey.notes)
        return rates_of(predicted.copy(), self.labels, self.network.scores.classes, notes)

    def _telling(self, partial):
        return None if partial is None else lambda found: partial(self._rates(found[0]))


@dataclass(frozen=True, eq=False)
class _Made:
    """A cut, and its graphs in the child process by what they are for."""

    cut: object
    graphs: dict = field(default_factory=dict)
