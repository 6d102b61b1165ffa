"""Kinds of commands that brush: what is selected, for all views."""

from dataclasses import replace

from engine.errors import InputError
from viewer.session.checks import index, one_of
from viewer.session.command import kind
from viewer.state.selection import MODES, Region, Selection


def _region(content):
    """A region from its JSON: ``{"kind": "class", "items": [3]}``."""
    if not isinstance(content, dict):
        raise InputError("not a region", where="region", got=content)
    name = one_of("region", content.get("kind"), ("class", "samples", "all"))
    items = content.get("items", [])
    if not isinstance(items, (list, tuple)) or (name == "all" and items):
        raise InputError("not a list of samples or classes", where="region", got=items)
    return Region(name, tuple(sorted({index("items", item) for item in items})))


@kind("select.brush", merges=True)
def select_brush(state, *, mode, region):
    """Select samples: instead of, beside, without, or only among those selected."""
    one_of("mode", mode, MODES)
    before = () if mode == "replace" else state.selection.steps
    return state.with_part("selection", steps=(*before, (mode, _region(region))))


@kind("select.clear")
def select_clear(state):
    """Select nothing."""
    return replace(state, selection=Selection())
