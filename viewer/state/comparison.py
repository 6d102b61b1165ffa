"""What the comparison shows: methods in columns, samples or layers in rows."""

from dataclasses import dataclass


@dataclass(frozen=True)
class ComparisonSettings:
    """Settings of the comparison.

    Attributes
    ----------
    methods : tuple of str
        Of `engine.attribution.METHODS`, from left to right.
    rows : str
        ``'samples'`` (those selected, else the focused one and its neighbours) or ``'layers'``.
    """

    methods: tuple[str, ...] = ("gradient", "guided", "lrp")
    rows: str = "samples"
