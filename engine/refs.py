"""Stable names of what a person points at: a layer, one of its channels, one unit, a raw tensor.

Printed and parsed as ``conv3_2``, ``conv3_2:17``, ``conv3_2:17@12,5`` and ``tensor=RAWNAME``. A
name is a fact about the network, not a place in a list, so it means the same in every session.
"""

import re
from dataclasses import dataclass

from engine.errors import InputError

_LAYER = re.compile(r"[A-Za-z0-9_.\-]+(?:~[1-9][0-9]*)?")
_SHAPE = re.compile(
    r"(?P<layer>[A-Za-z0-9_.\-]+(?:~[1-9][0-9]*)?)"
    r"(?::(?P<channel>[0-9]{1,9})(?:@(?P<position>[0-9]{1,9}(?:,[0-9]{1,9})*))?)?"
)
_TENSOR = "tensor="


@dataclass(frozen=True, order=True)
class Ref:
    """A layer, a channel of it, or a unit of that; or a raw tensor.

    Attributes
    ----------
    layer : str
        A layer's name, or ``""`` for a raw tensor.
    channel : int or None
    position : tuple of int or None
        Row and column of a unit, or as many positions as the layer has; needs a channel.
    tensor : str or None
        A raw tensor's name as the file has it.

    Examples
    --------
    >>> str(Ref("conv3_2", 17, (12, 5)))
    'conv3_2:17@12,5'
    """

    layer: str = ""
    channel: int | None = None
    position: tuple[int, ...] | None = None
    tensor: str | None = None

    def __post_init__(self):
        if (self.tensor is None) == (not self.layer):
            raise ValueError("a reference is to a layer or to a raw tensor")
        if self.layer and not _LAYER.fullmatch(self.layer):
            raise ValueError(f"{self.layer!r} is no layer's name")
        if self.tensor is not None and (self.channel is not None or self.position is not None):
            raise ValueError("a raw tensor has no channels")
        if self.position is not None and (self.channel is None or not self.position):
            raise ValueError("a unit has a channel and a position")

    def __str__(self):
        if self.tensor is not None:
            return _TENSOR + self.tensor
        text = self.layer
        if self.channel is not None:
            text += f":{self.channel}"
        if self.position is not None:
            text += "@" + ",".join(str(place) for place in self.position)
        return text


def parse(text):
    """Read a reference.

    Parameters
    ----------
    text : str

    Returns
    -------
    Ref

    Raises
    ------
    InputError
        When the text is none.
    """
    if text.startswith(_TENSOR) and len(text) > len(_TENSOR):
        return Ref(tensor=text[len(_TENSOR) :])
    found = _SHAPE.fullmatch(text)
    if not found:
        raise InputError(
            f"{text!r} names no layer, channel or unit",
            expected="layer, layer:channel, layer:channel@row,column or tensor=NAME",
            remedy="see `lamella info` for the layers' names",
        )
    channel, position = found["channel"], found["position"]
    return Ref(
        found["layer"],
        None if channel is None else int(channel),
        None if position is None else tuple(int(place) for place in position.split(",")),
    )
