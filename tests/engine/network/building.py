"""Small ONNX graphs written by hand, and a stand-in for the child process that runs them here."""

import time
from types import SimpleNamespace

import numpy as np
import onnx
import onnxruntime
from onnx import TensorProto, helper, numpy_helper

onnxruntime.set_default_logger_severity(4)

RNG_SEED = 7


def weight(*shape, seed=RNG_SEED):
    """Random float32 weights."""
    return np.random.default_rng(seed).normal(size=shape).astype(np.float32)


def node(op, inputs, outputs, name=None, domain="", **attributes):
    """A node; inputs and outputs as text with blanks between them ("-" for an absent one)."""
    names = [["" if each == "-" else each for each in text.split()] for text in (inputs, outputs)]
    made = helper.make_node(op, *names, domain=domain, **attributes)
    made.name = name if name is not None else f"{op}_{names[1][0]}"
    return made


def model(nodes, inputs, outputs, constants=None, opset=17, domains=(), dtype=TensorProto.FLOAT):
    """A model.

    Parameters
    ----------
    nodes : list of NodeProto
    inputs : dict of str to shape
        Float inputs; a tuple (dtype, shape) for another type.
    outputs : str
        Names with blanks between them.
    constants : dict of str to ndarray
    """
    values = []
    for name, shape in inputs.items():
        kind = dtype
        if shape and isinstance(shape[0], int) and len(shape) == 2 and isinstance(shape[1], tuple):
            kind, shape = shape
        values.append(helper.make_tensor_value_info(name, kind, shape))
    results = [onnx.ValueInfoProto(name=name) for name in outputs.split()]
    stored = [numpy_helper.from_array(np.asarray(v), k) for k, v in (constants or {}).items()]
    graph = helper.make_graph(nodes, "g", values, results, stored)
    imports = [helper.make_opsetid("", opset)]
    imports += [helper.make_opsetid(domain, version) for domain, version in domains]
    return helper.make_model(graph, opset_imports=imports, ir_version=9, producer_name="test")


def saved(proto, folder, name="model.onnx"):
    """The path of a model written into a folder."""
    path = folder / name
    path.write_bytes(proto.SerializeToString())
    return path


class DirectRunner:
    """What `engine.run.runner.Runner` does, in this process: for tests only."""

    alive = True

    def __init__(self, path, *, device=None, task=None):
        self.path = str(path)

    def __enter__(self):
        return self

    def __exit__(self, *error):
        return None

    def restart(self, task=None):
        raise AssertionError("there is no child")

    def probe(self, shapes=None, *, feeds=None, tensors=None, task=None):
        from engine.errors import InputError
        from engine.network.load import read_model

        proto = read_model(self.path)
        names = [each for n in proto.graph.node for each in n.output if each]
        del proto.graph.output[:]
        for name in names:
            proto.graph.output.add(name=name)
        try:
            session = direct_session(proto, self.path)
            given = dict(feeds or {})
            for each in session.get_inputs():
                if each.name not in given:
                    given[each.name] = sample(each.type, shapes[each.name])
            found = dict(zip(names, session.run(names, given), strict=True))
        except Exception as error:  # noqa: BLE001 (whatever ONNX Runtime raises)
            raise InputError(str(error).replace("\n", " "), where=self.path) from None
        arrays = {k: v for k, v in (found | given).items() if isinstance(v, np.ndarray)}
        small = {
            k: v for k, v in arrays.items() if v.dtype in (np.int64, np.int32) and v.size <= 64
        }
        return SimpleNamespace(
            shapes={k: v.shape for k, v in arrays.items()},
            dtypes={k: v.dtype.name for k, v in arrays.items()},
            values=small,
            notes=(),
            seconds=time.monotonic(),
        )


def direct_session(proto, path):
    """An ONNX Runtime session on a model in memory, external data read from its folder."""
    options = onnxruntime.SessionOptions()
    options.graph_optimization_level = onnxruntime.GraphOptimizationLevel.ORT_DISABLE_ALL
    options.intra_op_num_threads = 1
    folder = str(path).rpartition("/")[0] or "."
    options.add_session_config_entry("session.model_external_initializers_file_folder_path", folder)
    return onnxruntime.InferenceSession(
        proto.SerializeToString(), options, providers=["CPUExecutionProvider"]
    )


def sample(kind, shape, seed=3):
    """A random value of ONNX Runtime's type ``tensor(float)`` ..."""
    rng = np.random.default_rng(seed)
    name = {"tensor(float)": "float32", "tensor(double)": "float64"}.get(kind)
    name = name or kind.removeprefix("tensor(").removesuffix(")")
    if name.startswith("float"):
        return rng.normal(size=shape).astype(name)
    if name == "bool":
        return np.ones(shape, bool)
    bounds = np.iinfo(name)
    return rng.integers(max(bounds.min, -100), min(bounds.max, 100), shape).astype(name)
