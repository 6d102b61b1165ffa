"""State and facts to what the 3D scatter shows; no Qt, no GL."""

from dataclasses import dataclass, field

from viewer.state.focus import Focus
from viewer.state.points import PointSettings
from viewer.state.scatter import ScatterCamera, ScatterSettings
from viewer.studio.facts import OPENING
from viewer.views.grouping import wish_of
from viewer.views.layer_choice import choices_of
from viewer.visuals.legend import Legend

NO_LAYER = "No layer is active."
LETTERS = ("x", "y", "z")


@dataclass(frozen=True, eq=False)
class ScatterWish:
    """What the scatter shows.

    Attributes
    ----------
    message : str
        Instead of a cloud.
    choices : tuple of (str, str)
        Layers to click while none is active: name and shape.
    points : engine Points or None
    channels : tuple of int
        Along the axes; three, or as many as the layer has.
    groups : GroupWish or None
    selected : Selected or None
    settings : ScatterSettings
    drawn : PointSettings
    camera : ScatterCamera
    focus : Focus
    words : str
        What the points are, what is selected of them, and which axes differ from the matrix'.
    detail : str
    late : bool
        Something that the state asks for is still being made.
    """

    message: str = ""
    choices: tuple = ()
    points: object = None
    channels: tuple = ()
    groups: object = None
    selected: object = None
    settings: ScatterSettings = field(default_factory=ScatterSettings)
    drawn: PointSettings = field(default_factory=PointSettings)
    camera: ScatterCamera = field(default_factory=ScatterCamera)
    focus: Focus = field(default_factory=Focus)
    words: str = ""
    detail: str = ""
    late: bool = False

    def same_cloud(self, other):
        """Whether it shows the same points along the same channels."""
        return self.points is other.points and self.channels == other.channels

    def same_marks(self, other):
        """Whether all else is the same, apart from groups and selection."""
        names = ("message", "settings", "drawn", "camera", "focus", "words")
        return all(getattr(self, name) == getattr(other, name) for name in names)


def resolve(state, facts, theme):
    """The scatter for a state and what exists."""
    wish = {
        "settings": state.scatter,
        "drawn": state.points,
        "camera": state.scatter_camera,
        "focus": state.focus,
    }
    if facts.lack is not None:
        return ScatterWish(message=facts.lack, late=facts.phase == OPENING, **wish)
    layer = state.focus.layer
    if layer is None:
        return ScatterWish(message=NO_LAYER, choices=choices_of(facts), **wish)
    points = facts.points.get(layer)
    if points is None:
        message = facts.points_words or "No points yet."
        return ScatterWish(message=message, **wish)
    selected = facts.selected
    words = points.words
    if selected is not None:
        words = f"{words}; {selected.words_of(layer)}"
    channels = state.scatter.channels_of(points.channels)
    parts = [channel for channel in channels if channel in state.matrix.ranges_of(layer)]
    if parts:
        words = f"{words}; whole range of {_channels(parts)}, of which the matrix shows a part"
    return ScatterWish(
        points=points,
        channels=channels,
        groups=wish_of(points, facts, state.points, theme),
        selected=selected,
        words=words,
        detail=f"{layer}, channels {', '.join(map(str, channels))}",
        late=selected is not None and selected.running,
        **wish,
    )


def _channels(channels):
    return f"channel{'s' * (len(channels) > 1)} {', '.join(map(str, channels))}"


def legend_of(wish, drawn, cloud):
    """Title and badges: the channels, and how many of the points are drawn.

    Parameters
    ----------
    wish : ScatterWish
    drawn : int
        Points of the last picture.
    cloud : Cloud
    """
    layer = wish.points.columns.layer
    named = zip(LETTERS, wish.channels, strict=False)
    subtitle = ", ".join(f"{letter} channel {channel}" for letter, channel in named)
    badges = [share_words(drawn, cloud.count)]
    if cloud.not_finite:
        badges.append(f"{cloud.not_finite:,} not finite, left out")
    return Legend(layer, subtitle, tuple(badges))


def share_words(drawn, total):
    """How many of the points are drawn: ``'200,000 of 1.0 M points'``."""
    if not total:
        return "no points"
    if drawn >= total:
        return f"all {total:,} points" if total != 1 else "1 point"
    return f"{drawn:,} of {count_words(total)} points"


def count_words(count):
    """``'820,000'``, ``'1.0 M'``."""
    return f"{count:,}" if count < 1e6 else f"{count / 1e6:.1f} M"
