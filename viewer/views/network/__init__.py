"""The network as a list of its layers in order of depth."""
