"""Gradient volumes of weights and their series: questions, and what was found."""


def questions(state, facts):
    """The `Question`s that follow from a state and what exists, the most urgent first."""
    return ()
