"""The cells of the matrix on software OpenGL: first picture, panning and zooming, exact, selected.

The cells, the builder's thread and the uploads are the window's. A picture is finished when its
pixels have been read. Kernels are warm; nothing is counted before the clock starts, except where
a selection changes. The layer is that of `tests.benchmarks.matrix_data`.
"""

import time
from dataclasses import replace

import numpy as np

from tests.benchmarks import matrix_data
from tests.benchmarks.report import Figure, Goal
from viewer.gl.context import EglContext
from viewer.gl.objects import Framebuffer
from viewer.gl.theme import DARK
from viewer.state.matrix import MatrixCamera
from viewer.studio.building import Builder
from viewer.studio.inbox import Inbox
from viewer.views.matrix.cells import Cells, Scene
from viewer.visuals.classes import class_colours

SIZE = (1000, 800)
FRAMES = 160
RUNS = 5
# What is promised, seconds: first picture, frame (95th percentile), about 20 cells exact.
PROMISED = {128: (0.1, 0.08, 0.2), 512: (0.8, 0.1, 0.2)}
PREVIEW, EXACT = 0.03, 0.15
TWENTY = 4.0  # cells along the shorter side
SCREEN = 1 / 120  # seconds until a screen of 60 Hz is ready, on average


def figures():
    """The figures of this file with the function that measures each."""
    rows = []
    for channels, (first, frame, exact) in PROMISED.items():
        of = f"D = {channels}, N = 1,000,000, {SIZE[0]} x {SIZE[1]}, software OpenGL"
        for name, what, bound, measure in (
            ("first", "first picture: every cell in sight from 1,000 points", first, first_picture),
            ("frame.p95", "time of a frame while panning and zooming, p95", frame, frame_times),
            ("exact", "about 20 cells over all points", exact, exact_cells),
            ("selected.preview", "a new selection seen in 20 cells", PREVIEW, preview),
            ("selected.exact", "a new selection exact in 20 cells", EXACT, exact_selection),
            ("selected.whole", "a new selection seen in every cell", PREVIEW, whole_preview),
        ):
            if name == "selected.whole" and channels != 128:
                continue  # as many cells as there are pixels: the first picture says how long
            goal = Goal("<=", value=bound)
            figure = Figure(f"matrix.{channels}.{name}", f"{what}; {of}", "s", goal)
            rows.append((figure, measured(measure, channels)))
    return rows


def gpu_figures():
    """The figures that need a graphics card."""
    what = "panning and zooming at every scale, D = 512, N = 1,000,000, 1920 x 1080"
    figure = Figure("gpu.matrix.512", what, "1/s", Goal(">=", value=60))
    return [(figure, card_frames)]


def measured(measure, channels):
    """The function that measures a figure, or says why it cannot."""

    def run(figure, place):
        reason = matrix_data.missing()
        return figure.skip(reason) if reason else figure.measured(measure(channels))

    return run


def scene_of(channels):
    """The real layer as the matrix shows it: its channels of largest variance."""
    points = matrix_data.points()
    columns = points.columns if channels >= points.channels else matrix_data.widest(channels)
    order = np.arange(columns.channels, dtype=np.int32)
    colours = class_colours(matrix_data.CLASSES).astype(np.float32)
    return Scene(columns, columns, order, order, matrix_data.groups(), colours)


class Window:
    """What the window does for the cells: pictures, and turns of its event loop."""

    def __init__(self, context, size=SIZE):
        self.context, self.size = context, size
        self.frame = Framebuffer(context, *size)
        self.inbox = Inbox()
        self.builder = Builder(self.inbox, self._failed)
        self.cells = Cells()
        self._answers = 0

    @staticmethod
    def _failed(title, error):
        raise error

    def _came(self):
        self._answers += 1

    def picture(self, camera):
        """One finished picture; the next slice is counted meanwhile."""
        self.inbox.pump()
        self.frame.bind()
        self.cells.draw(self.context, (0, 0, *self.size), *self.size, 1.0, camera, DARK)
        self.cells.ask(self.builder, self._came)
        return self.frame.read()

    def until(self, camera, points):
        """Pictures until what is in sight is counted over so many points; the last is finished.

        What was asked for before the first picture may be there for it, as in the window, which
        draws when the screen is ready.
        """
        ready = time.perf_counter() + SCREEN
        while self.cells.is_counting and time.perf_counter() < ready and not self.inbox.pump():
            time.sleep(0.0005)
        self.picture(camera)
        exact = points >= self.cells.total_points
        while self.cells.least_points < points or (exact and self.cells.pending):
            before = self._answers
            self.inbox.wait(lambda before=before: self._answers > before)
            self.picture(camera)

    def show(self, scene):
        """Show a scene as if for the first time."""
        self.cells.show(None)
        self.cells.show(scene)

    def close(self):
        """End its thread and free its objects."""
        self.builder.close()
        self.cells.release()
        self.frame.release()


