"""Explains a network's pictures: one child process, graphs built once, any method by its name."""

import time

import numpy as np

from engine.attribution import METHODS
from engine.attribution.graphs import (
    between,
    build,
    build_lrp,
    build_seeded,
)
from engine.attribution.lrp.composites import composite_of
from engine.attribution.rectify import rectifying_rules
from engine.attribution.result import Account, Attribution, Check
from engine.attribution.starts import start_of
from engine.errors import InputError
from engine.gradient.prepare import prepare
from engine.gradient.targets import parse_target

STEPS = {"integrated-gradients": 64, "smoothgrad": 50}
"""Pictures that a method averages over, unless it is told."""

MOST_STEPS = 512
"""Integrated gradients, not told: as many as completeness takes, up to this."""

TOGETHER = 8
"""Pictures in one run of such a method."""

MOST_GRAPHS = 12
"""Built graphs that are kept; the first built goes first."""

MOST_GROWN = 1e3
"""Relevance at the input, signs left out, as a multiple of the score: more is worth a word."""

NOISE = 0.15
"""SmoothGrad's deviation, as a part of the picture's range (Smilkov et al. 2017)."""

RULE = "epsilon-plus"
WITH_TOP_UNITS = ("gradient", "input-x-gradient", "deconvnet", "guided", "lrp")


