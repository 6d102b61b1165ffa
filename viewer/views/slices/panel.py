"""The slices with their controls: one slim row."""

from viewer.state.slices import SOURCES
from viewer.views.controls import word_button
from viewer.views.panel import row_of_controls
from viewer.views.slices.resolve import SOURCE_WORDS
from viewer.views.strips import KeyedPanel, menu_of, show_choice

SOURCES_IN_WORDS = tuple((source, SOURCE_WORDS[source].lower()) for source in SOURCES)
BARS_FROM, SIZE_FROM, FIT_FROM = 330, 400, 440


class SlicesPanel(KeyedPanel):
    """Canvas and controls."""

    def __init__(self, canvas):
        super().__init__(canvas)
        self.stand_over(self._controls())

    def _controls(self):
        bar, row = row_of_controls()
        self.source = menu_of("What is cut", SOURCES_IN_WORDS, self._give_source)
        self.source.setMinimumContentsLength(11)
        self.source.view().setMinimumWidth(160)
        row.addWidget(self.source)
        self.before = self._switch(
            row, "Before", "The order of the file beside the order chosen", "slices.before", 0
        )
        self.bars = self._switch(
            row, "Bars", "Bars between the clusters of k-means", "slices.bars", BARS_FROM
        )
        row.addStretch(1)
        sizes = (("−", 0.8, "Smaller cells"), ("+", 1.25, "Larger cells"))
        for word, factor, tip in sizes:
            button = word_button(word, f"{tip} (Ctrl and the wheel)")
            button.clicked.connect(lambda _=False, by=factor: self.canvas.view.zoom_by(by))
            row.addWidget(button)
            self.shown_from(button, SIZE_FROM)
        self.fit = word_button("Fit", "Every cut as a whole (double click)")
        self.fit.clicked.connect(lambda: self.wished.emit("slices.fit", {}))
        row.addWidget(self.fit)
        self.shown_from(self.fit, FIT_FROM)
        return bar

    def _give_source(self, source):
        self.wished.emit("slices.source", {"source": source})

    def _switch(self, row, word, tip, kind, least):
        button = word_button(word, tip, checkable=True)
        button.clicked.connect(lambda on: self.wished.emit(kind, {"shown": bool(on)}))
        row.addWidget(button)
        self.shown_from(button, least)
        return button

    def follow(self, state, facts):
        """Show the settings."""
        show_choice(self.source, state.slices.source)
        self.before.setChecked(state.slices.before)
        self.bars.setChecked(state.slices.bars)
