"""Statistics of pairs against their definitions, on stored values and on codes."""

from dataclasses import replace

import numpy as np
import pytest

from engine.analysis import deviations, distances, pairs
from engine.analysis.deviations import Stored
from engine.embedding.points import make_points
from engine.errors import Cancelled, InputError
from engine.study.reader import open_study
from engine.study.sizes import LayerPlan
from engine.tasks import Task
from tests.engine.embedding.test_points import quantised
from tests.engine.study import making
from tests.reference import pairs as reference

COUNT = 3000


def made_up(strange=False):
    """Channels that depend on each other and on classes: values float32[C, P], groups uint8[P]."""
    random = np.random.default_rng(4)
    classes = random.integers(0, 3, COUNT)
    a = random.standard_normal(COUNT) + classes
    values = np.stack(
        [
            a,
            -2 * a + 0.1 * random.standard_normal(COUNT) + 500,
            random.standard_normal(COUNT) ** 2,
            np.maximum(random.standard_normal(COUNT) - 0.5 * classes, 0),
            np.full(COUNT, 3.0),
            a**2,
        ]
    )
    if strange:
        values[2, 5::40], values[0, ::70], values[5, 3] = np.nan, np.inf, -np.inf
    groups = np.where(random.random(COUNT) < 0.1, 255, classes).astype(np.uint8)
    return values.astype(np.float32), groups


@pytest.fixture(scope="module")
def columns():
    return quantised(made_up()[0])


@pytest.fixture
def small_blocks(monkeypatch):
    monkeypatch.setattr(deviations, "_VALUES", 1001)
    monkeypatch.setattr(distances, "_VALUES", 9001)


def by_pairs(make, values, diagonal=None):
    """A reference over all pairs; NaN for the constant channel."""
    found = np.full((len(values), len(values)), np.nan)
    for i, x in enumerate(values):
        for j, y in enumerate(values):
            if np.ptp(x) > 0 and np.ptp(y) > 0:
                found[i, j] = make(x, y) if i != j or diagonal is None else diagonal(x)
    return found


# Codes are within half of 1/65,278 of the range: 1e-5 of values that spread over a tenth of it.
CODES = {"rtol": 0, "atol": 3e-5}


def test_correlation(columns, small_blocks):
    found = pairs.correlation(columns)
    values = made_up()[0].astype(float)
    np.testing.assert_allclose(found.values, by_pairs(reference.correlation, values), **CODES)
    assert found.values.dtype == np.float32 and found.words == "correlation, 3,000 points"
    np.testing.assert_array_equal(found.values, found.values.T)


def test_class_separation(columns, small_blocks):
    values, groups = made_up()
    found = pairs.class_separation(columns, None, groups, 3)
    inside = groups < 3
    values, classes = values[:, inside].astype(float), groups[inside]
    wanted = by_pairs(
        lambda x, y: reference.separation(x, y, classes),
        values,
        lambda x: reference.correlation_ratio(x, classes),
    )
    np.testing.assert_allclose(found.values, wanted, **CODES)
    assert found.count == inside.sum()


def test_separation_on_one_line_is_that_of_the_better_channel():
    values, groups = made_up()
    values = np.stack([values[0], 3 * values[0] + 1, values[3]])
    found = pairs.class_separation(quantised(values), None, groups, 3).values
    np.testing.assert_allclose(found[0, 1], found[0, 0], atol=1e-4)


@pytest.mark.parametrize("count", [None, 1000])
def test_density(columns, count):
    found = pairs.density(columns, most=count)
    codes = columns.coarse[:, :count].astype(float)
    wanted = by_pairs(reference.density, codes)
    np.testing.assert_allclose(found.values, wanted, rtol=0, atol=1e-6)
    assert found.count == (count or COUNT) and found.total == COUNT


def test_distance_correlation(columns, small_blocks):
    found = pairs.distance_correlation(columns, most=300)
    values = made_up()[0][:, :300].astype(float)
    wanted = by_pairs(reference.distance_correlation, values)
    # float32 products of 90,000 terms, and codes
    np.testing.assert_allclose(found.values, wanted, rtol=0, atol=2e-4)
    assert found.words == "distance correlation, 300 of 3,000 points"
    assert found.values[0, 5] > 0.4 > abs(pairs.correlation(columns).values[2, 5])


@pytest.mark.parametrize("kind", pairs.KINDS)
def test_other_columns_are_a_part_of_the_whole(columns, kind, small_blocks):
    groups = made_up()[1]
    whole = pairs.made(kind, columns, groups=groups, group_count=3, most=400)
    some = replace(
        columns,
        **{n: getattr(columns, n)[[2, 4, 5]] for n in (
            "fine", "coarse", "low", "step", "zero", "not_finite", "zeros"
        )},
    )  # fmt: skip
    part = pairs.made(kind, columns, some, groups, 3, 400)
    wanted = whole.values[:, [2, 4, 5]]
    off = ~np.isin(np.arange(6), [2, 4, 5])  # the diagonal is a channel alone only in the whole
    np.testing.assert_allclose(part.values[off], wanted[off], rtol=0, atol=2e-6)
    assert part.values.shape == (6, 3)


