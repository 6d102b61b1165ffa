"""Presets of the preprocessing, and options over them: what a person may say against the guess."""

from dataclasses import replace

import numpy as np

from engine.errors import InputError

IMAGENET_MEAN = (0.485, 0.456, 0.406)
IMAGENET_STD = (0.229, 0.224, 0.225)
CAFFE_MEAN_BGR = (103.939, 116.779, 123.68)
CLASSIFIER_CROP = 0.875
SMALLEST_CROPPED = 96

PRESETS = {
    "imagenet": {"integers": "unit", "mean": IMAGENET_MEAN, "std": IMAGENET_STD},
    "caffe": {"integers": "raw", "mean": CAFFE_MEAN_BGR, "std": (1.0,), "channels": "bgr"},
    "zero-one": {"integers": "unit", "mean": (0.0,), "std": (1.0,)},
    "minus-one-one": {"integers": "unit", "mean": (0.5,), "std": (0.5,)},
    "int8": {"integers": "int8", "mean": (0.0,), "std": (1.0,)},
    "raw": {"integers": "raw", "mean": (0.0,), "std": (1.0,)},
}
"""What each preset fixes. ``imagenet`` and ``caffe`` also crop: 0.875 of the resized picture is
kept where the network's input is larger than 96 pixels (small inputs are trained on whole
pictures)."""


def default_crop(preset, size):
    """The crop fraction of a preset for an input of `size`: 0.875 for ``imagenet`` and ``caffe``
    where both sides pass 96 pixels, else 1."""
    cropped = preset in ("imagenet", "caffe") and min(size) > SMALLEST_CROPPED
    return CLASSIFIER_CROP if cropped else 1.0


def with_preset(base, preset, reason=None):
    """`base` (its size, layout and dtype) under another preset; certain, because it was chosen."""
    if preset not in PRESETS:
        raise InputError(
            f"unknown preset {preset!r}",
            where="--preprocess",
            expected=f"one of {', '.join(PRESETS)}",
        )
    values = dict(PRESETS[preset])
    colour = {1: "gray", 3: "rgb"}.get(base.channel_count, "as-is")
    channels = values.pop("channels", colour)
    if colour != "rgb" or base.channels == "gray":
        channels = "gray" if base.channels == "gray" else colour
    for name in ("mean", "std"):
        if base.channel_count != 3 and len(values[name]) == 3:
            values[name] = (round(float(np.mean(values[name])), 6),)
    return replace(
        base,
        preset=preset,
        channels=channels,
        scale=1.0,
        crop=default_crop(preset, base.size),
        reason=reason or f"the preset {preset} was chosen",
        certain=True,
        **values,
    )


def with_options(
    guess,
    preset=None,
    size=None,
    crop=...,
    scale=None,
    mean=None,
    std=None,
    bgr=None,
    gray=None,
    layout=None,
):
    """The guess, corrected by what a person said: a preset first, then each option over it.

    Parameters
    ----------
    guess : Preprocessing
    preset : str, optional
        One of `PRESETS`.
    size : (rows, columns) or int, optional
    crop : float or None, optional
        None stretches; left out, the preset's or the guess's stays.
    scale : float, optional
    mean, std : float or sequence of float, optional
        In the order of the network's channels.
    bgr, gray : bool, optional
    layout : str, optional
        One of `LAYOUTS`.

    Returns
    -------
    Preprocessing
        `guess` itself when nothing was given, else one that is certain, with what was given as
        reason.

    Raises
    ------
    InputError
        For a value that has no meaning or does not fit the network's input.
    """
    given = {
        "size": size, "scale": scale, "mean": mean, "std": std, "bgr": bgr, "gray": gray, "layout":
        layout,
    }  # fmt: skip
    said = [name for name, value in given.items() if value is not None]
    said += ["crop"] if crop is not ... else []
    if preset is None and not said:
        return guess
    changes = {}
    if size is not None:
        changes["size"] = (size, size) if isinstance(size, int) else tuple(int(s) for s in size)
    base = replace(guess, **changes)
    base = base if preset is None else with_preset(base, preset)
    if crop is not ...:
        changes["crop"] = None if crop is None else float(crop)
    if scale is not None:
        changes["scale"] = float(scale)
    for name, value in (("mean", mean), ("std", std)):
        if value is not None:
            changes[name] = tuple(float(v) for v in np.atleast_1d(value))
    if bgr is not None:
        changes["channels"] = "bgr" if bgr else ("rgb" if base.channels == "bgr" else base.channels)
    if gray is not None:
        plain = "rgb" if base.channel_count == 3 else base.channels
        changes["channels"] = (
            "gray" if gray else (plain if base.channels == "gray" else base.channels)
        )
    if layout is not None:
        changes["layout"] = str(layout).upper()
    return replace(base, **changes, reason=_said(preset, said, base, changes), certain=True)


def _said(preset, said, base, changes):
    """The reason of a corrected guess, with a warning when a mean cannot be meant."""
    words = ([f"the preset {preset}"] if preset else []) + [f"--{name}" for name in said]
    reason = f"{' and '.join([', '.join(words[:-1]), words[-1]] if words[1:] else words)} given"
    mean = max(map(abs, changes.get("mean", (0.0,))))
    scale = changes.get("scale", base.scale)
    if base.integers == "unit" and mean > 4 * abs(scale):
        reason += (
            f"; a mean of {mean:g} is far outside 0..{scale:g}, did you mean --preprocess raw?"
        )
    return reason
