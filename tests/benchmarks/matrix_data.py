"""`make bench-data`: a real layer's million points for the figures of the matrix, made once.

The 512 channels of 13 x 13 of SqueezeNet's last fire module over 6,000 seeded crops of
``../shared/data/photos``, extracted by the program itself into ``.bench-data/`` (3.6 GB). Colours
are the ten most frequent predictions, everything else left out.
"""

import shutil
import sys
from functools import cache
from pathlib import Path

import numpy as np

ROOT = Path(__file__).resolve().parents[2]
SHARED = ROOT.parent / "shared"
PHOTOS = SHARED / "data" / "photos"
NETWORK = SHARED / "models" / "squeezenet1.0_caffe_dc.onnx"
HOME = ROOT / ".bench-data"
LAYER = "fire9_concat"
CROPS, SIDE, SEED = 6000, 227, 20
LEAST = 64  # px of a photo's shorter side
CLASSES = 10
LEFT_OUT = 255


def missing():
    """Why there is no real layer to measure with, or None."""
    absent = [path for path in (PHOTOS, NETWORK) if not path.exists()]
    return f"needs {absent[0].relative_to(ROOT.parent)} beside the project" if absent else None


@cache
def study_path():
    """The study of the real layer, made when it is not there: a folder."""
    from engine.run.extract import extract

    study = HOME / "squeezenet.study"
    extract(NETWORK, _crops(), study, layers=[LAYER], policy="full", dtype="float16", device="cpu")
    return study


@cache
def points():
    """The real layer's `engine.embedding.points.Points`: 1,014,000 of 512 channels, mapped."""
    from engine.embedding.points import make_points
    from engine.study.reader import open_study

    with open_study(study_path()) as study:
        return make_points(study, LAYER)


@cache
def groups():
    """Colours of `points`: uint8[P], 0 to 9 for the most frequent predictions, else 255."""
    from engine.study.reader import open_study

    with open_study(study_path()) as study:
        predictions = study.predictions
    count = np.bincount(predictions)
    chosen = np.argsort(-count, kind="stable")[:CLASSES]
    table = np.full(len(count), LEFT_OUT, np.uint8)
    table[chosen] = np.arange(CLASSES)
    return table[predictions][points().row]


def widest(channels, count=None):
    """The columns of largest variance over the first points: a smaller `Columns`, in memory.

    Parameters
    ----------
    channels : int
        How many, D.
    count : int, optional
        How many points, N; all by default.
    """
    columns = points().columns
    chosen = by_variance()[:channels]
    return first_points(columns, np.sort(chosen), slice(count))


@cache
def by_variance():
    """Channels by falling variance of their values, int[512]."""
    columns = points().columns
    spread = [np.std(columns.values(c, columns.fine[c, :100_000])) for c in range(columns.channels)]
    return np.argsort(-np.array(spread), kind="stable")


def first_points(columns, channels, some):
    """Some channels of some points as `Columns`."""
    from engine.embedding.points import Columns

    tables = (columns.low, columns.step, columns.zero, columns.not_finite, columns.zeros)
    return Columns(
        columns.layer,
        columns.which,
        np.ascontiguousarray(columns.fine[channels, some]),
        np.ascontiguousarray(columns.coarse[channels, some]),
        *(each[channels] for each in tables),
    )


def _crops():
    """The crops as an NPY file, uint8[6000, 227, 227, 3], made when it is not there."""
    path = HOME / "crops.npy"
    if path.exists():
        return path
    from PIL import Image

    HOME.mkdir(exist_ok=True)
    photos = [Image.open(file).convert("RGB") for file in sorted(PHOTOS.rglob("*.*"))]
    photos = [photo for photo in photos if min(photo.size) >= LEAST]
    unfinished = path.with_suffix(".tmp")
    shape = (CROPS, SIDE, SIDE, 3)
    crops = np.lib.format.open_memmap(unfinished, "w+", np.uint8, shape)
    for i in range(CROPS):
        crops[i] = _crop(photos, np.random.default_rng([SEED, i]))
    crops.flush()
    unfinished.rename(path)
    return path


def _crop(photos, random):
    """A square of a photo, at least a third of its shorter side, mirrored every other time."""
    photo = photos[random.integers(len(photos))]
    side = int(min(photo.size) * random.uniform(1 / 3, 1))
    left = int(random.integers(photo.width - side + 1))
    top = int(random.integers(photo.height - side + 1))
    picture = photo.resize((SIDE, SIDE), box=(left, top, left + side, top + side))
    return np.asarray(picture)[:, :: -1 if random.integers(2) else 1]


def main():
    """Make what is missing; `--again` makes everything again."""
    reason = missing()
    if reason:
        print(f"no data for the matrix's figures: {reason}")
        return 0
    if "--again" in sys.argv:
        shutil.rmtree(HOME, ignore_errors=True)
    made = points()
    size = sum(file.stat().st_size for file in HOME.rglob("*") if file.is_file())
    print(f"{made.words}, {made.channels} channels; {size / 1e9:.1f} GB in {HOME.name}/")
    return 0


if __name__ == "__main__":
    sys.exit(main())
