"""Preprocessing: how a picture becomes the network's input, stated, stored with the study,
correctable.

What happens, in this order: colours (grey repeated or RGB to luma, alpha composited over black);
resize, bilinear and antialiased as Pillow does it, so that the picture covers the size divided by
the crop fraction; centre crop; 8 and 16 bit integers to 0..1 unless ``raw`` or ``int8``; then
``(x * scale - mean) / std`` per channel, in the network's own channel order; then the layout and
dtype of the input. 8-bit pictures are resized as 8-bit pictures (as torchvision does with Pillow
images), everything else in 32-bit floats, channel by channel.

A slow second implementation in float64 is in ``tests/reference/preprocessing.py``.
"""

import hashlib
import json
from dataclasses import asdict, dataclass, field, fields
from functools import cached_property

import numpy as np

from engine.data.pictures import channels_of, full_scale, shown, to_grey, to_rgb, without_alpha
from engine.errors import InputError
from engine.network.preprocessing_presets import PRESETS, with_options, with_preset

__all__ = ["LAYOUTS", "PRESETS", "Preprocessing", "resize", "with_options", "with_preset"]

LAYOUTS = ("NCHW", "NHWC", "NHW", "NK", "CHW", "HWC", "HW")
"""Axes of an input; without N it has no batch axis; ``NK`` is flattened, channels first."""


