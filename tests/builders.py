"""Builders in place of the studio's thread, for tests of views."""


class Now:
    """Answers at once."""

    def ask(self, slot, function, on_answer):
        on_answer(function())

    def forget(self, slot):
        pass


class Later:
    """Answers when told; a newer wish of a slot replaces the older."""

    def __init__(self):
        self.wishes = {}

    def ask(self, slot, function, on_answer):
        self.wishes[slot] = (function, on_answer)

    def forget(self, slot):
        self.wishes.pop(slot, None)

    def answer(self):
        wishes, self.wishes = self.wishes, {}
        for function, on_answer in wishes.values():
            on_answer(function())
