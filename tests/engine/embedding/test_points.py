"""Points against the values that a study was made of: codes, order, samples, places."""

import threading
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.embedding import points as module
from engine.embedding import reading
from engine.embedding.columns import FINITE, NOT_FINITE, Columns, scales
from engine.embedding.points import make_points
from engine.errors import Cancelled, InputError
from engine.kernels.quantising import measure, permutation, permute, quantise, widen
from engine.study.reader import open_study
from engine.tasks import Task
from tests.engine.study import making
from tests.reference import quantising as reference

PLANS = {plan.key: plan for plan in making.PLANS}


@pytest.fixture(scope="module")
def study(tmp_path_factory):
    folder = tmp_path_factory.mktemp("points") / "a.study"
    making.extract(folder, parts=(2, 5))
    with open_study(folder) as found:
        yield found


def values_of(plan, study):
    """The values that points of a layer should have: float32[rows, C, S], places[rows, S]."""
    made = making.all_values(plan).reshape(len(study), plan.channels, plan.units)
    made = made.astype(plan.dtype).astype(np.float32)
    if plan.policy == "pooled":
        return study.pooled(*plan.key).maximum[:, :, None], np.zeros((len(study), 1), int)
    if plan.policy == "full":
        return made, np.broadcast_to(np.arange(plan.units), (len(study), plan.units))
    there = study.positions(*plan.key)
    flat = there[..., 0] * plan.positions[1] + there[..., 1]
    return np.take_along_axis(made, flat[:, None, :], axis=2), flat


@pytest.mark.parametrize("key", PLANS)
@pytest.mark.parametrize("small_blocks", [False, True])
def test_points_are_the_studys_values(study, key, small_blocks, monkeypatch):
    monkeypatch.setattr(reading, "BLOCK_BYTES", 3000 if small_blocks else 1 << 24)
    plan = PLANS[key]
    values, places = values_of(plan, study)
    points = make_points(study, *key, keep=False)
    assert (points.channels, points.count) == (plan.channels, values[:, 0].size)
    assert points.kind == plan.policy
    # every (row, place) once, with its own sample
    pairs = set(zip(points.row.tolist(), points.place.tolist(), strict=True))
    wanted = {(row, int(place)) for row in range(len(study)) for place in places[row]}
    assert pairs == wanted and len(pairs) == points.count
    np.testing.assert_array_equal(points.sample, study.samples.index[points.row])
    slots = [list(places[r]).index(p) for r, p in zip(points.row, points.place, strict=True)]
    stored = values[points.row, :, slots]
    np.testing.assert_array_equal(points.stored(study, np.arange(points.count)), stored)
    check_columns(points.columns, stored.T)


def check_columns(columns, values):
    """Codes, counts and ranges of a layer's columns against its values, float32[C, P]."""
    finite = np.isfinite(values)
    np.testing.assert_array_equal(columns.coarse, columns.fine >> 8)
    np.testing.assert_array_equal(columns.fine == NOT_FINITE, ~finite)
    assert not ((columns.fine >= FINITE) & (columns.fine != NOT_FINITE)).any()
    np.testing.assert_array_equal(columns.not_finite, (~finite).sum(axis=1))
    np.testing.assert_array_equal(columns.zeros, (values == 0).sum(axis=1))
    for channel in range(columns.channels):
        back = columns.values(channel, columns.fine[channel])
        kept = finite[channel]
        assert np.isnan(back[~kept]).all()
        error = np.abs(back[kept] - values[channel, kept])
        assert (error <= columns.step[channel] * (1 + 1e-6)).all()
        zero = columns.zero[channel]
        if zero >= 0:
            np.testing.assert_array_equal(
                columns.fine[channel, kept] == zero, values[channel, kept] == 0
            )
            assert columns.values(channel, zero) == 0
        scale = columns.low[channel], columns.step[channel], zero
        wanted = np.array(reference.codes(values[channel], *scale))
        other = np.flatnonzero(columns.fine[channel] != wanted)
        # half way between two codes to nine digits: either is the nearest
        for value, code, want in zip(
            values[channel, other], columns.fine[channel, other].astype(int), wanted[other],
            strict=True,
        ):  # fmt: skip
            assert abs(code - want) == 1
            assert abs((float(value) - scale[0]) / scale[1] - (code + want) / 2) < 1e-6


