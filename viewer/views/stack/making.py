"""From a resolved wish to the boxes that are drawn: runs in a worker; no Qt, no GL."""

from viewer.views.stack.build import LayerFacts, build


def contents_of(wish):
    """Boxes, picture and labels for a `ContentsWish`.

    Returns
    -------
    StackContents
    """
    layers = [
        LayerFacts.of(layer, *wish.ranges.get(layer.name, (None, None)))
        for layer in wish.network.layers
    ]
    seen = wish.answer.seen
    size = seen.shape[:2] if seen is not None else (1, 1)
    return build(
        layers,
        wish.answer.maps,
        size,
        picture=seen,
        spacing=wish.spacing,
        scale=wish.scale,
    )
