"""Importance of filters, and what happens without them: questions, and what was found."""


def questions(state, facts):
    """The `Question`s that follow from a state and what exists, the most urgent first."""
    return ()
