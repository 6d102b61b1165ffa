"""Folders, lists and single files: order, classes, labels, colours, and what is left out."""

import json

import numpy as np
import pytest
from PIL import Image

from engine.data import BrokenSample, open_data, reopen
from engine.data.folder import spread
from engine.errors import Cancelled, InputError
from engine.tasks import Task


def save(path, picture=None, **options):
    path.parent.mkdir(parents=True, exist_ok=True)
    picture = np.full((6, 5), 40, np.uint8) if picture is None else picture
    Image.fromarray(picture).save(path, **options)
    return picture


def test_natural_order_and_what_is_left_out(tmp_path):
    for name in ("img10.png", "img2.png", "img1.png", ".hidden.png"):
        save(tmp_path / name)
    (tmp_path / "notes.doc").write_text("no picture")
    (tmp_path / "__MACOSX").mkdir()
    data = open_data(tmp_path)
    assert list(data.names) == ["img1.png", "img2.png", "img10.png"]
    assert data.labels is None and data.kind == "folder" and len(data) == 3
    said = " ".join(data.notes)
    assert "1 other files" in said and ".hidden.png" in said


def test_class_folders_by_sorted_order(tmp_path):
    for name in ("dog/b.png", "cat/a.png", "cat/deep/c.png", "dog/a.jpg"):
        save(tmp_path / name)
    (tmp_path / "empty").mkdir()
    (tmp_path / "annotations").mkdir()
    (tmp_path / "annotations" / "a.xml").write_text("<a/>")
    data = open_data(tmp_path)
    assert data.classes == ["cat", "dog", "empty"] and data.class_origin == "folders"
    assert data.labels.tolist() == [0, 0, 1, 1] and data.labels.dtype == np.int32
    assert any("sorted order: cat 0, dog 1" in note for note in data.notes)


def test_class_folders_by_class_names(tmp_path):
    for name in ("images/n02/x.png", "images/n01/y.png", "images/other/z.png"):
        save(tmp_path / name)
    names = tmp_path / "names.txt"
    names.write_text("n02\nzebra\nn01\n")
    data = open_data(tmp_path / "images", classes=names)
    assert data.labels.tolist() == [2, 0, -1] and data.classes == ["n02", "zebra", "n01"]
    assert data.class_origin == "file"
    assert any("not among the class names: other" in note for note in data.notes)


def test_one_subfolder_is_entered_and_loose_pictures_make_no_classes(tmp_path):
    for name in ("a/photos/x/1.png", "a/photos/y/2.png"):
        save(tmp_path / name)
    data = open_data(tmp_path / "a")
    assert data.classes == ["x", "y"] and any("lie in photos" in n for n in data.notes)
    save(tmp_path / "a" / "photos" / "loose.png")
    assert open_data(tmp_path / "a").labels is None


def test_splits_are_subfolders(tmp_path):
    for name in ("train/a/1.png", "train/b/2.png", "train/b/3.png", "val/a/4.png", "val/b/5.png"):
        save(tmp_path / name)
    data = open_data(tmp_path)
    assert len(data) == 2 and data.classes == ["a", "b"] and "the split val" in data.notes[0]
    assert len(open_data(f"{tmp_path}::train")) == 3
    with pytest.raises(InputError, match="no such subfolder.*train, val"):
        open_data(f"{tmp_path}::nothing")


def test_limit_takes_from_each_class(tmp_path):
    for i in range(6):
        save(tmp_path / "a" / f"{i}.png")
    for i in range(3):
        save(tmp_path / "b" / f"{i}.png")
    data = open_data(tmp_path, limit=4)
    assert data.labels.tolist() == [0, 0, 1, 1]
    assert list(data.names) == ["a/0.png", "a/1.png", "b/0.png", "b/1.png"]
    assert open_data(tmp_path, limit=100).labels.tolist() == [0] * 6 + [1] * 3


@pytest.mark.parametrize("limit, counts", [(1, (1, 0, 0)), (3, (1, 1, 1)), (5, (2, 2, 1)),
                                           (7, (4, 2, 1)), (20, (5, 2, 1))])  # fmt: skip
def test_spread_is_even_and_in_order(limit, counts):
    chosen = spread(list("aaaaabbc"), limit)
    assert chosen == sorted(set(chosen))
    assert tuple(sum("aaaaabbc"[i] == key for i in chosen) for key in "abc") == counts


@pytest.mark.parametrize(
    "text",
    [
        "file,label\nx1.png,dog\nx2.png,cat\n",
        "x1.png,dog\nx2.png,cat\n",
        "id;label;file\n1;dog;x1.png\n2;cat;x2.png\n",
        "label\tfilename\ndog\tpath/x1.png\ncat\tx2.png\n",
        "x1,dog\nx2,cat\nx99,cow\n",
    ],
)
def test_labels_csv(tmp_path, text):
    for name in ("p/x1.png", "p/x2.png", "p/x3.png"):
        save(tmp_path / name)
    table = tmp_path / "table.csv"
    table.write_text(text)
    data = open_data(tmp_path / "p", labels=table)
    names = [data.classes[label] if label >= 0 else None for label in data.labels]
    assert names == ["dog", "cat", None]
    assert any("1 of 3 samples have no label" in note for note in data.notes)


