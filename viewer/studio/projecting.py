"""What the Top filters view asks about: the strongest units of filters, projected back."""


def questions(state, facts):
    """The `Question`s that follow from a state and what exists, the most urgent first."""
    return ()
