"""K-means: clusters against scikit-learn, their suggestion, and how they are laid out."""

import numpy as np
import pytest
from sklearn.cluster import KMeans
from sklearn.metrics import adjusted_rand_score, silhouette_samples

from engine.analysis import orders
from engine.analysis.orders.clusters import clustered, coordinates
from engine.errors import InputError
from engine.kernels.clustering import silhouettes
from tests.reference import orders as reference


@pytest.fixture(scope="module")
def groups():
    """Five groups of twelve channels along a line, shuffled; and their numbers."""
    random = np.random.default_rng(0)
    numbers = random.permutation(np.repeat(np.arange(5), 12))
    middles = np.arange(5)[:, None] * random.random(20) * 10
    return middles[numbers] + random.standard_normal((60, 20)), numbers


def test_groups_are_found_and_suggested(groups):
    values, numbers = groups
    likeness = orders.likeness_of(values)
    assert orders.suggested_clusters(likeness) == 5
    found = orders.order(likeness, "kmeans")
    assert found.clusters == (0, 12, 24, 36, 48)
    parts = np.split(numbers[found.channels], found.clusters[1:])
    assert all(len(set(part)) == 1 for part in parts)
    along = [part[0] for part in parts]
    assert along in ([0, 1, 2, 3, 4], [4, 3, 2, 1, 0]), "by the likeness of the centroids"
    assert "with 5 clusters" in found.words


def test_members_are_ordered_by_the_clusters_own_pca(groups):
    values, _ = groups
    found = orders.order(orders.likeness_of(values), "kmeans")
    for part in np.split(found.channels, found.clusters[1:]):
        places = reference.projections(values[part])
        steps = np.diff(places)
        assert (steps > 0).all() or (steps < 0).all()


@pytest.mark.parametrize("count", [2, 4, 9])
def test_clusters_are_as_good_as_scikit_learns(count):
    values = np.random.default_rng(3).random((80, 6))
    found = clustered(orders.likeness_of(values), count)

    def spread(labels):
        inner = (values[labels == k] for k in set(labels))
        return sum(((each - each.mean(axis=0)) ** 2).sum() for each in inner)

    model = KMeans(count, n_init=4, random_state=0).fit(values)
    assert spread(found) <= 1.05 * model.inertia_


def test_clear_clusters_are_scikit_learns(groups):
    values, _ = groups
    labels = KMeans(5, n_init=10, random_state=0).fit_predict(values)
    assert adjusted_rand_score(labels, clustered(orders.likeness_of(values), 5)) == 1


def test_silhouettes_are_scikit_learns(groups):
    values, _ = groups
    labels = np.arange(60, dtype=np.int32) % 7
    labels[3] = 7  # alone
    distances = reference.distances(values).astype(np.float32)
    out = np.zeros(60)
    silhouettes(distances, labels, 8, 0, 60, out)
    np.testing.assert_allclose(out, silhouette_samples(values, labels), atol=1e-5)


@pytest.mark.parametrize("shape", [(50, 8), (50, 300), (320, 400)])
def test_coordinates_keep_distances(shape):
    random = np.random.default_rng(1)
    values = random.random((shape[0], 6)) @ random.random((6, shape[1]))
    found = coordinates(orders.likeness_of(values))
    wanted = reference.distances(values)
    np.testing.assert_allclose(reference.distances(found), wanted, atol=1e-5 * wanted.max())


def test_a_number_of_clusters_that_cannot_be():
    likeness = orders.likeness_of(np.eye(4, 5))
    for count in (0, -1, 5):
        with pytest.raises(InputError, match="1 to 4"):
            orders.order(likeness, "kmeans", clusters=count)
    assert orders.order(likeness, "kmeans", clusters=4).clusters == (0, 1, 2, 3)
    assert orders.order(likeness, "kmeans", clusters=1).clusters == (0,)


@pytest.mark.parametrize("channels", [0, 1, 2, 3])
def test_few_channels(channels):
    likeness = orders.likeness_of(np.random.default_rng(0).random((channels, 4)))
    assert orders.suggested_clusters(likeness) == (2 if channels == 3 else 1)
    found = orders.order(likeness, "kmeans")
    assert sorted(found.channels) == list(range(channels))
    assert len(found.clusters) == min(channels, 1 if channels < 3 else 2)


def test_equal_channels_make_one_cluster():
    found = orders.order(orders.likeness_of(np.tile(np.arange(4.0), (6, 1))), "kmeans", clusters=3)
    assert found.clusters == (0,) and sorted(found.channels) == list(range(6))
