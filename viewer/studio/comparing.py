"""What the comparison asks about: several methods for several samples or layers."""


def questions(state, facts):
    """The `Question`s that follow from a state and what exists, the most urgent first."""
    return ()
