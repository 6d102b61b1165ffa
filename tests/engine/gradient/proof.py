"""Gradients of whole networks against central finite differences, in float64.

``python -m tests.engine.gradient.proof MODEL ...`` prints a line of JSON for each; `make board`
runs it for every network. The outputs are weighted at random and summed; the backward graph of that
sum is widened to float64 and run by ``onnx.reference``, and so is the untouched file (the real
numbers of a quantised one), moved along a random direction, along the gradient, and along single
inputs. ONNX Runtime runs the same graph in float32 beside it.

Of steps from 1e-10 to 1e-4 of the input's range the best counts: a long one crosses kinks of
rectifiers and switches of pools, a short one is lost in the rounding of large sums.
"""

import argparse
import json
import sys
import tempfile
import time
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np
import onnx
from onnx import numpy_helper
from onnx.external_data_helper import load_external_data_for_model
from onnx.reference import ReferenceEvaluator

from engine.errors import LamellaError
from engine.rewrite.dequantise import is_quantised
from tests.engine.gradient.finite_differences import session_of, with_floats
from tests.reference.operators import OPERATORS, QUICK
from tests.reference.windows import WINDOWS

TOLERANCE = 1e-5
STEPS = (1e-8, 1e-9, 1e-10, 1e-7, 1e-6, 1e-5, 1e-4)
SINGLES = 3
SLOW = 10
"""Seconds of a forward and backward pass after which no single inputs are tried."""


@dataclass
class Proof:
    """What came of one network.

    Attributes
    ----------
    network : str
    holds : bool or None
        None where nothing could be differenced.
    difference : float or None
        Largest difference of a slope along a direction of length n, relative to the gradient's.
    correlation : float or None
        Of the gradient in float32, by ONNX Runtime, with that in float64.
    directions : int
    words : str
        What was taken, or the reason why not.
    seconds : float
    """

    network: str
    holds: bool | None
    difference: float | None = None
    correlation: float | None = None
    directions: int = 0
    words: str = ""
    seconds: float = 0.0


def prove(path, seed=0):
    """Compare the gradients of one network with finite differences."""
    started = time.monotonic()
    try:
        proof = _prove(Path(path), np.random.default_rng(seed))
    except LamellaError as error:
        proof = Proof(Path(path).name, None, words=f"{error.what}")
    proof.seconds = time.monotonic() - started
    return proof


def _prove(path, rng):
    from engine.gradient.backward import FLOATS
    from engine.gradient.prepare import prepare
    from engine.network.network import open_network

    network = open_network(path)
    if network.preprocessing is None:
        return Proof(path.name, None, words="it has no input for pictures")
    forward = prepare(network)
    wanted = forward.real(network.image_input)
    outputs = [o.name for o in forward.graph.outputs if forward.dtypes.get(o.name) in FLOATS]
    outputs = _dependent(forward, wanted, outputs)
    outputs += _before_squashing(forward, outputs)
    words = "all outputs" if outputs else ""
    if not outputs:
        outputs = _last_floats(forward, wanted)
        words = f"what enters its last decision, {outputs[0]}" if outputs else ""
    if not outputs:
        return Proof(path.name, None, words="no output depends on the input by slopes")
    case = _Case(network, forward, wanted, outputs, rng)
    return case.compare(path.name, words)


def _dependent(forward, wanted, names):
    """Those that depend on the wanted tensor through floats."""
    reached = {wanted}
    for node in forward.graph.nodes:
        if any(name in reached for name in node.reads):
            reached.update(n for n in node.outputs if forward.dtypes.get(n, "").startswith("float"))
    return [name for name in names if name in reached]


_MOVES = ("Transpose", "Reshape", "Flatten", "Squeeze", "Unsqueeze", "Concat", "Identity", "Slice")


def _before_squashing(forward, outputs):
    """What enters a last Softmax or Sigmoid, which may be saturated."""
    found, waiting = [], list(outputs)
    while waiting:
        node = forward.graph.producer.get(waiting.pop())
        if node and node.op_type in _MOVES:
            waiting += node.inputs if node.op_type == "Concat" else node.inputs[:1]
        elif node and node.op_type in ("Softmax", "LogSoftmax", "Sigmoid"):
            found.append(node.inputs[0])
    return list(dict.fromkeys(name for name in found if name not in outputs))


def _last_floats(forward, wanted):
    """Float tensors that only operators with whole numbers as outputs read."""
    makers = [
        node
        for node in forward.graph.nodes
        if not any(forward.dtypes.get(n, "").startswith("float") for n in node.outputs)
    ]
    return _dependent(forward, wanted, list(dict.fromkeys(n for m in makers for n in m.inputs)))[
        -1:
    ]


