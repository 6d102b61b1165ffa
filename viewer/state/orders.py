"""In which order channels stand, in every view: one choice for all layers, or layer by layer."""

from dataclasses import dataclass, field, replace

FILE = "file"
LIKENESS = ("pca", "kmeans", "leaf", "spectral", "path")
"""Orders that put like channels side by side."""

STATISTICS = ("mean", "maximum", "variance", "separation", "importance")
METHODS = (FILE, *LIKENESS, *STATISTICS)
BASES = ("sample", "selection", "samples", "weights", "correlation", "slice")
MOST_CLUSTERS = 512


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
    """The orders in force, and those that this session has saved.

    Attributes
    ----------
    choice : OrderChoice
        Of all layers that have none of their own.
    layers : tuple of (str, OrderChoice)
        Of single layers, sorted by name.
    named : tuple of (str, engine.analysis.named_orders.NamedOrder or None)
        By name, sorted, over what the study already had; None: forgotten.
    """

    choice: OrderChoice = field(default_factory=OrderChoice)
    layers: tuple = ()
    named: tuple = ()

    def of(self, layer):
        """The choice in force for a layer."""
        return self.own(layer) or self.choice

    def own(self, layer):
        """A layer's own choice, or None where it has that of all."""
        return next((choice for name, choice in self.layers if name == layer), None)

    def scope(self, active):
        """For whom a choice counts that is made while a layer is active: it alone, or None: all."""
        return active if active is not None and self.own(active) is not None else None

    def with_choice(self, choice, layer=None):
        """The same with another choice of all layers (their own ones stay), or of one."""
        if layer is None:
            return replace(self, choice=choice)
        others = tuple(entry for entry in self.layers if entry[0] != layer)
        return replace(self, layers=tuple(sorted((*others, (layer, choice)), key=_name)))

    def without_own(self, layer=None):
        """The same where one layer, or every one, has the choice of all."""
        kept = tuple(entry for entry in self.layers if layer is not None and entry[0] != layer)
        return replace(self, layers=kept)

    def saved(self, name):
        """What this session saved under a name, or None."""
        return dict(self.named).get(name)

    def with_entry(self, name, order):
        """The same with an order under a name; None: forgotten."""
        entries = {**dict(self.named), name: order}
        return replace(self, named=tuple(sorted(entries.items(), key=_name)))


def of_mean(orders):
    """Whether an order in force is made of the mean over the selection."""
    choices = (orders.choice, *(choice for _, choice in orders.layers))
    return any(
        choice.basis == "selection" and choice.method != FILE and not choice.name
        for choice in choices
    )


def all_named(settings, of_study):
    """All named orders: those of the study, with what the session changed.

    Parameters
    ----------
    settings : OrderSettings
    of_study : dict of str to NamedOrder

    Returns
    -------
    dict of str to NamedOrder
        Sorted by name.
    """
    merged = {**of_study, **dict(settings.named)}
    return {name: merged[name] for name in sorted(merged) if merged[name] is not None}


def _name(entry):
    return entry[0]
