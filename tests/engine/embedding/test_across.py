"""Points of two layers that meet, against a search unit by unit."""

from dataclasses import replace
from types import SimpleNamespace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as some

from engine.embedding.across import centers_of, is_deeper, joined, meet, units_at_centers
from engine.network.receptive_field import ReceptiveField
from tests.pretend_points import points_of
from tests.reference import across as reference


class Net:
    """Layers with boxes as given: ``{name: int[*positions, 4]}``, in order of depth."""

    def __init__(self, boxes, channels=2):
        self._boxes = {name: np.asarray(each) for name, each in boxes.items()}
        self.fields = object()
        field = ReceptiveField((1, 1), (1, 1), (0.0, 0.0), "exact", True)
        self.layers = [
            SimpleNamespace(
                name=name, output_shape=(channels, *each.shape[:-1]), receptive_field=field
            )
            for name, each in self._boxes.items()
        ]

    def layer(self, name):
        return next(layer for layer in self.layers if layer.name == name)

    def box(self, name, *position):
        return tuple(int(part) for part in self._boxes[name][position])

    def boxes(self, name):
        return self._boxes[name]


def grid(rows, columns, size, stride, start=0):
    """Boxes of a convolution's units."""
    at = np.stack(np.meshgrid(np.arange(rows), np.arange(columns), indexing="ij"), -1)
    corner = start + stride * at
    return np.concatenate([corner, corner + size], -1)


def cloud(name, shape, samples, seed, keep=None, index=None):
    """Points of a layer, all of each sample or `keep` of them."""
    each = int(np.prod(shape)) if shape else 1
    values = np.random.default_rng(seed).normal(size=(samples, 2, each))
    points = points_of(values, name, index, shape, seed)
    if keep is None:
        return points
    rng, chosen = np.random.default_rng(seed), np.zeros(points.count, bool)
    for sample in np.unique(points.sample):
        chosen[rng.choice(np.flatnonzero(points.sample == sample), keep, replace=False)] = True
    columns = points.columns
    columns = replace(columns, fine=columns.fine[:, chosen], coarse=columns.coarse[:, chosen])
    return replace(
        points, columns=columns, sample=points.sample[chosen], row=points.row[chosen],
        place=points.place[chosen], kind="sampled",
    )  # fmt: skip


@given(
    rows=some.tuples(some.integers(1, 5), some.integers(1, 5)),
    sizes=some.tuples(some.integers(1, 6), some.integers(1, 9)),
    strides=some.tuples(some.integers(1, 3), some.integers(0, 4)),
    starts=some.tuples(some.integers(-3, 0), some.integers(-5, 2)),
)
def test_units_meet_the_nearest_center(rows, sizes, strides, starts):
    early = grid(rows[0], rows[0] + 1, sizes[0], strides[0], starts[0])
    deep = grid(rows[1], rows[1], sizes[1], strides[1], starts[1])
    deep[0, 0] = 0  # a unit that depends on nothing
    network = Net({"early": early, "deep": deep})
    found = units_at_centers(network, "deep", "early").reshape(deep.shape[:2])
    for position in np.ndindex(found.shape):
        expected = reference.unit_at_center(network, "deep", "early", position)
        flat = -1 if expected is None else np.ravel_multi_index(expected, early.shape[:2])
        assert found[position] == flat, position


def test_units_that_see_everything_meet_place_by_place_or_not_at_all():
    everything = np.tile([0, 0, 9, 9], (4, 1))
    network = Net({"a": everything, "b": everything, "c": np.tile([0, 0, 9, 9], (6, 1))})
    assert units_at_centers(network, "b", "a").tolist() == [0, 1, 2, 3]
    assert units_at_centers(network, "c", "a").tolist() == [-1] * 6
    assert units_at_centers(network, "c", "c").tolist() == list(range(6))


@pytest.mark.parametrize("keep", [None, 1, 3])
def test_points_meet_those_of_their_sample(keep):
    network = Net({"early": grid(5, 5, 3, 2, -1), "deep": grid(3, 3, 7, 3, -2)})
    early = cloud("early", (5, 5), 7, 1, keep)
    deep = cloud("deep", (3, 3), 9, 2, index=[0, 1, 2, 3, 4, 5, 6, 11, 12])
    found, exact = meet(network, deep, early)
    counted = 0
    for point in range(deep.count):
        position = tuple(np.unravel_index(deep.place[point], (3, 3)))
        own = np.flatnonzero(early.sample == deep.sample[point])
        kept = {tuple(map(int, np.unravel_index(early.place[at], (5, 5)))): at for at in own}
        place = reference.nearest_kept(network, "deep", "early", position, set(kept))
        assert found[point] == kept.get(place, -1)
        wanted = reference.unit_at_center(network, "deep", "early", position)
        counted += place is not None and place == wanted and place in kept
    assert exact == counted
    assert (found >= 0).any() and (found == -1).any()


