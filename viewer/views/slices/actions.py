"""What a person can do with the slices."""

from viewer.actions import Action, always
from viewer.state.slices import CLOSEST, SOURCES, SlicesCamera
from viewer.views.slices import moves
from viewer.views.slices.resolve import SOURCE_WORDS, resolve

MENU = "Slices"
STEPS = (
    ("channel", "Next Channel in the Order", 1),
    ("channel", "Channel before in the Order", -1),
    ("row", "Next Row", 1),
    ("row", "Row before", -1),
    ("column", "Next Column", 1),
    ("column", "Column before", -1),
)
ZOOM = 1.25


def _stepped(name, by):
    """A wish: cut one channel, row or column farther on."""

    def wish(state, facts):
        shown = resolve(state, facts)
        if shown.volume is None:
            return None
        args = moves.cut_args(shown, **{name: moves.stepped(shown, name, by)})
        return None if args is None else ("slices.cut", args)

    return wish


def _zoomed(factor):
    def wish(state, facts):
        camera = state.slices_camera
        args = moves.zoom_args(camera, factor)
        changes = (args["zoom"], args["channels"]) != (camera.zoom, camera.channels)
        return ("slices.look", args) if changes else None

    return wish


def _taller(factor):
    def wish(state, facts):
        now = state.slices_camera.channels
        wanted = min(CLOSEST, max(1.0, now * factor))
        return ("slices.look", {"channels": wanted}) if wanted != now else None

    return wish


def _fit(state, facts):
    return ("slices.fit", {}) if state.slices_camera != SlicesCamera() else None


def _before(state, facts):
    return "slices.before", {"shown": not state.slices.before}


def _bars(state, facts):
    return "slices.bars", {"shown": not state.slices.bars}


ACTIONS = (
    *(
        Action(
            f"slices.source.{source}", SOURCE_WORDS[source], f"{MENU}/Values", (),
            always("slices.source", source=source),
            checked=lambda state, source=source: state.slices.source == source,
        )
        for source in SOURCES
    ),
    *(
        Action(
            f"slices.{name}.{'on' if by > 0 else 'back'}", text, f"{MENU}/Cut", (),
            _stepped(name, by),
        )
        for name, text, by in STEPS
    ),
    Action("slices.before", "Beside the Order of the File", MENU, (), _before,
           checked=lambda state: state.slices.before),
    Action("slices.bars", "Bars between Clusters", MENU, (), _bars,
           checked=lambda state: state.slices.bars),
    Action("slices.nearer", "Larger Cells", MENU, (), _zoomed(ZOOM)),
    Action("slices.farther", "Smaller Cells", MENU, (), _zoomed(1 / ZOOM)),
    Action("slices.taller", "Taller Channels", MENU, (), _taller(ZOOM)),
    Action("slices.flatter", "Flatter Channels", MENU, (), _taller(1 / ZOOM)),
    Action("slices.fit", "Fit All Cuts", MENU, (), _fit),
    *(
        Action(f"slices.export.{kind}", f"{kind.upper()}, {words} (CSV)...", f"{MENU}/Export",
               (), method=f"export_slice {kind}")
        for kind, words in (("xy", "One Channel"), ("xc", "along a Row"), ("yc", "along a Column"))
    ),
    Action("slices.export.order", "Order of the Channels (CSV)...", f"{MENU}/Export", (),
           method="export_order"),
)  # fmt: skip
