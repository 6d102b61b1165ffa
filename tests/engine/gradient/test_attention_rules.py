"""The rule of Attention against finite differences."""

import numpy as np
import pytest
from onnx import helper

from engine.errors import InputError
from tests.engine.gradient.finite_differences import analytical, check_rule, model_of, values


def case(shapes, mask=None, outputs=("y0",), **attributes):
    """A model of one Attention; ``shapes`` of queries, keys, values."""
    rng = np.random.default_rng(3)
    arrays = {name: values(rng, shape, -1, 1) for name, shape in zip("qkv", shapes, strict=True)}
    constants = ()
    if mask is not None:
        arrays["m"] = mask
        constants = ("m",) if mask.dtype == bool else ()
    given = {key: value for key, value in attributes.items() if value is not None}
    node = helper.make_node("Attention", list(arrays), list(outputs), "node", **given)
    return model_of([node], arrays, constants, outputs, opset=23)


BATCHED = ("q", "k", "v")
BY_HEADS = [(1, 2, 3, 4), (1, 2, 5, 4), (1, 2, 5, 3)]


@pytest.mark.parametrize("causal", [0, 1])
@pytest.mark.parametrize("scale", [None, 0.3])
def test_by_heads(causal, scale):
    check_rule(*case(BY_HEADS, is_causal=causal, scale=scale), batched=BATCHED)


def test_heads_side_by_side():
    shapes = [(1, 3, 8), (1, 5, 8), (1, 5, 6)]
    check_rule(*case(shapes, q_num_heads=2, kv_num_heads=2), batched=BATCHED)


@pytest.mark.parametrize("flat", [False, True])
def test_heads_of_queries_that_share_keys(flat):
    if flat:
        shapes = [(1, 3, 8), (1, 5, 4), (1, 5, 6)]
        model, feeds = case(shapes, q_num_heads=4, kv_num_heads=2)
    else:
        model, feeds = case([(1, 4, 3, 2), (1, 2, 5, 2), (1, 2, 5, 3)])
    check_rule(model, feeds, batched=BATCHED)


@pytest.mark.parametrize("shape", [(3, 5), (1, 2, 3, 5)])
def test_masks(shape):
    rng = np.random.default_rng(1)
    check_rule(*case(BY_HEADS, values(rng, shape)), batched=BATCHED)
    allowed = rng.random(shape) < 0.7
    allowed[..., 0] = True
    check_rule(*case(BY_HEADS, allowed), batched=BATCHED)


def test_capped_scores():
    check_rule(*case(BY_HEADS, softcap=0.8), batched=BATCHED)
    mask = values(np.random.default_rng(1), (1, 2, 3, 5))
    check_rule(*case(BY_HEADS, mask, softcap=0.8), batched=BATCHED, by_runtime=False)


def test_scores_as_an_output_are_refused():
    model, feeds = case(BY_HEADS, outputs=("y0", "", "", "y3"))
    del model.graph.output[1:3]
    seeds = {"y0": np.ones((1, 2, 3, 3)), "y3": np.ones((1, 2, 3, 5))}
    with pytest.raises(InputError, match="Attention.*scores as outputs"):
        analytical(model, feeds, seeds, ["q"])
