"""Numbers of channels over embedding points, and the order by their correlation."""

import numpy as np
import pytest

from engine.analysis import orders, pairs
from engine.analysis.orders import points
from tests.engine.embedding.test_points import quantised
from tests.reference.pairs import correlation_ratio


@pytest.fixture(scope="module")
def layer():
    """Twelve channels along a curve, shuffled, two of them constant; and classes."""
    random = np.random.default_rng(1)
    classes = random.integers(0, 4, 2000).astype(np.uint8)
    place = random.random(2000) + classes
    along = [np.exp(-((place - k / 2) ** 2)) * (1 + k) for k in range(10)]
    values = np.stack([*along, np.zeros(2000), np.full(2000, 7.0)])
    values += 0.01 * random.standard_normal(values.shape) * (values.std(axis=1) > 0)[:, None]
    shuffle = random.permutation(12)
    classes[::50] = 255
    return quantised(values[shuffle].astype(np.float32)), values[shuffle], classes, shuffle


def test_variances(layer):
    columns, values, _, _ = layer
    np.testing.assert_allclose(points.variances(columns), values.var(axis=1), rtol=1e-4)


def test_separations(layer):
    columns, values, classes, _ = layer
    inside = classes < 4
    ratio = np.array(
        [correlation_ratio(v[inside], classes[inside]) if np.ptp(v) else 0 for v in values]
    )
    found = points.separations(columns, classes, 4)
    varied = ~columns.constant
    np.testing.assert_allclose(found[varied], ratio[varied], atol=1e-4)
    assert np.isnan(found[~varied]).all()


@pytest.mark.parametrize("method", ["leaf", "path"])
def test_the_order_by_correlation_finds_the_curve(layer, method):
    columns, _, _, shuffle = layer
    likeness = orders.likeness_of_correlation(pairs.correlation(columns).values)
    found = orders.order(likeness, method)
    assert (np.abs(np.diff(shuffle[found.channels[:10]])) == 1).all()
    assert columns.constant[found.channels[10:]].all()
