"""Orders of channels: which the state asks for, and the one in force for a layer.

Views know a layer's order by `order_of`; nothing else decides it.
"""


def questions(state, facts):
    """The `Question`s that follow from a state and what exists, the most urgent first."""
    return ()


def order_of(state, facts, layer):
    """The order in force for a layer.

    Returns
    -------
    engine.analysis.orders.Order or None
        None: as in the file, or not there yet. The same object while nothing changes.
    """
    return None
