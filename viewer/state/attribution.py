"""What one method is asked about the focused sample, and how its result is shown."""

from dataclasses import dataclass


@dataclass(frozen=True)
class AttributionSettings:
    """Settings of the attribution that lies over the sample and stands in the stack.

    Attributes
    ----------
    method : str
        One of `engine.attribution.METHODS`.
    target : str
        As on the command line; empty: the predicted class.
    shown : bool
        Whether it lies over the sample's picture.
    opacity : float
        Of what lies over the picture, 0 to 1.
    """

    method: str = "gradient"
    target: str = ""
    shown: bool = False
    opacity: float = 0.7
