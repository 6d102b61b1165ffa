"""Open networks without a child process where a test is not about the child."""

import pytest

from tests.engine.network.building import DirectRunner, saved


@pytest.fixture
def opened(tmp_path, monkeypatch):
    """A function that opens a model (a proto or a path) with ONNX Runtime in this process."""
    from engine.network.network import open_network

    monkeypatch.setattr("engine.run.runner.Runner", DirectRunner)

    def open_here(proto, **options):
        path = saved(proto, tmp_path) if hasattr(proto, "graph") else proto
        return open_network(path, **options)

    return open_here
