"""Class names from files as people have them, and labels that fit or do not fit the scores."""

import json

import numpy as np
import pytest

from engine.data import class_names, fit_labels, open_data
from engine.data.classes import read_classes
from engine.data.dataset import DataSet
from engine.data.labels import as_labels, read_label_table
from engine.errors import InputError


def named(tmp_path, text, name="names.txt"):
    (tmp_path / name).write_text(text, encoding="utf-8")
    return class_names(tmp_path / name)


@pytest.mark.parametrize(
    "text, expected",
    [
        ("cat\ndog\n", ["cat", "dog"]),
        ("\ufeffcat\r\ndog\r\n\r\n", ["cat", "dog"]),
        ("n01440764 tench, Tinca tinca\nn01484850 great_white_shark\n",
         ["tench, Tinca tinca", "great white shark"]),
        ("n02119789 1 kit_fox\nn02100735 2 English_setter\n", ["kit fox", "English setter"]),
        ("0 person\n1 bicycle\n", ["person", "bicycle"]),
        ("0 person\n2 car\n", ["person", "1", "car"]),
        ("1: cat\n2: dog\n", ["cat", "dog"]),
        ("{0: 'tench, Tinca tinca',\n 1: \"goldfish\"}\n", ["tench, Tinca tinca", "goldfish"]),
        ("{\n0: 'a',\n1: 'b'\n}", ["a", "b"]),
        ("0,person\n1,traffic light\n", ["person", "traffic light"]),
        ("0\n1\n2\n", ["0", "1", "2"]),
        ("7 segments\nplain\n", ["7 segments", "plain"]),
    ],
)  # fmt: skip
def test_text(tmp_path, text, expected):
    assert named(tmp_path, text) == expected


@pytest.mark.parametrize(
    "document, expected",
    [
        (["a", "b"], ["a", "b"]),
        ({"0": "a", "1": "b"}, ["a", "b"]),
        ({"0": ["n01440764", "tench"], "1": ["n01443537", "gold_fish"]}, ["tench", "gold fish"]),
        ({"b": 1, "a": 0}, ["a", "b"]),
        ({"names": ["a", "b"]}, ["a", "b"]),
        ({"id2label": {"0": "a", "1": "b"}}, ["a", "b"]),
        ([{"id": 1, "name": "b"}, {"id": 0, "name": "a"}], ["a", "b"]),
        ({"categories": [{"id": 2, "name": "c"}]}, ["0", "1", "c"]),
    ],
)
def test_json(tmp_path, document, expected):
    assert named(tmp_path, json.dumps(document), "names.json") == expected


@pytest.mark.parametrize(
    "name, content",
    [
        ("x.txt", b""),
        ("x.txt", b"a\0b"),
        ("x.json", b"{"),
        ("x.json", b"[" * 100000),
        ("x.json", b"3"),
        ("x.json", b'{"a": "b"}'),
        ("x.json", b'[{"id": 1}]'),
        ("x.json", b'{"-4": "x", "a": -4}'),
        ("x.json", b'{"99999999999": "a"}'),
    ],
)
def test_no_class_names(tmp_path, name, content):
    (tmp_path / name).write_bytes(content)
    with pytest.raises(InputError):
        class_names(tmp_path / name)
    with pytest.raises(InputError, match="no such file"):
        class_names(tmp_path / "absent.txt")


def test_names_are_found_by_any_word_for_them(tmp_path):
    (tmp_path / "x.txt").write_text("n01440764 tench, Tinca tinca\nn01484850 Great_White-shark\n")
    names = read_classes(tmp_path / "x.txt")
    for text in ("n01440764", "Tench", "tinca  tinca", "tench, Tinca tinca"):
        assert names.index(text) == 0
    assert names.index("great white shark") == 1 and names.index("cow") is None


@pytest.mark.parametrize("content", [b"", b"\0\0", b"file,label\n", b"a,b\nc\n"])
def test_no_labels(tmp_path, content):
    (tmp_path / "x.csv").write_bytes(content)
    with pytest.raises(InputError):
        read_label_table(tmp_path / "x.csv")


