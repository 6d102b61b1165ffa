"""The Top filters with their controls: one slim row, and a strip of sliders."""

from viewer.state.filters import MOST_LAYERS
from viewer.views.controls import LabelledSlider, word_button
from viewer.views.panel import row_of_controls
from viewer.views.strips import KeyedPanel, as_wide_as, letters_for, menu_of, show_choice

METHODS = (
    ("deconvnet", "DeconvNet"),
    ("guided", "guided backpropagation"),
    ("gradient", "gradient"),
)
COLOURS = (("own", "a colour each"), ("signed", "signed values"))
SQUARES = (("filled", "filled squares"), ("outlined", "outlined"), ("none", "no squares"))
SLIDER_WIDTH = 190
COLOUR_FROM, SQUARES_FROM, SHARE_FROM, BACKGROUND_FROM, KEEP_FROM = 250, 370, 540, 700, 820


class FiltersPanel(KeyedPanel):
    """Canvas and controls."""

    def __init__(self, canvas):
        super().__init__(canvas)
        self._followed = None
        self.stand_over(self._controls())

    def _controls(self):
        bar, row = row_of_controls()
        self.method = self._menu(row, "How units are projected back", METHODS, "method", 0)
        self.colour = self._menu(row, "What is drawn", COLOURS, "colour", COLOUR_FROM)
        tip = "Receptive fields of the units"
        self.squares = self._menu(row, tip, SQUARES, "squares", SQUARES_FROM)
        tip = "Units with at least this share of their filter's maximum"
        self.share = self._slider(row, "From 0.98", tip, "filters.share", "share", SHARE_FROM, 2.5)
        self.background = self._slider(
            row, "Picture", "How much of the picture is seen behind",
            "filters.background", "opacity", BACKGROUND_FROM,
        )  # fmt: skip
        row.addStretch(1)
        self.keep = word_button(
            "Keep layer", "The active layer stays when another becomes active", checkable=True
        )
        self.keep.clicked.connect(self._keep)
        row.addWidget(self.keep)
        self.shown_from(self.keep, KEEP_FROM)
        return bar

    def _menu(self, row, tip, choices, name, least):
        kind = f"filters.{name}"
        menu = menu_of(tip, choices, lambda value: self.wished.emit(kind, {name: value}))
        row.addWidget(as_wide_as(menu, letters_for(choices), 170))
        self.shown_from(menu, least)
        return menu

    def _slider(self, row, word, tip, kind, name, least, power=1.0):
        """A slider of 0 to 1; a power above 1 gives the upper end more room."""
        slider = LabelledSlider(
            word,
            tip,
            lambda value: 1 - (1 - value) ** (1 / power),
            lambda place: 1 - (1 - place) ** power,
        )
        slider.setMaximumWidth(SLIDER_WIDTH)
        slider.moved.connect(lambda value: self.dragged.emit(kind, {name: value}))
        slider.released.connect(self.drag_ended)
        slider.given.connect(lambda value: self.wished.emit(kind, {name: value}))
        row.addWidget(slider)
        self.shown_from(slider, least)
        return slider

    def _keep(self, kept):
        if self._followed is None:
            return
        layers, active = self._followed.filters.layers, self._followed.focus.layer
        if active is None:
            return
        layers = [*layers, active] if kept else [name for name in layers if name != active]
        self.wished.emit("filters.layers", {"layers": layers})

    def follow(self, state, facts):
        """Show the settings."""
        self._followed, settings = state, state.filters
        show_choice(self.method, settings.method)
        show_choice(self.colour, settings.colour)
        show_choice(self.squares, settings.squares)
        self.share.show_value(settings.share)
        self.share.call(f"From {settings.share:.2f}")
        self.background.show_value(settings.background)
        active = state.focus.layer
        kept = active is not None and active in settings.layers
        self.keep.setChecked(kept)
        room = kept or len(settings.layers) < MOST_LAYERS
        self.keep.setEnabled(active is not None and room)
