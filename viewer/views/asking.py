"""What a view asks of the builder, and what of it is still awaited."""


class Asking:
    """Slots of the builder that belong to one view.

    Parameters
    ----------
    name : str
        The view's: what its slots begin with.
    """

    def __init__(self, name):
        self._name = name
        self._awaited = set()
        self.builder = None

    def __bool__(self):
        """Whether something is awaited."""
        return bool(self._awaited)

    def ask(self, slot, function, on_answer):
        """Have ``function()`` called off the main thread, and ``on_answer(result)`` in it."""
        self._awaited.add(slot)

        def came(answer):
            self._awaited.discard(slot)
            on_answer(answer)

        self.builder.ask(f"{self._name}.{slot}", function, came)

    def forget(self, *slots):
        """Await these no more."""
        for slot in slots:
            self._awaited.discard(slot)
            self.builder.forget(f"{self._name}.{slot}")
