"""Rules of Pad, Resize, Einsum and of what prepares data, against finite differences."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from onnx import helper

from engine.errors import InputError
from engine.gradient.forward import Forward
from tests.engine.gradient.checking import backward_model
from tests.engine.gradient.finite_differences import (
    SEEDS,
    analytical,
    check_rule,
    check_samples,
    model_of,
    one_node,
    session_of,
    sizes,
    values,
    with_floats,
)

BATCHED = ("x0",)


def some(shape, seed=0):
    return values(np.random.default_rng(seed), shape)


# -- Pad -------------------------------------------------------------------------------------------


@pytest.mark.parametrize("mode", ["constant", "reflect", "edge", "wrap"])
@settings(max_examples=10)
@given(shape=sizes(2, 4, (1, 3)), data=st.data(), seed=SEEDS)
def test_pad(mode, shape, data, seed):
    most = [min(2, size - 1) for size in shape]
    ends = [[data.draw(st.integers(0, limit)) for limit in most] for _ in range(2)]
    pads = np.array([0, *ends[0], 0, *ends[1]])
    model, feeds = one_node("Pad", some((1, *shape), seed), pads, mode=mode, opset=19)
    check_rule(model, feeds, batched=BATCHED)


def test_pad_of_chosen_axes_with_a_value():
    words = [np.array([1, 0, 2, 1]), np.array(0.7), np.array([-1, 1])]
    model, feeds = one_node("Pad", some((2, 2, 3)), *words)
    check_rule(model, feeds, ["x0", "x2"], batched=BATCHED)


def test_pad_that_takes_away():
    x = some((1, 4, 5))
    model, feeds = one_node("Pad", x, np.array([0, -1, 2, 0, 1, -2]))
    seed = np.arange(1.0, 21).reshape(1, 4, 5)
    model, feeds = with_floats(model, np.float32), {"x0": x.astype(np.float32)}
    found = by_shapes(model, feeds, {"y0": seed}, {"x0": x.shape, "y0": seed.shape})
    expected = np.zeros((1, 4, 5))
    expected[:, 1:, :3] = seed[:, :3, 2:]
    assert np.array_equal(found, expected)


# -- Resize ----------------------------------------------------------------------------------------

MODES = [
    "half_pixel",
    "pytorch_half_pixel",
    "align_corners",
    "asymmetric",
    "half_pixel_symmetric",
]
ROUNDING = ["round_prefer_floor", "round_prefer_ceil", "floor", "ceil"]


def check_resize(x, *words, opset=19, **attributes):
    """By ONNX Runtime: what it gives for every unit vector is the map; dx is its transpose of dy.

    The reference evaluator rounds coordinates in a way of its own, so it is no judge here.
    """
    places = [place + 1 for place, word in enumerate(words) if word is not None]
    model, feeds = one_node("Resize", x, *words, constants=places, opset=opset, **attributes)
    model, x = with_floats(model, np.float32), np.zeros(x.shape, np.float32)
    run = session_of(model).run
    zero = run(["y0"], {"x0": x})[0]
    seed = values(np.random.default_rng(5), zero.shape)
    expected = np.zeros(x.shape)
    for place in np.ndindex(x.shape):
        unit = x.copy()
        unit[place] = 1
        expected[place] = np.sum((run(["y0"], {"x0": unit})[0] - zero) * seed)
    shapes = {"x0": x.shape, "y0": zero.shape}
    found = by_shapes(model, {"x0": x}, {"y0": seed}, shapes)
    assert np.allclose(found, expected, atol=1e-5), (found, expected)


def by_shapes(model, feeds, seeds, shapes):
    """The gradient of x0 by ONNX Runtime, for an operator that only it computes.

    ``shapes``: of x0 and of y0, whose first axes are the batch.
    """
    twice = {name: (2 * shape[0], *shape[1:]) for name, shape in shapes.items()}
    forward = Forward(model, "network.onnx", shapes, twice, dict.fromkeys(shapes, "float32"))
    graph, found = backward_model(forward, ["y0"], ["x0"])
    graph = with_floats(graph, np.float32)
    given = feeds | {"seed/y0": seeds["y0"].astype(np.float32)}
    return session_of(graph).run([found["x0"]], given)[0]


@pytest.mark.parametrize("coordinates", MODES)
@pytest.mark.parametrize("mode", ["nearest", "linear", "cubic"])
@settings(max_examples=5)
@given(
    shape=st.tuples(st.integers(1, 2), st.integers(1, 5), st.integers(1, 5)),
    target=st.tuples(st.integers(1, 7), st.integers(1, 7)),
    rounding=st.sampled_from(ROUNDING),
    scales=st.booleans(),
    seed=SEEDS,
)
def test_resize(coordinates, mode, shape, target, rounding, scales, seed):
    x = some((1, *shape), seed)
    words = {"mode": mode, "coordinate_transformation_mode": coordinates, "nearest_mode": rounding}
    if scales:
        ratio = [1, 1, *(t / s for t, s in zip(target, shape[1:], strict=True))]
        check_resize(x, None, np.array(ratio), **words)
    else:
        check_resize(x, None, None, np.array([1, shape[0], *target]), **words)


@pytest.mark.parametrize("mode", ["nearest", "linear"])
def test_resize_of_a_cropped_region(mode):
    roi = np.array([0, 0, 0.2, -0.3, 1, 1, 0.8, 1.1])
    words = {
        "mode": mode,
        "coordinate_transformation_mode": "tf_crop_and_resize",
        "extrapolation_value": 3.0,
    }
    check_resize(some((1, 1, 5, 4)), roi, None, np.array([1, 1, 4, 6]), **words)


@pytest.mark.parametrize("mode", ["linear", "cubic"])
def test_resize_that_smooths(mode):
    words = {"mode": mode, "antialias": 1}
    check_resize(some((1, 1, 7, 6)), None, None, np.array([1, 1, 3, 4]), **words)


def test_cubic_resize_that_leaves_the_outside_out():
    words = {"mode": "cubic", "exclude_outside": 1, "cubic_coeff_a": -0.5}
    check_resize(some((1, 1, 4, 4)), None, np.array([1, 1, 2, 1.5]), **words)


@pytest.mark.parametrize(
    ("policy", "target"), [("stretch", [7, 8]), ("not_larger", [7, 9]), ("not_smaller", [6, 7])]
)
def test_resize_of_chosen_axes(policy, target):
    words = {"mode": "linear", "axes": [2, 3], "keep_aspect_ratio_policy": policy}
    check_resize(some((1, 1, 4, 6)), None, None, np.array(target), **words)


def test_resize_whose_proportions_are_rounded_up_is_refused():
    words = {"mode": "linear", "axes": [2, 3], "keep_aspect_ratio_policy": "not_smaller"}
    with pytest.raises(InputError, match="Resize.*proportions"):
        check_resize(some((1, 1, 4, 6)), None, None, np.array([7, 8]), **words)


@pytest.mark.parametrize(
    "words",
    [
        {"mode": "linear", "coordinate_transformation_mode": "align_corners"},
        {"mode": "cubic"},
        {
            "mode": "nearest",
            "coordinate_transformation_mode": "asymmetric",
            "nearest_mode": "floor",
        },
    ],
)
def test_resize_agrees_with_the_reference_and_shares_the_forward_pass(words):
    scales = np.array([1, 1, 2, 2.0])
    model, feeds = one_node("Resize", some((1, 2, 2, 3)), None, scales, constants=(2,), **words)
    check_rule(model, feeds, batched=BATCHED)


def test_resize_of_one_and_of_three_dimensions():
    check_resize(some((1, 2, 5)), None, None, np.array([1, 2, 8]), mode="nearest")
    check_resize(some((1, 1, 2, 3, 2)), None, None, np.array([1, 1, 4, 5, 3]), mode="linear")


# -- Einsum ----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("equation", "shapes"),
    [
        ("nij,njk->nik", [(1, 2, 3), (1, 3, 2)]),
        ("nhqd,nhkd->nhqk", [(1, 2, 2, 3), (1, 2, 3, 3)]),
        ("...ij,...jk->...ik", [(1, 2, 2, 3), (1, 2, 3, 2)]),
        ("nij->nji", [(1, 2, 3)]),
        ("nij->ni", [(1, 2, 3)]),
        ("nij,nij->n", [(1, 2, 3), (1, 2, 3)]),
        ("ni,nj,nk->nijk", [(1, 2), (1, 3), (1, 2)]),
        ("nij,njk", [(1, 2, 3), (1, 3, 2)]),
        ("nij,nk->nik", [(1, 2, 3), (1, 2)]),
    ],
)
def test_einsum(equation, shapes):
    arrays = [some(shape, seed) for seed, shape in enumerate(shapes)]
    model, feeds = one_node("Einsum", *arrays, equation=equation)
    check_rule(model, feeds, batched=tuple(feeds) if "->n" in equation else ())


def test_einsum_with_weights():
    model, feeds = one_node(
        "Einsum", some((1, 2, 3)), some((4, 3), 1), constants=(1,), equation="nti,oi->nto"
    )
    check_rule(model, feeds, ["x0", "x1"], batched=BATCHED)


def test_einsum_with_weights_for_every_sample():
    arrays = [some((3, 2, 3)), some((4, 3), 1)]
    model, feeds = one_node("Einsum", *arrays, constants=(1,), equation="nti,oi->nto")
    check_samples(model, feeds, ["x1"])


def test_einsum_of_a_diagonal_is_refused():
    model, feeds = one_node("Einsum", some((3, 3)), equation="ii->i")
    with pytest.raises(InputError, match="diagonal"):
        analytical(model, feeds, {"y0": np.ones(3)}, ["x0"])


# -- what prepares data ----------------------------------------------------------------------------


def judge_by_runtime(node, x, opset=18):
    """The gradient of an operator that the reference evaluator lacks; the operators are affine."""
    model, _ = model_of([node], {"x0": x}, opset=opset, domain=node.domain)
    model = with_floats(model, np.float32)
    run, x = session_of(model).run, x.astype(np.float32)
    y = run(["y0"], {"x0": x})[0]
    seed = values(np.random.default_rng(3), y.shape)
    found = by_shapes(model, {"x0": x}, {"y0": seed}, {"x0": x.shape, "y0": y.shape})
    slopes = np.zeros(x.shape)
    for place in np.ndindex(x.shape):
        up = x.copy()
        up[place] += 1
        slopes[place] = np.sum((run(["y0"], {"x0": up})[0] - y) * seed)
    assert np.allclose(found, slopes, atol=1e-4)


def test_scaler():
    words = {"offset": [1.0, 2.0, 3.0], "scale": [0.5, 2.0, 4.0]}
    node = helper.make_node("Scaler", ["x0"], ["y0"], domain="ai.onnx.ml", **words)
    judge_by_runtime(node, some((1, 3)))
    node = helper.make_node(
        "Scaler", ["x0"], ["y0"], domain="ai.onnx.ml", offset=[1.0], scale=[3.0]
    )
    judge_by_runtime(node, some((1, 3)))
