"""What the sample view and the stack ask about: one method's result for the focused sample."""


def questions(state, facts):
    """The `Question`s that follow from a state and what exists, the most urgent first."""
    return ()
