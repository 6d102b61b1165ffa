"""IDX, NPZ, NPY and HDF5: what is chosen, what is said, and files that claim what is not so."""

import gzip
import pickle
import struct
import zipfile

import h5py
import numpy as np
import pytest

from engine.data import open_data, reopen
from engine.data.choosing import words_of
from engine.errors import InputError, LamellaError, MachineError

RANDOM = np.random.default_rng(0)
IMAGES = RANDOM.integers(0, 256, (5, 8, 6), np.uint8)
LABELS = np.array([3, 1, 4, 1, 0], np.uint8)


def idx(values, code=0x08):
    head = bytes([0, 0, code, values.ndim]) + struct.pack(f">{values.ndim}I", *values.shape)
    return head + values.astype(values.dtype.newbyteorder(">")).tobytes()


# -- IDX ---------------------------------------------------------------------------------------


@pytest.mark.parametrize("packed", [False, True])
def test_idx_takes_the_labels_beside_it(tmp_path, packed):
    for name, values in (("a-images-idx3-ubyte", IMAGES), ("a-labels-idx1-ubyte", LABELS)):
        content = idx(values)
        path = tmp_path / (name + ".gz" * packed)
        path.write_bytes(gzip.compress(content) if packed else content)
    data = open_data(tmp_path / ("a-images-idx3-ubyte" + ".gz" * packed))
    assert data.kind == "idx" and np.array_equal(data.images(0, 5), IMAGES)
    assert data.labels.tolist() == LABELS.tolist() and data.image(2).dtype == np.uint8
    assert any("labels from a-labels-idx1-ubyte" in note for note in data.notes)
    assert open_data(tmp_path).hash == data.hash  # the folder leads to it
    assert open_data(tmp_path / data.name, limit=2).labels.tolist() == [3, 1]


@pytest.mark.parametrize(
    "code, dtype", [(0x08, "u1"), (0x09, "i1"), (0x0B, "i2"), (0x0C, "i4"), (0x0D, "f4"),
                    (0x0E, "f8")]
)  # fmt: skip
def test_idx_types(tmp_path, code, dtype):
    values = (RANDOM.random((2, 3, 4)) * 100 - 20).astype(dtype)
    (tmp_path / "x-idx3").write_bytes(idx(values, code))
    data = open_data(tmp_path / "x-idx3")
    assert np.array_equal(data.images(0, 2), values) and data.image(0).dtype.isnative


@pytest.mark.parametrize(
    "content, message",
    [
        (idx(IMAGES)[:-1], "not as long as its header says"),
        (idx(IMAGES) + b"x", "not as long as its header says"),
        (gzip.compress(idx(IMAGES)[:-1]), "not as long"),
        (gzip.compress(idx(IMAGES) + b"x"), "longer than its header"),
        (gzip.compress(idx(IMAGES))[:-9], "damaged"),
        (idx(IMAGES)[:6], "ends within its header"),
        (b"\0\0\x08\x03" + b"\xff" * 12, "impossible size"),
        (gzip.compress(b"\0\0\x08\x03" + struct.pack(">3I", 60000, 5000, 5000)), "not as long"),
        (gzip.compress(b"hello, this is text"), "not an IDX file"),
    ],
)
def test_broken_idx(tmp_path, content, message):
    path = tmp_path / "x-idx3-ubyte.gz"
    path.write_bytes(content)
    with pytest.raises(InputError, match=message):
        open_data(path)


def test_idx_labels_that_do_not_fit(tmp_path):
    (tmp_path / "t-images-idx3-ubyte").write_bytes(idx(IMAGES))
    (tmp_path / "t-labels-idx1-ubyte").write_bytes(idx(LABELS[:4]))
    with pytest.raises(InputError, match="expected 5 labels, got 4"):
        open_data(tmp_path / "t-images-idx3-ubyte")


# -- NPZ and NPY -------------------------------------------------------------------------------


@pytest.mark.parametrize("save", [np.savez, np.savez_compressed])
def test_npz_by_split(tmp_path, save):
    path = tmp_path / "d.npz"
    arrays = {"x_train": IMAGES, "y_train": LABELS, "x_test": IMAGES[:3], "y_test": LABELS[:3]}
    save(path, **arrays)
    data = open_data(path)
    assert (
        len(data) == 3 and data.labels.tolist() == [3, 1, 4] and "the split test" in data.notes[0]
    )
    train = open_data(f"{path}::train")
    assert len(train) == 5 and train.labels.tolist() == LABELS.tolist()
    assert len(open_data(f"{path}::x_train")) == 5
    assert reopen(train.describe()).hash == train.hash != data.hash
    assert open_data(path, labels=[5, 6, 7]).labels.tolist() == [5, 6, 7]


