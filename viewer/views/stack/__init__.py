"""The stack view: activation volumes of all layers, one behind the other."""
