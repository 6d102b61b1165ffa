"""Results over a layer's embedding points, each with a check of its own."""
