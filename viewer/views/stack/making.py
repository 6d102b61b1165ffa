"""From a resolved wish to the boxes that are drawn: runs in a worker; no Qt, no GL."""

from dataclasses import replace

from viewer.views.stack.build import LayerFacts, build


def contents_of(wish):
    """Boxes, picture and labels for a `ContentsWish`.

    Returns
    -------
    StackContents
    """
    layers = [_facts_of(wish, layer) for layer in wish.network.layers]
    seen = wish.answer.seen
    size = seen.shape[:2] if seen is not None else wish.size
    return build(
        layers,
        wish.answer.maps,
        size,
        picture=seen,
        spacing=wish.spacing,
        scale=wish.scale,
        absent=getattr(wish.answer, "absent", None),
    )


def _facts_of(wish, layer):
    """A layer as the layout needs it; of unfolded weights with their own shape."""
    shown, name = wish.answer, layer.name
    mean = getattr(shown, "means", {}).get(name, _mean(wish.numbers.get(name)))
    facts = LayerFacts.of(layer, *wish.ranges.get(name, (None, None)), mean)
    if getattr(shown, "unfolding", "") and name in shown.shapes:
        return replace(facts, shape=shown.shapes[name], stride=None, center=None, squares=True)
    return facts


def _mean(numbers):
    """A layer's mean magnitude over the study, or None where only the sample can tell.

    With it a layer is as dense for one sample as for the next, and what is emptier looks so.
    """
    return numbers.mean if numbers is not None and numbers.lowest >= 0 else None
