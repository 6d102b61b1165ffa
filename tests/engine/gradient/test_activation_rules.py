"""Rules of activation functions against finite differences."""

import numpy as np
import pytest
from onnx import helper

from tests.engine.gradient.checking import check, model_of


@pytest.mark.parametrize("op_type", ["Relu", "Sigmoid"])
def test_the_slope_is_that_of_finite_differences(op_type):
    x = np.random.default_rng(0).normal(size=(1, 3, 4))
    node = helper.make_node(op_type, ["x"], ["y"])
    check(model_of([node], {"x": x}), {"x": x}, ["x"])
