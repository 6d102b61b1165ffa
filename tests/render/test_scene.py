"""The whole picture of the stack view: labels where boxes are, the legend over them."""

from dataclasses import replace

import numpy as np
import pytest

from viewer.gl.camera import Camera, pixel_from_world
from viewer.gl.theme import DARK, LIGHT, rgb
from viewer.views.stack.build import LayerFacts, build
from viewer.visuals.legend import ColourBar, Legend
from viewer.visuals.scene import StackScene, brightened
from viewer.visuals.transfer import Transfer
from viewer.visuals.volume import Look

pytestmark = pytest.mark.gl
SIZE = (640, 400)


def contents_of(rng, layers=5):
    facts = [LayerFacts(f"conv{n}", (8, 16, 16), n) for n in range(1, layers)]
    facts.append(LayerFacts("fc", (10,), layers))
    values = {fact.name: rng.random(fact.shape).astype(np.float32) for fact in facts}
    picture = np.full((32, 32, 3), 200, np.uint8)
    return build(facts, values, (32, 32), picture=picture)


def draw(context, picture, scene, look=None, size=SIZE):
    camera = scene.fitting_camera(size[0] / size[1])
    return camera, picture(lambda: scene.draw(context, camera, *size, look or Look()), *size)


@pytest.fixture
def scene(context):
    made = StackScene()
    yield made
    made.release()


def test_everything_is_in_view_and_named(context, picture, rng, scene):
    contents = contents_of(rng)
    scene.set_contents(contents)
    camera, pixels = draw(context, picture, scene)
    corners = np.array([box for part in contents.slabs for box in part.box])
    places, before = pixel_from_world(camera, corners, *SIZE)
    assert before.all() and (places >= 0).all() and (places <= SIZE).all()
    assert {box.name for box in scene.label_boxes} >= {"input", "conv1", "fc"}
    background = np.abs(pixels / 255 - rgb(DARK.view)).max(-1) < 0.01
    assert background[:3].all() and not background.all()


def test_labels_do_not_cover_boxes_or_each_other(context, picture, rng, scene):
    for layers in (2, 12, 60):
        scene.set_contents(contents_of(rng, layers))
        scene.legend = Legend("a network", "of layers", ("badge",), ColourBar("each layer"))
        scene.labels = False
        _, bare = draw(context, picture, scene)
        scene.labels = True
        draw(context, picture, scene)
        boxes = scene.label_boxes
        assert boxes
        for first, box in enumerate(boxes):
            inside = bare[int(box.top) : int(box.bottom), int(box.left) : int(box.right)] / 255
            assert np.abs(inside - rgb(DARK.view)).max() < 0.02, box
            for other in boxes[:first]:
                apart = box.left >= other.right or other.left >= box.right
                assert apart or box.top >= other.bottom or other.top >= box.bottom


def test_the_highlighted_layer_is_always_named(context, picture, rng, scene):
    scene.set_contents(contents_of(rng, 60))
    draw(context, picture, scene)
    hidden = {f"conv{n}" for n in range(1, 60)} - {box.name for box in scene.label_boxes}
    name = sorted(hidden)[0]
    draw(context, picture, scene, Look(highlight=name))
    assert name in {box.name for box in scene.label_boxes}


def test_the_light_theme_has_its_own_background(context, picture, rng, scene):
    scene.set_contents(contents_of(rng))
    _, pixels = draw(context, picture, scene, Look(theme=LIGHT))
    assert np.abs(pixels[1, 1] / 255 - rgb(LIGHT.view)).max() < 0.01


@pytest.mark.parametrize("mode", ["emission", "maximum"])
def test_an_empty_scene_is_background(context, picture, scene, mode):
    _, pixels = draw(context, picture, scene, Look(mode=mode))
    assert np.abs(pixels / 255 - rgb(DARK.view)).max() < 0.01


def test_the_input_is_seen_from_its_side(context, picture, rng, scene):
    scene.set_contents(contents_of(rng))
    for mode in ("emission", "maximum"):
        camera = scene.fitting_camera(1.0, Camera(azimuth=0, elevation=0))
        look = Look(mode=mode, frames=False)
        seen = picture(lambda c=camera, k=look: scene.draw(context, c, 64, 64, k), 64, 64)
        assert np.abs(seen[30, 32].astype(int) - 200).max() <= 1
        back = scene.fitting_camera(1.0, Camera(azimuth=180, elevation=0))
        behind = picture(lambda c=back, k=look: scene.draw(context, c, 64, 64, k), 64, 64)
        assert np.abs(behind[30, 32].astype(int) - 200).max() > 1


def test_the_same_scene_draws_the_same_pixels(context, picture, rng, scene):
    scene.set_contents(contents_of(rng))
    assert np.array_equal(draw(context, picture, scene)[1], draw(context, picture, scene)[1])


def test_the_legend_of_brightened_averages_says_so():
    legend = Legend(bar=ColourBar("conv", -2.0, 2.0, True))
    bright = Look(mode="average", transfer=Transfer(opacity=4.0))
    found = brightened(legend, bright)
    assert (found.bar.low, found.bar.high) == (-0.5, 0.5)
    assert found.badges == ("averages brightened 4 times",)
    assert brightened(legend, replace(bright, mode="maximum")) is legend
    assert brightened(legend, Look(mode="average")) is legend
