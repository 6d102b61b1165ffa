"""What can go wrong, told so that a person can act: what, where, expected, got, what to do.

Three kinds, one for each exit status of the command line (PRODUCT: 2, 1, 130).
"""

LONGEST_WORD = 300
LONGEST_SENTENCE = 1000


def printable(text):
    """A text that may come from a hostile file without control characters.

    They could move the cursor, or turn the text around; each becomes a question mark.
    """
    return "".join(letter if letter.isprintable() else "?" for letter in text)


def one_line(text):
    """A text that may come from a hostile file, fit to be printed in one line.

    As `printable`, with single spaces; names that are too long to read lose their middle.
    """
    words = (_without_middle(word, LONGEST_WORD) for word in text.split())
    return printable(_without_middle(" ".join(words), LONGEST_SENTENCE))


def _without_middle(text, most):
    return text if len(text) <= most else f"{text[: most // 2]}...{text[-most // 4 :]}"


class LamellaError(Exception):
    """An error whose text is one sentence for a person.

    Parameters
    ----------
    what : str
        The fault, without the place: ``"the file ends in the middle of a tensor"``.
    where : object, optional
        The file, tensor, node or option it concerns; printed first.
    expected, got : object, optional
        Printed as ``expected ..., got ...`` when given.
    remedy : str, optional
        The way out: ``"export the network again"``.
    """

    exit_status = 2

    def __init__(self, what, *, where=None, expected=None, got=None, remedy=None):
        super().__init__(what)
        self.what = what
        self.where = where
        self.expected = expected
        self.got = got
        self.remedy = remedy

    def __str__(self):
        text = self.what if self.where is None else f"{self.where}: {self.what}"
        details = []
        if self.expected is not None:
            details.append(f"expected {self.expected}")
        if self.got is not None:
            details.append(f"got {self.got}")
        if details:
            text += f" ({', '.join(details)})"
        if self.remedy:
            text += f"; {self.remedy}"
        text = one_line(text).rstrip(".")
        return text if text.endswith("?") else text + "."


class InputError(LamellaError):
    """The arguments or a file are wrong: exit status 2."""


class MachineError(LamellaError):
    """The machine or the program failed (full disk, lost device, dead child): exit status 1."""

    exit_status = 1


class Cancelled(LamellaError):
    """A person cancelled; what was finished is kept: exit status 130."""

    exit_status = 130

    def __init__(self, what="cancelled", **details):
        super().__init__(what, **details)