def test_labels_beside_are_found(tmp_path):
    for name in ("1.png", "2.png"):
        save(tmp_path / "p" / name)
    (tmp_path / "p" / "labels.csv").write_text("1.png,3\n2.png,1\n")
    (tmp_path / "p" / "classes.txt").write_text("w\nx\ny\nz\n")
    data = open_data(tmp_path / "p")
    assert data.labels.tolist() == [3, 1] and data.classes == ["w", "x", "y", "z"]
    assert "labels from labels.csv" in data.notes and "class names from classes.txt" in data.notes


@pytest.mark.parametrize(
    "document",
    [
        {"1.png": "dog", "2.png": "cat"},
        [{"file": "1.png", "label": "dog"}, {"file": "2.png", "label": "cat"}],
        [["1.png", "dog"], ["2.png", "cat"]],
        ["dog", "cat"],
        {"labels": {"1.png": "dog", "2.png": "cat"}},
    ],
)
def test_labels_json(tmp_path, document):
    for name in ("1.png", "2.png"):
        save(tmp_path / "p" / name)
    table = tmp_path / "l.json"
    table.write_text(json.dumps(document))
    data = open_data(tmp_path / "p", labels=table)
    assert data.labels.tolist() == [1, 0] and data.classes == ["cat", "dog"]


def test_labels_given_in_python(tmp_path):
    save(tmp_path / "1.png")
    save(tmp_path / "2.png")
    data = open_data(tmp_path, labels=["b", None], classes=["a", "b"])
    assert data.labels.tolist() == [1, -1]
    assert reopen(data.describe()).labels.tolist() == [1, -1]
    with pytest.raises(InputError, match="expected 2 labels, got 3"):
        open_data(tmp_path, labels=[1, 2, 3])


@pytest.mark.parametrize(
    "text, labels",
    [
        ("a b.png\nsub/2.png\n", None),
        ("a b.png 4\nsub/2.png 0\n", [4, 0]),
        ("a b.png,cow\nsub/2.png,ant\n", [1, 0]),
        ("# comment\n\na b.png\nmissing.png\nsub/2.png\n", None),
    ],
)
def test_list_of_files(tmp_path, text, labels):
    save(tmp_path / "a b.png", np.full((3, 3), 9, np.uint8))
    save(tmp_path / "sub" / "2.png")
    path = tmp_path / "files.txt"
    path.write_text(text)
    data = open_data(path)
    assert data.kind == "list" and list(data.names) == ["a b.png", "sub/2.png"]
    assert data.image(0)[0, 0] == 9
    assert (None if data.labels is None else data.labels.tolist()) == labels
    assert [name for name, _ in data.skipped] == (["missing.png"] if "missing" in text else [])


def test_one_picture(tmp_path):
    picture = save(tmp_path / "one.png", np.arange(12, dtype=np.uint8).reshape(3, 4))
    data = open_data(tmp_path / "one.png", labels=["cat"], classes=["dog", "cat"])
    assert len(data) == 1 and np.array_equal(data.image(0), picture) and data.labels.tolist() == [1]


