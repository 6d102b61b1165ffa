"""The real data beside the repository, and the built-in sample, are read right."""

import numpy as np
import pytest

from engine.data import class_names, open_data, reopen
from engine.data.digits import enlarge
from engine.errors import InputError


def test_digits():
    data = open_data("sample:digits")
    assert len(data) == 1797 and data.classes == [str(i) for i in range(10)]
    assert data.images(0, 1797).shape == (1797, 32, 32) and data.image(0).dtype == np.uint8
    assert data.labels[:10].tolist() == list(range(10)) and data.kind == "digits"
    counts = np.bincount(data.labels).tolist()
    assert counts == [178, 182, 177, 183, 181, 182, 181, 179, 174, 180]  # as UCI publishes
    original = open_data("sample:digits::original", limit=5)
    assert original.images(0, 9).shape == (5, 8, 8) and original.image(0).max() <= 255
    assert original.hash != data.hash


def test_digits_are_those_of_scikit_learn():
    from sklearn.datasets import load_digits

    digits = load_digits()
    assert np.array_equal(open_data("sample:digits").labels, digits.target)
    original = open_data("sample:digits::original")
    assert np.abs(original.images(0, 1797) / 255 * 16 - digits.images).max() <= 16 / 255
    assert np.array_equal(open_data("sample:digits", limit=9).images(0, 9),
                          enlarge(digits.images[:9]))  # fmt: skip


def test_enlarging_keeps_flat_pictures():
    assert (enlarge(np.full((1, 8, 8), 16.0)) == 255).all()
    assert (enlarge(np.full((1, 8, 8), 8.0)) == 128).all()


def test_shapes():
    data = open_data("sample:shapes", limit=20)
    assert data.path == "sample:shapes" and data.image(0).shape == (64, 64, 3)
    assert data.image(0).dtype == np.uint8 and len(data.classes) > data.labels.max() >= 0
    assert reopen(data.describe()).hash == data.hash
    with pytest.raises(InputError, match="no sample"):
        open_data("sample:../shapes")


def test_mnist(shared_data):
    data = open_data(shared_data / "mnist")
    assert len(data) == 10000 and data.image(0).shape == (28, 28)
    counts = np.bincount(data.labels).tolist()
    assert counts == [980, 1135, 1032, 1010, 982, 892, 958, 1028, 974, 1009]  # the published ones
    train = open_data(shared_data / "mnist" / "train-images-idx3-ubyte.gz", limit=100)
    assert train.labels[:5].tolist() == [5, 0, 4, 1, 9]


def test_cifar(shared_data):
    data = open_data(shared_data / "cifar10" / "cifar10_test_lossless_200.npz")
    assert data.images(0, 200).shape == (200, 32, 32, 3)
    assert data.labels[:4].tolist() == [3, 9, 1, 6]
    assert "images uint8[200, 32, 32, 3], labels from labels" in data.notes[0]


def test_pneumonia(shared_data):
    path = shared_data / "pneumoniamnist" / "pneumoniamnist.npz"
    data = open_data(path)
    assert len(data) == 624 and "test_images" in data.notes[0] and "split test" in data.notes[0]
    assert np.bincount(data.labels).tolist() == [234, 390]  # as MedMNIST publishes
    assert (len(open_data(f"{path}::train")), len(open_data(f"{path}::val"))) == (3882, 524)


def test_photos(shared_data):
    data = open_data(shared_data / "photos")
    assert len(data) == 54 and data.classes == ["burn", "coral", "skimage", "tinyvgg", "winml"]
    for picture in data.images(0, len(data)):
        assert picture.dtype == np.uint8 and picture.ndim in (2, 3)
    assert not data.skipped
    assert open_data(shared_data / "photos" / "tinyvgg").names[0] == "boat_1.jpeg"


@pytest.mark.parametrize(
    "name, count, shape",
    [
        ("imageio_realshort.mp4", 36, (240, 320, 3)),
        ("imageio_newtonscradle.gif", 36, (150, 200, 3)),
        ("imageio_cockatoo.mp4", 280, (720, 1280, 3)),
    ],
)
def test_videos(shared_data, name, count, shape):
    data = open_data(shared_data / "video" / name)
    assert len(data) == count and data.image(3).shape == shape and set(data.groups) == {name}


def test_names_of_classes(shared_data):
    names = class_names(shared_data / "labels" / "imagenet_1000_wnid_name.txt")
    assert len(names) == 1000 and names[:3] == ["tench", "goldfish", "great white shark"]
    assert len(class_names(shared_data / "labels" / "coral_imagenet_labels.txt")) == 1001
    coco = class_names(shared_data / "labels" / "coral_coco_labels.txt")
    assert len(coco) == 90 and coco[0] == "person"
