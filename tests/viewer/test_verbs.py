"""`lamella info` and `lamella extract` as a person gives them, in processes of their own."""

import json
import os
import signal
import subprocess
import sys
import time

import numpy as np
import pytest

from tests.conftest import ROOT

LAMELLA = [sys.executable, "-m", "viewer"]
LAYER_KEYS = {
    "name",
    "kind",
    "op_types",
    "tensors",
    "file_layout",
    "output_shape",
    "size_is_free",
    "params",
    "macs",
    "receptive_field",
}
REPORT_KEYS = {
    "layers",
    "samples",
    "samples_reused",
    "skipped",
    "seconds",
    "seconds_plain_inference",
    "difference_from_plain",
}


def lamella(*words, status=0):
    """Run one command; returns (stdout, stderr)."""
    done = subprocess.run([*LAMELLA, *words], cwd=ROOT, capture_output=True, text=True)
    assert done.returncode == status, done.stderr
    assert "Traceback" not in done.stderr
    return done.stdout, done.stderr


def document_of(*words):
    """The JSON document of a command; strict, and alone on standard output."""
    out, _ = lamella(*words, "--json")

    def refuse(word):
        raise AssertionError(f"{word} is not JSON")

    return json.loads(out, parse_constant=refuse)


@pytest.fixture(scope="module")
def digits_study(tmp_path_factory):
    study = tmp_path_factory.mktemp("studies") / "digits.study"
    report = document_of("extract", "sample:digits", "sample:digits", "-o", study, "--limit", "40")
    return study, report


def test_info_tells_every_layer_and_fact():
    document = document_of("info", "sample:digits")
    assert {"inputs", "outputs", "opset", "producer", "nodes", "preprocessing"} <= set(document)
    assert document["preprocessing"]["reason"]
    assert document["layers"]
    for layer in document["layers"]:
        assert set(layer) >= LAYER_KEYS
        assert set(layer["tensors"]) == {"pre", "post", "raw"}
        field = layer["receptive_field"]
        assert set(field) == {"size", "stride", "center", "status", "uniform"}


def test_info_prints_a_table_that_a_pipe_does_not_cut():
    out, _ = lamella("info", "sample:digits")
    document = document_of("info", "sample:digits")
    for layer in document["layers"]:
        assert layer["name"] in out


def test_info_checks_a_picture(tmp_path):
    from PIL import Image

    from engine.data import open_data

    data = open_data("sample:digits", limit=1)
    Image.fromarray(data.image(0)).save(tmp_path / "digit.png")
    (tmp_path / "names.txt").write_text("\n".join(f"number {i}" for i in range(10)))
    words = ("info", "sample:digits", "--check", str(tmp_path / "digit.png"))
    top = document_of(*words, "--classes", str(tmp_path / "names.txt"))["check"]["top"]
    assert len(top) == 5
    assert top[0]["class"] == data.labels[0]
    assert top[0]["name"] == f"number {data.labels[0]}"
    shares = [item["probability"] for item in top]
    assert shares == sorted(shares, reverse=True)
    assert 0 <= shares[-1] <= shares[0] <= 1
    out, _ = lamella(*words)
    assert f"class {data.labels[0]}" in out


def test_info_checks_one_picture_only(tmp_path):
    np.save(tmp_path / "two.npy", np.zeros((2, 32, 32), np.uint8))
    _, err = lamella("info", "sample:digits", "--check", tmp_path / "two.npy", status=2)
    assert "one picture" in err


def test_extract_reports_what_is_in_the_study(digits_study):
    study, report = digits_study
    assert set(report) >= REPORT_KEYS
    assert report["samples"] == 40
    assert report["samples_reused"] == 0
    assert 0.9 < report["accuracy"] <= 1
    assert (study / "study.json").is_file()
    for layer in report["layers"]:
        assert set(layer) >= {"name", "kept", "policy", "shape", "dtype", "bytes"}


def test_extract_again_does_nothing(digits_study):
    study, first = digits_study
    again = document_of("extract", "sample:digits", "sample:digits", "-o", study, "--limit", "40")
    assert again["samples_reused"] == again["samples"] == 40
    assert again["layers"] == first["layers"]


def test_extract_takes_its_options(tmp_path):
    words = ["--limit", "6", "--layers", "conv*", "--keep", "pre,post", "--policy", "sampled"]
    words += ["--positions", "4", "--dtype", "float32", "--batch", "2", "--memory", "1GB"]
    words += ["--quantiles", "3", "--device", "cpu"]
    study = tmp_path / "s.study"
    report = document_of("extract", "sample:digits", "sample:digits", "-o", study, *words)
    assert {layer["policy"] for layer in report["layers"]} == {"sampled"}
    assert {layer["dtype"] for layer in report["layers"]} == {"float32"}
    assert all("conv" in layer["name"] for layer in report["layers"])


def test_extract_tells_a_person(tmp_path):
    words = ["extract", "sample:digits", "sample:digits", "-o", tmp_path / "s.study"]
    out, _ = lamella(*words, "--limit", "4")
    assert "4 samples" in out
    assert "accuracy" in out


def test_other_data_does_not_enter_a_study(digits_study, tmp_path):
    study, _ = digits_study
    np.save(tmp_path / "noise.npy", np.zeros((3, 32, 32), np.uint8))
    words = ["extract", "sample:digits", tmp_path / "noise.npy", "-o", study]
    _, err = lamella(*words, status=2)
    assert str(study) in err or study.name in err


@pytest.mark.parametrize(
    ("content", "name"),
    [(b"", "empty.onnx"), (b"hello", "text.onnx"), (bytes(range(256)) * 40, "noise.onnx")],
)
def test_files_that_are_no_networks_end_with_2(tmp_path, content, name):
    (tmp_path / name).write_bytes(content)
    for verb in (["info"], ["extract"]):
        rest = ["sample:digits", "-o", tmp_path / "s"] if verb == ["extract"] else []
        _, err = lamella(*verb, tmp_path / name, *rest, status=2)
        assert name in err


def test_a_broken_picture_is_skipped_and_told(tmp_path):
    from PIL import Image

    pictures = tmp_path / "pictures"
    pictures.mkdir()
    for i in range(3):
        Image.fromarray(np.full((32, 32), 60 * i, np.uint8)).save(pictures / f"{i}.png")
    (pictures / "3.png").write_bytes((pictures / "0.png").read_bytes()[:40])
    words = ["extract", "sample:digits", pictures, "-o", tmp_path / "s", "--json"]
    out, err = lamella(*words)
    assert len(json.loads(out)["skipped"]) == 1
    assert "3.png" in err


def test_ctrl_c_ends_with_130_and_the_rest_resumes(tmp_path):
    study = tmp_path / "s.study"
    words = ["extract", "sample:shapes", "sample:shapes", "-o", str(study), "--policy", "full"]
    process = subprocess.Popen(
        [*LAMELLA, *words],
        cwd=ROOT,
        stderr=subprocess.PIPE,
        stdout=subprocess.DEVNULL,
        text=True,
        process_group=0,
    )
    while not (study / "study.json").exists() and process.poll() is None:
        time.sleep(0.02)
    os.killpg(process.pid, signal.SIGINT)  # as a terminal does: every process of the group
    _, err = process.communicate(timeout=60)
    assert process.returncode == 130, err
    assert "Traceback" not in err
    assert err.strip().splitlines()[-1].startswith("lamella: ")
