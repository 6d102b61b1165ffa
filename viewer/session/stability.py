"""Kinds of commands of the orders pane: what is compared, by which correlation, which two."""

from engine.errors import InputError
from viewer.session.checks import index, one_of
from viewer.session.command import kind
from viewer.state.stability import COMPARED, CORRELATIONS, PAGES, PICTURES


@kind("stability.between")
def stability_between(state, *, between):
    """Compare orders of cuts along rows or columns, of samples, of classes, or of methods."""
    one_of("between", between, COMPARED)
    pair = state.stability.pair if between == state.stability.between else None
    return state.with_part("stability", between=between, page="stability", pair=pair)


@kind("stability.correlation")
def stability_correlation(state, *, correlation):
    """Kendall's or Spearman's rank correlation."""
    return state.with_part(
        "stability", correlation=one_of("correlation", correlation, CORRELATIONS)
    )


@kind("stability.picture")
def stability_picture(state, *, picture):
    """Small pictures of distances or of correlations."""
    return state.with_part("stability", picture=one_of("picture", picture, PICTURES))


@kind("stability.page")
def stability_page(state, *, page):
    """How good the orders are, or how stable, where there is no room for both."""
    return state.with_part("stability", page=one_of("page", page, PAGES))


@kind("stability.pair", merges=True)
def stability_pair(state, *, pair):
    """Show two of the orders compared against each other (None: none)."""
    if pair is not None:
        if not isinstance(pair, (list, tuple)) or len(pair) != 2:
            raise InputError("not two orders", where="pair", expected="[0, 1]", got=pair)
        pair = tuple(index("pair", part) for part in pair)
    return state.with_part("stability", pair=pair)


@kind("stability.costly")
def stability_costly(state, *, layer):
    """Make the methods of a layer that take long."""
    if not isinstance(layer, str) or not layer:
        raise InputError("not a layer", where="layer", got=layer)
    return state.with_part("stability", costly=tuple(sorted({*state.stability.costly, layer})))
