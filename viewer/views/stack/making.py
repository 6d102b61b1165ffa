"""From a resolved wish to the boxes that are drawn: runs in a worker; no Qt, no GL."""

from viewer.views.stack.build import LayerFacts, build


def contents_of(wish):
    """Boxes, picture and labels for a `ContentsWish`.

    Returns
    -------
    StackContents
    """
    layers = [
        LayerFacts.of(
            layer, *wish.ranges.get(layer.name, (None, None)), _mean(wish.numbers.get(layer.name))
        )
        for layer in wish.network.layers
    ]
    seen = wish.answer.seen
    size = seen.shape[:2] if seen is not None else wish.size
    return build(
        layers,
        wish.answer.maps,
        size,
        picture=seen,
        spacing=wish.spacing,
        scale=wish.scale,
    )


def _mean(numbers):
    """A layer's mean magnitude over the study, or None where only the sample can tell.

    With it a layer is as dense for one sample as for the next, and what is emptier looks so.
    """
    return numbers.mean if numbers is not None and numbers.lowest >= 0 else None
