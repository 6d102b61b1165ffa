"""Every function of shaders/lib on one pixel, against its twin on the CPU."""

from pathlib import Path

import numpy as np
import pytest

from tests.reference import raycast
from viewer.gl import shaders
from viewer.gl.api import GL
from viewer.gl.objects import Framebuffer, Texture, VertexArray
from viewer.gl.program import Program
from viewer.visuals import slab, transfer

pytestmark = pytest.mark.gl
HERE = Path(__file__).parent


@pytest.fixture
def evaluate(context, monkeypatch):
    """``evaluate(file, **uniforms)`` -> float32[4], what the file writes to its one pixel."""
    ship = shaders._read
    monkeypatch.setattr(
        shaders,
        "_read",
        lambda name: (HERE / name).read_text() if name.startswith("glsl/") else ship(name),
    )
    vertices, target = VertexArray(context), Framebuffer(context, 1, 1, GL.GL_RGBA32F)
    programs = {}

    def run(file, **uniforms):
        if file not in programs:
            programs[file] = Program(context, "screen/triangle.vert", f"glsl/{file}")
        target.bind()
        GL.glDisable(GL.GL_BLEND)
        vertices.bind()
        programs[file].use()
        programs[file].set(**uniforms)
        GL.glDrawArrays(GL.GL_TRIANGLES, 0, 3)
        return target.read()[0, 0]

    yield run
    for owned in (vertices, target, *programs.values()):
        owned.release()


def ray_cases(rng):
    low, high = np.zeros(3), np.array([8.0, 6.0, 20.0])
    for number in range(40):
        inside = rng.uniform(low, high)
        direction = rng.normal(size=3) * (1, 1, 3)
        if number % 5 == 0:
            direction[number % 3] = 0
        yield inside - direction * rng.uniform(0, 20), direction, low, high


def test_box_range(evaluate, rng):
    for origin, direction, low, high in ray_cases(rng):
        got = evaluate("ray.frag", what=0, origin=origin, direction=direction, low=low, high=high)
        want = raycast.box_range(origin, direction, low, high)
        assert np.allclose(got[:2], want, rtol=2e-5, atol=2e-5)


def test_a_ray_past_the_box_has_an_empty_range(evaluate):
    box = {"low": np.zeros(3), "high": np.ones(3)}
    enter, leave, *_ = evaluate(
        "ray.frag", what=0, origin=np.array([2.0, 2, -5]), direction=np.array([0, 0, 1.0]), **box
    )
    assert leave < enter


def test_main_axis(evaluate, rng):
    cases = [*rng.normal(size=(20, 3)), (1, 1, 1), (1, 1, 0), (0, -2, 1), (-2, 0, 1), (1, -1, -1)]
    for direction in np.array(cases, float):
        got = evaluate(
            "ray.frag",
            what=1,
            origin=np.zeros(3),
            direction=direction,
            low=np.zeros(3),
            high=np.ones(3),
        )
        assert int(got[0]) == int(raycast.main_axis(direction.astype(np.float32)))


def test_entered_face(evaluate, rng):
    for origin, direction, low, high in ray_cases(rng):
        got = evaluate("ray.frag", what=3, origin=origin, direction=direction, low=low, high=high)
        enter, _ = raycast.box_range(origin, direction, low, high)
        want = raycast.entered_face(origin + direction * enter, direction, low, high)
        assert int(got[0]) == int(want)


@pytest.mark.parametrize("spacing, phase", [(1.0, 0.5), (2.0, 0.5), (1.0, 0.13), (4.0, 0.9)])
def test_first_plane(evaluate, rng, spacing, phase):
    for origin, direction, low, high in ray_cases(rng):
        got = evaluate(
            "ray.frag",
            what=2,
            origin=origin,
            direction=direction,
            low=low,
            high=high,
            rest=np.array([spacing, phase, 0, 0]),
        )
        enter, leave = raycast.box_range(origin, direction, low, high)
        axis = int(raycast.main_axis(direction))
        at_enter = (origin + direction * enter)[axis]
        first, apart, count = raycast.first_plane(
            at_enter, direction[axis], enter, leave, spacing, phase
        )
        # Samples lie on planes, inside the box, and the count never skips or adds one, but for
        # rays that end on a plane within float32.
        plane = ((origin + direction * got[0])[axis] / spacing) % 1
        assert min(abs(plane - phase), 1 - abs(plane - phase)) < 1e-3
        assert np.isclose(got[1], apart, rtol=1e-5)
        assert enter - 1e-3 <= got[0] <= enter + apart * 1.001
        assert abs(got[2] - count) <= 1
        assert np.isclose(got[0], first, rtol=1e-4, atol=1e-3 * apart) or got[2] != count


