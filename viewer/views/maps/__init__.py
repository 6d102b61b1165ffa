"""Feature maps: every channel of every layer as a small picture."""
