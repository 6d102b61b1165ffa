"""Every kind of command this program knows: importing this module registers them all."""

from viewer.session import (  # noqa: F401
    attribution,
    captions,
    comparison,
    drawing,
    filters,
    looking,
    maps,
    matrix,
    network,
    opening,
    points,
    sample,
    scatter,
    selection,
    window,
)