class Explainer:
    """Runs methods on one network.

    Parameters
    ----------
    network : engine.network.network.Network
    runner : engine.run.runner.Runner
        Of its file.

    Attributes
    ----------
    forward : engine.gradient.forward.Forward
    """

    def __init__(self, network, runner):
        if network.image_input is None:
            raise InputError("it has no input for pictures", where=network.path)
        self.network = network
        self.runner = runner
        self._forward = None
        self._graphs = {}
        self._kept = ()

    @property
    def forward(self):
        """The network's graph as gradients take it; read when first needed."""
        if self._forward is None:
            self._forward = prepare(self.network)
        return self._forward

    def attribute(
        self,
        inputs,
        method,
        target,
        *,
        top_units=None,
        rule=RULE,
        steps=None,
        seed=0,
        layer=None,
        baseline=None,
        keep=(),
        square=None,
        fill="grey",
        task=None,
    ):
        """Explain one picture.

        Parameters
        ----------
        inputs : float32 or the input's dtype, the input's shape
            As `Preprocessing` gives it, with or without the batch.
        method : str
            One of `METHODS`.
        target : str
            See `engine.gradient.targets`.
        top_units : float, optional
            Start at the units of the target's channel with at least this share of its maximum,
            each with its own activation (methods of one backward pass).
        rule : str
            LRP's rule or composite.
        steps : int, optional
            Integrated gradients and SmoothGrad: how many pictures.
        seed : int
            Of SmoothGrad's noise and of random patches.
        layer : str, optional
            Grad-CAM's; by default the last with rows and columns before the target.
        baseline : float or ndarray, optional
            Integrated gradients: in the input's own numbers; 0 by default.
        keep : sequence of str, or "all"
            Layers whose gradient or relevance is kept.
        square : int, optional
            Occlusion: pixels of the square's side; an eighth of the shorter side by default.
        fill : {"grey", "random"}
            Occlusion.
        task : engine.tasks.Task, optional

        Returns
        -------
        Attribution

        Raises
        ------
        InputError, MachineError, Cancelled
        """
        if method not in METHODS:
            raise InputError(f"there is no method {method!r}", expected=", ".join(METHODS))
        if top_units is not None and method not in WITH_TOP_UNITS:
            raise InputError(
                f"{method} does not start at top units", expected=", ".join(WITH_TOP_UNITS)
            )
        started = time.perf_counter()
        picture = self._picture(inputs)
        asked = _Asked(picture, target, top_units, rule, steps, seed, layer, baseline, square, fill)
        asked.keep = between(self.network, self.forward, target) if keep == "all" else list(keep)
        asked.task = task
        found = getattr(self, "_" + method.replace("-", "_"))(asked)
        return Attribution(
            method=method,
            target=target,
            layout=self.network.input_layout,
            seconds=time.perf_counter() - started,
            **found,
        )

    def remember(self, inputs, method, target, *, task=None):
        """Run the forward pass of a picture once, for backward passes that go on from it.

        Parameters
        ----------
        inputs, target
            As for `attribute`.
        method : {"gradient", "deconvnet", "guided"}

        Returns
        -------
        callable() -> float32, the input's shape
            Masks and switches stay in the child process until another picture is remembered.
        """
        from engine.rewrite.halve import halve
        from engine.run.graphs import Graph

        key = (method, target, "halves")
        if key not in self._graphs:
            rules = self._rules(method)
            built = build(self.network, self.forward, target, ("input",), rules=rules)
            halves = [Graph(self.runner, half) for half in halve(built.model, built.seeds)]
            self._graphs[key] = (built, halves)
        built, (first, second) = self._graphs[key]
        kept = {name: f"{method} {target} {name}" for name in second.inputs}
        feeds, before = self._feeds(self._picture(inputs)), self._kept
        first.run(feeds, ["value"], keep=kept, forget=before, task=task)
        self._kept = tuple(kept.values())

        def back():
            output = built.gradients["input"]
            return self._first(second.run({}, [output], use=kept)[output])

        return back

    # -- pictures and runs ---------------------------------------------------------------------

    def _picture(self, inputs):
        """The picture with its batch axis."""
        inputs = np.asarray(inputs)
        shape = self.network.input_shape
        if "N" in self.network.input_layout and inputs.ndim == len(shape) - 1:
            inputs = inputs[None]
        if inputs.ndim != len(shape) or inputs.shape[1:] != tuple(shape[1:]):
            raise InputError("the picture does not fit the input", expected=shape, got=inputs.shape)
        return inputs.astype(self.network.input_dtype, copy=False)

    def _feeds(self, pictures):
        """All inputs for pictures, repeated to the batch where the file fixes it."""
        if not self.network.batch_is_free and "N" in self.network.input_layout:
            lacking = self.network.batch - len(pictures)
            if lacking > 0:
                pictures = np.concatenate([pictures, np.repeat(pictures[-1:], lacking, 0)])
        pictures = np.ascontiguousarray(pictures, self.network.input_dtype)
        return self.network.feeds_for(pictures)

    def graph(self, key, make):
        """A built graph and its session, made once for a key."""
        from engine.run.graphs import Graph

        if key not in self._graphs:
            while len(self._graphs) >= MOST_GRAPHS:
                self._graphs.pop(next(iter(self._graphs)))
            built = make()
            self._graphs[key] = (built, Graph(self.runner, built.model))
        return self._graphs[key]

    def run(self, graph, pictures, outputs=None, task=None, **more):
        """Outputs for pictures: dict of str to ndarray."""
        feeds = self._feeds(pictures) | more
        return graph.run(feeds, outputs, task=task)

    def _first(self, values):
        """One sample of a batch."""
        return np.ascontiguousarray(values[:1], np.float32)

    def _rules(self, method):
        if method not in ("deconvnet", "guided"):
            return None
        return rectifying_rules(method, any("quantised" in note for note in self.forward.notes))

    # -- one backward pass ---------------------------------------------------------------------

    def _backward(self, asked, method, wrt=None, tensors=()):
        """Gradients for one picture: the built graph and its outputs."""
        wrt = tuple(wrt or ("input", *asked.keep))
        if asked.top_units is not None:
            return self._from_top_units(asked, method, wrt)
        built, graph, more = self._ready(method, asked.target, wrt, tuple(tensors))
        return built, self.run(graph, asked.picture, task=asked.task, **more)

    def _ready(self, method, target, wrt, tensors=()):
        """A built graph for a target, its session, and the seed that it takes, if any.

        One graph serves all targets of a tensor, but for those whose factors the picture decides.
        """
        start = start_of(self.network, self.forward, target)
        rules, more = self._rules(method), {}
        if start is None:
            key, make, of = (method, target, wrt, tensors), build, target
        else:
            of = f"tensor={start.tensor}"
            key, make = (method, "seed", of, wrt, tensors), build_seeded
            more = {"seed": start.seed}
        found = self.graph(
            key,
            lambda: make(self.network, self.forward, of, wrt, rules=rules, tensors=tensors),
        )
        return *found, more

    def _from_top_units(self, asked, method, wrt):
        from engine.attribution.units import seed_of_top_units

        layer, seed, value, words = seed_of_top_units(self, asked)
        key = (method, "seed", layer, wrt)
        built, graph = self.graph(
            key,
            lambda: build_seeded(self.network, self.forward, layer, wrt, rules=self._rules(method)),
        )
        found = self.run(graph, asked.picture, task=asked.task, seed=seed)
        asked.words.append(words)
        found["value"] = np.array([value], np.float32)
        return built, found

    def _plain(self, asked, method):
        built, found = self._backward(asked, method)
        values = {name: self._first(found[output]) for name, output in built.gradients.items()}
        return {
            "values": values.pop("input"),
            "kept": values,
            "score": float(found["value"][0]),
            "settings": asked.settings("top_units"),
            "notes": (*built.notes, *asked.words),
        }

    def _gradient(self, asked):
        return self._plain(asked, "gradient")

    def _deconvnet(self, asked):
        return self._plain(asked, "deconvnet")

    def _guided(self, asked):
        return self._plain(asked, "guided")

    def _input_x_gradient(self, asked):
        found = self._plain(asked, "gradient")
        found["values"] = found["values"] * asked.picture[:1].astype(np.float32)
        return found

    # -- many pictures -------------------------------------------------------------------------

    def _mean_gradient(self, asked, pictures, count):
        """The mean gradient over ``pictures(first, last)``, the graph, and a picture's score."""
        built, graph, more = self._ready("gradient", asked.target, ("input",))
        together = TOGETHER if self.network.batch_is_free else max(1, self.network.batch)
        total = 0.0
        for first in range(0, count, together):
            last = min(first + together, count)
            if asked.task is not None:
                asked.task.report(first, count, "gradients")
            seeds = {name: np.repeat(seed, last - first, 0) for name, seed in more.items()}
            found = self.run(graph, pictures(first, last), task=asked.task, **seeds)
            total = total + found[built.gradients["input"]][: last - first].astype(float).sum(0)

        def score(picture):
            picture = picture.astype(np.float32)
            return float(self.run(graph, picture, ["value"], **more)["value"][0])

        return (total / count)[None], built, score

    def _integrated_gradients(self, asked):
        """The mean gradient on the line from a baseline, times the way (Sundararajan et al. 2017).

        Midpoints of equal steps.
        """
        self._needs_floats("integrated gradients")
        base = np.zeros(()) if asked.baseline is None else np.asarray(asked.baseline)
        picture = asked.picture[:1].astype(np.float64)
        base = np.broadcast_to(base.astype(np.float64), picture.shape)
        count = asked.steps or STEPS["integrated-gradients"]
        while True:
            values, ends, notes = self._path(asked, picture, base, count)
            whole = ends[0] - ends[1]
            check = Check.of("completeness", values.sum() - whole, whole)
            if check.holds or asked.steps or count >= MOST_STEPS:
                break
            count *= 2
        stated = 0.0 if asked.baseline is None else asked.baseline
        stated = float(stated) if np.ndim(stated) == 0 else "given"
        return {
            "values": values.astype(np.float32),
            "score": ends[0],
            "check": check,
            "settings": {"steps": count, "baseline": stated, "score_of_baseline": ends[1]},
            "notes": notes,
        }

    def _path(self, asked, picture, base, count):
        """Values with a number of steps, the scores of both ends, and notes."""

        def pictures(first, last):
            places = (np.arange(first, last) + 0.5) / count
            places = places.reshape(-1, *(1,) * (picture.ndim - 1))
            return (base + places * (picture - base)).astype(np.float32)

        mean, built, score = self._mean_gradient(asked, pictures, count)
        ends = [score(picture), score(base)]
        return (picture - base) * mean, ends, built.notes

    def _smoothgrad(self, asked):
        count = asked.steps or STEPS["smoothgrad"]
        self._needs_floats("SmoothGrad")
        picture = asked.picture[:1].astype(np.float32)
        deviation = NOISE * float(picture.max() - picture.min())

        def pictures(first, last):
            noise = [
                np.random.default_rng((asked.seed, place)).standard_normal(picture.shape[1:])
                for place in range(first, last)
            ]
            return (picture + deviation * np.stack(noise)).astype(np.float32)

        mean, built, score = self._mean_gradient(asked, pictures, count)
        return {
            "values": mean.astype(np.float32),
            "score": score(picture),
            "settings": {"steps": count, "seed": asked.seed, "deviation": deviation},
            "notes": built.notes,
        }

    def _needs_floats(self, what):
        if not self.network.input_dtype.startswith("float"):
            raise InputError(
                f"{what} needs pictures between two pictures, and its input takes "
                f"{self.network.input_dtype}",
                where=self.network.path,
                remedy="take gradient, input-x-gradient, lrp or occlusion",
            )

    # -- Grad-CAM, LRP, occlusion --------------------------------------------------------------

    def _grad_cam(self, asked):
        from engine.attribution.cam import grad_cam

        return grad_cam(self, asked)

    def _guided_grad_cam(self, asked):
        cam = self._grad_cam(asked)
        guided = self._plain(asked, "guided")
        return cam | {
            "of_pixels": False,
            "values": cam["values"] * guided["values"],
            "kept": guided["kept"],
            "notes": tuple(dict.fromkeys((*cam["notes"], *guided["notes"]))),
        }

    def _lrp(self, asked):
        composite = composite_of(asked.rule)
        target, words = self._before_softmax(asked.target)
        wrt = ("input", *asked.keep)
        more, known = {}, start_of(self.network, self.forward, target)
        if asked.top_units is not None:
            from engine.attribution.units import seed_of_top_units

            layer, seed, _, said = seed_of_top_units(self, asked)
            target, words, more = layer, [*words, said], {"seed": (seed != 0).astype(np.float32)}
        elif known is not None:
            target, more = f"tensor={known.tensor}", {"seed": known.seed}
        seeded = bool(more)
        bounds = self._bounds() if composite.first is not None else None
        built, graph = self.graph(
            ("lrp", asked.rule, target, wrt, seeded),
            lambda: build_lrp(
                self.network, self.forward, target, wrt, composite, bounds, seeded=seeded
            ),
        )
        found = self.run(graph, asked.picture, task=asked.task, **more)
        start = float(found["value"][0])
        kept = {name: self._first(found[output]) for name, output in built.gradients.items()}
        values = kept.pop("input")
        accounts = tuple(
            Account(node, float(arrived), float(left), float(arrived - explained))
            for node, *names in built.ledger
            for arrived, explained, left in [[found[name].ravel()[0] for name in names]]
        )
        absorbed = sum(each.absorbed for each in accounts)
        grown = float(np.abs(values).sum(dtype=np.float64)) / (abs(start) or 1.0)
        if grown > MOST_GROWN:
            words = [*words, f"relevances of both signs came to {grown:.2g} times the score: sums "]
            words[-1] += "that nearly cancel make this rule unstable here"
        lacking = start - float(values.sum(dtype=np.float64)) - absorbed
        return {
            "values": values,
            "kept": kept,
            "score": start,
            "check": Check.of("conservation", lacking, start),
            "accounts": accounts,
            "settings": {"rule": asked.rule, **asked.settings("top_units")},
            "notes": (*built.notes, *words),
        }

    def _before_softmax(self, target):
        """Class scores as what enters the final Softmax, which would be a constant."""
        terms = parse_target(target)
        scores = self.network.scores
        ends = scores is not None and scores.activation in ("softmax", "log-softmax")
        if not ends or all(term.source != "class" for term in terms):
            return target, []
        parts = [part.replace("class:", "logit:") for part in target.split("+")]
        return "+".join(parts), ["relevance starts at what enters the final Softmax"]

    def _bounds(self):
        """What a black and a white picture become: the range of the input, for z-box."""
        from engine.attribution.pictures import plain_input

        found = [plain_input(self.network, grey) for grey in (0, 255)]
        return (np.minimum(*found), np.maximum(*found))

    def _occlusion(self, asked):
        from engine.attribution.occlusion import occlude

        return occlude(self, asked)


class _Asked:
    """One request, as the methods read it."""

    def __init__(
        self, picture, target, top_units, rule, steps, seed, layer, baseline, square, fill
    ):
        self.picture = picture
        self.target = target
        self.top_units = top_units
        self.rule = rule
        self.steps = steps
        self.seed = seed
        self.layer = layer
        self.baseline = baseline
        self.square = square
        self.fill = fill
        self.keep = []
        self.task = None
        self.words = []

    def settings(self, *names):
        """Those of the settings that were given."""
        return {name: getattr(self, name) for name in names if getattr(self, name) is not None}
