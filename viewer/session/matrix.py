"""Kinds of commands of the matrix view: what is shown, in which order, and where a person is."""

from dataclasses import replace

from viewer.session.checks import number
from viewer.session.command import CAMERA, kind
from viewer.state.matrix import MatrixCamera

FARTHEST = 1e5


@kind("matrix.look", undo=CAMERA, merges=True)
def matrix_look(state, *, x=None, y=None, span=None):
    """Pan and zoom: what is given is set, the rest stays."""
    camera = state.matrix_camera
    given = {"x": x, "y": y, "span": span}
    changes = {
        name: number(name, value, 1e-9 if name == "span" else -FARTHEST, FARTHEST)
        for name, value in given.items()
        if value is not None
    }
    looked_at = (state.focus.layer, state.focus.channel)
    return replace(state, matrix_camera=replace(camera, looked_at=looked_at, **changes))


@kind("matrix.fit", undo=CAMERA)
def matrix_fit(state):
    """See the whole matrix."""
    looked_at = (state.focus.layer, state.focus.channel)
    return replace(state, matrix_camera=MatrixCamera(looked_at=looked_at))
