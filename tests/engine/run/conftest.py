"""Small networks and data sets for the tests of extraction."""

import numpy as np
import pytest

from tests.engine.run import models


@pytest.fixture(scope="session")
def small(tmp_path_factory):
    """Ten scores of 12 x 12 RGB pictures, free batch."""
    return models.convolutions(tmp_path_factory.mktemp("models") / "small.onnx")


@pytest.fixture(scope="session")
def pictures(tmp_path_factory):
    """100 pictures of 12 x 12 with labels, as an archive."""
    random = np.random.default_rng(11)
    path = tmp_path_factory.mktemp("data") / "pictures.npz"
    images = random.integers(0, 256, (100, 12, 12, 3), dtype=np.uint8)
    np.savez(path, images=images, labels=random.integers(0, 10, 100))
    return path
