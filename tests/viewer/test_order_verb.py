"""`lamella order`: what it prints, and what it refuses."""

import json

import pytest

from tests.engine.study import making
from viewer.cli import main


@pytest.fixture(scope="module")
def study(tmp_path_factory):
    path = tmp_path_factory.mktemp("order") / "a.study"
    making.extract(path)
    return str(path)


@pytest.mark.parametrize("method", ["pca", "kmeans", "leaf", "spectral", "path"])
@pytest.mark.parametrize("sample", [[], ["--sample", "4"]])
def test_a_document(capsys, study, method, sample):
    assert main(["order", study, "--layer", "conv1", "--method", method, *sample, "--json"]) == 0
    document = json.loads(capsys.readouterr().out)
    assert sorted(document["order"]) == [0, 1, 2, 3, 4]
    assert document["method"] == method and document["dead"] == 0
    assert 0 < document["quality"] < 2 and document["quality_spread"] > 0
    assert (
        document["quality_of_best"] >= 1
        and document["best"] in document["words"].lower()
        or (document["best"] in ("leaf", "kmeans", method))
    )


def test_what_is_not_finite_is_said_and_no_quality_is_null(capsys, study):
    words = ["order", study, "--layer", "fc", "--method", "kmeans", "--k", "2", "--json"]
    assert main(words) == 0
    document = json.loads(capsys.readouterr().out)
    assert document["not_finite"] >= 1 and len(document["clusters"]) == 2
    words = ["order", study, "--layer", "pool.1~2", "--method", "pca", "--json"]
    assert main(words) == 0
    assert json.loads(capsys.readouterr().out)["quality"] is None


def test_lines(capsys, study):
    words = ["order", study, "--layer", "tokens", "--method", "path", "--sample", "0"]
    assert main(words) == 0
    first, line = capsys.readouterr().out.strip().splitlines()
    assert first.startswith("Path of 4 maps of sample 0: 0.")
    assert sorted(map(int, line.split())) == [0, 1, 2, 3]


REFUSED = [
    (["--layer", "conv1", "--method", "pca", "--k", "2"], "--k belongs to --method kmeans"),
    (["--layer", "conv1", "--method", "kmeans", "--k", "99"], "99 clusters cannot be made"),
    (["--layer", "conv1", "--method", "kmeans", "--k", "0"], "not a whole number above 0"),
    (["--layer", "conv9", "--method", "pca"], "there is no layer conv9; did you mean conv1"),
    (["--layer", "conv1", "--method", "pca", "--sample", "40"], "sample 40 is not in the study"),
    (["--layer", "conv1", "--method", "pca", "--sample", "-1"], "sample -1 is not in the study"),
    (["--layer", "conv1", "--method", "pca", "--sample", "x"], "invalid int value: 'x'"),
    (["--layer", "conv1", "--method", "best"], "invalid choice: 'best'"),
    (["--method", "pca"], "--layer is missing"),
]


@pytest.mark.parametrize(("words", "sentence"), REFUSED)
def test_what_is_refused_in_one_sentence(capsys, study, words, sentence):
    assert main(["order", study, *words]) == 2
    said = capsys.readouterr()
    assert sentence in said.err and not said.out and len(said.err.strip().splitlines()) == 1


def test_what_is_no_study(capsys, tmp_path):
    assert main(["order", str(tmp_path), "--layer", "a", "--method", "pca"]) == 2
    assert "this is no study" in capsys.readouterr().err
