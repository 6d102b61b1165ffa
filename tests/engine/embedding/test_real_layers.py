"""Points and counts of trained networks' layers, against the study and NumPy's histograms."""

from dataclasses import fields, replace

import numpy as np
import pytest

from engine.embedding.counts import cell_counts
from engine.embedding.lasso import inside
from engine.embedding.nearest import nearest
from engine.embedding.points import make_points
from engine.run.extract import extract
from engine.study.reader import open_study
from tests.conftest import ROOT
from tests.engine.embedding.test_nearest import brute_force
from tests.engine.embedding.test_points import check_columns
from tests.reference.counting import cell_counts as counts_reference
from tests.reference.lasso import inside as lasso_reference


@pytest.fixture(scope="module")
def digits(tmp_path_factory):
    """The sample network over 16 digits: every layer in full."""
    folder = tmp_path_factory.mktemp("real") / "digits.study"
    network = ROOT / "samples" / "digits" / "digits.onnx"
    extract(network, "sample:digits", folder, limit=16, policy="full", device="cpu")
    with open_study(folder) as study:
        yield study


def check_layer(study, layer):
    """Codes, counts, lasso and nearest point of a layer's widest two channels."""
    points = make_points(study, layer, keep=False)
    columns = points.columns
    some = np.arange(min(points.count, 500))
    values = study.activations(layer)[...].astype(np.float32)
    values = values.reshape(len(study), points.channels, -1)
    stored = values[points.row, :, points.place].T
    np.testing.assert_array_equal(points.stored(study, some), stored[:, some].T)
    first, second = np.argsort(-np.where(np.isfinite(stored), stored, 0).std(axis=1))[:2]
    check_columns(_some(columns, [first, second]), stored[[first, second]])
    x, y = columns.fine[first], columns.fine[second]
    groups = np.where(study.labels[points.row] >= 0, study.labels[points.row] % 9, 255)
    groups = groups.astype(np.uint8)
    for bins, window in ((16, None), (256, None), (64, (100, 30_000, 77, 5000))):
        found = cell_counts(x, y, groups, 9, bins, window)
        np.testing.assert_array_equal(found, counts_reference(x, y, groups, 9, bins, window))
    ring = [(0, 0), (40_000, 100), (30_000, 9000), (50_000, 50_000), (-5, 65_000), (20_000, 9000)]
    held = inside(ring, x, y)[some]
    finite = (x != 65535) & (y != 65535)
    np.testing.assert_array_equal(held, lasso_reference(ring, x[some], y[some]) * finite[some])
    for at in ((0, 0), (30_000, 12_000)):
        wanted = brute_force(x, y, at, (900, 700))
        assert nearest(x, y, at, (900, 700)) == wanted
    return points


def _some(columns, channels):
    names = [each.name for each in fields(columns) if each.name not in ("layer", "which")]
    return replace(columns, **{name: getattr(columns, name)[channels] for name in names})


def test_layers_of_the_sample_network(digits):
    kinds = {check_layer(digits, layer).positions for layer in digits.layers}
    assert () in kinds and any(len(positions) == 2 for positions in kinds)


@pytest.mark.parametrize(
    "model, layers, photos",
    [("squeezenet_fp16_winml.onnx", 2, 3), ("squeezenet1.0_caffe_dc.onnx", 2, 3)],
)
def test_layers_of_shared_networks(shared_models, shared_data, tmp_path, model, layers, photos):
    """Float16 and float32; the last layers, whose values spread most."""
    from engine.network.network import open_network

    network = open_network(shared_models / model)
    names = [layer.name for layer in network.layers][-2 - layers : -2]
    pictures = shared_data / "photos" / "coral"
    extract(network, pictures, tmp_path / "a.study", layers=names, limit=photos, device="cpu")
    with open_study(tmp_path / "a.study") as study:
        for layer in study.layers:
            check_layer(study, layer)
