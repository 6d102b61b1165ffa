"""`lamella gradient`: its document, its file, its sentences and its exit statuses."""

import json

import numpy as np
import onnx
import onnxruntime
import pytest

from tests.engine.gradient.networks import picture_network
from viewer import cli


@pytest.fixture
def network(tmp_path):
    return picture_network(tmp_path / "network.onnx")


def test_the_document_says_what_the_file_holds(network, tmp_path, capsys):
    out = tmp_path / "g.onnx"
    words = ["--target", "class:1", "--target", "conv2:3:max", "--wrt", "input"]
    words += ["--wrt", "weights:conv1", "--wrt", "conv1:pre", "-o", str(out), "--json"]
    assert cli.main(["gradient", str(network), *words]) == 0
    document = json.loads(capsys.readouterr().out)
    assert document["inputs"] == ["x"] and document["opset"] == 18
    assert [each["target"] for each in document["targets"]] == ["class:1", "conv2:3:max"]
    assert [(g["target"], g["wrt"]) for g in document["gradients"]] == [
        (target, wrt)
        for target in ("class:1", "conv2:3:max")
        for wrt in ("input", "weights:conv1", "conv1:pre")
    ]
    onnx.checker.check_model(str(out), full_check=True)
    session = onnxruntime.InferenceSession(str(out), providers=["CPUExecutionProvider"])
    names = [each["output"] for each in document["targets"] + document["gradients"]]
    assert [value.name for value in session.get_outputs()] == names
    results = session.run(None, {"x": np.ones((2, 2, 6, 8), np.float32)})
    for entry, array in zip(document["gradients"], results[2:], strict=True):
        assert [2 if n == "N" else n for n in entry["shape"]] == list(array.shape)


def test_weights_for_each_sample(network, tmp_path, capsys):
    words = ["--target", "logit:0", "--wrt", "bias:fc", "--per-sample", "--json"]
    assert cli.main(["gradient", str(network), *words, "-o", str(tmp_path / "g.onnx")]) == 0
    document = json.loads(capsys.readouterr().out)
    assert document["gradients"][0]["shape"] == ["N", 5]


def test_without_json_it_tells(network, tmp_path, capsys):
    out = tmp_path / "g.onnx"
    assert cli.main(["gradient", str(network), "--target", "class:1", "-o", str(out)]) == 0
    text = capsys.readouterr().out
    assert "g.onnx: operator set 18" in text
    assert "gradient_0_input  gradient of class:1 by input, N x 2 x 6 x 8" in text


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["--target", "class:9"], "there are 5 classes"),
        (["--target", "class"], "is no target of a gradient"),
        (["--target", "nothing:1"], "no layer"),
        (["--target", "class:1", "--wrt", "weights:pool1"], "has no weights"),
        ([], "--target is missing"),
    ],
)
def test_what_is_wrong_is_one_sentence(network, tmp_path, capsys, words, said):
    out = tmp_path / "g.onnx"
    assert cli.main(["gradient", str(network), *words, "-o", str(out)]) == 2
    error = capsys.readouterr().err.strip().splitlines()
    assert said in error[-1] and "Traceback" not in "".join(error)
    assert not out.exists()


def test_the_networks_own_file_is_safe(network, capsys):
    before = network.read_bytes()
    assert cli.main(["gradient", str(network), "--target", "class:1", "-o", str(network)]) == 2
    assert "own file" in capsys.readouterr().err
    assert network.read_bytes() == before
