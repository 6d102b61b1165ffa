"""What is brushed, described: regions and the steps that combine them; their JSON, checked.

A selection is a tuple of steps ``(mode, region)``, applied one after the other to nothing. Modes
are the operations of sets. A region is one of

- `Region`: samples by class, by predicted class, by number, or all;
- `Lasso`: points of a layer inside a polygon over two channels;
- `Projected`: points of a layer that appear inside a polygon on a picture of three channels;
- `Spots`: single points of a layer;
- `Saved`: the steps of a named selection, as it was when it was recalled.

Polygons are in values of the channels, not in codes or pixels, so that they mean the same wherever
the points are made again. In JSON a region is an object with ``kind`` and its fields.
"""

import math
from dataclasses import dataclass

from engine.errors import InputError

MODES = ("replace", "add", "subtract", "intersect")
OF_SAMPLES = ("class", "predicted", "samples", "all")
SIDES = ("post", "pre")
MOST_VERTICES = 20_000
DEEPEST = 64
LARGEST = 1e37


@dataclass(frozen=True)
class Region:
    """Some samples.

    Attributes
    ----------
    kind : str
        ``'class'`` (every sample with one of these labels), ``'predicted'`` (with one of these
        predictions), ``'samples'`` (these) or ``'all'``.
    items : tuple of int
        Classes, or samples, in rising order.
    """

    kind: str
    items: tuple[int, ...] = ()

    def as_json(self):
        """The region as a dictionary."""
        return {"kind": self.kind, "items": list(self.items)}


@dataclass(frozen=True)
class Lasso:
    """The points of a layer inside a polygon.

    A point belongs to it by the even-odd rule. In its own layer exactly these points are
    selected; its samples are those with at least one point in it, and in every other layer all
    points of these samples are selected.

    Attributes
    ----------
    layer : str
        Of the channel on y.
    x, y : int
        Channels.
    polygon : tuple of (float, float)
        Vertices, in values of channel ``x`` and of channel ``y``.
    other : str or None
        Of the channel on x, where that is another layer: then the points are those of the deeper
        of both, each with the unit at its centre in the earlier one.
    which : str
        ``'post'`` or ``'pre'``: before or after the activation function.
    kind : str
    """

    layer: str
    x: int
    y: int
    polygon: tuple[tuple[float, float], ...]
    other: str | None = None
    which: str = "post"
    kind: str = "lasso"

    def as_json(self):
        """The region as a dictionary."""
        return {
            "kind": self.kind,
            "layer": self.layer,
            "other": self.other,
            "which": self.which,
            "x": self.x,
            "y": self.y,
            "polygon": [list(vertex) for vertex in self.polygon],
        }


@dataclass(frozen=True)
class Projected:
    """The points of a layer that appear inside a polygon on a picture of its channels.

    As a `Lasso`, on the picture that a matrix makes of values (see
    `engine.embedding.projected.inside_projection`).

    Attributes
    ----------
    layer : str
    channels : tuple of int
        One to three.
    matrix : tuple of (float, float, float, float)
        Three rows: from values along the channels and 1 to (u, v, w).
    polygon : tuple of (float, float)
        Vertices, as u / w and v / w.
    which : str
    kind : str
    """

    layer: str
    channels: tuple[int, ...]
    matrix: tuple[tuple[float, ...], ...]
    polygon: tuple[tuple[float, float], ...]
    which: str = "post"
    kind: str = "projected"

    def as_json(self):
        """The region as a dictionary."""
        return {
            "kind": self.kind,
            "layer": self.layer,
            "which": self.which,
            "channels": list(self.channels),
            "matrix": [list(row) for row in self.matrix],
            "polygon": [list(vertex) for vertex in self.polygon],
        }


@dataclass(frozen=True)
class Spots:
    """Single points of a layer.

    Attributes
    ----------
    layer : str
    points : tuple of (int, int)
        Sample and flat position in the map, in rising order.
    kind : str
    """

    layer: str
    points: tuple[tuple[int, int], ...]
    kind: str = "points"

    def as_json(self):
        """The region as a dictionary."""
        points = [list(point) for point in self.points]
        return {"kind": self.kind, "layer": self.layer, "points": points}


@dataclass(frozen=True)
class Saved:
    """A named selection, as it was when it was recalled.

    Attributes
    ----------
    steps : tuple of (mode, region)
    kind : str
    """

    steps: tuple = ()
    kind: str = "saved"

    def as_json(self):
        """The region as a dictionary."""
        return {"kind": self.kind, "steps": steps_as_json(self.steps)}


def layers_of(steps):
    """Layers whose points the steps name, in their order: tuple of str."""
    names = {}
    for _, region in steps:
        if isinstance(region, Saved):
            names |= dict.fromkeys(layers_of(region.steps))
        elif isinstance(region, Lasso):
            names[region.layer] = None
            if region.other is not None:
                names[region.other] = None
        elif isinstance(region, (Projected, Spots)):
            names[region.layer] = None
    return tuple(names)


def kinds_of(steps):
    """Kinds of regions in the steps, those inside saved ones included: set of str."""
    found = set()
    for _, region in steps:
        found |= kinds_of(region.steps) if isinstance(region, Saved) else {region.kind}
    return found


def is_over_two_layers(steps):
    """Whether a lasso in the steps lies over channels of two layers."""
    return any(
        is_over_two_layers(region.steps)
        if isinstance(region, Saved)
        else getattr(region, "other", None) is not None
        for _, region in steps
    )


