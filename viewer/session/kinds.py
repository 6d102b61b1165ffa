"""Every kind of command this program knows: importing this module registers them all."""

from viewer.session import (  # noqa: F401
    captions,
    drawing,
    looking,
    maps,
    network,
    opening,
    sample,
    selection,
    window,
)
