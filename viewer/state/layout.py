"""Where the panes stand: a tree of rows, columns and tabs, the same for window, session and movie.

Shares are relative sizes of the parts of a row or column; they need not sum to one. Rectangles are
in pixels from the top left corner. Nothing here knows Qt: the window lays its docks out by this
tree, and says by this tree how a person has laid them out.
"""

from dataclasses import dataclass, field, replace

from engine.errors import InputError

PANES = (
    "network",
    "stack",
    "sample",
    "maps",
    "filmstrip",
    "preprocessing",
    "tasks",
    "session",
    "matrix",
    "scatter",
    "filters",
    "comparison",
    "slices",
    "orders",
    "series",
    "importance",
)
DRAWN = (
    "network",
    "stack",
    "sample",
    "maps",
    "filmstrip",
    "matrix",
    "scatter",
    "filters",
    "comparison",
    "slices",
    "orders",
    "series",
    "importance",
)
TITLES = {
    "network": "Network",
    "stack": "Stack",
    "sample": "Sample",
    "matrix": "Matrix",
    "scatter": "Scatter",
    "filters": "Top filters",
    "comparison": "Compare",
    "slices": "Slices",
    "orders": "Orders",
    "series": "Gradients",
    "importance": "Importance",
    "maps": "Feature maps",
    "filmstrip": "Samples",
    "preprocessing": "Preprocessing",
    "tasks": "Tasks",
    "session": "Session",
}


@dataclass(frozen=True)
class Tabs:
    """Panes at one place; one of them is in front. A single pane is a place of one.

    Attributes
    ----------
    panes : tuple of str
    current : str
        The pane in front.
    """

    panes: tuple[str, ...]
    current: str


@dataclass(frozen=True)
class Split:
    """Parts side by side (a row) or one below the other (a column).

    Attributes
    ----------
    across : bool
        True: a row.
    parts : tuple of (share, Split or Tabs)
        Relative sizes above 0, and what stands there.
    """

    across: bool
    parts: tuple


@dataclass(frozen=True)
class Floating:
    """A pane in a window of its own; place and size as fractions of the main window."""

    pane: str
    x: float
    y: float
    width: float
    height: float


@dataclass(frozen=True)
class Layout:
    """The whole arrangement.

    Attributes
    ----------
    root : Split or Tabs or None
        None: nothing stands in the window.
    floating : tuple of Floating
    """

    root: object = None
    floating: tuple[Floating, ...] = field(default=())


def pane(name):
    """A place with a single pane."""
    return Tabs((name,), name)


def row(*parts):
    """Parts from left to right, each ``(share, node)``."""
    return Split(True, parts)


def column(*parts):
    """Parts from top to bottom, each ``(share, node)``."""
    return Split(False, parts)


_PLOTS = (
    "matrix",
    "maps",
    "slices",
    "filters",
    "importance",
    "series",
    "orders",
    "scatter",
    "comparison",
    "preprocessing",
)
_STANDARD = column(
    (
        0.87,
        row(
            (0.16, pane("network")),
            (0.58, pane("stack")),
            (
                0.26,
                column(
                    (0.57, Tabs(("sample", "session", "tasks"), "sample")),
                    (0.43, Tabs(_PLOTS, "maps")),
                ),
            ),
        ),
    ),
    (0.13, pane("filmstrip")),
)


def _beside_sample(middle, below):
    """A layout with the network on the left, the sample on the right, and the samples below all."""
    side = column((0.5, pane("sample")), (0.5, below))
    views = row((0.16, pane("network")), (0.54, middle), (0.3, side))
    return Layout(column((0.87, views), (0.13, pane("filmstrip"))))


