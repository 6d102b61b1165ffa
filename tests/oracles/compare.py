"""Gradients of the engine beside PyTorch's autograd: with the same switches, and each with its own.

``python -m tests.oracles.compare`` prints the nine architectures. Needs `make oracles`.
"""

import argparse
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import onnx
from onnx import numpy_helper

import engine
from engine.gradient.prepare import prepare
from engine.gradient.wanted import find_wanted
from tests.conftest import SHARED as BESIDE
from tests.engine.gradient.networks import picture_network
from tests.oracles.light_networks import NAMES, before_softmax, light_network, picture

SHARED = BESIDE / "models"
REBUILT = (
    "cifar10_resnet20_ts13.onnx",
    "cifar10_resnet8_mlperf_tf2onnx.onnx",
    "cifar10_winml_tutorial_pytorch.onnx",
    "mnist-8_cntk.onnx",
    "mnist_burn_pytorch.onnx",
    "mnist_tensorspace_keras_tf2onnx.onnx",
    "mobilenetv2_fp32_defaked.onnx",
    "prisma_portrait_nchw.onnx",
    "series/pneumonia_cnn/pneumonia_cnn_epoch6.onnx",
    "squeezenet1.0_caffe_dc.onnx",
    "super_resolution_zoo.onnx",
    "tinyvgg10_tf2onnx.onnx",
    "vit_mnist_dynamo18.onnx",
    "vit_mnist_op17.onnx",
    "vww_mobilenetv1_025_tf2onnx.onnx",
)
"""Networks of ``../shared/models`` whose operators `torch_graph` has."""

PYTHON = Path(__file__).parents[2] / ".oracles" / "bin" / "python"


@dataclass(frozen=True)
class Comparison:
    """How far two gradients are apart.

    Attributes
    ----------
    same : float
        Largest difference relative to the largest value, with the switches of the engine's run.
    own : float
        The same, each with its own switches.
    correlation : float
        Of the two gradients that have their own switches.
    """

    name: str
    same: float
    own: float
    correlation: float


def there_is_torch():
    """Whether `make oracles` has been done."""
    return PYTHON.exists() and any(PYTHON.parents[1].glob("lib/*/site-packages/torch"))


def compare(path, name, feeds, target, output, place, wrt, tensors):
    """Compare on one network.

    Parameters
    ----------
    path : Path
        Its file.
    name : str
    feeds : dict of str to ndarray
    target : str
        As `engine.gradient` takes it.
    output, place : str, int
        The same target as a tensor's element.
    wrt : sequence of str
        As `engine.gradient` takes them.
    tensors : sequence of str
        The same as inputs or initializers.

    Returns
    -------
    list of Comparison
        One for each of ``wrt``.
    """
    network = engine.open_network(path)
    gradients = engine.gradient_graph(network, target, wrt)
    found, switches = run_with_switches(gradients, path, feeds)
    names = [each["output"] for each in gradients.gradients]
    same = ask(path, feeds, output, place, tensors, switches)
    own = ask(path, feeds, output, place, tensors, {})
    rows = zip(wrt, names, tensors, strict=True)
    return [_compared(f"{name} {w}", found[n], same[t], own[t]) for w, n, t in rows]


def _compared(name, found, same, own):
    scale = np.abs(same).max()
    correlation = np.corrcoef(found.ravel(), own.ravel())[0, 1]
    return Comparison(
        name,
        float(np.abs(found - same).max() / scale),
        float(np.abs(found - own).max() / np.abs(own).max()),
        float(correlation),
    )


def run_with_switches(gradients, path, feeds):
    """Outputs of a graph of gradients, and the switches of its own forward pass."""
    import onnxruntime

    model = onnx.ModelProto()
    model.CopyFrom(gradients.model)
    read = {name for node in model.graph.node for name in node.input}
    relus = [n.output[0] for n in model.graph.node if n.op_type == "Relu"]
    pools = {}
    for node in model.graph.node:
        if node.op_type == "MaxPool":
            if len(node.output) < 2:
                node.output.append(f"{node.output[0]}/places")
            pools[node.output[0]] = node.output[1]
    clips = _limits(model)
    names = [*(name for name in (*relus, *clips) if name in read), *pools.values()]
    model.graph.output.extend(onnx.ValueInfoProto(name=name) for name in names)
    options = onnxruntime.SessionOptions()
    key = "session.model_external_initializers_file_folder_path"
    options.add_session_config_entry(key, str(Path(path).parent))
    session = onnxruntime.InferenceSession(
        model.SerializeToString(), options, providers=["CPUExecutionProvider"]
    )
    wanted = [*gradients.outputs, *names]
    values = dict(zip(wanted, session.run(wanted, feeds), strict=True))
    switches = {name: values[name] > 0 for name in relus if name in values}
    switches |= {y: values[places] for y, places in pools.items()}
    for name, (low, high) in clips.items():
        if name in values:
            switches[name] = (values[name] > low) & (values[name] < high)
    return values, switches


