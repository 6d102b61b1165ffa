"""What is known of a network without its file: kept in a study, so that it opens without it."""

import difflib
import fnmatch
from dataclasses import asdict, dataclass, field
from fractions import Fraction
from functools import cached_property

from engine.errors import InputError
from engine.network.axes import layout_letters
from engine.network.graph import Tensor
from engine.network.layers import Layer, Quantisation
from engine.network.preprocessing import Preprocessing
from engine.network.receptive_field import ReceptiveField
from engine.network.scores import Scores

FORMAT = 1


@dataclass(frozen=True, kw_only=True)
class NetworkSummary:
    """A network's facts as plain data.

    Attributes
    ----------
    path : str
        Where the file was.
    sha256 : str
        Over the file and its external data.
    inputs, outputs : tuple of Tensor
        As declared.
    opset : int
    producer : str
        ``"pytorch 1.7"``.
    nodes : int
    layers : tuple of Layer
        In order of depth.
    image_input : str
    input_shape : tuple of int
        Chosen for the image input; batch 1, or the batch that the file fixes.
    input_dtype : str
    batch : int
        1, or the batch that the file fixes.
    batch_is_free, size_is_free : bool
    scores : Scores or None
    scores_reason : str
    preprocessing : Preprocessing or None
        The guess, corrected by options; None when the input takes no picture.
    notes : tuple of str
        What a person should be told.
    difference_from_plain : float or None
    """

    path: str
    sha256: str
    inputs: tuple[Tensor, ...]
    outputs: tuple[Tensor, ...]
    opset: int
    producer: str
    nodes: int
    layers: tuple[Layer, ...]
    image_input: str
    input_shape: tuple[int, ...]
    input_dtype: str
    input_layout: str
    batch: int
    batch_is_free: bool
    size_is_free: bool
    scores: Scores | None
    scores_reason: str
    preprocessing: Preprocessing | None
    notes: tuple[str, ...] = field(default=())
    difference_from_plain: float | None = None

    @cached_property
    def _by_name(self):
        return {layer.name: layer for layer in self.layers}

    def layer(self, name):
        """The layer of this name; raises `InputError` naming near matches."""
        if name in self._by_name:
            return self._by_name[name]
        near = difflib.get_close_matches(name, self._by_name, 3, 0.5)
        raise InputError(
            f"the network has no layer {name!r}",
            where=self.path,
            remedy=f"did you mean {', '.join(near)}?" if near else "see `lamella info`",
        )

    def select(self, globs):
        """Layers whose names fit any of some patterns, in order of depth.

        Parameters
        ----------
        globs : str or sequence of str or None
            Shell patterns (``conv*``) or whole names; None: all layers.

        Raises
        ------
        InputError
            When a pattern fits no layer.
        """
        if globs is None:
            return self.layers
        globs = [globs] if isinstance(globs, str) else list(globs)
        chosen = set()
        for pattern in globs:
            if pattern in self._by_name:
                chosen.add(pattern)
                continue
            fitting = [name for name in self._by_name if fnmatch.fnmatchcase(name, pattern)]
            if not fitting and not set(pattern) & set("*?["):
                self.layer(pattern)
            if not fitting:
                raise InputError(
                    f"no layer fits {pattern!r}", where=self.path, remedy="see `lamella info`"
                )
            chosen.update(fitting)
        return tuple(layer for layer in self.layers if layer.name in chosen)

    @property
    def image_axes(self):
        """The axes of the image input that are rows and columns (rows None: a flat input)."""
        return image_axes(layout_letters(self.input_layout))

    @property
    def classes(self):
        """The number of classes of the scores, or None."""
        return None if self.scores is None else self.scores.classes

    def to_json(self):
        """Everything as plain data for ``study.json``; `from_json` reads it."""
        document = {name: getattr(self, name) for name in _PLAIN_FIELDS}
        document["format"] = FORMAT
        for name in ("inputs", "outputs"):
            document[name] = [tensor_json(tensor) for tensor in getattr(self, name)]
        document["input_shape"] = list(self.input_shape)
        document["notes"] = list(self.notes)
        document["layers"] = [_layer_json(layer) for layer in self.layers]
        document["scores"] = None if self.scores is None else self.scores.as_json()
        guess = self.preprocessing
        document["preprocessing"] = None if guess is None else guess.as_json()
        return document

    @classmethod
    def from_json(cls, document):
        """A summary from what `to_json` gave.

        Raises
        ------
        InputError
            When it was written by a newer Lamella.
        """
        if document.get("format") != FORMAT:
            raise InputError(
                "the network's facts have another format",
                expected=FORMAT,
                got=document.get("format"),
                remedy="open the study with the Lamella that wrote it",
            )
        values = {name: document[name] for name in _PLAIN_FIELDS}
        for name in ("inputs", "outputs"):
            values[name] = tuple(_tensor(each) for each in document[name])
        values["input_shape"] = tuple(document["input_shape"])
        values["notes"] = tuple(document["notes"])
        values["layers"] = tuple(_layer(each) for each in document["layers"])
        scores, guess = document["scores"], document["preprocessing"]
        values["scores"] = None if scores is None else Scores.from_json(scores)
        values["preprocessing"] = None if guess is None else Preprocessing.from_json(guess)
        return NetworkSummary(**values)


_PLAIN_FIELDS = (
    "path sha256 opset producer nodes image_input input_dtype input_layout batch batch_is_free "
    "size_is_free scores_reason difference_from_plain"
).split()


def image_axes(letters):
    """The axes of rows and columns among letters; rows None where there is one axis only."""
    if "H" in letters and "W" in letters:
        return letters.index("H"), letters.index("W")
    places = [i for i, letter in enumerate(letters) if "N" not in letter and letter != "C"]
    if len(places) >= 2:
        return places[-2], places[-1]
    if places:
        return None, places[0]
    return None, len(letters) - 1


def tensor_json(tensor):
    """An input or output as JSON: name, dtype, declared shape."""
    shape = None if tensor.shape is None else list(tensor.shape)
    return {"name": tensor.name, "dtype": tensor.dtype, "shape": shape}


def _tensor(document):
    shape = document["shape"]
    return Tensor(document["name"], document["dtype"], None if shape is None else tuple(shape))


def _layer_json(layer):
    document = layer.as_json()
    document["nodes"] = list(layer.nodes)
    document["pre_layout"] = layer.pre_layout
    document["quantised"] = {which: asdict(each) for which, each in layer.quantised.items()}
    return document


def _layer(document):
    tensors = document["tensors"]
    box = document["receptive_field"]
    quantised = {
        which: Quantisation(tuple(each["scale"]), tuple(each["zero_point"]), each["axis"])
        for which, each in document["quantised"].items()
    }
    return Layer(
        name=document["name"],
        kind=document["kind"],
        op_types=tuple(document["op_types"]),
        nodes=tuple(document["nodes"]),
        pre=tensors["pre"],
        post=tensors["post"],
        raw=tuple(tensors["raw"]),
        file_layout=document["file_layout"],
        pre_layout=document["pre_layout"],
        output_shape=tuple(document["output_shape"]),
        size_is_free=document["size_is_free"],
        params=document["params"],
        macs=document["macs"],
        sources=tuple(document["sources"]),
        depth=document["depth"],
        receptive_field=None if box is None else _receptive_field(box),
        quantised=quantised,
    )


def _receptive_field(document):
    return ReceptiveField(
        size=tuple(document["size"]),
        stride=tuple(Fraction(each).limit_denominator(4096) for each in document["stride"]),
        center=tuple(document["center"]),
        status=document["status"],
        uniform=document["uniform"],
    )
