"""Data that is damaged, empty, lying about its size or full of odd values, from a seed.

Every case is a name and a function that writes files into an empty folder and returns the words of
the command line that name the data. Some hold good samples among broken ones: a study is expected.
"""

import gzip
import io
import json
import pickle
import struct
import zipfile
import zlib

import numpy as np
from PIL import Image

SIDE = 12
MARKER = "lamella-was-here"


class _Touch:
    """A pickle that writes a file when it is loaded: no data may ever run it."""

    def __init__(self, path):
        self.path = str(path)

    def __reduce__(self):
        return open, (self.path, "w")


def _pixels(random, *shape):
    return random.integers(0, 256, shape or (SIDE, SIDE, 3)).astype(np.uint8)


def _encoded(random, kind):
    buffer = io.BytesIO()
    Image.fromarray(_pixels(random)).save(buffer, kind)
    return buffer.getvalue()


def _npy(array, **how):
    buffer = io.BytesIO()
    np.lib.format.write_array(buffer, array, **how)
    return buffer.getvalue()


def _npy_claim(shape, descr="|u1", data=b"abc"):
    """An NPY file whose header claims more than the file holds."""
    header = f"{{'descr': {descr!r}, 'fortran_order': False, 'shape': {shape!r}, }}".encode()
    header += b" " * (63 - (len(header) + 10) % 64) + b"\n"
    return b"\x93NUMPY\x01\x00" + struct.pack("<H", len(header)) + header + data


def _npz(**members):
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in members.items():
            archive.writestr(f"{name}.npy", content)
    return buffer.getvalue()


def _idx(shape, data, code=8):
    return struct.pack(f">BBBB{len(shape)}I", 0, 0, code, len(shape), *shape) + data


def _png_claim(width, height):
    """A PNG whose header claims a size that its data does not have."""
    head = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    chunks = [(b"IHDR", head), (b"IDAT", zlib.compress(bytes(1000))), (b"IEND", b"")]
    parts = [
        struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))
        for kind, body in chunks
    ]
    return b"\x89PNG\r\n\x1a\n" + b"".join(parts)


def _hdf5(fill):
    import h5py

    buffer = io.BytesIO()
    with h5py.File(buffer, "w") as file:
        fill(file)
    return buffer.getvalue()


def _video(random, folder):
    import imageio.v2 as imageio

    path = folder / "whole.mp4"
    with imageio.get_writer(path, fps=5, macro_block_size=2) as movie:
        for _ in range(6):
            movie.append_data(_pixels(random, 32, 32, 3))
    content = path.read_bytes()
    path.unlink()
    return content


def cases(seed=0):
    """All cases.

    Returns
    -------
    list of (str, callable(Path) -> list of str)
    """
    random = np.random.default_rng(seed)
    return [
        *_damaged_files(random),
        *_arrays(random),
        *_archives(random),
        *_hdf5_files(random),
        *_folders(random),
        *_labels(random),
        *_lists(random),
    ]


def _one_file(name, content):
    """Content: bytes, or a function of the folder that gives them."""

    def write(folder):
        path = folder / name
        path.write_bytes(content(folder) if callable(content) else content)
        return [str(path)]

    return write


def _damaged_files(random):
    """Every kind of file cut off, empty, random, foreign and with flipped bytes."""
    good = {
        "a.png": _encoded(random, "PNG"),
        "a.jpg": _encoded(random, "JPEG"),
        "a.bmp": _encoded(random, "BMP"),
        "a.gif": _encoded(random, "GIF"),
        "a.tiff": _encoded(random, "TIFF"),
        "a.webp": _encoded(random, "WEBP"),
        "a-images-idx3-ubyte": _idx((9, SIDE, SIDE), random.bytes(9 * SIDE * SIDE)),
        "a-images-idx3-ubyte.gz": gzip.compress(_idx((9, 9, 9), random.bytes(729))),
        "a.npy": _npy(_pixels(random, 9, SIDE, SIDE, 3)),
        "a.npz": _npz(images=_npy(_pixels(random, 9, SIDE, SIDE, 3))),
        "a.h5": _hdf5(lambda file: file.create_dataset("images", data=_pixels(random, 9, 8, 8))),
        "a.mp4": None,
    }
    found = []
    for name, content in good.items():
        if content is None:
            make = _of_video
        else:
            make = _of_bytes
        for how in ("empty", "half", "most", "random", "flipped", "text"):
            damage = make(content, how, int(random.integers(1 << 30)))
            found.append((f"{name}-{how}", _one_file(name, damage)))
    return found