LAYOUTS = {
    "Standard": Layout(_STANDARD),
    "Stack": Layout(
        column(
            (0.87, row((0.78, pane("stack")), (0.22, pane("sample")))), (0.13, pane("filmstrip"))
        )
    ),
    "Feature maps": Layout(
        column(
            (
                0.87,
                row((0.16, pane("network")), (0.62, pane("maps")), (0.22, pane("sample"))),
            ),
            (0.13, pane("filmstrip")),
        )
    ),
    "Matrix": Layout(
        column(
            (
                0.87,
                row(
                    (0.66, pane("matrix")),
                    (0.34, column((0.5, pane("sample")), (0.5, Tabs(("maps", "scatter"), "maps")))),
                ),
            ),
            (0.13, pane("filmstrip")),
        )
    ),
    "Top filters": _beside_sample(pane("filters"), Tabs(("maps", "comparison"), "maps")),
    "Orders": _beside_sample(
        column((0.5, pane("stack")), (0.5, pane("slices"))), Tabs(("orders", "maps"), "orders")
    ),
    "Gradients": _beside_sample(
        column((0.62, pane("stack")), (0.38, pane("series"))), Tabs(("maps", "importance"), "maps")
    ),
    "Importance": _beside_sample(pane("importance"), Tabs(("stack", "maps"), "stack")),
    "Network": Layout(
        row(
            (0.6, pane("network")),
            (0.4, column((0.6, pane("stack")), (0.4, pane("sample")))),
        )
    ),
    "Presentation": Layout(row((0.74, pane("stack")), (0.26, pane("sample")))),
}
STANDARD = LAYOUTS["Standard"]


def places(node):
    """All `Tabs` below a node, in reading order."""
    if node is None:
        return ()
    if isinstance(node, Tabs):
        return (node,)
    return tuple(place for _, part in node.parts for place in places(part))


def panes_of(layout):
    """Names of all panes that are open, in the order of `PANES`."""
    names = {name for place in places(layout.root) for name in place.panes}
    names |= {floating.pane for floating in layout.floating}
    return tuple(name for name in PANES if name in names)


def in_front(layout, only=None):
    """Names of the panes that can be seen, in the order of `PANES`."""
    if only is not None:
        return (only,)
    names = {place.current for place in places(layout.root)}
    names |= {floating.pane for floating in layout.floating}
    return tuple(name for name in PANES if name in names)


def without(layout, name):
    """The layout after a pane was closed; the others take its room."""
    floating = tuple(part for part in layout.floating if part.pane != name)
    return Layout(_without(layout.root, name), floating)


def _without(node, name):
    if isinstance(node, Split):
        parts = tuple((share, _without(part, name)) for share, part in node.parts)
        return _tidy(Split(node.across, parts))
    if node is None or name not in node.panes:
        return node
    left = tuple(other for other in node.panes if other != name)
    if not left:
        return None
    return Tabs(left, left[0] if node.current == name else node.current)


def _tidy(split):
    """A split without empty parts; what is left alone stands without it."""
    parts = tuple((share, part) for share, part in split.parts if part is not None)
    if not parts:
        return None
    return parts[0][1] if len(parts) == 1 else Split(split.across, parts)


def with_pane(layout, name):
    """The layout with a pane open and in front: where it is, or where the standard has it.

    A pane that is not open joins the panes that share its place in the standard layout, or else
    stands on the right (below, for the filmstrip) as large as there.
    """
    if name in panes_of(layout):
        return replace(layout, root=_in_front(layout.root, name))
    home = next(place for place in places(STANDARD.root) if name in place.panes)
    open_now = panes_of(replace(layout, floating=()))
    mates = [mate for mate in home.panes if mate in open_now]
    if mates:
        return replace(layout, root=_joined(layout.root, mates[0], name))
    if layout.root is None:
        return replace(layout, root=pane(name))
    if name == "filmstrip":
        return replace(layout, root=column((0.87, layout.root), (0.13, pane(name))))
    if name == "network":
        return replace(layout, root=row((0.16, pane(name)), (0.84, layout.root)))
    share = 0.58 if name == "stack" else 0.26
    return replace(layout, root=row((1 - share, layout.root), (share, pane(name))))


