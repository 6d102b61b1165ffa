"""What is opened, how pictures are prepared for it, and what is wanted of its extraction."""

from dataclasses import dataclass

AUTOMATIC = "automatic"
ALL = "all"
NONE = "none"


@dataclass(frozen=True)
class Source:
    """The files: network and data, or a study.

    Attributes
    ----------
    network, data, study : str or None
        Paths, or ``sample:NAME``.
    labels, classes : str or None
        Files with labels and class names.
    limit : int or None
        Only so many samples.
    scores : str or None
        Output that holds the class scores, where the guess is not wanted.
    """

    network: str | None = None
    data: str | None = None
    study: str | None = None
    labels: str | None = None
    classes: str | None = None
    limit: int | None = None
    scores: str | None = None


@dataclass(frozen=True)
class PreprocessingChoice:
    """The person's word on preprocessing.

    Attributes
    ----------
    options : tuple of (name, value)
        What differs from the guess, sorted by name: preset, size, crop, scale, mean, std, bgr,
        gray, layout.
    confirmed : bool
        True when the person said that the preprocessing shown is right.
    """

    options: tuple[tuple[str, object], ...] = ()
    confirmed: bool = False


@dataclass(frozen=True)
class ExtractionChoice:
    """What is wanted of the extraction of the other samples.

    Attributes
    ----------
    wanted : str
        ``'automatic'``: all samples once the preprocessing is certain; ``'all'``: all samples;
        ``'none'``: stopped by the person.
    full : tuple of str
        Layers to be kept in full beside what the policy keeps.
    """

    wanted: str = AUTOMATIC
    full: tuple[str, ...] = ()