def quantised(values):
    """Columns of float32[C, P], points in their own order."""
    channels, count = values.shape
    low, high = np.full(channels, np.inf), np.full(channels, -np.inf)
    strange, zeros = np.zeros(channels, np.int64), np.zeros(channels, np.int64)
    block = np.ascontiguousarray(values.T[:, :, None], np.float32)
    measure(block, 0, channels, low, high)
    scale = scales(low, high)
    fine = np.empty((channels, count), np.uint16)
    coarse = np.empty((channels, count), np.uint8)
    quantise(block, 0, channels, 0, *scale, fine, strange, zeros)
    permute(np.arange(count, dtype=np.int32), 0, channels, fine, coarse)
    return Columns("a", "post", fine, coarse, *scale, strange, zeros)


numbers = st.floats(width=32) | st.sampled_from([0.0, -0.0, 1e-45, -1e-45, 3.4e38, -3.4e38])
nearby = st.floats(0.0, 1.0, width=16) | st.just(0.0)
halves = st.floats(width=16)


@settings(max_examples=150, deadline=None)
@given(
    st.lists(numbers, min_size=1, max_size=30)
    | st.lists(nearby, min_size=1, max_size=30)
    | st.lists(halves, min_size=1, max_size=30)
)
def test_any_values_are_quantised_by_the_rules(values):
    values = np.array([values], np.float32)
    columns = quantised(values)
    check_columns(columns, values)
    order = np.argsort(values[0][np.isfinite(values[0])], kind="stable")
    codes = columns.fine[0][np.isfinite(values[0])].astype(int)
    assert (np.diff(codes[order]) >= 0).all(), "codes are in the order of values"


def test_constant_dead_and_strange_channels():
    values = np.array([[0, 0, 0], [2, 2, np.inf], [np.nan] * 3, [-1, 0, 1], [-0.0, 0, np.nan]])
    columns = quantised(values.astype(np.float32))
    assert columns.constant.tolist() == [True, True, True, False, True]
    assert columns.dead.tolist() == [True, False, False, False, False]
    assert columns.zero.tolist()[:3] == [0, -1, -1]
    assert columns.values(1, 0) == 2
    assert columns.codes(1, [2.0, 5.0]).tolist() == [0, 0]
    np.testing.assert_allclose(columns.codes(3, columns.values(3, [0.5, 700.25])), [0.5, 700.25])


def test_every_half_is_widened():
    halves = np.arange(65536, dtype=np.uint16)
    found = np.empty(65536, np.uint32)
    widen(halves, found)
    wanted = halves.view(np.float16).astype(np.float32)
    nan = np.isnan(wanted)
    np.testing.assert_array_equal(np.isnan(found.view(np.float32)), nan)
    np.testing.assert_array_equal(found[~nan], wanted.view(np.uint32)[~nan])


@pytest.mark.parametrize("count", [0, 1, 2, 1000])
def test_permutation(count):
    order = permutation(count, 5)
    assert sorted(order) == list(range(count))
    np.testing.assert_array_equal(order, permutation(count, 5))
    if count == 1000:
        assert (order != permutation(count, 6)).any()
        assert abs(np.corrcoef(order, np.arange(count))[0, 1]) < 0.1


def test_permutation_takes_every_order_equally_often():
    orders = [tuple(permutation(3, seed)) for seed in range(6000)]
    counts = np.unique(orders, axis=0, return_counts=True)[1]
    # six orders, 1,000 each: five standard deviations of a binomial count
    assert len(counts) == 6 and (np.abs(counts - 1000) < 5 * 29).all()


def test_words(study):
    words = {key: make_points(study, *key, keep=False).words for key in PLANS}
    assert words["conv1", "post"] == "all 63 positions of 39 samples"
    assert words["conv1", "pre"] == "the maximum of each map of 39 samples"
    assert words["pool.1~2", "post"] == "4 of 36 positions of 39 samples"
    assert words["fc", "post"] == "39 samples"


