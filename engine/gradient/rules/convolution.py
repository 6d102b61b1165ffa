"""Gradients of convolutions, with respect to what they take and to their weights."""
