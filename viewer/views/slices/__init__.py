"""Slices: three linked cuts through the focused volume."""
