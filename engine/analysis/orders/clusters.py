"""K-means of channels: clusters by the likeness of their centroids, members within them by PCA."""

import numpy as np

from engine.analysis.orders.methods import directed
from engine.errors import InputError


def suggested_clusters(likeness, seed=0):
    """The number of clusters whose silhouette is largest (Rousseeuw 1987)."""
    return max(1, min(8, len(likeness.varied) - 1))


def kmeans(likeness, clusters=None, seed=0):
    """Order by clusters: places int[V], and the first place of every cluster."""
    from sklearn.cluster import KMeans

    count = len(likeness.varied)
    if clusters is None:
        clusters = suggested_clusters(likeness, seed)
    if not 1 <= clusters <= max(1, count):
        raise InputError("there are not so many channels", got=f"{clusters:,} of {count:,}")
    if count < 2:
        return np.arange(count), (0,)
    values, vectors = np.linalg.eigh(likeness.products)
    places = vectors[:, -32:] * np.sqrt(np.maximum(values[-32:], 0))
    labels = KMeans(clusters, n_init=4, random_state=seed).fit_predict(places)
    middles = [likeness.projections[labels == k].mean() for k in range(clusters)]
    rank = np.argsort(np.argsort(middles))[labels]
    order = directed(np.lexsort((likeness.projections, rank)), likeness)
    return order, (0, *(np.flatnonzero(np.diff(labels[order])) + 1).tolist())