def _timed(call):
    started = time.perf_counter()
    call()
    return time.perf_counter() - started


def _in_window(channels, measure):
    scene = scene_of(channels)
    with EglContext(software=True) as context:
        window = Window(context)
        try:
            warm(window, scene)
            return measure(window, scene)
        finally:
            window.close()


def warm(window, scene):
    """Have every kernel and shader ready: a few points of a few channels at every scale."""
    few = np.arange(min(3, scene.shape[0]), dtype=np.int32)
    part = matrix_data.first_points(scene.columns, few, slice(3000))
    small = Scene(part, part, few, few, scene.groups[:3000], scene.colours)
    picked = replace(small, selected=(np.arange(3000) % 3 == 0).astype(np.uint8))
    for each in (small, picked):
        window.show(each)
        for span in (None, 0.3, 400.0):
            window.until(MatrixCamera(1.5, 1.5, span), 3000)


def first_picture(channels):
    """Seconds until every visible cell of the whole matrix is there from 1,000 points."""

    def measure(window, scene):
        found = []
        for _ in range(RUNS):
            window.show(scene)
            found.append(_timed(lambda: window.until(MatrixCamera(), 1000)))
        return found

    return _in_window(channels, measure)


def cameras(rows, frames):
    """From the whole matrix down into one cell and out again, panning all the while."""
    for number in range(frames):
        along = 1 - abs(2 * number / (frames - 1) - 1)
        span = rows * (0.02 / rows) ** along
        turn = 6 * np.pi * number / frames
        x, y = rows * 0.4 + 0.5 + span * 0.1 * np.array([np.cos(turn), np.sin(turn)])
        yield MatrixCamera(float(x), float(y), float(span))


def frame_times(channels):
    """95th percentile of the seconds of a picture while panning and zooming."""

    def measure(window, scene):
        window.show(scene)
        window.until(MatrixCamera(), 1000)
        times = [
            _timed(lambda camera=camera: window.picture(camera))
            for camera in cameras(scene.shape[0], FRAMES)
        ]
        return [float(np.percentile(times, 95))]

    return _in_window(channels, measure)


def _twenty(scene):
    middle = scene.shape[0] // 3
    return MatrixCamera(middle + 0.5, middle + 4.0, TWENTY)


def exact_cells(channels):
    """Seconds until about 20 cells, never seen before, are exact."""

    def measure(window, scene):
        found = []
        for _ in range(RUNS):
            window.show(scene)
            found.append(_timed(lambda: window.until(_twenty(scene), scene.count)))
        return found

    return _in_window(channels, measure)


def _selections(scene):
    for number in range(RUNS):
        yield replace(scene, selected=(scene.groups == number).astype(np.uint8))


def _selected(camera_of, points_of):
    def measure(window, scene):
        camera, found = camera_of(scene), []
        window.show(scene)
        window.until(camera, 1000 if camera.span is None else scene.count)
        for selected in _selections(scene):

            def see(selected=selected):
                window.cells.show(selected)
                window.until(camera, points_of(scene))

            found.append(_timed(see))
        return found

    return measure


def preview(channels):
    """Seconds until a new selection is seen in 20 cells."""
    return _in_window(channels, _selected(_twenty, lambda scene: 1000))


def exact_selection(channels):
    """Seconds until a new selection is exact in 20 cells."""
    return _in_window(channels, _selected(_twenty, lambda scene: scene.count))


def whole_preview(channels):
    """Seconds until a new selection is seen in every cell of the matrix."""
    return _in_window(channels, _selected(lambda scene: MatrixCamera(), lambda scene: 1000))


def card_frames(figure, place):
    """Frames a second on a graphics card, each finished before the next begins."""
    reason = matrix_data.missing()
    if reason:
        return figure.skip(reason)
    scene = scene_of(512)
    with EglContext() as context:
        window = Window(context, (1920, 1080))
        try:
            warm(window, scene)
            window.show(scene)
            window.until(MatrixCamera(), 1000)
            rates = []
            for camera in cameras(scene.shape[0], FRAMES):
                seconds = _timed(lambda camera=camera: window.picture(camera))
                rates.append(1 / seconds)
        finally:
            window.close()
    return figure.measured(rates)


if __name__ == "__main__":
    from tests.benchmarks.report import print_table

    print_table([measure(figure, None) for figure, measure in figures()])
