"""An order of channels, with how good it is."""

from dataclasses import dataclass

import numpy as np

from engine.analysis.orders import METHODS

NAMES = {
    "file": "file",
    "pca": "PCA",
    "kmeans": "k-means",
    "leaf": "optimal leaf order",
    "spectral": "spectral",
    "path": "path",
    "mean": "mean",
    "maximum": "maximum",
    "variance": "variance",
    "numbers": "numbers",
}
"""What the methods are called in a sentence."""


@dataclass(frozen=True, eq=False)
class Order:
    """An order of a layer's channels.

    Attributes
    ----------
    channels : int32[C]
        The channel at each place; those of `apart` last, as in the file.
    method : str
    clusters : tuple of int
        Of k-means: the first place of every cluster, from 0 on; else empty.
    apart : int32[]
        Channels that are constant or not finite, ascending.
    dead, constant, not_finite : int
        How many channels are 0 everywhere; have the same value everywhere (dead ones among them);
        hold a value that is not finite.
    quality : float
        Mean distance of neighbours over that of 100 random orders: 1 is no better than chance. NaN
        with fewer than three varied channels, or where all of these are equal.
    quality_spread : float
        Standard deviation of that ratio over the random orders.
    quality_of_best : float
        The mean distance of neighbours over that of the best method: 1 for the best. NaN where
        methods were not compared.
    best : str
        That method; empty where methods were not compared.
    compared : tuple of str
        The methods that were compared.
    of : str
        What was ordered: ``'64 maps of sample 3'``.
    """

    channels: np.ndarray
    method: str
    clusters: tuple = ()
    apart: np.ndarray = ()
    dead: int = 0
    constant: int = 0
    not_finite: int = 0
    quality: float = float("nan")
    quality_spread: float = float("nan")
    quality_of_best: float = float("nan")
    best: str = ""
    compared: tuple = ()
    of: str = ""

    @property
    def nbytes(self):
        """Bytes of its arrays."""
        return self.channels.nbytes + np.asarray(self.apart).nbytes

    @property
    def count(self):
        """Channels that have a place of their own, V: all but those of `apart`."""
        return len(self.channels) - len(self.apart)

    @property
    def places(self):
        """The place of each channel, int32[C]."""
        found = np.empty(len(self.channels), np.int32)
        found[self.channels] = np.arange(len(self.channels), dtype=np.int32)
        return found

    @property
    def words(self):
        """What it is and how good.

        ``'PCA of 64 maps of sample 3: 0.82 ± 0.02 of random, 1.6 x the best of 5 methods (path)'``
        """
        name = NAMES.get(self.method, self.method)
        if self.clusters:
            count = len(self.clusters)
            name += f" with {count} cluster{'' if count == 1 else 's'}"
        if self.method == "file":
            name = f"As in the file, {self.of}"
        elif self.method in METHODS:
            name = f"{name[:1].upper()}{name[1:]} of {self.of}"
        else:
            name = f"By {name}, {self.of}"
        return f"{name}{self._quality()}{self._apart()}"

    def _quality(self):
        if np.isnan(self.quality):
            return ""
        said = f": {self.quality:.2f} ± {self.quality_spread:.2f} of random"
        if not self.best:
            return said
        if self.best == self.method:
            return f"{said}, the best of {len(self.compared)} methods"
        best = f"the best of {len(self.compared)} methods ({NAMES[self.best]})"
        return f"{said}, {self.quality_of_best:.2f} x {best}"

    def _apart(self):
        kinds = [(self.dead, "dead"), (self.constant - self.dead, "constant")]
        kinds.append((self.not_finite, "not finite"))
        said = [f"{count:,} {kind}" for count, kind in kinds if count]
        where = "" if self.method == "file" else "last: "
        return f"; {where}{', '.join(said)}" if said else ""
