"""Every kind of command this program knows: importing this module registers them all."""

from viewer.session import (  # noqa: F401
    attribution,
    captions,
    comparison,
    drawing,
    filters,
    importance,
    looking,
    maps,
    matrix,
    network,
    opening,
    orders,
    points,
    sample,
    scatter,
    selection,
    series,
    slices,
    stability,
    window,
)
