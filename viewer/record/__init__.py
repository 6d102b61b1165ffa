"""Pictures and movies of whatever draws, with or without a screen; no Qt."""
