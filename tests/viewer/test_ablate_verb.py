"""`lamella ablate`: what it says, as a table and as JSON, and what it refuses."""

import json

import pytest

from viewer.cli import main

SHAPES = ["sample:shapes", "sample:shapes"]
DIGITS = ["sample:digits", "sample:digits"]


def run(capsys, *words):
    status = main(["ablate", *words])
    return status, capsys.readouterr()


def test_filters_off(capsys):
    words = [*SHAPES, "--layer", "conv4_2", "--off", "0-20,30", "--layer", "conv1_1", "--off", "2"]
    words += ["--limit", "120"]
    status, said = run(capsys, *words, "--json")
    assert status == 0, said.err
    document = json.loads(said.out)
    rates, rows = document["error_rate"], document["error_rate_per_class"]
    assert set(rates) == {"before", "after"} and rates["before"] < rates["after"]
    assert [row["class"] for row in rows] == list(range(8))
    samples = sum(row["samples"] for row in rows)
    assert samples == document["samples"] == 120
    for when in ("before", "after"):
        whole = sum(row[when] * row["samples"] for row in rows) / samples
        assert whole == pytest.approx(rates[when])
    assert document["off"][0] == {"layer": "conv4_2", "channels": [*range(21), 30]}
    assert document["changed_predictions"] > 0
    status, said = run(capsys, *words)
    assert status == 0 and f"{rates['after']:.4f} after" in said.out


def test_a_curve(capsys):
    words = [*DIGITS, "--layer", "conv2", "--curve", "3", "--class", "4", "--limit", "120"]
    status, said = run(capsys, *words, "--randoms", "3", "--json")
    assert status == 0, said.err
    document = json.loads(said.out)
    curve = document["curve"]
    assert [point["removed"] for point in curve] == [0, 8, 16]
    assert [point["share"] for point in curve] == [0, 0.5, 1]
    first, middle, last = curve
    for end in (first, last):  # nothing and everything do not depend on the order
        band = end["random"]
        assert end["error_rate"] == end["descending"] == band["mean"] == band["low"] == band["high"]
        assert end["error_rate_class"] == end["descending_class"] == end["random_class"]["mean"]
    assert first["error_rate"] < 0.05 < last["error_rate"]
    assert middle["random"]["low"] <= middle["random"]["mean"] <= middle["random"]["high"]
    assert document["class"] == 4 and document["samples"] == 120
    status, said = run(capsys, *words, "--randoms", "1", "--measure", "activation-mean")
    assert status == 0 and "of the class" in said.out and "activation" in said.out


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (["--layer", "conv9", "--off", "1"], "the network has no layer 'conv9'"),
        (["--layer", "conv2", "--off", "16"], "layer 'conv2' has no channel 16 (expected 0 to 15)"),
        (["--layer", "conv2", "--off", "1;2"], "'1;2' is not channels, such as 3,5,8 or 0-15"),
        (["--layer", "conv2", "--off", "5-2"], "'5-2' is not channels"),
        (["--layer", "conv2"], "--off --curve is required"),
        (["--layer", "conv2", "--layer", "conv1", "--off", "1"], "an --off of its own"),
        (["--layer", "conv2", "--off", "1", "--class", "3"], "--class belongs to --curve"),
        (["--layer", "conv2", "--curve", "5", "--class", "40"], "there is no class 40"),
        (["--layer", "conv2", "--layer", "conv1", "--curve"], "a curve is of one layer"),
        (["--layer", "conv2", "--curve", "1"], "at least two thresholds"),
    ],
)
def test_what_is_wrong_is_said(capsys, words, sentence):
    status, said = run(capsys, *DIGITS, *words, "--limit", "20")
    assert status == 2 and sentence in said.err and not said.out
    assert said.err.count("\n") <= 4


def test_data_without_labels(capsys, tmp_path):
    import numpy as np

    np.savez(tmp_path / "some.npz", images=np.zeros((4, 64, 64, 3), np.uint8))
    words = ["sample:shapes", str(tmp_path / "some.npz"), "--layer", "conv4_2", "--off", "1"]
    status, said = run(capsys, *words)
    assert status == 2 and "error rates need labels" in said.err and "--labels" in said.err
