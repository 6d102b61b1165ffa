"""A session in the matrix is saved, read and replayed to the same state and the same picture."""

import numpy as np

from tests.viewer.views.matrix.matrix_desk import Chosen, Desk, made
from viewer.session import journal
from viewer.session.replay import replay
from viewer.state.selection import selection_hash
from viewer.state.tree import state_hash
from viewer.views.gestures import Pointer


def test_navigation_lasso_classes_and_layers_are_replayed(draw, tmp_path):
    layers = (made(), made(channels=4, seed=7, layer="conv2"))
    desk = Desk(*layers)
    draw(desk)
    desk.path([(300, 200), (330, 190), (360, 180)])
    desk.view.wheel(Pointer(250, 200), 4)
    draw(desk)
    cell = desk.view.frame().nearest_cell(desk.view.look())
    left, top, width, height = desk.view.cells.box_of(*cell)
    loop = [(left + a * width, top + b * height) for a, b in ((0.2, 0.2), (0.9, 0.3), (0.5, 0.9))]
    desk.path([*loop, loop[0]], ("shift",))
    row = desk.view._rows_of_legend[1][1]
    desk.click(row[0] + 20, row[1] + 4, "ctrl")
    desk.do("focus.layer", layer="conv2")
    desk.do("matrix.look", x=1.5, y=2.5, span=1.3)
    desk.do("matrix.range", layer="conv2", channel=1, low=0.0, high=1.0)
    path = tmp_path / "matrix.lamella"
    journal.write(path, journal.Header(), desk.session.commands)
    outcome = replay(journal.read(path)[1])
    state = outcome.session.state
    assert outcome.mismatches == []
    assert selection_hash(state.selection) == selection_hash(desk.session.state.selection)
    assert [region.kind for _, region in state.selection.steps] == ["lasso", "class"]
    assert state_hash(state) == state_hash(desk.session.state)
    chosen = Chosen(np.arange(40) % 3 == 1)
    desk.now(selected=chosen)
    desk.view.leave()
    again = Desk(*layers, selected=chosen)
    again.session.holder.set(state)
    again.follow()
    assert np.array_equal(draw(again), draw(desk))
