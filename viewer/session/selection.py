"""Kinds of commands that brush: what is selected, for all views; and selections with a name."""

from dataclasses import replace

from engine.errors import InputError
from engine.selections.describing import DEEPEST, Saved, region_from_json, steps_from_json
from viewer.session.checks import one_of
from viewer.session.command import kind
from viewer.state.selection import ALL, LONGEST_NAME, MODES, Selection, inverted


@kind("select.brush", merges=True)
def select_brush(state, *, mode, region):
    """Select: instead of, beside, without, or only among what is selected."""
    return _brushed(state, one_of("mode", mode, MODES), region_from_json(region))


@kind("select.clear")
def select_clear(state):
    """Select nothing."""
    return replace(state, selection=Selection())


@kind("select.all")
def select_all(state):
    """Select every sample."""
    return replace(state, selection=Selection((("replace", ALL),)))


@kind("select.invert")
def select_invert(state):
    """Select what is not selected; of a layer with a lasso, the points that are not."""
    return replace(state, selection=_not_too_deep(inverted(state.selection)))


@kind("select.save")
def select_save(state, *, name):
    """Save what is selected under a name, in the study; another one of that name goes."""
    if not state.selection:
        raise InputError("nothing is selected", where="select.save")
    entries = state.selections.with_entry(_name(name), state.selection.steps)
    return replace(state, selections=entries)


@kind("select.recall")
def select_recall(state, *, name, mode="replace", steps=None):
    """Select what was saved under a name; ``steps``: as the study has it."""
    one_of("mode", mode, MODES)
    kept = state.selections.steps(_name(name))
    if kept is None:
        if steps is None:
            raise InputError("no selection is called so", where="name", got=name)
        kept = steps_from_json(steps)
    if mode == "replace":
        return replace(state, selection=Selection(kept))
    return _brushed(state, mode, Saved(kept))


@kind("select.forget")
def select_forget(state, *, name):
    """Forget what was saved under a name."""
    return replace(state, selections=state.selections.with_entry(_name(name), None))


@kind("select.means")
def select_means(state, *, shown):
    """Show the mean over the selection in the stack, the feature maps and the sample, or not."""
    which = "mean" if shown else "sample"
    for part in ("stack", "maps", "sample"):
        state = state.with_part(part, set=which)
    return state


def _brushed(state, mode, region):
    before = () if mode == "replace" else state.selection.steps
    return replace(state, selection=_not_too_deep(Selection((*before, (mode, region)))))


def _not_too_deep(selection):
    """Refuse selections inside selections without end, which no file could hold."""
    steps_depth = _depth(selection.steps)
    if steps_depth > DEEPEST:
        raise InputError(
            f"selections inside selections, more than {DEEPEST}", remedy="begin a new one"
        )
    return selection


def _depth(steps):
    inner = (_depth(region.steps) for _, region in steps if isinstance(region, Saved))
    return 1 + max(inner, default=0)


def _name(name):
    if not isinstance(name, str) or not name.strip() or len(name) > LONGEST_NAME:
        raise InputError(
            "not a name", where="name", expected=f"1 to {LONGEST_NAME} letters", got=name
        )
    return name.strip()
