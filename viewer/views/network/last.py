"""Remembers the last answer of a pure function of a network's layers."""

from functools import update_wrapper


class Last:
    """Remembers what a function made last of one network's layers: one object, by identity."""

    def __init__(self, function):
        update_wrapper(self, function)
        self._function = function
        self._made = (None, None, None)

    def __call__(self, layers, *args):
        of, given, made = self._made
        if of is not layers or given != args:
            made = self._function(layers, *args)
            self._made = (layers, args, made)
        return made
