"""Preprocessing: what the network gets, every parameter, the reason, and presets side by side."""