@pytest.mark.parametrize(
    "names",
    [
        ("test_images", "test_labels"),
        ("images", "labels"),
        ("X", "y"),
        ("testImages", "testLabels"),
        ("data", "target"),
        ("a", "labels"),
    ],
)
def test_npz_names(tmp_path, names):
    np.savez(tmp_path / "d.npz", **{names[0]: IMAGES, names[1]: LABELS[:, None]})
    data = open_data(tmp_path / "d.npz")
    assert data.labels.tolist() == LABELS.tolist() and names[0] in data.notes[0]


def test_npz_with_class_names_and_text_labels(tmp_path):
    names = np.array(["zero", "one", "two", "three", "four"])
    np.savez(tmp_path / "a.npz", images=IMAGES, labels=LABELS, classes=names)
    data = open_data(tmp_path / "a.npz")
    assert data.classes == names.tolist() and data.labels.tolist() == LABELS.tolist()
    np.savez(tmp_path / "b.npz", images=IMAGES, labels=names[LABELS])
    data = open_data(tmp_path / "b.npz")
    assert data.classes == ["four", "one", "three", "zero"]
    assert data.class_origin == "labels" and data.labels.tolist() == [2, 1, 0, 1, 3]


def test_one_hot_labels(tmp_path):
    np.savez(tmp_path / "d.npz", images=IMAGES, labels=np.eye(5)[LABELS])
    data = open_data(tmp_path / "d.npz")
    assert data.labels.tolist() == LABELS.tolist() and any("one-hot" in n for n in data.notes)


def test_axes_of_arrays(tmp_path):
    for name, shape, image in (
        ("first", (4, 3, 9, 7), (9, 7, 3)),
        ("last", (4, 9, 7, 3), (9, 7, 3)),
        ("grey", (4, 1, 9, 7), (9, 7, 1)),
        ("photo", (9, 7, 3), (9, 7, 3)),
        ("plane", (9, 7), (9, 7)),
        ("many", (4, 9, 7, 12), (9, 7, 12)),
    ):
        values = RANDOM.integers(0, 256, shape, np.uint8)
        np.save(tmp_path / f"{name}.npy", values)
        data = open_data(tmp_path / f"{name}.npy")
        assert data.image(0).shape == image, name
        assert len(data) == (4 if values.ndim == 4 else 1)
        if name == "first":
            assert np.array_equal(data.image(1), values[1].transpose(1, 2, 0))


def test_flat_samples(tmp_path):
    np.savez(tmp_path / "d.npz", data=RANDOM.random((7, 64)), target=np.arange(7))
    data = open_data(tmp_path / "d.npz")
    assert data.image(0).shape == (8, 8) and len(data) == 7 and data.labels[-1] == 6


@pytest.mark.parametrize(
    "values, dtype",
    [
        ([0, 255], np.uint8),
        ([0, 40000], np.uint16),
        ([-1, 5], np.float32),
        ([0, 1 << 40], np.float32),
    ],
)
def test_wide_integers(tmp_path, values, dtype):
    np.save(tmp_path / "d.npy", np.array(values).reshape(2, 1, 1))
    data = open_data(tmp_path / "d.npy")
    assert data.image(1).dtype == dtype and data.image(1)[0, 0] == dtype(values[1])
    assert any("read as" in note for note in data.notes)


def test_npy_is_memory_mapped_and_read_only(tmp_path):
    np.save(tmp_path / "d.npy", np.asfortranarray(IMAGES))
    data = open_data(tmp_path / "d.npy")
    assert isinstance(data._stack, np.memmap) and np.array_equal(data.images(0, 9), IMAGES)
    with pytest.raises(ValueError):
        data.image(0)[0, 0] = 1


def test_hash_is_of_content(tmp_path):
    np.save(tmp_path / "a.npy", IMAGES)
    np.savez_compressed(tmp_path / "b.npz", IMAGES)
    first, second = open_data(tmp_path / "a.npy"), open_data(tmp_path / "b.npz")
    assert first.hash == second.hash
    assert open_data(tmp_path / "a.npy", limit=3).hash != first.hash
    np.save(tmp_path / "a.npy", IMAGES[:, :, ::-1])
    assert open_data(tmp_path / "a.npy").hash != first.hash


