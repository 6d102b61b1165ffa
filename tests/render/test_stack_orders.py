"""Drawn in an order: places along the stack show the channels of the order; nothing is uploaded."""

from dataclasses import replace

import numpy as np
import pytest

from tests.render.scenes import ahead, plain, slab
from tests.render.test_stack_view import Bench
from tests.render.test_volume_truth import draw
from tests.viewer.given_orders import answered, apply_named
from viewer.visuals.fitting import Fitter, Limits

pytestmark = pytest.mark.gl


def test_the_maximum_along_the_rows_shows_channels_at_their_places(context, picture, rng):
    values = np.zeros((8, 16, 16), np.float32)
    levels = rng.permutation(8) / 8 + 0.125
    values[np.arange(8), rng.integers(0, 16, 8)] = levels[:, None]  # one row of each channel
    order = rng.permutation(8)
    volume = slab(values, depth=32.0, order=order)
    camera = ahead([volume], 32, 32, elevation=90)
    pixels = draw(context, picture, [volume], camera, plain("maximum", gray=True), (32, 32))
    seen = pixels[:, 16, 0].astype(float) / 255
    by_place = seen.reshape(8, 4)[:, 1:3].mean(1)
    assert np.abs(by_place - values.max((1, 2))[order][::-1]).max() < 2 / 255  # front at the bottom
    assert np.abs(by_place - values.max((1, 2))[::-1]).max() > 0.1  # nor is it the file's order


def test_pooled_volumes_take_the_order_in_force(rng):
    fitter, limits = Fitter(), Limits(rows=8, channels=64, texels=10**9)
    values = rng.random((4, 16, 16)).astype(np.float32)
    first = slab(values, order=np.array([3, 2, 1, 0]))
    ((one,),), _ = fitter.fit([first], limits)
    ((two,),), _ = fitter.fit([replace(first, order=np.array([1, 0, 3, 2]))], limits)
    assert list(one.order) == [3, 2, 1, 0] and list(two.order) == [1, 0, 3, 2]
    assert one.values is two.values


@pytest.fixture
def bench(picture, context):
    made = Bench(picture, context)
    yield made
    made.view.release()


def test_the_order_of_the_state_is_drawn_picked_and_said(bench):
    bench.give("focus.layer", {"layer": "conv1"})
    before = bench.picture()
    textures = {name: drawn.texture for name, drawn in uploaded(bench)}
    bench.give("orders.choose", {"method": "pca", "basis": "sample"})
    assert bench.view.pending and bench.view.wish.orders.late
    facts = bench.facts
    for layer, channels in (("conv1", [2, 3, 0, 1]), ("fc", None), ("conv2", None)):
        known = {one.name: one.output_shape[0] for one in facts.network.layers}
        if layer in known:
            channels = channels or list(range(known[layer]))[::-1]
            facts = answered(bench.session.state, facts, layer, channels, quality=0.75)
    bench.facts = facts
    after = bench.picture()
    assert not bench.view.pending
    assert np.abs(before.astype(int) - after).max() > 8
    slab_of = {one.name: one for one in bench.view.contents.slabs}
    assert list(slab_of["conv1"].order) == [2, 3, 0, 1]
    assert {name: drawn.texture for name, drawn in uploaded(bench)}["conv1"] is textures["conv1"]
    assert "conv1: PCA 0.75 of random" in bench.view.wish.badges
    assert bench.view.wish.subtitle.endswith("channels by PCA (maps of the sample)")
    bench.give("orders.reset", {})
    assert np.array_equal(bench.picture(), before)


def test_a_named_order_is_of_one_layer(bench):
    bench.picture()
    apply_named(bench.session.do, "conv1", [3, 2, 1, 0], "backwards")
    bench.picture()
    orders = {one.name: one.order for one in bench.view.contents.slabs}
    assert list(orders["conv1"]) == [3, 2, 1, 0]
    assert all(order is None for name, order in orders.items() if name != "conv1")


def uploaded(bench):
    """(name, Drawn) of the volumes on the graphics card."""
    for drawn in bench.view.scene.stack._drawn:
        yield drawn.part.name, drawn
