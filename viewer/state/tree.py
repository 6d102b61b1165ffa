"""The whole state as one frozen value: its JSON, its hash, and the holder that tells changes."""

import hashlib
import json
import math
from dataclasses import dataclass, field, fields, is_dataclass, replace

from psygnal import Signal

from viewer.state.attribution import AttributionSettings
from viewer.state.camera import Camera
from viewer.state.comparison import ComparisonCamera, ComparisonSettings
from viewer.state.filters import FiltersCamera, FilterSettings
from viewer.state.focus import Focus
from viewer.state.hover import Hover
from viewer.state.importance import ImportanceCamera, ImportanceSettings
from viewer.state.maps import MapsCamera, MapsSettings
from viewer.state.matrix import MatrixCamera, MatrixSettings
from viewer.state.network import NetworkCamera, NetworkSettings
from viewer.state.orders import OrderSettings
from viewer.state.points import PointSettings
from viewer.state.sample import FilmSettings, SampleCamera, SampleSettings
from viewer.state.scatter import ScatterCamera, ScatterSettings
from viewer.state.selection import NamedSelections, Selection
from viewer.state.series import SeriesSettings
from viewer.state.slices import SlicesCamera, SliceSettings
from viewer.state.source import ExtractionChoice, PreprocessingChoice, Source
from viewer.state.stability import StabilitySettings
from viewer.state.stack import StackSettings
from viewer.state.window import WindowSettings


@dataclass(frozen=True)
class State:
    """Everything a session remembers. Frozen: a command makes a new one of the old one."""

    source: Source = field(default_factory=Source)
    preprocessing: PreprocessingChoice = field(default_factory=PreprocessingChoice)
    extraction: ExtractionChoice = field(default_factory=ExtractionChoice)
    focus: Focus = field(default_factory=Focus)
    selection: Selection = field(default_factory=Selection)
    selections: NamedSelections = field(default_factory=NamedSelections)
    stack: StackSettings = field(default_factory=StackSettings)
    network: NetworkSettings = field(default_factory=NetworkSettings)
    maps: MapsSettings = field(default_factory=MapsSettings)
    matrix: MatrixSettings = field(default_factory=MatrixSettings)
    scatter: ScatterSettings = field(default_factory=ScatterSettings)
    points: PointSettings = field(default_factory=PointSettings)
    attribution: AttributionSettings = field(default_factory=AttributionSettings)
    filters: FilterSettings = field(default_factory=FilterSettings)
    comparison: ComparisonSettings = field(default_factory=ComparisonSettings)
    orders: OrderSettings = field(default_factory=OrderSettings)
    slices: SliceSettings = field(default_factory=SliceSettings)
    stability: StabilitySettings = field(default_factory=StabilitySettings)
    series: SeriesSettings = field(default_factory=SeriesSettings)
    importance: ImportanceSettings = field(default_factory=ImportanceSettings)
    filters_camera: FiltersCamera = field(default_factory=FiltersCamera)
    camera: Camera = field(default_factory=Camera)
    network_camera: NetworkCamera = field(default_factory=NetworkCamera)
    maps_camera: MapsCamera = field(default_factory=MapsCamera)
    matrix_camera: MatrixCamera = field(default_factory=MatrixCamera)
    scatter_camera: ScatterCamera = field(default_factory=ScatterCamera)
    comparison_camera: ComparisonCamera = field(default_factory=ComparisonCamera)
    slices_camera: SlicesCamera = field(default_factory=SlicesCamera)
    importance_camera: ImportanceCamera = field(default_factory=ImportanceCamera)
    sample: SampleSettings = field(default_factory=SampleSettings)
    sample_camera: SampleCamera = field(default_factory=SampleCamera)
    film: FilmSettings = field(default_factory=FilmSettings)
    window: WindowSettings = field(default_factory=WindowSettings)

    def with_part(self, part, **changes):
        """A state in which fields of one part are changed: ``with_part('focus', sample=3)``."""
        return replace(self, **{part: replace(getattr(self, part), **changes)})


def as_json(value):
    """A part of the state as what `json` writes: dictionaries, lists, numbers, text, None."""
    if is_dataclass(value):
        return {item.name: as_json(getattr(value, item.name)) for item in fields(value)}
    if isinstance(value, dict):
        return {name: as_json(item) for name, item in value.items()}
    if isinstance(value, (tuple, list)):
        return [as_json(item) for item in value]
    if isinstance(value, float):
        if not math.isfinite(value):
            raise ValueError(f"a state holds no {value}")
        return value or 0.0
    return value


def canonical_json(value):
    """One text for one value: keys sorted, no spaces, shortest floats, UTF-8 as it is."""
    return json.dumps(
        as_json(value), sort_keys=True, separators=(",", ":"), ensure_ascii=False, allow_nan=False
    )


def state_hash(state):
    """SHA-256 of the canonical JSON, without the window and without where the files lie.

    Two machines that replay one session agree on it.
    """
    content = as_json(state)
    del content["window"]
    del content["source"]
    return hashlib.sha256(canonical_json(content).encode()).hexdigest()


class StateHolder:
    """Holds the present state and the hover; emits ``changed(new, old)`` after each change."""

    changed = Signal(State, State)

    def __init__(self, state=None):
        self._state = state or State()
        self.hover = Hover()

    @property
    def state(self):
        """The present `State`."""
        return self._state

    def set(self, state):
        """Take a new state; only a session does this. Equal states are not told."""
        old, self._state = self._state, state
        if state != old:
            self.changed.emit(state, old)
