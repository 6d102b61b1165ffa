"""Orders of the active layer's channels beside each other: how good, how stable."""
