"""How much orders agree: rank correlations of every two."""

import numpy as np


def agreement(orders, varied=None):
    """Kendall's tau and Spearman's rho of every two orders.

    Parameters
    ----------
    orders : int[n, C]
        The channel at each place.
    varied : bool[n, C], optional
        Which channels have a place in each order: of two orders, those that have one in both are
        compared; all when left out.

    Returns
    -------
    kendall, spearman : float64[n, n]
        As `scipy.stats.kendalltau` and `spearmanr` of the channels' places; NaN where fewer than
        two channels are compared.
    """
    from scipy.stats import kendalltau, spearmanr

    orders = np.asarray(orders)
    varied = np.ones(orders.shape, bool) if varied is None else np.asarray(varied, bool)
    places = np.argsort(orders, axis=1)
    kendall, spearman = (np.full((len(orders),) * 2, np.nan) for _ in range(2))
    for a in range(len(orders)):
        for b in range(a + 1):
            both = varied[a] & varied[b]
            if both.sum() > 1:
                kendall[a, b] = kendall[b, a] = kendalltau(places[a][both], places[b][both])[0]
                spearman[a, b] = spearman[b, a] = spearmanr(places[a][both], places[b][both])[0]
    return kendall, spearman