def _limits(model):
    """The lower and upper limit of every Clip."""
    constants = {t.name: t for t in model.graph.initializer}
    for node in model.graph.node:
        if node.op_type == "Constant" and node.attribute[0].name == "value":
            constants[node.output[0]] = node.attribute[0].t
    found = {}
    for node in model.graph.node:
        if node.op_type == "Clip":
            names = [*node.input[1:], "", ""][:2]
            ends = zip(names, (-np.inf, np.inf), strict=True)
            known = [numpy_helper.to_array(constants[n]) if n else end for n, end in ends]
            found[node.output[0]] = known
    return found


def ask(path, feeds, output, place, wanted, switches):
    """The gradients by autograd, in float64."""
    with tempfile.TemporaryDirectory() as folder:
        question = Path(folder) / "question.npz"
        np.savez(
            question,
            model=str(path),
            output=output,
            place=place,
            wanted=np.array(wanted),
            **{f"feed/{name}": value for name, value in feeds.items()},
            **{f"switch/{name}": value for name, value in switches.items()},
        )
        command = [str(PYTHON), "-m", "tests.oracles.autograd", "--ask", str(question)]
        root = Path(__file__).parents[2]
        done = subprocess.run(command, cwd=root, capture_output=True, text=True, check=False)
        if done.returncode:
            raise RuntimeError(done.stderr[-2000:])
        answer = np.load(f"{question}.answer.npz")
        return {name: answer[f"gradient/{name}"] for name in wanted}


def compare_light(name, folder):
    """One of the nine architectures: the largest logit by the input."""
    model = light_network(name)
    path = Path(folder) / f"{name}.onnx"
    onnx.save(model, path)
    entry = model.graph.input[0]
    x = picture([d.dim_value for d in entry.type.tensor_type.shape.dim])
    stored = np.load(Path(__file__).parent / "gradients" / f"{name}.npz")
    best = int(stored["best"])
    feeds, logits = {entry.name: x}, before_softmax(model)
    return compare(path, name, feeds, f"logit:{best}", logits, best, ["input"], [entry.name])


def compare_shared(name):
    """A network of ``../shared/models``: a logit (or a place of a map) by the input and weights."""
    path = SHARED / name
    network = engine.open_network(path)
    model = onnx.load(path)
    shape = network.input_shape
    x = np.random.default_rng(3).normal(size=shape).astype(np.float32)
    wrt, tensors = ["input"], [network.image_input]
    forward = prepare(network)
    stored = {tensor.name for tensor in model.graph.initializer}
    for layer in network.layers:
        try:
            tensor = find_wanted(f"weights:{layer.name}", network, forward).tensor
        except engine.InputError:
            continue
        if tensor in stored and tensor not in tensors and len(wrt) < 4:
            wrt.append(f"weights:{layer.name}")
            tensors.append(tensor)
    if network.scores is None:
        output = model.graph.output[0].name
        target, place = f"tensor={output}:0@" + ",".join("0" for _ in "HW"), 0
    else:
        output, target, place = before_softmax(model), "logit:0", 0
    feeds = network.feeds_for(x)
    return compare(path, name.removesuffix(".onnx"), feeds, target, output, place, wrt, tensors)


def compare_small(folder):
    """Weights and biases of a network of two convolutions and a Gemm."""
    path = picture_network(Path(folder) / "small.onnx", batch=1)
    x = np.random.default_rng(0).normal(size=(1, 2, 6, 8)).astype(np.float32)
    wrt = ["input", "weights:conv1", "bias:conv1", "weights:conv2", "weights:fc", "bias:fc"]
    tensors = ["x", "w1", "b1", "w2", "w3", "b3"]
    return compare(path, "small", {"x": x}, "logit:2", "l", 2, wrt, tensors)


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--only", default="")
    only = parser.parse_args().only
    if not there_is_torch():
        print("there is no PyTorch in .oracles: run `make oracles`", file=sys.stderr)
        return 1
    print(f"{'network':60} {'same switches':>14} {'own switches':>14} {'correlation':>12}")
    shared = [name for name in REBUILT if (SHARED / name).exists()]
    for name in ("small", *NAMES, *shared):
        if only not in name:
            continue
        with tempfile.TemporaryDirectory() as folder:
            if name.endswith(".onnx"):
                found = compare_shared(name)
            else:
                found = compare_small(folder) if name == "small" else compare_light(name, folder)
            for each in found:
                row = f"{each.name:60} {each.same:14.2e} {each.own:14.2e} {each.correlation:12.6f}"
                print(row, flush=True)
    return 0


if __name__ == "__main__":
    sys.exit(main())
