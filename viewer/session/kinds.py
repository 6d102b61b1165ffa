"""Every kind of command this program knows: importing this module registers them all."""

from viewer.session import (  # noqa: F401
    captions,
    drawing,
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
