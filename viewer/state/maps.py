"""How the feature maps are shown."""

from dataclasses import dataclass


@dataclass(frozen=True)
class MapsSettings:
    """Settings of the feature maps view."""


@dataclass(frozen=True)
class MapsCamera:
    """Where in the feature maps a person is; undone with the camera."""
