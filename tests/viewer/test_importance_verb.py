"""`lamella importance`: what it prints, and what it refuses."""

import json

import pytest

import engine
from viewer.cli import main

SAMPLE = ["importance", "sample:digits", "sample:digits"]


def run(capsys, *words):
    status = main([*SAMPLE, *words])
    return status, capsys.readouterr()


def test_a_document_with_one_number_a_filter(capsys):
    status, said = run(
        capsys, "--layer", "conv2", "--class", "3", "--norm", "l1", "--limit", "60", "--json"
    )
    assert status == 0, said.err
    document = json.loads(said.out)
    assert len(document["importance"]) == 16 and min(document["importance"]) > 0
    assert document["layer"] == "conv2" and document["class"] == 3 and document["norm"] == "l1"
    data = engine.open_data("sample:digits", limit=60)
    assert document["samples"] == document["labelled"] == int((data.labels == 3).sum())
    assert document["skipped"] == [] and document["not_finite"] == 0
    assert document["words"].startswith("L1 norm of the gradient of the score of class 3")


def test_a_table_with_the_most_important_first(capsys):
    status, said = run(capsys, "--layer", "fc1", "--measure", "activation-mean", "--limit", "20")
    assert status == 0, said.err
    lines = [line.split() for line in said.out.splitlines()]
    values = [float(line[2]) for line in lines if len(line) == 3 and line[0].isdecimal()]
    assert len(values) == 23 and values == sorted(values, reverse=True)
    assert "the first 20 and the last 3 of 24 filters" in said.out
    assert "mean over 20 samples" in said.out


REFUSED = [
    (["--layer", "pool1"], "'pool1' (pool) has no filters"),
    (["--layer", "conv7"], "has no layer 'conv7'; did you mean"),
    (["--layer", "conv2", "--class", "12"], "there is no class 12 (expected 0 to 9)"),
    (["--layer", "conv2", "--class", "dog"], "there is no class 'dog' (expected a number"),
    (["--layer", "conv2", "--class", "9", "--limit", "3"], "none of the 3 samples is labelled 9"),
    (["--layer", "conv2", "--norm", "l3"], "invalid choice: 'l3'"),
    ([], "--layer is missing"),
]


@pytest.mark.parametrize(("words", "sentence"), REFUSED)
def test_what_is_refused_in_one_sentence(capsys, words, sentence):
    status, said = run(capsys, *words)
    assert status == 2 and sentence in said.err and not said.out
    assert said.err.strip().splitlines()[-1].startswith("lamella: ")


def test_a_class_by_its_name(capsys):
    words = ["importance", "sample:shapes", "sample:shapes", "--layer", "conv1_1", "--limit", "16"]
    names = engine.open_data("sample:shapes").classes
    documents = []
    for said_class in (names[1], "1"):
        assert main([*words, "--class", said_class, "--json"]) == 0
        documents.append(json.loads(capsys.readouterr().out))
    assert documents[0] == documents[1] and documents[0]["class"] == 1