@pytest.mark.parametrize("name", ["l.npy", "l.npz", "l.txt", "l.csv"])
def test_labels_of_arrays(tmp_path, name):
    np.save(tmp_path / "images.npy", np.zeros((3, 4, 4), np.uint8))
    if name == "l.npy":
        np.save(tmp_path / name, [2, 0, 1])
    elif name == "l.npz":
        np.savez(tmp_path / name, labels=[2, 0, 1], other=[1.5, 2.5, 3.5])
    else:
        (tmp_path / name).write_text("label\n2\n0\n1\n" if name == "l.csv" else "2\n0\n1\n")
    data = open_data(tmp_path / "images.npy", labels=tmp_path / name, classes=["a", "b", "c"])
    assert data.labels.tolist() == [2, 0, 1] and data.classes == ["a", "b", "c"]


@pytest.mark.parametrize(
    "texts, labels, classes",
    [
        (["-5", "2"], [-1, 2], None),
        (["1.0", "2"], [1, 2], None),
        (["99999999999", "1e400", "9" * 5000], None, ["99999999999", "1e400", "9" * 5000]),
        (["nan", "inf"], None, ["nan", "inf"]),
    ],
)
def test_strange_labels(texts, labels, classes):
    found = as_labels(texts, None)
    assert found.classes is None if classes is None else sorted(found.classes) == sorted(classes)
    if classes is None:
        assert found.labels.tolist() == labels
    else:
        assert [found.classes[i] for i in found.labels] == texts


def test_samples_by_number(tmp_path):
    np.save(tmp_path / "images.npy", np.zeros((12, 4, 4), np.uint8))
    (tmp_path / "l.csv").write_text("id,label\n3,cat\n0,dog\n11,cow\n")
    data = open_data(tmp_path / "images.npy", labels=tmp_path / "l.csv")
    assert data.classes == ["cat", "cow", "dog"]
    assert [data.labels[i] for i in (0, 3, 11)] == [2, 0, 1] and (data.labels < 0).sum() == 9


def test_numbers_that_are_names(tmp_path):
    np.save(tmp_path / "images.npy", np.zeros((3, 4, 4), np.uint8))
    data = open_data(tmp_path / "images.npy", labels=["7", "3", "7"], classes=["3", "7"])
    assert data.labels.tolist() == [1, 0, 1]


def dataset(labels, classes=None, origin=None):
    data = DataSet("x", "npz", 0 if labels is None else len(labels))
    data.labels = None if labels is None else np.array(labels, np.int32)
    data.classes, data.class_origin = classes, origin
    return data


def test_labels_that_fit():
    labels, names, notes = fit_labels(dataset([0, 2, -1], ["a", "b", "c"], "file"), 3)
    assert labels.tolist() == [0, 2, -1] and names == ["a", "b", "c"] and not notes
    labels, names, notes = fit_labels(dataset([0, 2]), 3)
    assert labels.tolist() == [0, 2] and names == ["0", "1", "2"] and not notes


def test_a_thousand_names_for_a_thousand_and_one_scores():
    names = [f"class {i}" for i in range(1000)]
    labels, fitted, notes = fit_labels(dataset([0, 999, -1], names, "file"), 1001)
    assert labels.tolist() == [1, 1000, -1]
    assert fitted[:2] == ["background", "class 0"] and len(fitted) == 1001
    assert "moved by 1" in notes[0]
    labels, fitted, notes = fit_labels(dataset([0, 1, 1000], ["background", *names], "file"), 1000)
    assert labels.tolist() == [-1, 0, 999] and fitted == names and "left out" in notes[0]


def test_names_without_labels():
    labels, names, notes = fit_labels(dataset(None, ["a", "b"], "file"), 2)
    assert labels is None and names == ["a", "b"] and not notes
    labels, names, _ = fit_labels(dataset([-1, -1]), 2)
    assert labels is None and names == ["0", "1"]


def test_labels_that_count_from_one():
    labels, _, notes = fit_labels(dataset([1, 10, 5]), 10)
    assert labels.tolist() == [0, 9, 4] and "count from 1" in notes[0]


@pytest.mark.parametrize(
    "data",
    [
        dataset([0, 1], ["cat", "dog"], "folders"),
        dataset([0, 8], [str(i) for i in range(9)], "folders"),
        dataset([0, 9], [str(i) for i in range(20)], "data"),
        dataset([0, 10]),
        dataset([3, 500]),
    ],
)
def test_labels_that_do_not_fit_are_told(data):
    labels, names, notes = fit_labels(data, 10)
    assert labels is None and len(names) == 10
    assert any("do not fit" in note and "tried" in note for note in notes)
