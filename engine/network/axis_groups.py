"""What a Reshape does to the letters of axes: which old axes become which new ones.

A reshape keeps the order of the elements, so both shapes fall into runs of axes with equal
products:
``[2, 64, 7, 7] -> [2, 3136]`` has the runs (2 -> 2) and (64, 7, 7 -> 3136).
"""


def parts_of(letter):
    """The letters that are folded into one axis, outermost first: ``(NT)`` has N and T."""
    return tuple(letter.strip("()"))


def regroup(letters, before, after, batch=1):
    """Letters of a tensor's axes after a reshape.

    Parameters
    ----------
    letters : sequence of str
    before, after : tuple of int
        The shapes; products are equal.
    batch : int
        Unfolds axes that hold the batch and something else.

    Returns
    -------
    list of str
    """
    names, sizes = [], []
    for letter, size in zip(letters, before, strict=True):
        parts = parts_of(letter)
        names += parts
        folded = len(parts) > 1
        sizes += [batch if part == "N" else size // batch for part in parts] if folded else [size]
    result = []
    for old, new in runs(sizes, after):
        old_sizes, new_sizes = [sizes[place] for place in old], [after[place] for place in new]
        result += _run([names[place] for place in old], old_sizes, new_sizes)
    return _one_batch(result, letters)


def runs(before, after):
    """Split two shapes into runs of axes with equal products.

    Returns
    -------
    list of (list of int, list of int)
        Places of old and new axes, in order; axes of size 1 stand alone, or with an equal partner.
    """
    result, i, j = [], 0, 0
    while i < len(before) or j < len(after):
        old, new = [], []
        if i < len(before) and j < len(after) and before[i] == after[j]:
            result.append(([i], [j]))
            i, j = i + 1, j + 1
            continue
        if i < len(before) and before[i] == 1:
            result.append(([i], []))
            i += 1
            continue
        if j < len(after) and after[j] == 1:
            result.append(([], [j]))
            j += 1
            continue
        left = right = 1
        while i < len(before) or j < len(after):
            if left <= right and i < len(before):
                left *= before[i]
                old.append(i)
                i += 1
            elif j < len(after):
                right *= after[j]
                new.append(j)
                j += 1
            else:
                left *= before[i]
                old.append(i)
                i += 1
            if left == right:
                break
        result.append((old, new))
    return result


def _run(names, sizes, new):
    """Letters of the new axes of one run."""
    if not new:
        return []
    if not names:
        return ["?"] * len(new)
    if len(names) == len(new) == 1:
        return names
    if len(new) == 1:
        return [_merged(names)]
    if names[0] == "N":
        rest, inner = names[1:], new[1:]
        first = "N"
        if rest and new[0] > sizes[0] and new[0] % sizes[0] == 0:
            first = "(NC)" if rest[0] == "C" else "(NT)"
        return [first, *(_split(rest, inner) if rest else ["T"] * len(inner))]
    if names[-1] == "N" and len(names) > 1:
        return [*_split(names[:-1], new[:-1]), "N"]
    return _split(names, new)


def _merged(names):
    rest = [name for name in names if name != "N"]
    if "N" in names:
        if not rest:
            return "N"
        inner = "C" if set(rest) == {"C"} else "T"
        return f"({inner}N)" if names[-1] == "N" else f"(N{inner})"
    return "C" if "C" in names else "T"


def _split(names, new):
    """Several new axes out of a run without batch."""
    if set(names) == {"C"}:
        return ["C"] * len(new)
    if "C" not in names:
        return ["H", "W"] if len(new) == 2 else ["T"] * len(new)
    result = ["T"] * len(new)
    result[-1 if names[-1] == "C" else 0] = "C"
    return result


def _one_batch(result, letters):
    """Name axes of size 1 that a reshape put in, and keep a batch that lost its own axis."""
    had_batch = any("N" in letter for letter in letters)
    has_batch = any("N" in letter for letter in result)
    if had_batch and not has_batch and result:
        if result[0] == "?":
            result[0] = "N"
        elif result[0] in ("C", "T", "H"):
            result[0] = "(NC)" if result[0] == "C" else "(NT)"
    elif not had_batch and result and result[0] == "?":
        result[0] = "N"
    for place, letter in enumerate(result):
        if letter == "?":
            result[place] = "C" if "C" not in result and "(NC)" not in result else "T"
    return result