def test_a_prefix_is_a_fair_sample(study):
    points = make_points(study, "conv1", keep=False)
    first = points.row[: points.count // 4]
    # rows of the first quarter: mean of a uniform sample, five standard errors
    assert abs(first.mean() - 19) < 5 * 11.3 / np.sqrt(len(first))


def test_samples_and_index(study):
    points = make_points(study, "pool.1~2", keep=False)
    mask = np.zeros(41, bool)
    mask[[3, 20]] = True
    np.testing.assert_array_equal(points.points_of_samples(mask), np.isin(points.sample, [3, 20]))
    np.testing.assert_array_equal(points.points_of_samples(mask[:10]), points.sample == 3)
    for point in (0, 17, points.count - 1):
        assert points.index(points.sample[point], points.place[point]) == point
    assert points.index(making.BROKEN, 0) == -1


def test_the_order_is_the_keys(study):
    first, second = (make_points(study, "tokens", keep=False) for _ in range(2))
    assert first.key == second.key
    np.testing.assert_array_equal(first.columns.fine, second.columns.fine)
    assert first.key != make_points(study, "fc", keep=False).key


def test_progress_and_cancel(study, monkeypatch):
    monkeypatch.setattr(reading, "BLOCK_BYTES", 5000)
    told = []
    make_points(study, "conv1", task=Task(on_progress=told.append), keep=False)
    assert [each.fraction for each in told] == sorted(each.fraction for each in told)
    assert told[-1].fraction == 1 and "conv1" in told[0].what
    task = Task(on_progress=lambda each: task.cancel() if each.fraction > 0.6 else None)
    with pytest.raises(Cancelled):
        make_points(study, "conv1", task=task)
    assert not [*study.path.glob("results/*")]


def test_a_layer_that_was_not_extracted(study):
    with pytest.raises(InputError):
        make_points(study, "fc", "pre")
    with pytest.raises(InputError):
        make_points(study, "conv9")


def test_a_study_without_samples(tmp_path):
    with making.StudyWriter(tmp_path / "empty.study", making.HEADER) as writer:
        making.begin(writer)
    with open_study(tmp_path / "empty.study") as study:
        points = make_points(study, "conv1")
    assert points.count == 0 and points.columns.constant.all()
    assert not points.points_of_samples(np.ones(3, bool)).size


def test_an_unfinished_study_is_not_written_to(tmp_path):
    with making.StudyWriter(tmp_path / "some.study", making.HEADER) as writer:
        making.begin(writer)
        writer.add(making.block(0, 5))
    with open_study(tmp_path / "some.study") as study:
        points = make_points(study, "conv1")
        assert not (study.path / "results").exists()
        with making.StudyWriter(study.path, making.HEADER) as writer:
            writer.add(making.block(5, 10))
        assert study.refresh()
        more = make_points(study, "conv1")
    assert (points.count, more.count) == (5 * 63, 10 * 63)
    assert points.key != more.key


def test_float16_without_positions(tmp_path):
    plan = replace(PLANS["fc", "post"], policy="sampled")
    making.extract(tmp_path / "a.study", plans=(plan,))
    with open_study(tmp_path / "a.study") as study:
        points = make_points(study, "fc")
        stored = points.stored(study, np.arange(points.count))
    assert points.kind == "full" and points.positions == ()
    wanted = making.all_values(plan).astype(np.float16).astype(np.float32)
    np.testing.assert_array_equal(stored, wanted[points.row])


@pytest.mark.parametrize("scale, measured", [(1.0, False), (1e5, True)])
def test_ranges_are_those_of_the_stored_values(tmp_path, monkeypatch, scale, measured):
    """From the study's statistics, but where half precision made infinities of numbers."""
    plan, made = PLANS["conv1", "post"], making.values
    monkeypatch.setattr(making, "values", lambda plan, index: made(plan, index) * np.float32(scale))
    with np.errstate(over="ignore"):
        making.extract(tmp_path / "a.study", plans=(plan,))
    calls, measure_all = [], module._measured
    monkeypatch.setattr(module, "_measured", lambda *a: (calls.append(1), measure_all(*a))[1])
    with open_study(tmp_path / "a.study") as study:
        points = make_points(study, "conv1")
        stored = points.stored(study, np.arange(points.count)).T
    assert bool(calls) == measured == bool(np.isinf(stored).mean() > 0.01)
    check_columns(points.columns, stored)


def test_two_threads_make_the_same_points(tmp_path):
    making.extract(tmp_path / "a.study")
    found = []
    with open_study(tmp_path / "a.study") as study:
        makers = [
            threading.Thread(target=lambda: found.append(make_points(study, "conv1")))
            for _ in range(4)
        ]
        for each in makers:
            each.start()
        for each in makers:
            each.join()
        assert len([*study.path.glob("results/*")]) == 1
    assert len(found) == 4
    for each in found:
        np.testing.assert_array_equal(each.columns.fine, found[0].columns.fine)
