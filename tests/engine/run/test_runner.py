"""Probe, run and one sample, against ONNX Runtime in this process; real networks too."""

import subprocess
import sys

import numpy as np
import onnx
import pytest
from onnx import TensorProto, helper

import engine
from engine.errors import InputError
from engine.run import limits, providers
from engine.run.probe import probe
from engine.run.runner import Runner
from tests.engine.run import models

REAL = (
    "cifar10_resnet8_int8_mlperf_tf2onnx",
    "digits_sklearn_mlp_zipmap",
    "mnist-8_cntk",
    "squeezenet_fp16_winml",
    "tinyvgg10_tf2onnx",
    "vit_mnist_dynamo18",
    "yunet_n_dynamic",
)


def test_a_probe_tells_every_shape_and_dtype(small):
    found = probe(small, {"x": (2, 3, 12, 12)})
    assert found.shapes == {
        "x": (2, 3, 12, 12), "c1": (2, 4, 12, 12), "r1": (2, 4, 12, 12), "p1": (2, 4, 6, 6),
        "c2": (2, 6, 6, 6), "r2": (2, 6, 6, 6), "f": (2, 216), "y": (2, 10),
    }  # fmt: skip
    assert set(found.dtypes.values()) == {"float32"}
    assert found.inputs == {"x": ("float32", ("N", 3, 12, 12))}
    assert found.outputs == {"y": ("float32", ("N", 10))}
    assert probe(small).shapes["y"] == (1, 10)


def test_small_integer_tensors_are_told_with_their_values(tmp_path):
    path = models.save(
        tmp_path / "m.onnx",
        [
            helper.make_node("Shape", ["x"], ["shape"]),
            helper.make_node("Flatten", ["x"], ["flat"]),
            helper.make_node("Cast", ["flat"], ["many"], to=TensorProto.INT64),
            helper.make_node("Reshape", ["flat", "shape"], ["y"]),
        ],
        inputs=[("x", TensorProto.FLOAT, [None, 100])],
        outputs=[("y", TensorProto.FLOAT, None)],
    )
    found = probe(path, {"x": (3, 100)})
    assert set(found.values) == {"shape"} and found.values["shape"].tolist() == [3, 100]
    assert found.dtypes["many"] == "int64" and found.shapes["many"] == (3, 100)


def test_values_of_inputs_can_be_given(tmp_path):
    path = models.save(
        tmp_path / "m.onnx",
        [helper.make_node("Expand", ["x", "shape"], ["y"])],
        inputs=[("x", TensorProto.FLOAT, [1]), ("shape", TensorProto.INT64, [2])],
        outputs=[("y", TensorProto.FLOAT, None)],
    )
    found = probe(path, feeds={"shape": np.array([4, 5])})
    assert found.shapes["y"] == (4, 5)


def test_one_runner_answers_many_shapes_and_says_what_does_not_fit(small):
    with Runner(small, device="cpu") as runner:
        assert runner.probe({"x": (1, 3, 12, 12)}).shapes["y"] == (1, 10)
        with pytest.raises(InputError, match="small.onnx"):
            runner.probe({"x": (1, 3, 16, 16)})
        assert runner.probe({"x": (3, 3, 12, 12)}).shapes["y"] == (3, 10)
        assert runner.provider == "CPU" and runner.notes == []


def test_runs_are_those_of_onnx_runtime(small):
    import onnxruntime

    x = np.random.default_rng(2).random((3, 3, 12, 12), np.float32)
    plain = onnxruntime.InferenceSession(small, providers=["CPUExecutionProvider"])
    with Runner(small) as runner:
        found = runner.run({"x": x}, ["y", "r1", "p1"])
        assert list(found) == ["y", "r1", "p1"]
        np.testing.assert_allclose(found["y"], plain.run(None, {"x": x})[0], rtol=0, atol=1e-6)
        assert found["r1"].shape == (3, 4, 12, 12) and found["r1"].min() >= 0
        assert np.array_equal(runner.run({"x": x}, ["p1"])["p1"], found["p1"])
        with pytest.raises(InputError, match="no node of the main graph computes"):
            runner.run({"x": x}, ["w1"])


def test_external_data_and_subgraphs(tmp_path, small):
    model = onnx.load(small)
    onnx.save(
        model, tmp_path / "big.onnx", save_as_external_data=True, location="big.data",
        size_threshold=0,
    )  # fmt: skip
    x = np.random.default_rng(2).random((1, 3, 12, 12), np.float32)
    with Runner(small) as one, Runner(tmp_path / "big.onnx") as other:
        for name in ("y", "r2"):
            a, b = (runner.run({"x": x}, [name])[name] for runner in (one, other))
            assert np.array_equal(a, b)


@pytest.mark.parametrize("data", [b"", b"hello", b"\x08\x08\x12\x00:\xff\xff\xff\x7f"])
def test_what_is_no_network_is_refused(tmp_path, data):
    path = tmp_path / "no.onnx"
    path.write_bytes(data)
    with pytest.raises(InputError, match=r"no\.onnx"):
        probe(path)
    with pytest.raises(InputError, match="no such file"):
        probe(tmp_path / "absent.onnx")


@pytest.mark.parametrize("name", REAL)
def test_one_sample_of_a_real_network(shared_models, name):
    network = engine.open_network(shared_models / f"{name}.onnx")
    picture = np.random.default_rng(1).integers(0, 255, (50, 40, 3), dtype=np.uint8)
    with Runner(network.path, device="cpu") as runner:
        maps, scores = engine.run_sample(runner, network, network.preprocessing, picture)
        assert list(maps) == [layer.name for layer in network.layers]
        for layer in network.layers:
            assert maps[layer.name].shape == layer.output_shape
            assert maps[layer.name].dtype == np.float32
        if network.scores is not None:
            assert scores.shape == (network.classes,)
        some, _ = engine.run_sample(
            runner, network, network.preprocessing, picture, [network.layers[0].name], "pre"
        )
        assert list(some) == [network.layers[0].name]