class _Case:
    """One network with an input, weights of its outputs, and its gradient."""

    def __init__(self, network, forward, wanted, outputs, rng):
        from engine.gradient.backward import Backward

        self.network, self.forward, self.rng = network, forward, rng
        self.wanted, self.outputs = wanted, outputs
        back = Backward(forward)
        seeds = {name: f"seed/{name}" for name in outputs}
        self.gradient = back.run(seeds, [wanted])[wanted]
        model = whole(forward.model, network.graph.path.parent)
        self.forward_model = _started(model, network, wanted, forward)
        self.backward_model = _joined(self.forward_model, back, outputs, forward)
        feeds = network.feeds_for(pictures_of(network, rng))
        start = feeds.pop(network.image_input).astype(np.float32)
        # whole numbers, times whole weights, meet the kinks of rectifiers exactly
        noise = rng.uniform(-1e-3, 1e-3, start.shape) * max(float(np.ptp(start)), 1)
        feeds[wanted] = start + noise.astype(np.float32)
        self.feeds = feeds
        self.weights = {name: rng.normal(size=forward.sizes(name)) for name in outputs}

    def compare(self, name, words):
        """The proof."""
        if self.gradient is None:
            return Proof(name, None, words=f"{words}: no gradient reaches the input")
        started = time.monotonic()
        gradient = self._exact()
        singles = SINGLES if time.monotonic() - started < SLOW else 0
        length = np.sqrt(np.sum(gradient**2))
        if not length:
            return Proof(name, None, words=f"{words}: the gradient is zero everywhere")
        slope = self._slopes()
        worst, directions = 0.0, self._directions(gradient, singles)
        for direction in directions:
            expected = np.sum(gradient * direction)
            errors = []
            for step in STEPS:
                errors.append(abs(slope(direction, step) - expected) / length)
                if errors[-1] <= TOLERANCE / 10:
                    break
            worst = max(worst, min(errors))
        holds = bool(worst <= TOLERANCE)
        correlation = self._correlation(gradient)
        return Proof(name, holds, float(worst), correlation, len(directions), words)

    def _exact(self):
        seeds = {f"seed/{name}": value for name, value in self.weights.items()}
        model = with_floats(self.backward_model, np.float64)
        return _evaluator(model, [self.gradient]).run([self.gradient], _wide(self.feeds) | seeds)[0]

    def _correlation(self, gradient):
        """Of the gradient by ONNX Runtime in float32 with the exact one."""
        seeds = {f"seed/{n}": value.astype(np.float32) for n, value in self.weights.items()}
        found = session_of(self.backward_model).run([self.gradient], self.feeds | seeds)[0]
        a, b = (value.astype(np.float64).ravel() for value in (found, gradient))
        return float(np.sum(a * b) / np.sqrt(np.sum(a * a) * np.sum(b * b)))

    def _slopes(self):
        """A function of a direction and a step: the slope of the weighted outputs."""
        run, feeds = self._base(), _wide(self.feeds)
        start = feeds[self.wanted]
        reach = max(float(np.ptp(start)), 1e-3)

        def slope(direction, step):
            step *= reach
            ends = []
            for sign in (1, -1):
                ends.append(
                    run(self.outputs, feeds | {self.wanted: start + sign * step * direction})
                )
            rows = zip(self.outputs, *ends, strict=True)
            return sum(np.sum(self.weights[n] * (h - w)) for n, h, w in rows) / (2 * step)

        return slope

    def _base(self):
        """What is differenced: the untouched file where that is all in floats."""
        if self.wanted == self.network.image_input:
            model = onnx.load(self.network.path)
            operators = {node.op_type for node in model.graph.node}
            old = operators & {"ImageScaler", "Crop", "Affine"} or is_quantised(model)
            made = {name for node in model.graph.node for name in node.output}
            if not old and not model.functions and made.issuperset(self.outputs):
                return _evaluator(with_floats(model, np.float64), self.outputs).run
        return _evaluator(with_floats(self.forward_model, np.float64), self.outputs).run

    def _directions(self, gradient, singles):
        """A random one, the gradient's own, and some single inputs where it is large."""
        along = gradient / np.sqrt(np.sum(gradient**2))
        found = [self.rng.normal(size=gradient.shape), along]
        largest = np.argsort(np.abs(gradient), axis=None)[-max(1, gradient.size // 10) :]
        for place in self.rng.choice(largest, min(singles, gradient.size), replace=False):
            single = np.zeros(gradient.size)
            single[place] = 1
            found.append(single.reshape(gradient.shape))
        return found


def _wide(feeds):
    return {n: v.astype(np.float64) if v.dtype.kind == "f" else v for n, v in feeds.items()}


def pictures_of(network, rng):
    """Smooth pictures with some noise, prepared as the network wants them."""
    preprocessing = network.preprocessing
    rows, columns = preprocessing.size
    shape = (network.batch, rows, columns, preprocessing.channel_count)
    y, x = np.linspace(0, 3, rows)[:, None, None], np.linspace(0, 3, columns)[None, :, None]
    phase = rng.uniform(0, 6, (network.batch, 1, 1, shape[3]))
    smooth = np.sin(y * 2 + phase) * np.cos(x * 3 + 2 * phase)
    values = 128 + 60 * smooth + rng.normal(0, 12, shape)
    return preprocessing.batch(np.clip(values, 5, 250).astype(np.uint8))


def _started(model, network, wanted, forward):
    """The forward model with the wanted tensor (real numbers of an integer input) as its input."""
    if wanted == network.image_input:
        return model
    kept = [node for node in model.graph.node if wanted not in node.output]
    copies = [type(node).FromString(node.SerializeToString()) for node in kept]
    del model.graph.node[:]
    model.graph.node.extend(copies)
    inputs = [value for value in model.graph.input if value.name != network.image_input]
    copies = [type(value).FromString(value.SerializeToString()) for value in inputs]
    del model.graph.input[:]
    shape = [None] * len(forward.sizes(wanted))
    model.graph.input.append(onnx.helper.make_tensor_value_info(wanted, 1, shape))
    model.graph.input.extend(copies)
    return model


def _evaluator(model, outputs):
    """The reference evaluator, of what the outputs need."""
    needed, kept = set(outputs), []
    for node in reversed(model.graph.node):
        if needed & set(node.output):
            kept.append(node)
            needed |= set(node.input)
            needed |= {n for a in node.attribute if a.HasField("g") for n in _read(a.g)}
    copies = [type(node).FromString(node.SerializeToString()) for node in reversed(kept)]
    del model.graph.node[:]
    model.graph.node.extend(copies)
    del model.graph.output[:]
    model.graph.output.extend(onnx.ValueInfoProto(name=name) for name in outputs)
    return ReferenceEvaluator(model, new_ops=[*OPERATORS, *QUICK, *WINDOWS])


def _read(graph):
    return {name for node in graph.node for name in node.input}


def whole(model, folder):
    """A copy of a model with the weights that lie outside it."""
    copy = onnx.ModelProto()
    copy.CopyFrom(model)
    load_external_data_for_model(copy, str(folder))
    return copy


def _joined(model, back, outputs, forward):
    """Forward and backward pass as one model, seeds as inputs."""
    joined = onnx.ModelProto()
    joined.CopyFrom(model)
    joined.graph.node.extend(back.emitter.nodes)
    joined.graph.initializer.extend(
        numpy_helper.from_array(value, name) for name, value in back.emitter.constants.items()
    )
    for name in outputs:
        rank = len(forward.sizes(name))
        value = onnx.helper.make_tensor_value_info(f"seed/{name}", 1, [None] * rank)
        joined.graph.input.append(value)
    del joined.graph.output[:]
    found = [name for name in back.gradients.values() if name]
    joined.graph.output.extend(onnx.ValueInfoProto(name=n) for n in dict.fromkeys(found))
    return joined


LIGHT = Path(onnx.__file__).parent / "backend" / "test" / "data" / "light"
"""Nine published architectures; their weights are left out."""


SCALES = {"BatchNormalization": (1, 4), "Mul": (0, 1)}
"""Inputs that scale channels, by operator; vectors may be unsqueezed before."""


def light_networks():
    """Paths of the architectures that the onnx package has for its own tests."""
    return sorted(LIGHT.glob("*.onnx"))


def with_weights(path, folder, seed=0):
    """A copy of a light network with seeded He-normal weights; the path of the copy.

    Kernels have the deviation sqrt(2 / inputs); scales and variances lie in [0.5, 1.5), biases and
    means are small.
    """
    rng = np.random.default_rng(seed)
    model = onnx.load(path)
    values = {each.name: numpy_helper.to_array(each) for each in model.graph.initializer}
    kept = [node for node in model.graph.node if node.op_type != "ConstantOfShape"]
    positive = {
        name
        for node in kept
        for place in SCALES.get(node.op_type, ())
        for name in node.input[place : place + 1]
    }
    positive |= {node.input[0] for node in kept if positive & set(node.output)}
    for node in model.graph.node:
        if node.op_type != "ConstantOfShape":
            continue
        shape = values[node.input[0]]
        name = node.output[0]
        if name in positive:
            weights = rng.uniform(0.5, 1.5, shape)
        elif len(shape) == 1:
            weights = rng.normal(0, 0.05, shape)
        else:
            weights = rng.normal(0, np.sqrt(2 / np.prod(shape[1:])), shape)
        model.graph.initializer.append(numpy_helper.from_array(weights.astype(np.float32), name))
    fresh = [type(node).FromString(node.SerializeToString()) for node in kept]
    del model.graph.node[:]
    model.graph.node.extend(fresh)
    target = folder / path.name
    onnx.save(model, target)
    return target


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("models", nargs="*", type=Path)
    parser.add_argument("--light", nargs="*", help="architectures of the onnx package, by name")
    arguments = parser.parse_args()
    for path in arguments.models:
        print(json.dumps(asdict(prove(path))), flush=True)
    for path in light_networks():
        if path.stem in (arguments.light or ()):
            with tempfile.TemporaryDirectory(prefix="lamella-proof-") as folder:
                print(json.dumps(asdict(prove(with_weights(path, Path(folder))))), flush=True)
    return 0


if __name__ == "__main__":
    sys.exit(main())