def test_pickles_are_never_loaded(tmp_path):
    marker = tmp_path / "ran"

    class Evil:
        def __reduce__(self):
            return open, (str(marker), "w")

    np.save(tmp_path / "evil.npy", np.array([Evil()], object), allow_pickle=True)
    np.savez(tmp_path / "evil.npz", images=IMAGES, labels=np.array([Evil()] * 5, object))
    (tmp_path / "raw.npy").write_bytes(b"\x93NUMPY\1\0" + pickle.dumps(Evil()))
    for name in ("evil.npy", "evil.npz", "raw.npy"):
        with pytest.raises(InputError):
            open_data(tmp_path / name)
    assert not marker.exists()


def npy(shape, descr="|u1", values=b""):
    header = f"{{'descr': '{descr}', 'fortran_order': False, 'shape': {shape}, }}".encode()
    header += b" " * (-(len(header) + 11) % 64) + b"\n"
    return b"\x93NUMPY\1\0" + struct.pack("<H", len(header)) + header + values


@pytest.mark.parametrize(
    "content, message",
    [
        (npy((10**6, 10**6, 10**6)), "impossible size"),
        (npy((-1, 5, 5)), "impossible size"),
        (npy((10, 1000, 1000), values=b"abc"), "not as long"),
        (npy((2, 2, 2), values=b"x" * 9), "not as long"),
        (npy("__import__('os')"), "not a NumPy array"),
        (npy((1, 2, 3), descr="zz"), "not a NumPy array"),
        (npy((1, 2, 3), descr="<U4", values=b"\0" * 96), "not numbers"),
        (b"\x93NUMPY\7\0" + b"x" * 100, "not a NumPy array"),
        (b"\x93NUMPY\1\0\xff\xff{" + b"(" * 3000, "not a NumPy array"),
        (b"\x93NUMPY", "not a NumPy array"),
    ],
)
def test_broken_npy(tmp_path, content, message):
    (tmp_path / "d.npy").write_bytes(content)
    with pytest.raises(InputError, match=message):
        open_data(tmp_path / "d.npy")
    with zipfile.ZipFile(tmp_path / "d.npz", "w") as archive:
        archive.writestr("images.npy", content)
    with pytest.raises(InputError):
        open_data(tmp_path / "d.npz")


def test_broken_npz(tmp_path):
    path = tmp_path / "d.npz"
    np.savez_compressed(path, images=IMAGES, labels=LABELS)
    whole = bytearray(path.read_bytes())
    path.write_bytes(whole[:-30])
    with pytest.raises(InputError):
        open_data(path)
    broken = whole.copy()
    broken[150:160] = b"\xff" * 10
    path.write_bytes(broken)
    with pytest.raises(InputError):
        open_data(path)
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("readme.txt", "no arrays")
    with pytest.raises(InputError, match="holds no arrays"):
        open_data(path)


def test_an_archive_that_unpacks_to_more_than_memory(tmp_path, monkeypatch):
    path = tmp_path / "d.npz"
    np.savez_compressed(path, images=np.zeros((50, 100, 100), np.uint8))
    monkeypatch.setattr("engine.data.memory.available_memory", lambda: 1000)
    with pytest.raises(MachineError, match="do not fit"):
        open_data(path)


def test_unclear_archives_list_what_there_is(tmp_path):
    np.savez(tmp_path / "d.npz", a=IMAGES, b=IMAGES)
    with pytest.raises(InputError, match=r"not clear.*a uint8\[5, 8, 6\], b uint8.*FILE::NAME"):
        open_data(tmp_path / "d.npz")
    with pytest.raises(InputError, match="an array named c"):
        open_data(f"{tmp_path}/d.npz::c")
    assert len(open_data(f"{tmp_path}/d.npz::b")) == 5
    np.savez(tmp_path / "e.npz", weights=np.zeros(3))
    with pytest.raises(InputError, match="no array of pictures"):
        open_data(tmp_path / "e.npz")


@pytest.mark.parametrize(
    "name, words",
    [("x_test", ["x", "test"]), ("test/images", ["test", "images"]),
     ("testImages", ["test", "images"]), ("X", ["x"])],
)  # fmt: skip
def test_words_of_names(name, words):
    assert words_of(name) == words


