"""`python -m viewer.tour MOVIE`: the sample's volumes flown around, drawn without a screen.

The same session, studio and views as in the window, without Qt: each frame is the state at its
time, drawn when everything it shows has been computed. Computing takes no time of the movie.
"""

import argparse
import sys

from engine.errors import MachineError
from viewer.session.replay import Playback
from viewer.session.session import Session
from viewer.session.tour import SECONDS, tour
from viewer.studio.studio import Studio

SAMPLE = "sample:shapes"
SAMPLE_SHARE = 0.25
PATIENCE = 120.0


class Stage:
    """Stack and sample side by side, drawn into one framebuffer.

    Parameters
    ----------
    studio : Studio
    """

    def __init__(self, studio):
        from viewer.gl.theme import THEMES
        from viewer.views.sample.view import SampleView
        from viewer.views.stack.view import StackView

        self._studio = studio
        self._themes = THEMES
        self.stack, self.sample = StackView(), SampleView()
        self._contents_wish = None
        self._frames = {}
        self._drawn = None

    def show(self, state):
        """Bring both views to a state, everything computed."""
        from viewer.views.sample import resolve as sample
        from viewer.views.stack import resolve as stack
        from viewer.views.stack.making import contents_of

        facts = self._studio.facts
        for view in (self.stack, self.sample):
            view.set_theme(self._themes[state.window.theme])
        wish = stack.resolve(state, facts)
        if wish.contents is not None and not wish.contents.same_as(self._contents_wish):
            self._contents_wish = wish.contents
            shapes = {layer.name: layer.output_shape for layer in wish.contents.network.layers}
            self.stack.show_contents(contents_of(wish.contents), shapes)
        self.stack.show_wish(wish)
        self.sample.show_wish(sample.resolve(state, None, facts))
        self._now = (state, facts)

    def draw(self, context, width, height):
        """Draw into the framebuffer that is bound; nothing when it shows that already."""
        from viewer.gl.objects import bound_framebuffer

        state, facts = self._now
        key = (state, facts.answer, width, height)
        if self._drawn == key:
            return
        self._drawn = key
        target = bound_framebuffer()
        aside = round(width * SAMPLE_SHARE)
        ratio = max(1.0, height / 720)
        self._place(context, target, self.stack, 0, width - aside, height, ratio)
        self._place(context, target, self.sample, width - aside, aside, height, ratio)

    def _place(self, context, target, view, left, width, height, ratio):
        from viewer.gl.api import GL
        from viewer.gl.objects import Framebuffer

        frame = self._frames.get(view)
        if frame is None or (frame.width, frame.height) != (width, height):
            frame = self._frames[view] = Framebuffer(context, width, height)
        frame.bind()
        view.draw(context, width, height, ratio)
        GL.glBindFramebuffer(GL.GL_READ_FRAMEBUFFER, frame.name)
        GL.glBindFramebuffer(GL.GL_DRAW_FRAMEBUFFER, target)
        area = (0, 0, width, height, left, 0, left + width, height)
        GL.glBlitFramebuffer(*area, GL.GL_COLOR_BUFFER_BIT, GL.GL_NEAREST)
        GL.glBindFramebuffer(GL.GL_FRAMEBUFFER, target)


def render_tour(path, size=(960, 540), fps=20, task=None, network=SAMPLE, data=SAMPLE):
    """Render the tour of a network to a movie.

    Parameters
    ----------
    path : str or Path
        ``*.mp4``, or a folder for PNG files.
    size : (int, int)
        Width and height, pixels.
    fps : float
        Frames a second.
    task : Task, optional
        Progress and cancel.
    network, data : str
        What is opened.

    Returns
    -------
    int
        Frames written.

    Raises
    ------
    InputError, MachineError, Cancelled
        What cannot be opened or drawn.
    """
    from viewer.record.movie import render

    session = Session(clock=lambda: 0.0)
    studio = Studio(session, extracts=False)
    try:
        session.do("open", network=network, data=data)
        _wait(studio, lambda: studio.facts.answer is not None)
        layers = [layer.name for layer in studio.facts.network.layers]
        playback = Playback(tour(layers, studio.facts.sample_count), session.holder)
        stage = Stage(studio)

        def draw(context, width, height, number):
            state = playback.state_at(number / fps)
            wanted = min(state.focus.sample, studio.facts.sample_count - 1)
            _wait(studio, lambda: studio.facts.answer.question.sample == wanted)
            stage.show(state)
            stage.draw(context, width, height)

        return render(draw, path, frames=round(SECONDS * fps), size=size, fps=fps, task=task)
    finally:
        studio.close()


def _wait(studio, until):
    """Wait for the studio; what made it fail is raised."""
    studio.inbox.wait(lambda: until() or studio.facts.phase == "failed", PATIENCE)
    if studio.facts.phase == "failed":
        raise MachineError(studio.facts.failure)


def main(words=None):
    """Render the tour and print where it is; returns the exit status."""
    from viewer.cli import report
    from viewer.verbs.terminal import shown_task

    parser = argparse.ArgumentParser(prog="python -m viewer.tour", description=__doc__)
    parser.add_argument("movie", help="where the movie goes, *.mp4")
    parser.add_argument("--frame", default="960x540", help="width x height, pixels")
    parser.add_argument("--fps", type=float, default=20)
    arguments = parser.parse_args(words)
    try:
        width, height = (int(side) for side in arguments.frame.split("x"))
        with shown_task("Rendering the tour of the sample") as task:
            render_tour(arguments.movie, (width, height), arguments.fps, task)
    except (Exception, KeyboardInterrupt) as error:  # noqa: BLE001 - the one door to the person
        return report(error)
    print(arguments.movie)
    return 0


if __name__ == "__main__":
    sys.exit(main())
