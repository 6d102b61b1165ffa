"""What the orders pane shows: its pictures, and which orders are compared by which correlation."""

from dataclasses import dataclass

COMPARED = ("rows", "columns", "samples", "classes", "methods")
CORRELATIONS = ("kendall", "spearman")
PICTURES = ("distances", "correlations")
PAGES = ("quality", "stability")


@dataclass(frozen=True)
class StabilitySettings:
    """Settings of the orders pane. What is ordered, and how, is `viewer.state.orders`'.

    Attributes
    ----------
    between : str
        Which orders are compared: of every ``'rows'`` or ``'columns'`` cut of the slices' volume,
        of ``'samples'``, of ``'classes'``, or of the ``'methods'``.
    correlation : str
        Of ranks, one of `CORRELATIONS`.
    picture : str
        What the small picture of a method shows, channel by channel in its order.
    page : str
        What is shown where there is no room for both: how good the orders are, or how stable.
    pair : (int, int) or None
        The two orders that are shown against each other, counted as they are compared.
    costly : tuple of str
        Layers of which methods are made that take long, sorted: a person asked for them.
    """

    between: str = "rows"
    correlation: str = "kendall"
    picture: str = "distances"
    page: str = "quality"
    pair: tuple[int, int] | None = None
    costly: tuple[str, ...] = ()
