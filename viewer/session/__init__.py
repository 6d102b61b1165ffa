"""Commands, undo, journal and replay: the only way to change the state; no Qt."""