def with_samples(steps, number):
    """The same steps with other numbers of samples.

    Parameters
    ----------
    steps : tuple of (mode, region)
    number : callable(int) -> int or None
        The new number; None leaves the sample out.
    """
    return tuple((mode, _renumbered(region, number)) for mode, region in steps)


def _renumbered(region, number):
    if isinstance(region, Saved):
        return Saved(with_samples(region.steps, number))
    if isinstance(region, Spots):
        found = ((number(sample), place) for sample, place in region.points)
        return Spots(region.layer, tuple(sorted(each for each in found if each[0] is not None)))
    if region.kind == "samples":
        found = (number(item) for item in region.items)
        return Region("samples", tuple(sorted(item for item in found if item is not None)))
    return region


# JSON


def steps_as_json(steps):
    """Steps as lists and dictionaries."""
    return [[mode, region.as_json()] for mode, region in steps]


def steps_from_json(content, depth=0):
    """Steps from their JSON; `InputError` says what does not fit."""
    if not isinstance(content, (list, tuple)):
        raise InputError("not a list of steps", where="selection", got=content)
    steps = []
    for entry in content:
        if not isinstance(entry, (list, tuple)) or len(entry) != 2:
            raise InputError("not a mode and a region", where="selection", got=entry)
        mode, region = entry
        if mode not in MODES:
            raise InputError("no such choice", where="mode", expected=" or ".join(MODES), got=mode)
        steps.append((mode, region_from_json(region, depth)))
    return tuple(steps)


def region_from_json(content, depth=0):
    """A region from its JSON: ``{"kind": "class", "items": [3]}``.

    Raises
    ------
    InputError
        Says what does not fit.
    """
    if not isinstance(content, dict):
        raise InputError("not a region", where="region", got=content)
    kind = content.get("kind")
    if kind == "lasso":
        return _lasso(content)
    if kind == "projected":
        return _projected(content)
    if kind == "points":
        return Spots(_layer(content.get("layer")), _points(content.get("points")))
    if kind == "saved":
        if depth >= DEEPEST:
            raise InputError(f"selections inside selections, more than {DEEPEST}", where="region")
        return Saved(steps_from_json(content.get("steps"), depth + 1))
    if kind not in OF_SAMPLES:
        kinds = " or ".join((*OF_SAMPLES, "lasso", "projected", "points", "saved"))
        raise InputError("no such choice", where="region", expected=kinds, got=kind)
    items = content.get("items", [])
    if not isinstance(items, (list, tuple)) or (kind == "all" and items):
        raise InputError("not a list of samples or classes", where="region", got=items)
    return Region(kind, tuple(sorted({_index("items", item) for item in items})))


def _lasso(content):
    other = content.get("other")
    return Lasso(
        _layer(content.get("layer")),
        _index("x", content.get("x")),
        _index("y", content.get("y")),
        _polygon(content.get("polygon")),
        None if other is None else _layer(other),
        _side(content.get("which", "post")),
    )


def _projected(content):
    channels, matrix = content.get("channels"), content.get("matrix")
    if not isinstance(channels, (list, tuple)) or not 1 <= len(channels) <= 3:
        raise InputError("not one to three channels", where="channels", got=channels)
    if not isinstance(matrix, (list, tuple)) or len(matrix) != 3:
        raise InputError("not three rows", where="matrix", got=matrix)
    return Projected(
        _layer(content.get("layer")),
        tuple(_index("channels", channel) for channel in channels),
        tuple(_numbers("matrix", row, 4) for row in matrix),
        _polygon(content.get("polygon")),
        _side(content.get("which", "post")),
    )


def _side(which):
    if which not in SIDES:
        raise InputError("no such side", where="which", expected=" or ".join(SIDES), got=which)
    return which


def _polygon(polygon):
    if not isinstance(polygon, (list, tuple)) or not 1 <= len(polygon) <= MOST_VERTICES:
        raise InputError("not a polygon", where="polygon", expected=f"1 to {MOST_VERTICES} corners")
    return tuple(_vertex(vertex) for vertex in polygon)


def _vertex(vertex):
    return _numbers("polygon", vertex, 2)


def _numbers(where, values, count):
    """So many finite numbers."""
    if not isinstance(values, (list, tuple)) or len(values) != count:
        raise InputError(f"not {count} numbers", where=where, got=values)
    for value in values:
        number = isinstance(value, (int, float)) and not isinstance(value, bool)
        if not number or not math.isfinite(value):
            raise InputError("not a finite number", where=where, got=value)
    return tuple(min(LARGEST, max(-LARGEST, float(value))) for value in values)


def _points(content):
    if not isinstance(content, (list, tuple)):
        raise InputError("not a list of points", where="points", got=content)
    found = set()
    for point in content:
        if not isinstance(point, (list, tuple)) or len(point) != 2:
            raise InputError(
                "not a point", where="points", expected="[sample, position]", got=point
            )
        found.add((_index("points", point[0]), _index("points", point[1])))
    return tuple(sorted(found))


def _layer(name):
    if not isinstance(name, str) or not name:
        raise InputError("not a layer's name", where="layer", got=name)
    return name


def _index(name, value):
    if isinstance(value, bool) or not isinstance(value, int) or value < 0:
        raise InputError("not an index", where=name, expected="0 or more", got=value)
    return value