def test_values_that_are_not_finite_are_left_out():
    values, groups = made_up(strange=True)
    columns = quantised(values)
    values = values.astype(float)
    finite = np.isfinite(values)
    found = pairs.correlation(columns).values

    def expected(x, y):
        here, own = np.isfinite(x) & np.isfinite(y), [np.isfinite(x), np.isfinite(y)]
        a, b = x - x[own[0]].mean(), y - y[own[1]].mean()
        product = (a[here] * b[here]).mean()
        return product / np.sqrt((a[own[0]] ** 2).mean() * (b[own[1]] ** 2).mean())

    for i in (0, 2, 5):
        for j in (0, 1, 2, 3, 5):
            wanted = np.clip(expected(values[i], values[j]), -1, 1)
            np.testing.assert_allclose(found[i, j], wanted, **CODES)
    assert not finite.all()
    for kind in pairs.KINDS:
        made = pairs.made(kind, columns, groups=groups, group_count=3, most=1000).values
        assert np.isfinite(made[np.ix_([0, 1, 2, 3, 5], [0, 1, 2, 3, 5])]).all()
        assert np.isnan(made[4]).all() and np.isnan(made[:, 4]).all()


def test_channels_that_are_hardly_ever_finite_together_have_no_correlation():
    random = np.random.default_rng(6)
    values = random.standard_normal((3, COUNT))
    values[0, 2:], values[0, :2] = np.nan, (-1.0, 4.0)  # two points lie on a line, whatever it is
    values[1, 40:], values[1, :5] = np.nan, 9.0
    values[2, 5:40], values[2, :5] = np.nan, 9.0  # in common only what is unlike all else
    found = pairs.correlation(quantised(values.astype(np.float32))).values
    assert np.isnan(found[0]).all() and np.isnan(found[1, 2]) and np.isnan(found[2, 1])
    assert found[1, 1] == found[2, 2] == 1


@pytest.mark.parametrize("policy", ["full", "sampled", "pooled"])
def test_stored_values(tmp_path, policy, small_blocks):
    plan = LayerPlan("conv1", "post", 5, (9, 7), policy, "float16", sampled=30, low=-2, high=2)
    making.extract(tmp_path / "a.study", plans=(plan,))
    with open_study(tmp_path / "a.study") as study:
        points = make_points(study, "conv1")
        stored = Stored(points, study)
        found = pairs.correlation(stored)
        part = pairs.correlation(stored, most=20)
        distance = pairs.distance_correlation(stored, most=250 if policy != "pooled" else 39)
        values = points.stored(study, np.arange(points.count)).T.astype(float)
        groups = (points.sample % 3).astype(np.uint8)
        np.testing.assert_array_equal(
            pairs.correlation(points).values, pairs.correlation(points.columns).values
        )
        apart = pairs.class_separation(stored, None, groups, 3)
        on_codes = pairs.class_separation(points.columns, None, groups, 3)
    clean = np.flatnonzero(np.isfinite(values).all(axis=1))
    assert len(clean) >= 2
    wanted = np.corrcoef(values[clean])
    # float32 products; nothing of the codes is left
    np.testing.assert_allclose(found.values[np.ix_(clean, clean)], wanted, rtol=0, atol=2e-6)
    wanted = np.corrcoef(values[clean, :20])
    np.testing.assert_allclose(part.values[np.ix_(clean, clean)], wanted, rtol=0, atol=2e-6)
    i, j = clean[:2]
    wanted = reference.distance_correlation(*values[[i, j], : distance.count])
    np.testing.assert_allclose(distance.values[i, j], wanted, rtol=0, atol=1e-4)
    np.testing.assert_allclose(apart.values, on_codes.values, rtol=0, atol=1e-3)


def test_many_channels_take_a_fair_sample(columns, monkeypatch):
    monkeypatch.setattr(pairs, "PRODUCTS", 36 * 700)
    monkeypatch.setattr(pairs, "VISITS", 18 * 800)
    assert pairs.correlation(columns).count == 700
    assert pairs.density(columns).words == "density, 800 of 3,000 points"
    monkeypatch.setattr(pairs, "PRODUCTS", 1)
    assert pairs.correlation(columns).count == pairs.FEWEST


@pytest.mark.parametrize("kind", pairs.KINDS)
def test_progress_and_cancel(columns, kind, small_blocks):
    groups, told = made_up()[1], []
    pairs.made(kind, columns, groups=groups, group_count=3, task=Task(on_progress=told.append))
    assert told and told[-1].fraction == 1
    task = Task()
    task.cancel()
    with pytest.raises(Cancelled):
        pairs.made(kind, columns, groups=groups, group_count=3, task=task)


def test_ranking(columns):
    found = pairs.ranked(pairs.correlation(columns), 3)
    assert [each[:2] for each in found][0] == (0, 1)
    assert found[0][2] < -0.9
    assert [abs(each[2]) for each in found] == sorted((abs(e[2]) for e in found), reverse=True)
    assert all(i < j and 4 not in (i, j) for i, j, _ in pairs.ranked(pairs.density(columns), 99))
    assert len(pairs.ranked(pairs.density(columns), 99)) == 10
    assert (0, 0) in [each[:2] for each in pairs.ranked(pairs.correlation(columns), 99, False)]


@pytest.mark.parametrize("count", [0, 1, 2])
def test_few_points(count):
    columns = quantised(np.array([[1.0, 2.0], [3.0, 1.0]])[:, :count].astype(np.float32))
    for kind in pairs.KINDS:
        made = pairs.made(kind, columns, groups=np.zeros(count, np.uint8), group_count=1)
        assert made.values.shape == (2, 2) and made.count == count


@pytest.mark.parametrize("kind", pairs.KINDS)
def test_more_pairs_than_fit_into_memory(columns, kind, monkeypatch):
    monkeypatch.setattr(pairs, "MOST_CELLS", 35)
    with pytest.raises(InputError, match="do not fit"):
        pairs.made(kind, columns, groups=np.zeros(COUNT, np.uint8), group_count=1)


def test_what_there_is_not(columns):
    with pytest.raises(ValueError):
        pairs.made("love", columns)
    with pytest.raises(ValueError):
        pairs.made("separation", columns)
    with pytest.raises(ValueError):
        pairs.correlation(columns, quantised(np.zeros((2, 5), np.float32)))