def test_broken_pictures_are_skipped_counted_and_listed(tmp_path):
    save(tmp_path / "1.png")
    save(tmp_path / "2.png", np.random.default_rng(0).integers(0, 255, (50, 50, 3), np.uint8))
    whole = (tmp_path / "2.png").read_bytes()
    (tmp_path / "2.png").write_bytes(whole[: len(whole) // 2])
    (tmp_path / "3.jpg").write_text("this is text")
    (tmp_path / "4.jpg").write_bytes(b"")
    (tmp_path / "5.png").symlink_to(tmp_path / "gone.png")
    data = open_data(tmp_path)
    assert len(data) == 5 and not data.skipped
    for i in (1, 2, 3, 4, 1):
        with pytest.raises(BrokenSample):
            data.image(i)
    with pytest.raises(BrokenSample):
        data.thumbnail(2)
    reasons = dict(data.skipped)
    assert len(data.skipped) == 4 and "truncated" in reasons["2.png"]
    assert "not a picture" in reasons["3.jpg"] and "empty" in reasons["4.jpg"]
    assert "gone" in reasons["5.png"]
    got = data.images(0, 5)
    assert [isinstance(p, BrokenSample) for p in got] == [False, True, True, True, True]


def test_hash_says_which_samples(tmp_path):
    for name in ("a/1.png", "a/2.png", "b/3.png"):
        save(tmp_path / "p" / name)
    first = open_data(tmp_path / "p")
    assert first.hash == open_data(tmp_path / "p").hash == first.identify()
    assert open_data(tmp_path / "p", limit=2).hash != first.hash
    assert open_data(tmp_path / "p", labels=[1, 2, 3]).hash == first.hash
    (tmp_path / "p").rename(tmp_path / "q")
    assert open_data(tmp_path / "q").hash == first.hash
    (tmp_path / "q" / "b" / "3.png").rename(tmp_path / "q" / "b" / "4.png")
    assert open_data(tmp_path / "q").hash != first.hash


def test_hash_of_large_files_reads_their_ends(tmp_path):
    (tmp_path / "big.png").write_bytes(b"a" * (3 << 20))
    save(tmp_path / "x.png")
    before = open_data(tmp_path).hash
    content = bytearray(b"a" * (3 << 20))
    content[-1] = 0
    (tmp_path / "big.png").write_bytes(content)
    assert open_data(tmp_path).hash != before


def test_reopen_from_a_copy(tmp_path):
    for name in ("a/1.png", "b/2.png"):
        save(tmp_path / "one" / "data" / name)
    study = tmp_path / "one" / "x.study"
    study.mkdir()
    labels = tmp_path / "one" / "labels.csv"
    labels.write_text("a/1.png,7\nb/2.png,8\n")
    data = open_data(tmp_path / "one" / "data", labels=labels, limit=2)
    description = json.loads(json.dumps(data.describe(study)))
    again = reopen(description)
    assert again.hash == data.hash and again.labels.tolist() == [7, 8]
    (tmp_path / "one").rename(tmp_path / "two")
    with pytest.raises(InputError, match="gone"):
        reopen(description)
    moved = reopen(description, relative_to=tmp_path / "two" / "x.study")
    assert moved.hash == data.hash and moved.labels.tolist() == [7, 8]
    (tmp_path / "two" / "data" / "a" / "1.png").unlink()
    with pytest.raises(InputError, match="not what it was"):
        reopen(description, relative_to=tmp_path / "two" / "x.study")


def test_progress_and_cancel(tmp_path):
    for i in range(5):
        save(tmp_path / f"{i}.png")
    seen = []
    open_data(tmp_path, task=Task(on_progress=seen.append)).identify(Task(on_progress=seen.append))
    assert seen[-1].done == seen[-1].total == 5
    task = Task()
    task.cancel()
    with pytest.raises(Cancelled):
        open_data(tmp_path, task=task)
    data = open_data(tmp_path)
    with pytest.raises(Cancelled):
        data.identify(task)
    assert len(data.hash) == 64


def test_links_in_circles_end(tmp_path):
    save(tmp_path / "a" / "1.png")
    (tmp_path / "a" / "back").symlink_to(tmp_path)
    assert len(open_data(tmp_path)) == 1


def test_samples_that_do_not_exist(tmp_path):
    save(tmp_path / "1.png")
    data = open_data(tmp_path)
    assert data.image(-1).shape == (6, 5)
    for i in (1, -2):
        with pytest.raises(IndexError):
            data.image(i)
        with pytest.raises(IndexError):
            data.thumbnail(i)


def test_arrays_in_files(tmp_path):
    picture = np.random.default_rng(0).random((4, 5, 7), np.float32)
    np.save(tmp_path / "1.npy", picture)
    np.save(tmp_path / "2.npy", np.array([{"a": 1}], object))
    np.save(tmp_path / "3.npy", np.zeros(3))
    data = open_data(tmp_path)
    assert np.array_equal(data.image(0), picture)
    for i in (1, 2):
        with pytest.raises(BrokenSample):
            data.image(i)
    assert data.thumbnail(0).shape == (4, 5, 3)


@pytest.mark.parametrize(
    "path, message",
    [
        ("absent", "no such file or folder"),
        ("empty", "holds no pictures"),
        ("empty.png", "the file is empty"),
        ("text.png", "not a picture"),
        ("list.txt", "none of the listed files"),
        ("some.xyz", "kind of data is not known"),
        ("::test", "nothing stands beside"),
    ],
)
def test_bad_input(tmp_path, path, message):
    (tmp_path / "empty").mkdir()
    (tmp_path / "empty.png").write_bytes(b"")
    (tmp_path / "text.png").write_text("hello")
    (tmp_path / "list.txt").write_text("a.png\nb.png\n")
    (tmp_path / "some.xyz").write_text("hello")
    with pytest.raises((InputError, BrokenSample), match=message) as caught:
        open_data(path if path.startswith("::") else tmp_path / path)
    assert caught.value.exit_status == 2 and "\n" not in str(caught.value)


@pytest.mark.parametrize("limit", [0, -1, 1.5])
def test_bad_limits(tmp_path, limit):
    save(tmp_path / "1.png")
    with pytest.raises(InputError, match="limit"):
        open_data(tmp_path, limit=limit)
