"""The sample networks are what their page says: accuracies, dead filters, checkpoints, sizes."""

import numpy as np
import pytest

import engine
from tests.conftest import ROOT

SAMPLES = ROOT / "samples"
LARGEST = 8 * 2**20
DEAD_FILTERS = 29


@pytest.fixture(scope="module")
def shapes(tmp_path_factory):
    folder = tmp_path_factory.mktemp("samples") / "shapes.study"
    network = engine.open_network(SAMPLES / "shapes" / "shapes.onnx")
    data = engine.open_data(SAMPLES / "shapes" / "shapes.npz")
    report = engine.extract(network, data, folder, policy="pooled")
    with engine.open_study(folder) as study:
        yield network, study, report


def test_shapes_are_told_apart(shapes):
    _, _, report = shapes
    assert report.samples == 320
    assert report.accuracy == pytest.approx(0.996875)


def test_some_filters_of_shapes_are_dead(shapes):
    network, study, _ = shapes
    convolutions = [layer.name for layer in network.layers if layer.kind == "conv"]
    assert len(convolutions) >= 7
    dead = [study.statistics(name).maximum <= 0 for name in convolutions]
    assert np.concatenate(dead).sum() == DEAD_FILTERS


def test_digits_are_read(tmp_path):
    network = engine.open_network(SAMPLES / "digits" / "digits.onnx")
    data = engine.open_data("sample:digits")
    report = engine.extract(network, data, tmp_path / "digits.study", policy="pooled")
    assert report.samples == 1797
    assert report.accuracy > 0.97


@pytest.mark.parametrize("name", ["shapes", "digits"])
def test_checkpoints_lead_to_the_network(name):
    files = sorted((SAMPLES / name / "checkpoints").glob("*.onnx"))
    assert len(files) >= 6
    assert files[-1].read_bytes() == (SAMPLES / name / f"{name}.onnx").read_bytes()


@pytest.mark.parametrize("name", ["shapes", "digits"])
def test_what_pixels_mean_stands_in_the_file(name):
    network = engine.open_network(SAMPLES / name / f"{name}.onnx")
    assert network.preprocessing.certain
    assert network.preprocessing.preset == "zero-one"


def test_samples_are_small():
    assert sum(path.stat().st_size for path in SAMPLES.rglob("*") if path.is_file()) < LARGEST
