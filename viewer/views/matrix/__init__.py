"""The matrix view: every channel of a layer against every other, for every embedding point."""