@pytest.mark.parametrize("name", REAL)
def test_exposing_does_not_change_a_real_network(shared_models, name, tmp_path):
    network = engine.open_network(shared_models / f"{name}.onnx")
    images = np.random.default_rng(1).integers(
        0, 255, (2, *network.preprocessing.size, 3), np.uint8
    )
    np.save(tmp_path / "x.npy", images)
    report = engine.extract(network, tmp_path / "x.npy", tmp_path / "s", policy="pooled")
    assert report.samples == 2 and len(report.layers) == len(network.layers)
    tolerance = 2e-3 if "fp16" in name else 1e-5
    assert report.difference_from_plain <= tolerance


# -- providers and limits --------------------------------------------------------------------------


def test_the_cpu_is_chosen_when_asked_for():
    assert providers.choose("cpu") == providers.Choice(("CPUExecutionProvider",), "CPU")


def test_a_gpu_that_does_not_work_is_told_only_when_it_matters(monkeypatch):
    monkeypatch.setattr(providers, "gpu", lambda: (None, "there is none"))
    assert providers.choose().notes == ()
    assert "there is none" in providers.choose("cuda").notes[0]
    monkeypatch.setattr(providers, "gpu", lambda: ("NVIDIA X", None))
    monkeypatch.setattr(providers, "missing_library", lambda: "libcudnn.so.9 is missing")
    assert providers.choose().name == "CPU"
    assert "libcudnn.so.9 is missing" in providers.choose().notes[0]
    monkeypatch.setattr(providers, "missing_library", lambda: None)
    choice = providers.choose(gpu_memory=1 << 30)
    assert choice.on_gpu and choice.name == "CUDA (NVIDIA X)"
    assert choice.providers[0][1]["gpu_mem_limit"] == str(1 << 30)


@pytest.mark.filterwarnings("ignore:Specified provider")
def test_a_gpu_that_fails_at_the_session_falls_back(small, monkeypatch):
    from engine.run import sessions

    monkeypatch.setattr(providers, "choose", lambda device: CUDA_THAT_IS_NOT_THERE)
    runtime = sessions.Runtime(small, "cuda")
    session = runtime.session()
    assert set(session.outputs) == {"y"}
    assert runtime.choice.name == "CPU" and "CUDA does not work" in runtime.notes[0]


class Broken:
    """A session on a GPU whose driver fails when it runs."""

    def __init__(self, session, fails):
        self.session, self.fails = session, fails

    def __getattr__(self, name):
        return getattr(self.session, name)

    def get_providers(self):
        return [providers.CUDA]

    def run(self, *arguments):
        if self.fails:
            raise RuntimeError("CUDNN_STATUS_EXECUTION_FAILED")
        return self.session.run(*arguments)


@pytest.mark.parametrize("fails", [True, False])
def test_a_gpu_that_fails_at_the_first_run_falls_back(small, monkeypatch, fails):
    from engine.run import sessions

    monkeypatch.setattr(providers, "choose", lambda device: CUDA_THAT_IS_NOT_THERE)
    runtime = sessions.Runtime(small, "cuda")
    make = runtime.inference_session

    def made(more, level, graph, threads, choice):
        session = make(more, level, graph, threads, providers.Choice((providers.CPU,), "CPU"))
        return Broken(session, fails) if choice.on_gpu else session

    runtime.inference_session = made
    session = runtime.session()
    with pytest.raises(InputError, match="small.onnx"):
        session.run(["y"], {"x": np.zeros((1, 3, 9, 9), np.float32)})
    assert runtime.choice.on_gpu and runtime.notes == []  # the CPU cannot do that either
    assert session.run(["y"], {"x": np.zeros((1, 3, 12, 12), np.float32)})["y"].shape == (1, 10)
    assert runtime.choice.on_gpu is not fails
    assert ("CUDNN_STATUS_EXECUTION_FAILED" in str(runtime.notes)) is fails


CUDA_THAT_IS_NOT_THERE = providers.Choice(
    (("NoSuchExecutionProvider", {}), "CPUExecutionProvider"), "CUDA (nothing)"
)


@pytest.mark.skipif(sys.platform != "linux", reason="RLIMIT_DATA")
def test_memory_is_limited_relative_to_the_machine():
    code = (
        "import resource; from engine.run import limits; print(limits.limit_memory());"
        "print(resource.getrlimit(resource.RLIMIT_DATA)[0])"
    )
    answer = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True
    )
    cap, set_to = map(int, answer.stdout.split())
    assert cap == set_to <= limits.physical_memory()


def test_both_ways_of_probing_agree(small):
    from engine.run.probing import Probing
    from engine.run.sessions import Runtime

    probing, lean = Probing(Runtime(small, "cpu")), Probing(Runtime(small, "cpu"))
    probing._bytes = 0
    for shape in ([1, 3, 12, 12], [5, 3, 12, 12]):
        found, _ = probing.probe({}, {"x": shape})
        assert probing._lean is None
        other, _ = lean.probe({}, {"x": shape})
        assert lean._lean is not None
        found.pop("seconds"), other.pop("seconds")
        assert {**found, "shapes": None} == {**other, "shapes": None}
        assert {k: tuple(v) for k, v in found["shapes"].items()} == {
            k: tuple(v) for k, v in other["shapes"].items()
        }
    assert probing._bytes == 8 * sum(np.prod(s) for n, s in found["shapes"].items() if n != "x")