@dataclass(frozen=True)
class Preprocessing:
    """How a picture becomes the network's input. Immutable; two equal ones give equal numbers.

    Attributes
    ----------
    preset : str
        The preset it started from, one of `PRESETS`.
    size : (int, int)
        Rows and columns of the network's input.
    crop : float or None
        Fraction of the resized picture that the centre crop keeps (1: the largest centred piece
        with the input's shape). None: stretched to the size, nothing cropped.
    channels : {'rgb', 'bgr', 'gray', 'as-is'}
        What the channels of the input are. ``as-is``: the picture's own, in their order.
    channel_count : int
        Channels of the input; ``gray`` with 3 repeats the grey.
    integers : {'unit', 'raw', 'int8'}
        8 and 16 bit integers become 0..1; or stay; or everything gets 128 subtracted. Where the
        input takes one byte a value, or ``int8`` is chosen, 16 bit is brought to 0..255 first.
        Floats stay.
    scale : float
    mean, std : tuple of float
        One number or one a channel, in the order of the network's channels, after `scale`.
    layout : str
        Axes of the input, one of `LAYOUTS`; ``NK``: flattened, channels first.
    dtype : str
        NumPy name of the input's dtype; integers are rounded and clipped to its range.
    reason : str
        One sentence: where this comes from.
    certain : bool
        Whether a fact of the file says so, rather than a habit of its kind.
    """

    preset: str
    size: tuple[int, int]
    crop: float | None = 1.0
    channels: str = "rgb"
    integers: str = "unit"
    scale: float = 1.0
    mean: tuple[float, ...] = (0.0,)
    std: tuple[float, ...] = (1.0,)
    layout: str = "NCHW"
    dtype: str = "float32"
    reason: str = field(default="given", compare=False)
    certain: bool = field(default=True, compare=False)
    channel_count: int = 3

    def __post_init__(self):
        _check(self)

    # -- pictures in, arrays out ---------------------------------------------------------------

    def __call__(self, picture):
        """The network's input for one picture.

        Parameters
        ----------
        picture : dtype[H, W] or dtype[H, W, C]

        Returns
        -------
        array of `dtype`
            The shape of the input without its batch axis: ``[C, H, W]`` for ``NCHW``.

        Raises
        ------
        InputError
            When the picture's channels do not fit.
        """
        return self._arranged(self._normalised(self._fitted(picture)[None]))[0]

    def batch(self, pictures):
        """The network's input for several pictures: ``[n, ...]``; quicker than one by one when
        their shapes are equal and already the network's.

        Parameters
        ----------
        pictures : dtype[n, H, W], dtype[n, H, W, C] or a sequence of pictures
        """
        if isinstance(pictures, np.ndarray) and self._fits(pictures):
            fitted = pictures if pictures.ndim == 4 else pictures[..., None]
            return self._arranged(self._normalised(fitted))
        inputs = [self(picture) for picture in pictures]
        return np.stack(inputs) if inputs else np.empty((0, *self.input_shape), self.dtype)

    def as_seen(self, picture):
        """``uint8[rows, columns, 3]``: what reaches the network, before scale, mean and std, in
        colours that a person knows (BGR is shown as RGB)."""
        return shown(self._sized(self._coloured(picture)))

    @property
    def input_shape(self):
        """Shape of one input without the batch axis."""
        rows, columns = self.size
        lengths = {"C": self.channel_count, "H": rows, "W": columns}
        if self.layout == "NK":
            return (self.channel_count * rows * columns,)
        return tuple(lengths[axis] for axis in self.layout if axis != "N")

    # -- geometry ------------------------------------------------------------------------------

    def resized_shape(self, picture_shape):
        """Rows and columns of the picture after the resize, before the crop.

        The side that decides gets exactly ``round(size / crop)``; the other keeps the aspect and is
        cut to a whole number, as torchvision's ``Resize`` does.
        """
        if self.crop is None:
            return self.size
        height, width = picture_shape[:2]
        want = [max(side, round(side / self.crop)) for side in self.size]
        if want[0] * width >= want[1] * height:
            return want[0], max(want[1], want[0] * width // height)
        return max(want[0], want[1] * height // width), want[1]

    def crop_origin(self, picture_shape):
        """Row and column of the crop's first pixel in the resized picture (torchvision's
        rounding)."""
        resized = self.resized_shape(picture_shape)
        return tuple(round((r - s) / 2.0) for r, s in zip(resized, self.size, strict=True))

    def box_in_picture(self, box, picture_shape):
        """Carry a box back through crop and resize.

        Parameters
        ----------
        box : (y0, x0, y1, x1)
            Pixels of the network's input, first row and column included, last ones not; may reach
            outside.
        picture_shape : (height, width, ...)
            Shape of the original picture.

        Returns
        -------
        (y0, x0, y1, x1) of float
            The same in pixels of the original picture; not clipped to it.
        """
        resized = self.resized_shape(picture_shape)
        top, left = self.crop_origin(picture_shape)
        y, x = picture_shape[0] / resized[0], picture_shape[1] / resized[1]
        y0, x0, y1, x1 = box
        return ((y0 + top) * y, (x0 + left) * x, (y1 + top) * y, (x1 + left) * x)

    # -- identity ------------------------------------------------------------------------------

    def as_json(self):
        """A JSON dict of every field; `from_json` gives the object again."""
        return {key: list(v) if isinstance(v, tuple) else v for key, v in asdict(self).items()}

    @classmethod
    def from_json(cls, document):
        """The object that `as_json` described; unknown keys are ignored."""
        known = {f.name for f in fields(cls)}
        values = {key: v for key, v in document.items() if key in known}
        values = {key: tuple(v) if isinstance(v, list) else v for key, v in values.items()}
        return cls(**values)

    def digest(self):
        """SHA-256 (hex) of what decides the numbers; reason, certainty and the preset's name do
        not."""
        document = self.as_json()
        for name in ("reason", "certain", "preset"):
            del document[name]
        for name in ("mean", "std"):
            document[name] = list(self._per_channel(getattr(self, name)))
        return hashlib.sha256(json.dumps(document, sort_keys=True).encode()).hexdigest()

    def __str__(self):
        rows, columns = self.size
        crop = "stretched" if self.crop is None else f"crop {self.crop:g}"
        mean, std = (", ".join(f"{v:g}" for v in t) for t in (self.mean, self.std))
        integers = {"unit": "integers to 0..1", "raw": "integers as they are", "int8": "x - 128"}
        text = (
            f"{self.preset}: {self.channels} {rows} x {columns}, {crop}, {integers[self.integers]}"
        )
        if self.scale != 1:
            text += f", times {self.scale:g}"
        if set(self.mean) != {0.0} or set(self.std) != {1.0}:
            text += f", minus ({mean}), over ({std})"
        return f"{text}, {self.layout} {self.dtype}"

    # -- steps ---------------------------------------------------------------------------------

    def _fits(self, pictures):
        """Whether a stack needs neither colour conversion nor resizing."""
        if pictures.ndim not in (3, 4) or pictures.shape[1:3] != self.size:
            return False
        if self.resized_shape(pictures.shape[1:3]) != self.size:
            return False
        count = 1 if pictures.ndim == 3 else pictures.shape[3]
        if self.channels == "as-is":
            return count == self.channel_count
        return count == {"rgb": 3, "bgr": 3, "gray": 1}[self.channels]

    def _coloured(self, picture):
        """`picture` with the channels of the network, RGB order kept."""
        picture = np.asarray(picture)
        if picture.ndim not in (2, 3) or not picture.size or picture.dtype.kind not in "biuf":
            raise InputError(
                "this is not a picture",
                expected="numbers [H, W] or [H, W, C]",
                got=f"{picture.dtype}{list(picture.shape)}",
            )
        try:
            if self.channels == "gray":
                return to_grey(picture)
            if self.channels in ("rgb", "bgr"):
                return to_rgb(picture)
        except ValueError as error:
            raise InputError(
                f"the network takes {self.channels} pictures, and {error}",
                remedy="choose pictures with 1, 3 or 4 channels",
            ) from error
        if channels_of(picture) != self.channel_count:
            picture = without_alpha(picture)
        if channels_of(picture) != self.channel_count:
            raise InputError(
                "the picture's channels are not those that the network takes",
                expected=self.channel_count,
                got=channels_of(picture),
                remedy="choose pictures with that many channels",
            )
        return picture

    def _sized(self, picture):
        """Resized and cropped; 8-bit stays 8-bit, everything else becomes float32 unless its size
        is already right."""
        resized = self.resized_shape(picture.shape)
        if picture.shape[:2] != resized:
            picture = resize(picture, resized)
        (top, left), (rows, columns) = self.crop_origin(picture.shape), self.size
        return picture[top : top + rows, left : left + columns]

    def _fitted(self, picture):
        """``[rows, columns, C]`` and still in the units of the picture's dtype."""
        picture = np.asarray(picture)
        coloured = self._coloured(picture)
        sized = self._sized(coloured)
        if sized.dtype != picture.dtype and picture.dtype.kind in "iu":
            sized = np.rint(sized).astype(picture.dtype)
        return sized if sized.ndim == 3 else sized[:, :, None]

    def _normalised(self, stack):
        """``float32[n, rows, columns, C]`` or the input's integer dtype, from pictures of one
        dtype."""
        if self.channels == "bgr":
            stack = stack[..., ::-1]
        if stack.shape[-1] != self.channel_count:
            stack = np.repeat(stack, self.channel_count, axis=-1)
        if stack.dtype == np.uint8:
            return self._looked_up(stack)
        return self._cast(self._values(stack))

    def _looked_up(self, stack):
        if len(self._tables) == 1:
            return self._tables[0][stack]
        out = np.empty(stack.shape, self.dtype)
        for channel, table in enumerate(self._tables):
            out[..., channel] = table[stack[..., channel]]
        return out

    @cached_property
    def _tables(self):
        """The result for each of the 256 values of an 8-bit picture: one table, or a channel's."""
        values = np.arange(256, dtype=np.uint8)
        count = self.channel_count if len(self.mean) > 1 or len(self.std) > 1 else 1
        stack = np.repeat(values[:, None], count, axis=1)
        return list(np.ascontiguousarray(self._cast(self._values(stack)).T))

    def _values(self, stack):
        """``(x * scale - mean) / std`` in float64, integers brought to their range first."""
        values = stack.astype(np.float64)
        if stack.dtype.kind in "iu":
            if self.integers == "unit":
                values /= full_scale(stack.dtype)
            elif self.integers == "int8" or np.dtype(self.dtype).itemsize == 1:
                values *= 255.0 / full_scale(stack.dtype)
        if self.integers == "int8":
            values -= 128.0
        mean, std = np.asarray(self.mean), np.asarray(self.std)
        return (values * self.scale - mean) / std

    def _cast(self, values):
        dtype = np.dtype(self.dtype)
        if dtype.kind in "iu":
            info = np.iinfo(dtype)
            values = np.clip(np.rint(np.nan_to_num(values)), info.min, info.max)
        elif dtype.kind == "b":
            values = values > 0.5
        return values.astype(dtype)

    def _arranged(self, stack):
        """From ``[n, H, W, C]`` to the input's layout, contiguous."""
        if self.layout == "NK":
            return np.ascontiguousarray(stack.transpose(0, 3, 1, 2)).reshape(len(stack), -1)
        axes = self.layout.replace("N", "")
        if "C" not in axes:
            stack, places = stack[..., 0], {"H": 1, "W": 2}
        else:
            places = {"H": 1, "W": 2, "C": 3}
        return np.ascontiguousarray(stack.transpose(0, *(places[a] for a in axes)))

    def _per_channel(self, values):
        return values * self.channel_count if len(values) == 1 else values


def __getattr__(name):
    if name in ("guess", "candidates", "first_nodes", "layout_of", "usual_sizes"):
        from engine.network import preprocessing_guess

        return getattr(preprocessing_guess, name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


def resize(picture, shape):
    """Bilinear, antialiased, as Pillow; 8-bit pictures stay 8-bit, all others become float32.

    Parameters
    ----------
    picture : dtype[H, W] or dtype[H, W, C]
    shape : (rows, columns)
    """
    from PIL import Image

    size = (shape[1], shape[0])
    if picture.dtype == np.uint8 and (picture.ndim == 2 or picture.shape[2] == 3):
        image = Image.fromarray(np.ascontiguousarray(picture))
        return np.asarray(image.resize(size, Image.Resampling.BILINEAR))
    working = np.uint8 if picture.dtype == np.uint8 else np.float32
    planes = picture[:, :, None] if picture.ndim == 2 else picture
    resized = [
        np.asarray(
            Image.fromarray(np.ascontiguousarray(planes[:, :, c], working)).resize(
                size, Image.Resampling.BILINEAR
            )
        )
        for c in range(planes.shape[2])
    ]
    return resized[0] if picture.ndim == 2 else np.stack(resized, axis=2)


def _check(preprocessing):
    """Refuse what has no meaning, in one sentence that names the option."""
    p = preprocessing
    choices = {
        "preset": (p.preset, tuple(PRESETS)),
        "channels": (p.channels, ("rgb", "bgr", "gray", "as-is")),
        "integers": (p.integers, ("unit", "raw", "int8")),
        "layout": (p.layout, LAYOUTS),
    }
    for name, (value, allowed) in choices.items():
        if value not in allowed:
            raise InputError(f"unknown {name} {value!r}", expected=f"one of {', '.join(allowed)}")
    if len(p.size) != 2 or any(int(side) != side or side < 1 for side in p.size):
        raise InputError("a size is rows and columns of at least 1", where="size", got=p.size)
    if p.crop is not None and not 0 < p.crop <= 1:
        raise InputError("a crop is a fraction above 0 and at most 1", where="crop", got=p.crop)
    for name in ("mean", "std"):
        values = getattr(p, name)
        if len(values) not in (1, p.channel_count) or not np.isfinite(values).all():
            raise InputError(
                "give one number or one for each channel",
                where=name,
                expected=p.channel_count,
                got=", ".join(map(str, values)),
            )
    if not np.isfinite(p.scale) or p.scale == 0 or 0 in p.std:
        raise InputError("scale and std must not be 0", where="preprocessing")
    wants = {"rgb": (3,), "bgr": (3,), "gray": (1, 3), "as-is": range(1, 1 << 16)}[p.channels]
    has_channels = "C" in p.layout or p.layout == "NK"
    if p.channel_count not in wants or (p.channel_count > 1 and not has_channels):
        raise InputError(
            f"{p.channels} pictures do not fit {p.channel_count} channels in {p.layout}",
            remedy="leave --bgr, --gray and --layout out",
        )
