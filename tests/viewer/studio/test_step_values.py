"""Raw values of layers become volumes: unfolded when read, less other steps, ranges shared."""

import gc
import weakref

import numpy as np
import pytest

from engine.gradient.unfolding import UNFOLDINGS, unfold
from viewer.studio.step_values import StepValues, absent_places, ranges_of, weight_words

SHAPES = {"conv": (4, 3, 3, 3), "fc": (2, 5), "deep": (2, 3, 2, 3, 3), "line": (3, 2, 4)}


def values(seed=0, source="weight-gradient"):
    random = np.random.default_rng(seed)
    maps = {name: random.standard_normal(shape, np.float32) for name, shape in SHAPES.items()}
    return StepValues(source, maps, 1, np.zeros((4, 4, 3), np.uint8))


@pytest.mark.parametrize("how", UNFOLDINGS)
def test_a_volume_is_the_unfolded_weights_and_every_place_names_its_weight(how):
    step = values()
    volumes = step.volumes(how, step.own_ranges)
    assert volumes.layers == tuple(SHAPES) and len(volumes.maps) == 4
    for name, shape in SHAPES.items():
        volume, absent = volumes.maps[name], volumes.absent.get(name)
        assert volume.shape == volumes.drawn_shape(name)
        np.testing.assert_array_equal(volume, unfold(step.maps[name], how))
        missing = np.isnan(volume[0]) if absent is None else absent
        np.testing.assert_array_equal(np.isnan(volume), np.broadcast_to(missing, volume.shape))
        for row in range(volume.shape[1]):
            for column in range(volume.shape[2]):
                found = volumes.value_at(name, 1, (row, column))
                if missing[row, column]:
                    assert found is None
                else:
                    assert found == volume[1, row, column]
        size = int(np.prod(shape[2:]))
        for weight in ((1, 0, 0), (1, shape[1] - 1, size - 1)):
            layer, channel, place = volumes.place_of((name, *weight))
            own = step.maps[name].reshape(shape[0], shape[1], size)[weight]
            assert layer == name and volume[(channel, *place)] == own
    assert volumes.place_of(("conv", 4, 0, 0)) is None and volumes.place_of(None) is None
    assert volumes.value_at("conv", 9, (0, 0)) is None


def test_activations_are_not_unfolded():
    maps = {"conv": np.arange(8, dtype=np.float32).reshape(2, 2, 2)}
    step = StepValues("gradient", maps, 1)
    volumes = step.volumes("tiles", step.own_ranges)
    assert volumes.unfolding == "" and not volumes.absent
    assert np.array_equal(volumes.maps["conv"], maps["conv"])
    assert volumes.value_at("conv", 1, (1, 0)) == 6.0


def test_the_range_is_that_of_all_steps_and_of_differences_where_they_are_shown():
    one, other = values(1), values(2)
    ranges = ranges_of([(one, None), (other, None)])
    for name in SHAPES:
        end = max(np.abs(one.maps[name]).max(), np.abs(other.maps[name]).max())
        assert ranges.ends[name] == (-end, pytest.approx(end))
    differences = ranges_of([(one, other), (other, other)])
    for name in SHAPES:
        apart = np.abs(one.maps[name] - other.maps[name])
        assert differences.ends[name][1] == pytest.approx(apart.max())
        assert differences.means[name] == pytest.approx(apart.mean() / 2, rel=1e-5)
    less = one.volumes("rows", differences, other)
    np.testing.assert_array_equal(less.raw("fc"), one.maps["fc"] - other.maps["fc"])
    assert less.value_at("fc", 0, (1, 0)) == pytest.approx(float(less.maps["fc"][0, 1, 0]))


def test_what_is_not_finite_is_left_out_of_ranges():
    step = values()
    step.maps["fc"][0, :2] = np.nan, np.inf
    finite = step.maps["fc"][np.isfinite(step.maps["fc"])]
    assert step.numbers("fc")[0] == pytest.approx(np.abs(finite).max())
    step = StepValues("weights", {"fc": np.full((1, 2), np.nan, np.float32)})
    assert step.numbers("fc") == (0.0, 0.0)


def test_the_same_volumes_are_the_same_object_and_nothing_is_held_for_ever():
    one, other = values(1), values(2)
    ranges = one.own_ranges
    assert one.own_ranges is ranges
    first = one.volumes("tiles", ranges)
    assert one.volumes("tiles", ranges) is first
    assert one.volumes("rows", ranges) is not first
    assert one.volumes("tiles", ranges, other) is not first
    gone = weakref.ref(other)
    one.volumes("tiles", ranges)
    del other, first
    gc.collect()
    assert gone() is None


def test_places_without_a_weight_are_those_that_unfold_leaves_over():
    assert absent_places((4, 3, 3), "tiles") is None
    mask = absent_places((5, 2, 2), "tiles")
    assert mask.sum() == 4 and mask.shape == (4, 6)


def test_a_weight_is_named_by_what_it_has():
    assert weight_words((8, 5), 3, 0, 0) == "input 3"
    assert weight_words((8, 5, 7), 3, 0, 6) == "input 3, place 6"
    assert weight_words((8, 5, 3, 3), 3, 2, 1) == "input 3, row 2, column 1"
    assert weight_words((8, 5, 2, 3, 3), 3, 4, 1) == "input 3, depth 1, row 1, column 1"