def _of_bytes(content, how, seed):
    return _damage(content, how, np.random.default_rng(seed))


def _of_video(_, how, seed):
    def make(folder):
        random = np.random.default_rng(seed)
        return _damage(_video(random, folder), how, random)

    return make


def _damage(content, how, random):
    if how == "empty":
        return b""
    if how == "half":
        return content[: len(content) // 2]
    if how == "most":
        return content[: max(0, len(content) - 20)]
    if how == "random":
        return random.bytes(len(content))
    if how == "text":
        return b"no picture, only words\n" * 20
    damaged = bytearray(content)
    for place in random.integers(0, len(damaged), 24):
        damaged[place] ^= 0xFF
    return bytes(damaged)


def _arrays(random):
    """NPY files: claims, odd types, odd shapes, odd values, code."""
    maps = _pixels(random, 4, SIDE, SIDE, 3)
    floats = maps.astype(np.float32) / 255
    broken = floats.copy()
    broken[1], broken[2, 3] = np.nan, np.inf
    contents = {
        "claims-a-terabyte": _npy_claim((10**4, 10**4, 10**4)),
        "claims-more-than-64-bits": _npy_claim((2**40, 2**40)),
        "claims-negative": _npy_claim((-4, 8, 8)),
        "claims-no-tuple": _npy_claim("many"),
        "claims-code": _npy_claim((2, 2), "__import__('os').system('true')"),
        "header-of-4-gigabytes": b"\x93NUMPY\x02\x00\xff\xff\xff\xff{}",
        "version-9": b"\x93NUMPY\x09\x00\x00\x00",
        "text-array": _npy(np.array(["a picture", "another"])),
        "dates": _npy(np.arange(6).astype("datetime64[D]")),
        "complex": _npy(floats.astype(np.complex64)),
        "records": _npy(np.zeros(4, [("r", "u1"), ("g", "u1")])),
        "booleans": _npy(maps > 99),
        "no-samples": _npy(maps[:0]),
        "no-columns": _npy(maps[:, :, :0]),
        "one-number": _npy(np.array(3.0)),
        "six-axes": _npy(np.zeros((2, 2, 2, 2, 2, 2), np.uint8)),
        "eleven-channels": _npy(np.zeros((3, 8, 8, 11), np.uint8)),
        "big-endian": _npy(maps.astype(">u2")),
        "fortran": _npy(np.asfortranarray(maps)),
        "64-bit": _npy(maps.astype(np.uint64) << 50),
        "not-finite": _npy(broken),
        "all-nan": _npy(np.full((3, 8, 8), np.nan, np.float32)),
        "huge-numbers": _npy(floats.astype(np.float64) * 1e300),
        "one-pixel": _npy(np.zeros((3, 1, 1), np.uint8)),
        "very-wide": _npy(np.zeros((1, 1, 100_000), np.uint8)),
    }
    found = [(f"npy-{name}", _one_file("a.npy", content)) for name, content in contents.items()]
    return [*found, ("npy-of-objects", _one_file("a.npy", _pickled))]


def _pickled(folder):
    array = np.empty(2, object)
    array[:] = [_Touch(folder / MARKER), 1]
    return _npy(array, allow_pickle=True)


def _archives(random):
    """NPZ and IDX: bombs, lying headers, members that are no arrays, labels that do not fit."""
    maps = _pixels(random, 6, SIDE, SIDE)
    zeros = _npy_claim((40_000, 1000, 100), data=bytes(1 << 26))
    contents = {
        "bomb.npz": _npz(images=zeros),
        "claim.npz": _npz(images=_npy_claim((10**6, 1000, 1000))),
        "labels-too-few.npz": _npz(images=_npy(maps), labels=_npy(np.arange(4))),
        "labels-of-floats.npz": _npz(images=_npy(maps), labels=_npy(np.full(6, np.nan))),
        "labels-huge.npz": _npz(images=_npy(maps), labels=_npy(np.full(6, 2**62))),
        "labels-negative.npz": _npz(images=_npy(maps), labels=_npy(-np.arange(6))),
        "only-labels.npz": _npz(labels=_npy(np.arange(6))),
        "two-of-a-kind.npz": _npz(left=_npy(maps), right=_npy(maps)),
        "empty.npz": _npz(),
        "bad-member.npz": _npz(images=b"not an array at all"),
        "odd-names.npz": _npz(**{"../../escape": _npy(maps)}),
        "huge-images-idx3-ubyte": _idx((2**31, 1000, 1000), b"abc"),
        "many-images-idx3-ubyte": _idx((10**6, SIDE, SIDE), random.bytes(5000)),
        "none-images-idx3-ubyte": _idx((0, SIDE, SIDE), b""),
        "type-images-idx3-ubyte": _idx((4, SIDE, SIDE), random.bytes(600), code=0x77),
        "axes-images-idx3-ubyte": _idx((2,) * 9, random.bytes(512)),
        "bomb-images-idx3-ubyte.gz": gzip.compress(_idx((60_000, 28, 28), b"") + bytes(1 << 27)),
    }
    found = [(f"archive-{name}", _one_file(name, content)) for name, content in contents.items()]
    return [*found, ("archive-objects", _one_file("a.npz", _pickled_npz)), *_idx_pairs(random)]


def _pickled_npz(folder):
    return _npz(images=_pickled(folder))


def _idx_pairs(random):
    images = _idx((6, SIDE, SIDE), random.bytes(6 * SIDE * SIDE))
    labels = {
        "short": _idx((4,), bytes(4)),
        "long": _idx((9,), bytes(9)),
        "broken": b"\x00\x00\x08",
        "maps": images,
    }

    def pair(content):
        def write(folder):
            (folder / "t-images-idx3-ubyte").write_bytes(images)
            (folder / "t-labels-idx1-ubyte").write_bytes(content)
            return [str(folder / "t-images-idx3-ubyte")]

        return write

    return [(f"idx-labels-{name}", pair(content)) for name, content in labels.items()]


def _hdf5_files(random):
    """HDF5: links to elsewhere, circles, odd types, claims."""
    import h5py

    maps = _pixels(random, 5, SIDE, SIDE, 3)

    def outside(file):
        file["images"] = h5py.ExternalLink("/etc/passwd", "/images")

    def circle(file):
        file["a"] = h5py.SoftLink("/b")
        file["b"] = h5py.SoftLink("/a")

    def rings(file):
        file.create_group("g")["back"] = file["/"]
        file["images"] = maps

    def texts(file):
        file.create_dataset("images", data=["a", "b"], dtype=h5py.string_dtype())

    def vast(file):
        file.create_dataset("images", (10**7, 1000, 1000), "u1", chunks=(1, 1000, 1000))

    def ragged(file):
        data = file.create_dataset("images", (3,), h5py.vlen_dtype(np.uint8))
        data[0] = np.arange(5, dtype=np.uint8)

    def raw_outside(file):
        parts = [("/etc/passwd", 0, 300)]
        file.create_dataset("images", (3, 10, 10), "u1", external=parts)

    def many(file):
        for index in range(300):
            file.create_dataset(f"set{index}", data=maps)

    def unequal(file):
        file["images"], file["labels"] = maps, np.arange(17)

    fills = {"outside": outside, "circle": circle, "rings": rings, "texts": texts, "vast": vast,
             "ragged": ragged, "raw-outside": raw_outside, "many": many, "unequal": unequal,
             "nothing": lambda file: None}  # fmt: skip
    return [(f"hdf5-{name}", _one_file("a.h5", _hdf5(fill))) for name, fill in fills.items()]


def _folders(random):
    """Folders without pictures, with broken ones among good ones, with links and odd names."""
    good = _encoded(random, "PNG")

    def folder_of(**files):
        def write(folder):
            place = folder / "pictures"
            place.mkdir()
            for name, content in files.items():
                target = place / name
                target.parent.mkdir(parents=True, exist_ok=True)
                target.write_bytes(content)
            return [str(place)]

        return write

    def circle(folder):
        (folder / "pictures").mkdir()
        (folder / "pictures" / "again").symlink_to(folder / "pictures")
        (folder / "pictures" / "dead.png").symlink_to(folder / "gone.png")
        (folder / "pictures" / "good.png").write_bytes(good)
        return [str(folder / "pictures")]

    return [
        ("folder-empty", folder_of()),
        ("folder-of-text", folder_of(**{"a.txt": b"hello", "b.md": b"#"})),
        ("folder-all-broken", folder_of(**{f"{i}.png": random.bytes(99) for i in range(4)})),
        ("folder-one-broken", folder_of(**{"a.png": good, "b.png": good[:60], "c.png": good})),
        ("folder-first-broken", folder_of(**{"a.png": b"", "b.png": good})),
        ("folder-claims", folder_of(**{"a.png": good, "b.png": _png_claim(60_000, 60_000)})),
        ("folder-empty-class", folder_of(**{"cats/a.png": good, "dogs/read.me": b""})),
        ("folder-odd-names", folder_of(**{"a\nb.png": good, "\u202egnp.png": good, "-o": good})),
        ("folder-circle", circle),
        ("picture-claims", _one_file("a.png", _png_claim(2**31 - 1, 2**31 - 1))),
        ("picture-zero", _one_file("a.png", _png_claim(0, 0))),
        ("nothing-there", lambda folder: [str(folder / "absent")]),
        ("device", lambda folder: ["/dev/zero"]),
        ("empty-word", lambda folder: [""]),
    ]


def _labels(random):
    """Three good pictures with label and class files that are wrong."""
    contents = {
        "short.csv": b"file,label\n0.png,cat\n",
        "other-files.csv": b"file,label\nx.png,cat\ny.png,dog\n",
        "no-columns.csv": b"\n\n\n",
        "binary.csv": random.bytes(400),
        "nul.csv": b"file,label\n0.png\x00,cat\n",
        "quotes.csv": b'file,label\n"0.png,cat\n',
        "wide.csv": b"file,label\n" + b"0.png" + b"," * 200_000 + b"\n",
        "nan.csv": b"file,label\n0.png,nan\n1.png,inf\n2.png,-7\n",
        "huge.csv": b"file,label\n0.png,99999999999999999999999\n1.png,1e308\n2.png,3\n",
        "deep.json": b"[" * 100_000,
        "cut.json": b'{"0.png": "ca',
        "number.json": b"17",
        "shapes.json": json.dumps({"0.png": {"label": [1, 2]}, "1.png": None}).encode(),
        "empty.csv": b"",
        "objects.npy": pickle.dumps(_Touch(f"/tmp/{MARKER}")),
        "long.npy": _npy(np.arange(40)),
    }

    def write_with(option, name, content):
        def write(folder):
            place = folder / "pictures"
            place.mkdir()
            for index in range(3):
                Image.fromarray(_pixels(np.random.default_rng(index))).save(place / f"{index}.png")
            (folder / name).write_bytes(content)
            return [str(place), option, str(folder / name)]

        return write

    found = [
        (f"labels-{name}", write_with("--labels", name, content))
        for name, content in contents.items()
    ]
    classes = {"empty.txt": b"", "binary.txt": random.bytes(300), "deep.json": b"[" * 100_000,
               "one.txt": b"only\n", "many.txt": b"x\n" * 100_000}  # fmt: skip
    return found + [
        (f"classes-{name}", write_with("--classes", name, content))
        for name, content in classes.items()
    ]


def _lists(random):
    """Lists of files that lead nowhere, or in a circle."""
    contents = {
        "absent.txt": b"gone/1.png\ngone/2.png\n",
        "itself.txt": b"itself.txt\n",
        "outside.txt": b"/etc/passwd\n../../../etc/hosts\n",
        "web.txt": b"http://localhost:1/a.png\nfile:///etc/passwd\n",
        "binary.txt": random.bytes(500),
        "empty.csv": b"file,label\n",
        "deep.json": b"[" * 200_000,
        "numbers.json": b"[1, 2, 3]",
        "playlist.mp4": b"#EXTM3U\n#EXTINF:1,\nfile:///etc/passwd\n#EXT-X-ENDLIST\n",
        "concat.mp4": b"ffconcat version 1.0\nfile /etc/passwd\n",
    }
    return [(f"list-{name}", _one_file(name, content)) for name, content in contents.items()]
