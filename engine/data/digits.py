"""scikit-learn's digits as the built-in sample: 1,797 digits, enlarged from 8 x 8 to 32 x 32.

``sample:digits::original`` gives them at 8 x 8, for networks that were trained on these.

Read from scikit-learn's own file without importing the library, which takes a second.
Source: E. Alpaydin, C. Kaynak, Optical Recognition of Handwritten Digits, UCI repository (CC BY
4.0).
"""

import gzip
from importlib.util import find_spec
from pathlib import Path

import numpy as np

from engine.data.arrays import ArrayData
from engine.errors import MachineError

SIDE = 32
_TOP = 16


def open_digits(limit=None, original=False):
    """The digits: ``uint8[1797, 32, 32]``, or 8 x 8 as they are (`original`), with labels."""
    values, labels = _read()
    values, labels = values[:limit], labels[:limit]
    pictures = np.rint(values * (255 / _TOP)).astype(np.uint8) if original else enlarge(values)
    digits = ArrayData("sample:digits", "digits", pictures, name="digits")
    digits.labels = labels
    digits.classes = [str(digit) for digit in range(10)]
    digits.class_origin = "data"
    how = "8 x 8" if original else "enlarged from 8 x 8 to 32 x 32 (bicubic)"
    digits.notes.append(f"scikit-learn's digits, {how}")
    return digits


def enlarge(values):
    """From 0..16 at 8 x 8 to uint8 at 32 x 32, bicubic as Pillow, in floats until the last step.

    Parameters
    ----------
    values : float[N, 8, 8]
        0 to 16.

    Returns
    -------
    uint8[N, 32, 32]
    """
    from PIL import Image

    pictures = np.empty((len(values), SIDE, SIDE), np.uint8)
    for picture, small in zip(pictures, values, strict=True):
        image = Image.fromarray(small.astype(np.float32) * (255 / _TOP))
        large = np.asarray(image.resize((SIDE, SIDE), Image.Resampling.BICUBIC))
        picture[:] = np.rint(np.clip(large, 0, 255))
    return pictures


def _read():
    spec = find_spec("sklearn")
    if spec is None or not spec.origin:
        raise MachineError("scikit-learn is not installed", remedy="run ./run again")
    file = Path(spec.origin).parent / "datasets" / "data" / "digits.csv.gz"
    if file.is_file():
        with gzip.open(file, "rt") as text:
            table = np.loadtxt(text, delimiter=",", dtype=np.float32)
        return table[:, :-1].reshape(-1, 8, 8), table[:, -1].astype(np.int32)
    from sklearn.datasets import load_digits

    digits = load_digits()
    return digits.images, digits.target.astype(np.int32)
