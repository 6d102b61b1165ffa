"""GL objects of the volume stack: kept while shapes stay, gone after release, made again."""

from dataclasses import replace

import numpy as np
import pytest

from tests.render.scenes import ahead, plain, slab, smooth_noise
from viewer.gl.context import EglContext
from viewer.gl.objects import Framebuffer
from viewer.visuals.look import MODES
from viewer.visuals.quality import FULL, Quality
from viewer.visuals.scene import StackScene
from viewer.visuals.slab import Picture
from viewer.visuals.volume import VolumeStack

pytestmark = pytest.mark.gl


def two(rng):
    return [
        slab(smooth_noise(rng, 4, 8), name="a"),
        slab(smooth_noise(rng, 6, 6), name="b", front=20),
    ]


def drawer(context, stack, slabs):
    camera = ahead(slabs, 32, 32, azimuth=30, elevation=10)
    return lambda mode="emission": stack.draw(context, camera, 32, 32, plain(mode))


def objects(context):
    return {id(owned): owned.name for owned in context._objects.values()}


def test_a_series_makes_no_new_objects_after_its_first_step(context, picture, rng):
    slabs = two(rng)
    stack = VolumeStack(slabs)
    draw = drawer(context, stack, slabs)
    old = picture(draw, 32, 32)
    first = objects(context)
    stack.set_layers(two(rng))
    picture(draw, 32, 32)
    ring = objects(context)
    # A second texture for each slab, to write into while the first is still being drawn.
    assert len(ring) == len(first) + 2
    for _ in range(4):
        other = two(rng)
        stack.update_values({part.name: part.values for part in other})
        new = picture(draw, 32, 32)
        assert objects(context) == ring
        assert not np.array_equal(old, new)
    fresh = VolumeStack(other)
    assert np.array_equal(picture(drawer(context, fresh, other), 32, 32), new)
    fresh.release()
    stack.release()


def test_other_shapes_and_orders_replace_objects(context, picture, rng):
    slabs = two(rng)
    stack = VolumeStack(slabs, [Picture("p", np.zeros((4, 4, 3), np.uint8), (0, 0, 1), (4, -4, 0))])
    draw = drawer(context, stack, slabs)
    picture(draw, 32, 32)
    count = context.live()["Texture"]
    stack.set_layers([slab(smooth_noise(rng, 4, 8), name="a", order=np.array([3, 2, 1, 0]))])
    picture(draw, 32, 32)
    assert context.live()["Texture"] == count - 2 + 1 + 1  # the order, and a's second texture
    stack.set_layers([])
    picture(draw, 32, 32)
    assert context.live()["Texture"] == count - 3
    stack.release()


def test_release_leaves_nothing(context, rng):
    before = context.live()
    programs = before["Program"]
    target = Framebuffer(context, 32, 32)
    scene = StackScene()
    slabs = two(rng)
    scene.stack.set_layers(slabs)
    camera = ahead(slabs, 32, 32)
    for mode in MODES:
        target.bind()
        scene.draw(context, camera, 32, 32, plain(mode), Quality(0.5, 2))
    scene.release()
    target.release()
    after = context.live()
    assert after - before == {"Program": after["Program"] - programs} or after == before


def test_a_context_that_ends_leaves_no_objects(_egl, rng):
    other = EglContext()
    slabs = two(rng)
    stack = VolumeStack(slabs)
    target = Framebuffer(other, 32, 32)
    target.bind()
    drawer(other, stack, slabs)()
    first = target.read().copy()
    assert sum(other.live().values()) > 5
    other.close()
    assert not other.live() and not other.alive
    # The same stack goes on in another context.
    third = EglContext()
    target = Framebuffer(third, 32, 32)
    target.bind()
    drawer(third, stack, slabs)()
    assert np.array_equal(target.read(), first)
    third.lost()
    assert not third.live()
    _egl.make_current()


def test_draws_into_the_framebuffer_that_is_bound_at_any_quality(context, picture, rng):
    slabs = two(rng)
    stack = VolumeStack(slabs)
    camera = ahead(slabs, 64, 48, azimuth=40, elevation=20, margin=0.1)
    full = picture(lambda: stack.draw(context, camera, 64, 48, plain()), 64, 48)
    for quality in (Quality(0.5, 2), Quality(0.25, 4), Quality(1, 1)):
        rough = picture(lambda q=quality: stack.draw(context, camera, 64, 48, plain(), q), 64, 48)
        assert np.abs(rough.astype(float) - full).mean() < 12
    assert np.array_equal(rough, full)
    stack.release()


@pytest.mark.parametrize("mode", MODES)
def test_a_picture_drawn_in_bands_is_the_full_picture(context, rng, mode):
    slabs = two(rng)
    stack, whole = VolumeStack(slabs), VolumeStack(slabs)
    sides = 64, 45
    camera = ahead(slabs, *sides, azimuth=40, elevation=20, margin=0.1)
    look = replace(plain(mode), frames=True)
    target = Framebuffer(context, *sides)

    def pixels(drawn, quality=FULL, band=None):
        target.bind()
        drawn.draw(context, camera, *sides, look, quality, band)
        return target.read().astype(int)

    full = pixels(whole)
    rough = pixels(stack, Quality(0.25, 3))
    assert not np.array_equal(rough, full)
    for number in range(4):
        seen = pixels(stack, band=(number, 4))
        sharp = round(45 * (number + 1) / 4)
        assert np.array_equal(seen[:sharp], full[:sharp])
        assert np.array_equal(seen[sharp:], rough[sharp:])
    assert np.array_equal(pixels(stack, band=(4, 4)), full)
    for owned in (stack, whole, target):
        owned.release()


def test_too_many_channels_are_split_and_too_large_maps_pooled(context, picture, rng):
    values = smooth_noise(rng, 24, 16)
    whole = slab(values)
    camera = ahead([whole], 48, 48, azimuth=30, elevation=15, margin=0.1)
    one, small = VolumeStack([whole]), VolumeStack([whole], texels=values.size // 3)
    seen = picture(lambda: one.draw(context, camera, 48, 48, plain()), 48, 48)
    pooled = picture(lambda: small.draw(context, camera, 48, 48, plain()), 48, 48)
    assert not one.badges
    assert small.badges == [
        "layer shown at 1/2 of the resolution (largest values kept): graphics memory"
    ]
    assert np.abs(pooled.astype(float) - seen).mean() < 25
    one.release()
    small.release()


def test_less_is_shown_when_the_graphics_card_runs_out_of_memory(
    context, picture, rng, monkeypatch
):
    answers = iter([True, True, False])
    monkeypatch.setattr("viewer.visuals.volume.out_of_memory", lambda: next(answers))
    monkeypatch.setattr("viewer.visuals.volume._LEAST_TEXELS", 16)
    whole = slab(smooth_noise(rng, 24, 16))
    stack = VolumeStack([whole], texels=24 * 16 * 16)
    before = context.live()["Texture"]
    pixels = picture(drawer(context, stack, [whole]), 32, 32)
    assert stack.badges == [
        "layer shown at 1/2 of the resolution (largest values kept): graphics memory"
    ]
    assert pixels.max() > 60
    # The values, the colours and what is drawn into: nothing is left of the attempts.
    assert context.live()["Texture"] == before + 3
    stack.release()
