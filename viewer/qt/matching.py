"""Fuzzy matching for the command palette: which letters of a text a person's few letters mean.

Every word that was typed must be found in the text, its letters in order. Letters that begin words
or follow one another count more, those that begin the text a little more still, and short texts win
over long ones.
"""

TEXT_START, WORD_START, RUN, GAP = 10.0, 8.0, 5.0, 0.3
LENGTH = 0.05
LEAST = 0.5


def match(query, text):
    """How well a text answers a query.

    Parameters
    ----------
    query : str
        Words in any order; case does not count.
    text : str

    Returns
    -------
    (float, frozenset of int) or None
        The higher the better, and the letters of the text that were meant; None: no match.
    """
    total, meant = -LENGTH * len(text), set()
    for word in query.lower().split():
        found = _word(word, text.lower(), text)
        if found is None:
            return None
        total += found[0]
        meant |= found[1]
    return total, frozenset(meant)


def _word(word, lower, text):
    best = None
    start = lower.find(word[0])
    while start >= 0:
        found = _from(start, word, lower, text)
        if found is not None and (best is None or found[0] > best[0]):
            best = found
        start = lower.find(word[0], start + 1)
    return best


def _from(start, word, lower, text):
    """The letters of a word from a place on: the next one, or else one that begins a word."""
    at, places, score = start, [start], _begins(start, text)
    for letter in word[1:]:
        if lower.startswith(letter, at + 1):
            nearest = at + 1
        else:
            nearest = _next(letter, at + 1, lower, text)
            if nearest < 0:
                return None
        score += RUN if nearest == at + 1 else _begins(nearest, text) - GAP * (nearest - at)
        at = nearest
        places.append(at)
    return score, set(places)


def _next(letter, start, lower, text):
    first = lower.find(letter, start)
    at = first
    while at >= 0 and not _begins(at, text):
        at = lower.find(letter, at + 1)
    return at if at >= 0 and at - start < 24 else first


def _begins(at, text):
    """A bonus where a word begins: after a sign, and at a capital or digit inside a name."""
    if at == 0:
        return TEXT_START
    before, here = text[at - 1], text[at]
    if not before.isalnum():
        return WORD_START
    inside = (here.isupper() and before.islower()) or (here.isdigit() and not before.isdigit())
    return WORD_START / 2 if inside else 0.0


def ranked(query, items, text_of):
    """Items that match, the best first; all of them, in their order, for an empty query.

    What matches less than half as well as the best is chance and left out.

    Returns
    -------
    list of (item, frozenset of int)
    """
    if not query.strip():
        return [(item, frozenset()) for item in items]
    found = []
    for number, item in enumerate(items):
        answer = match(query, text_of(item))
        if answer is not None:
            found.append((-answer[0], number, item, answer[1]))
    found.sort(key=lambda entry: entry[:2])
    least = LEAST * -found[0][0] if found else 0.0
    return [(item, meant) for worse, _, item, meant in found if -worse >= min(least, -found[0][0])]