def test_a_joint_has_values_samples_and_places_of_both():
    network = Net({"early": grid(5, 5, 3, 2, -1), "deep": grid(3, 3, 7, 3, -2)})
    early, deep = cloud("early", (5, 5), 6, 1), cloud("deep", (3, 3), 8, 2)
    joint = joined(network, deep, early)
    assert joint.total == joint.count == 6 * 9 and joint.left_out == 2 * 9
    assert "18 of 72 meet none" in joint.words
    assert (joint.rows.fine == deep.columns.fine[:, joint.row_points]).all()
    assert (joint.columns.fine == early.columns.fine[:, joint.column_points]).all()
    assert (joint.columns.coarse == joint.columns.fine >> 8).all()
    assert (joint.columns.zeros == (joint.columns.fine == joint.columns.zero[:, None]).sum(1)).all()
    assert (early.sample[joint.column_points] == joint.sample).all()
    assert (deep.sample[joint.row_points] == joint.sample).all()
    assert (np.diff(joint.row_points) > 0).all()  # the permuted order: prefixes stay fair
    turned = joined(network, early, deep)
    assert (turned.row_points == joint.column_points).all()
    assert (turned.columns.fine == joint.rows.fine).all()
    assert joint.points.columns is joint.rows and joint.points.positions == (3, 3)


def test_everything_of_a_layer_is_not_copied():
    network = Net({"early": grid(5, 5, 3, 2, -1), "deep": grid(3, 3, 7, 3, -2)})
    early, deep = cloud("early", (5, 5), 6, 1), cloud("deep", (3, 3), 6, 2)
    assert joined(network, deep, early).rows is deep.columns


def test_a_layer_without_positions_meets_all_points_of_its_samples():
    network = Net({"conv": grid(4, 4, 3, 2), "fc": np.array([0, 0, 9, 9]), "out": [0, 0, 9, 9]})
    conv, fc, out = cloud("conv", (4, 4), 5, 1), cloud("fc", (), 5, 2), cloud("out", (), 4, 3)
    joint = joined(network, fc, conv)
    assert joint.count == conv.count and joint.columns is conv.columns
    assert joint.points.positions == (4, 4)
    assert (fc.sample[joint.row_points] == conv.sample).all()
    assert "meet their sample" in joint.words
    pair = joined(network, out, fc)
    assert pair.count == 4 and (fc.sample[pair.column_points] == out.sample).all()


def test_beyond_the_budget_a_joint_is_a_prefix_and_says_so():
    network = Net({"early": grid(5, 5, 3, 2, -1), "deep": grid(3, 3, 7, 3, -2)})
    early, deep = cloud("early", (5, 5), 6, 1), cloud("deep", (3, 3), 6, 2)
    whole, part = joined(network, deep, early), joined(network, deep, early, budget=20 * 3 * 2)
    assert part.total == whole.count and part.count == 20 and "20 of 54 pairs" in part.words
    assert (part.columns.fine == whole.columns.fine[:, :20]).all()


def test_values_of_a_layers_points_become_those_of_pairs():
    network = Net({"early": grid(5, 5, 3, 2, -1), "deep": grid(3, 3, 7, 3, -2)})
    early, deep = cloud("early", (5, 5), 4, 1), cloud("deep", (3, 3), 3, 2)
    joint = joined(network, deep, early)
    chosen = np.arange(early.count) % 3 == 0
    assert (joint.of_columns(chosen) == chosen[joint.column_points]).all()
    assert joint.of_rows(None) is None
    assert is_deeper(network, "deep", "early") and not is_deeper(network, "early", "deep")


def test_centers_of_a_network_without_its_file_are_evenly_spaced():
    network = Net({"conv": grid(3, 4, 5, 2, -1)})
    exact, boxes = centers_of(network, "conv")
    network.fields = None
    network.layer("conv").receptive_field = ReceptiveField(
        (5, 5), (2, 2), (1.0, 1.0), "exact", True
    )
    even, even_boxes = centers_of(network, "conv")
    assert np.allclose(exact, even) and np.allclose(boxes, even_boxes)


def test_a_network_whose_input_is_no_picture_meets_place_by_place():
    network = Net({"a": grid(2, 2, 1, 1), "b": grid(2, 2, 1, 1), "c": grid(3, 2, 1, 1)})
    for layer in network.layers:
        layer.receptive_field = None
    assert units_at_centers(network, "b", "a").tolist() == [0, 1, 2, 3]
    assert units_at_centers(network, "c", "a").tolist() == [-1] * 6
