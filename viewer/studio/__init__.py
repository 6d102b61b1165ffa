"""The worker side of the window, without Qt: opens files, runs the focused sample, extracts."""
