"""How the network's graph is shown."""

from dataclasses import dataclass


@dataclass(frozen=True)
class NetworkSettings:
    """Settings of the network view."""


@dataclass(frozen=True)
class NetworkCamera:
    """Where on the graph a person is; undone with the camera."""
