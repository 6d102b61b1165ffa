"""`lamella attribute`: what it writes and says, and what it refuses."""

import json

import numpy as np
import pytest
from PIL import Image

from tests.conftest import ROOT
from viewer.cli import main
from viewer.verbs.attribute import coloured

MODEL = str(ROOT / "tests" / "oracles" / "attribution" / "plain.onnx")


@pytest.fixture(scope="module")
def picture(tmp_path_factory):
    path = tmp_path_factory.mktemp("picture") / "picture.png"
    pixels = np.random.default_rng(0).integers(0, 256, (24, 24, 3), np.uint8)
    Image.fromarray(pixels).save(path)
    return str(path)


def run(capsys, *words):
    status = main(["attribute", MODEL, *words])
    said = capsys.readouterr()
    return status, said


def test_a_png_and_what_is_said_of_it(capsys, picture, tmp_path):
    out = tmp_path / "map.png"
    words = [picture, "--method", "lrp", "--target", "class:3", "--rule", "epsilon-gamma-box"]
    status, said = run(capsys, *words, "-o", str(out), "--json")
    assert status == 0, said.err
    document = json.loads(said.out)
    assert document["method"] == "lrp" and document["target"] == "class:3"
    assert document["shape"] == [1, 3, 24, 24] and document["seconds"] > 0
    check = document["check"]
    assert set(check) == {"name", "value", "holds"} and check["holds"] is True
    assert document["scale"]["low"] == -document["scale"]["high"] < 0
    with Image.open(out) as image:
        assert image.size == (24, 24)
    status, said = run(capsys, *words, "-o", str(out))
    assert status == 0 and "conservation holds" in said.out


def test_values_and_kept_layers(capsys, picture, tmp_path):
    import h5py

    out = tmp_path / "map.npy"
    words = [picture, "--method", "guided", "--target", "n2:5", "--top-units", "0.9"]
    status, said = run(capsys, *words, "-o", str(out), "--json")
    assert status == 0, said.err
    assert json.loads(said.out)["check"] is None
    values = np.load(out)
    assert values.shape == (1, 3, 24, 24) and values.any()
    whole = tmp_path / "map.h5"
    status, said = run(capsys, *words, "-o", str(whole), "--keep", "n0", "--json")
    assert status == 0, said.err
    with h5py.File(whole) as file:
        assert np.array_equal(file["values"], values) and file["layers/n0"].shape == (1, 8, 24, 24)


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (["--method", "lrp", "--target", "class:99"], "7 classes"),
        (["--method", "lrp", "--target", "class:1", "--rule", "best"], "no rule of LRP"),
        (["--method", "gradient", "--target", "class:1", "--rule", "flat"], "--method lrp"),
        (["--method", "gradient", "--target", "nonsense"], "target"),
        (["--method", "lime", "--target", "class:1"], "invalid choice"),
        (["--method", "grad-cam", "--target", "class:1", "--layer", "n11"], "rows and columns"),
        (["--method", "gradient", "--target", "class:1", "--keep", "n0"], ".h5"),
    ],
)
def test_refusals_are_one_sentence(capsys, picture, tmp_path, words, sentence):
    status, said = run(capsys, picture, *words, "-o", str(tmp_path / "map.png"))
    assert status == 2 and not said.out
    last = said.err.strip().splitlines()[-1]
    assert sentence in last and last.startswith("lamella: ")
    assert not list(tmp_path.iterdir())


def test_a_file_of_another_kind(capsys, picture, tmp_path):
    words = ["--method", "gradient", "--target", "class:1", "-o", str(tmp_path / "map.jpg")]
    status, said = run(capsys, picture, *words)
    assert status == 2 and ".png" in said.err


def test_colours_are_centred_on_zero():
    heat = np.array([[-1, 0, 1], [0.5, np.nan, -0.5]], np.float32)
    image = coloured(heat, 1.0)
    assert (image[0, 1] > 230).all() and tuple(image[1, 1]) == (255, 0, 255)
    blue, red = image[0, 0].astype(int), image[0, 2].astype(int)
    assert blue[2] > blue[0] and red[0] > red[2]
