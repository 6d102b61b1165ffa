"""The views: each resolves the state to a wish, builds arrays of the answer, and draws."""
