"""Which arrays of an archive (NPZ, HDF5) are the pictures, their labels and their class names.

Names are cut into words: ``x_test``, ``test/images`` and ``testImages`` all hold the word *test*
and a word for pictures. What is left without the words for pictures and labels is the split, and
the labels of a split are the array with the same split, one label a sample.
"""

import re
from dataclasses import dataclass, field

from engine.errors import InputError

PICTURES = {"x", "image", "images", "img", "imgs", "picture", "pictures", "data", "input", "inputs"}
LABELS = {"y", "label", "labels", "target", "targets", "class", "classes", "category", "digit"}
NAMES = {"names", "classnames", "labelnames", "classes"}
SPLITS = ("test", "val", "valid", "validation", "train", "training")


@dataclass(frozen=True)
class ArrayFacts:
    """One array of an archive, before it is read."""

    name: str
    shape: tuple[int, ...]
    dtype: object

    @property
    def is_text(self):
        """Whether its values are strings."""
        return self.dtype.kind in "USO"

    @property
    def is_number(self):
        """Whether its values are numbers."""
        return self.dtype.kind in "biuf"

    def __str__(self):
        return f"{self.name} {self.dtype}{list(self.shape)}"


@dataclass(frozen=True)
class Choice:
    """What was chosen, and why."""

    pictures: ArrayFacts
    labels: ArrayFacts | None
    class_names: ArrayFacts | None
    notes: list[str] = field(default_factory=list)


def choose(arrays, split, where):
    """Choose pictures, labels and class names.

    Parameters
    ----------
    arrays : sequence of ArrayFacts
    split : str or None
        What stands after ``::``: a split (``test``) or an array's own name.
    where : path
        For messages.

    Returns
    -------
    Choice

    Raises
    ------
    InputError
        When nothing or more than one array fits; the message lists what there is.
    """
    numbers = [a for a in arrays if a.is_number]
    pictures, reason = _pictures(numbers, split, where, arrays)
    labels = _labels(arrays, pictures)
    class_names = _class_names(arrays, labels)
    what = f"pictures from {pictures}"
    what += f", labels from {labels.name}" if labels else ", no labels"
    what += f", class names from {class_names.name}" if class_names else ""
    return Choice(pictures, labels, class_names, [f"{what}: {reason}"])


def words_of(name):
    """The lower-case words of an array's name, at underscores, slashes, digits and capitals."""
    spaced = re.sub(r"([a-z])([A-Z])", r"\1 \2", name)
    return [w for w in re.split(r"[^a-z0-9]+", spaced.lower()) if w]


def _pictures(numbers, split, where, arrays):
    if split is not None:
        exact = [a for a in numbers if a.name.strip("/") == split.strip("/")]
        if exact:
            return exact[0], "asked for by name"
    shaped = [a for a in numbers if len(a.shape) in (3, 4) and a.shape[0] > 0]
    flat = [a for a in numbers if len(a.shape) == 2 and a.shape[1] > 1]
    for group in (shaped, [a for a in flat if set(words_of(a.name)) & PICTURES]):
        found = _of_split(group, split)
        if len(found) == 1:
            if split is not None:
                return found[0], f"the split {split}"
            only = len(group) == 1
            axes = len(found[0].shape)
            return found[0], f"the only array with {axes} axes" if only else "the split test"
    if split is None and not shaped and len(flat) == 1:
        return flat[0], "the only array with 2 axes"
    listed = ", ".join(str(a) for a in arrays[:12]) or "no arrays"
    raise InputError(
        "no array of pictures" if not shaped else "which array holds the pictures is not clear",
        where=where if split is None else f"{where}::{split}",
        expected="one array with 3 or 4 axes" if split is None else f"an array named {split}",
        got=listed,
        remedy="name the array: FILE::NAME",
    )


def _of_split(group, split):
    wanted = "test" if split is None else split.lower()
    same = {"val", "valid", "validation"} if wanted in SPLITS[1:4] else {wanted}
    same = {"train", "training"} if wanted in SPLITS[4:] else same
    found = [a for a in group if same & set(words_of(a.name))]
    if len(found) > 1:
        found = [a for a in found if set(words_of(a.name)) & PICTURES] or found
    if found or split is not None:
        return found
    if len(group) > 1:
        named = [a for a in group if set(words_of(a.name)) & PICTURES]
        unsplit = [a for a in named if not set(words_of(a.name)) & set(SPLITS)]
        return unsplit if len(unsplit) == 1 else group
    return group


def _labels(arrays, pictures):
    samples = pictures.shape[0]
    split = set(words_of(pictures.name)) - PICTURES
    fitting = [
        a
        for a in arrays
        if a is not pictures
        and a.shape
        and a.shape[0] == samples
        and set(words_of(a.name)) & LABELS
        and (len(a.shape) == 1 or len(a.shape) == 2 and not a.is_text)
    ]
    for array in fitting:
        if set(words_of(array.name)) - LABELS == split:
            return array
    return fitting[0] if len(fitting) == 1 else None


def _class_names(arrays, labels):
    for array in arrays:
        words = set(words_of(array.name))
        if array is not labels and array.is_text and len(array.shape) == 1 and words & NAMES:
            return array
    return None