def _in_front(node, name):
    if isinstance(node, Split):
        return replace(node, parts=tuple((share, _in_front(p, name)) for share, p in node.parts))
    return replace(node, current=name) if node is not None and name in node.panes else node


def _joined(node, mate, name):
    if isinstance(node, Split):
        return replace(
            node, parts=tuple((share, _joined(p, mate, name)) for share, p in node.parts)
        )
    return Tabs((*node.panes, name), name) if mate in node.panes else node


def drawn(layout):
    """The layout with drawn views only, as a movie shows it; tabs with none in front show one."""
    root = layout.root
    for name in panes_of(layout):
        if name not in DRAWN:
            root = _without(root, name)
    floating = tuple(part for part in layout.floating if part.pane in DRAWN)
    return Layout(root, floating)


def rectangles(layout, width, height, gap=1):
    """Where the panes in front stand.

    Parameters
    ----------
    layout : Layout
    width, height : int
        Pixels of the whole.
    gap : int
        Pixels between neighbours.

    Returns
    -------
    dict of str to (int, int, int, int)
        Left, top, width and height of each pane in front, at least one pixel; those that float
        come last.
    """
    found = {}
    if layout.root is not None:
        _fill(layout.root, (0, 0, int(width), int(height)), gap, found)
    for part in layout.floating:
        left, top = (round(share * size) for share, size in ((part.x, width), (part.y, height)))
        across = max(1, round(part.width * width))
        down = max(1, round(part.height * height))
        found[part.pane] = (left, top, across, down)
    return found


def _fill(node, area, gap, found):
    if isinstance(node, Tabs):
        found[node.current] = area
        return
    left, top, width, height = area
    start, size = (left, width) if node.across else (top, height)
    free = max(len(node.parts), size - gap * (len(node.parts) - 1))
    total = sum(share for share, _ in node.parts)
    before = 0.0
    for number, (share, part) in enumerate(node.parts):
        low = start + round(free * before / total) + gap * number
        before += share
        long = max(1, start + round(free * before / total) + gap * number - low)
        inner = (low, top, long, height) if node.across else (left, low, width, long)
        _fill(part, inner, gap, found)


def from_json(content):
    """A layout from what `viewer.state.tree.as_json` made of one.

    Raises
    ------
    InputError
        It is no layout: an unknown pane, a pane twice, a share that is no positive number.
    """
    try:
        root = None if content.get("root") is None else _node(content["root"])
        floating = tuple(_floating(part) for part in content.get("floating", ()))
    except (TypeError, KeyError, ValueError, AttributeError, RecursionError) as error:
        raise InputError(f"not a layout: {error}", where="layout") from error
    names = [name for place in places(root) for name in place.panes]
    names += [part.pane for part in floating]
    wrong = [name for name in names if name not in PANES or names.count(name) > 1]
    if wrong:
        raise InputError("no such pane, or one twice", where="layout", got=wrong[0])
    return Layout(root, floating)


def _node(content):
    if "panes" in content:
        panes = tuple(str(name) for name in content["panes"])
        if content["current"] not in panes:
            raise ValueError("the pane in front is not there")
        return Tabs(panes, content["current"])
    parts = tuple((_share(share), _node(part)) for share, part in content["parts"])
    if not parts:
        raise ValueError("a split without parts")
    return Split(bool(content["across"]), parts)


def _share(value):
    if isinstance(value, bool) or not 0 < value < 1e9:
        raise ValueError(f"a share of {value}")
    return float(value)


def _floating(content):
    place = tuple(float(content[name]) for name in ("x", "y"))
    size = tuple(_share(content[name]) for name in ("width", "height"))
    if not all(abs(value) < 100 for value in place):
        raise ValueError("a pane out of reach")
    return Floating(str(content["pane"]), *place, *size)
