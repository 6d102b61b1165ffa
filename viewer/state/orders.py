"""In which order channels stand, in every view: one choice for all layers, or layer by layer."""

from dataclasses import dataclass, field

FILE = "file"
LIKENESS = ("pca", "kmeans", "leaf", "spectral", "path")
"""Orders that put like channels side by side."""

STATISTICS = ("mean", "maximum", "variance", "separation", "importance")
METHODS = (FILE, *LIKENESS, *STATISTICS)
BASES = ("sample", "selection", "samples", "weights", "correlation", "slice")


@dataclass(frozen=True)
class OrderChoice:
    """How channels are ordered.

    Attributes
    ----------
    method : str
        One of `METHODS`; ``'file'``: as the network has them. The ``STATISTICS`` put the largest
        first.
    basis : str
        What is likened, or of what the statistic is: activation maps of the focused ``'sample'``,
        their mean over the ``'selection'``, those of all ``'samples'`` of the study; the filters'
        ``'weights'``; the channels' ``'correlation'`` over the data set; or the rows of the
        ``'slice'`` that the slices view cuts.
    clusters : int or None
        Of k-means; None: suggested by silhouette.
    name : str
        Of a named order that is applied; empty: made by the method.
    """

    method: str = FILE
    basis: str = "sample"
    clusters: int | None = None
    name: str = ""


@dataclass(frozen=True)
class OrderSettings:
    """The orders in force.

    Attributes
    ----------
    choice : OrderChoice
        Of all layers that have none of their own.
    layers : tuple of (str, OrderChoice)
        Of single layers, sorted by name.
    """

    choice: OrderChoice = field(default_factory=OrderChoice)
    layers: tuple = ()

    def of(self, layer):
        """The choice in force for a layer."""
        return next((choice for name, choice in self.layers if name == layer), self.choice)
