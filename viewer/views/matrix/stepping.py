"""Where commands without a pointer go: to neighbours, nearer, to the next of the ranked pairs.

Menus and the palette know the state and what exists, not the view; places in the matrix do not
depend on the view's size, except how much the whole is. No Qt, no GL.
"""

from viewer.views.matrix.build import arranged
from viewer.views.matrix.looking import Frame
from viewer.views.matrix.resolve import resolve

SQUARE = (0.0, 0.0, 1.0, 1.0)


def stands(state, facts):
    """(Frame, Arrangement, Look, PairTable or None) of the matrix for a state, or None.

    The frame is a square of side 1.
    """
    wish = resolve(state, facts)
    if wish.points is None:
        return None
    rows = wish.points.columns
    columns = rows if wish.others is None else wish.others.columns
    arrangement = arranged(rows, columns, wish.orders.by_layer, hides=state.matrix.hides_constant)
    frame = Frame(*SQUARE, *arrangement.shape)
    return frame, arrangement, look_of(frame, arrangement, wish), wish.table


def look_of(frame, arrangement, wish):
    """Where the view stands: where a person chose to, else where the focus is."""
    if wish.camera.is_in_force(wish.focus):
        return frame.of(wish.camera)
    if arrangement.is_plain or wish.focus.channel is None:
        return frame.whole()
    row = arrangement.row_of(wish.focus.channel)
    return frame.follows(row, row if wish.others is None else None)


def pair_after(ranked, arrangement, frame, look, steps):
    """The cell of the next pair of a ranking, (row, column) by place, or None.

    The ranking goes on from the pair that the view stands at; from elsewhere it begins.

    Parameters
    ----------
    ranked : sequence of (row channel, column channel, value)
    steps : int
        1: the next, -1: the one before.
    """
    places = [(arrangement.row_of(row), arrangement.column_of(column)) for row, column, _ in ranked]
    places = [place for place in places if None not in place]
    if not places:
        return None
    here = frame.nearest_cell(look)
    if here in places and look.span < 3:
        return places[(places.index(here) + steps) % len(places)]
    return places[0 if steps > 0 else -1]
