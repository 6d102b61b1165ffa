"""Layers as clouds of points: columns of codes, counts, lasso, nearest point."""