# -- HDF5 --------------------------------------------------------------------------------------


def h5(path, **arrays):
    with h5py.File(path, "w") as file:
        for name, values in arrays.items():
            file[name.replace("__", "/")] = values
    return path


def test_hdf5_by_names_in_groups(tmp_path):
    path = h5(tmp_path / "d.h5", test__images=IMAGES, test__labels=LABELS,
              train__images=IMAGES[:2], train__labels=LABELS[:2])  # fmt: skip
    data = open_data(path)
    assert data.kind == "hdf5" and np.array_equal(data.images(0, 5), IMAGES)
    assert data.labels.tolist() == LABELS.tolist() and "test/images" in data.notes[0]
    assert len(open_data(f"{path}::train")) == 2
    assert len(open_data(f"{path}::train/images")) == 2
    assert reopen(data.describe()).hash == data.hash


def test_hdf5_class_names(tmp_path):
    path = h5(tmp_path / "d.h5", x=IMAGES, y=LABELS,
              class_names=np.array([b"a", b"b", b"c", b"d", b"e"]))  # fmt: skip
    assert open_data(path).classes == list("abcde")


def test_hdf5_that_stays_in_its_file(tmp_path, monkeypatch):
    channels_first = RANDOM.integers(0, 256, (5, 3, 8, 6), np.uint8)
    path = h5(tmp_path / "d.h5", images=channels_first, labels=LABELS)
    whole = open_data(path)
    monkeypatch.setattr("engine.data.hdf5._SMALL", 16)
    stored = open_data(path, limit=4)
    assert len(stored) == 4 and stored.labels.tolist() == LABELS[:4].tolist()
    assert np.array_equal(stored.image(3), whole.image(3))
    assert np.array_equal(stored.images(1, 9), whole.images(1, 4))
    assert stored.hash == open_data(path, limit=4).hash


def test_hdf5_that_points_elsewhere_is_refused(tmp_path):
    (tmp_path / "secret.bin").write_bytes(bytes(240))
    with h5py.File(tmp_path / "d.h5", "w") as file:
        file.create_dataset(
            "images", (5, 8, 6), np.uint8, external=[(str(tmp_path / "secret.bin"), 0, 240)]
        )
    with pytest.raises(InputError, match="points to other files"):
        open_data(tmp_path / "d.h5")


def test_broken_hdf5(tmp_path):
    path = h5(tmp_path / "d.h5", images=IMAGES)
    whole = path.read_bytes()
    for content in (whole[:100], whole[: len(whole) // 2], b"\x89HDF\r\n\x1a\n" + b"x" * 500):
        path.write_bytes(content)
        with pytest.raises(InputError):
            open_data(path)
    h5(path)
    with pytest.raises(InputError, match="holds no arrays"):
        open_data(path)


# -- files damaged at random -------------------------------------------------------------------


def test_a_hundred_damaged_files(tmp_path):
    """Each ends in one sentence or gives a data set whose samples are read or skipped."""
    np.savez_compressed(tmp_path / "a.npz", images=IMAGES, labels=LABELS)
    np.savez(tmp_path / "b.npz", x_test=IMAGES, y_test=LABELS)
    np.save(tmp_path / "c.npy", IMAGES)
    (tmp_path / "d-images-idx3-ubyte").write_bytes(idx(IMAGES))
    (tmp_path / "e-images-idx3-ubyte.gz").write_bytes(gzip.compress(idx(IMAGES)))
    sources = sorted(tmp_path.iterdir())
    ended = {"sentence": 0, "data": 0}
    for trial in range(120):
        random = np.random.default_rng(trial)
        source = sources[trial % len(sources)]
        content = bytearray(source.read_bytes())
        for _ in range(random.integers(1, 6)):
            content[random.integers(len(content))] = random.integers(256)
        if random.random() < 0.4:
            del content[random.integers(len(content)) :]
        path = tmp_path / f"x{trial}{''.join(source.suffixes)}"
        path.write_bytes(content)
        try:
            data = open_data(path)
            for picture in data.images(0, len(data)):
                assert picture is not None
            assert len(data.hash) == 64
            ended["data"] += 1
        except LamellaError as error:
            assert error.exit_status in (1, 2) and "\n" not in str(error)
            ended["sentence"] += 1
        finally:
            path.unlink()
    assert min(ended.values()) > 5
