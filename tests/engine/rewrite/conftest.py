"""The fixtures of the network's tests, here too."""

from tests.engine.network.conftest import opened as opened