def test_colour_table(evaluate, context):
    table = transfer.table(transfer.Transfer())
    texture = Texture(context, table.shape[:2], GL.GL_RGBA32F)
    texture.write(table)
    texture.bind(0)
    for row in range(4):
        for index in (0.0, 0.9, 1.0, 5.7, 500.2, 1024.99, 1025.0, 1026.0, 1028.0):
            got = evaluate("colour_table.frag", what=0, rest=np.array([row, index, 0, 0]))
            assert np.array_equal(got, raycast.table_entry(table, row, index))
    texture.release()


def test_places_and_indices(evaluate):
    for place in (0.0, 0.25, 0.7, 1.0):
        index = transfer.index_from_value(0, 1, False)[0] * place + 2.0
        got = evaluate("colour_table.frag", what=1, rest=np.array([index, place, 0, 0]))
        assert np.allclose(got[:2], (raycast.place_from_index(index), index), atol=1e-4)
        assert np.isclose(raycast.place_from_index(index), place)


def test_numbers_that_stand_for_something_else(evaluate):
    for stored, entry in (
        (slab.NAN, transfer.NAN),
        (slab.INFINITE, transfer.INFINITE),
        (slab.NEGATIVE_INFINITE, transfer.NEGATIVE_INFINITE),
        (slab.ABSENT, -1),
    ):
        assert evaluate("colour_table.frag", what=2, rest=np.array([stored, 0, 0, 0]))[0] == entry


@pytest.mark.parametrize("signed", [False, True])
def test_strengths(evaluate, signed):
    for index in (0.0, 0.9, 1.1, 2.0, 300.0, 513.0, 900.5, 1024.0, 1025.0):
        got = evaluate("colour_table.frag", what=4, rest=np.array([index, signed, 0, 0]))[0]
        assert np.isclose(got, raycast.strength_from_index(index, signed), atol=1e-6)


def test_one_value_as_the_colour_of_a_pixel(evaluate, context):
    table = transfer.table(transfer.Transfer())
    texture = Texture(context, table.shape[:2], GL.GL_RGBA32F)
    texture.write(table)
    texture.bind(0)
    for index in (2.0, 400.0, 1024.0, 1026.0):
        solid, dense = (
            evaluate("colour_table.frag", what=5, rest=np.array([1, index, by_density, 0]))
            for by_density in (0, 1)
        )
        entry = raycast.table_entry(table, 1, index)
        assert np.allclose(solid, (*entry[:3], 1))
        assert np.allclose(dense, (*(entry[:3] * entry[3]), entry[3]))
    texture.release()


def test_lighting(evaluate):
    colour = np.array([0.7, 0.2, 0.4])
    for facing in (0.0, 0.3, 0.9, 1.0):
        got = evaluate("colour_table.frag", what=6, rest=np.array([*colour, facing]))
        assert np.allclose(got[:3], raycast.lit(colour, facing), atol=1e-6)


def test_pixel_noise(evaluate):
    values = []
    for x, y in ((0.5, 0.5), (10.5, 3.5), (99.5, 41.5), (7.5, 200.5)):
        got = evaluate("colour_table.frag", what=3, rest=np.array([x, y, 0, 0]))[0]
        values.append(got)
        # 52.98 amplifies float32's rounding of the inner number
        assert abs(got - raycast.pixel_noise(x, y)) < 2e-3
    assert len({round(float(value), 3) for value in values}) == len(values)
