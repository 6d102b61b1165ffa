"""Gradients of Einsum."""

from engine.gradient.rules import rule
from engine.gradient.rules.reach import cannot, spread, with_ones


@rule("Einsum")
def einsum(back, node, gradients):
    """y = sum of products over the letters that y lacks.

    dx of one operand: dy in its place among the others, summed to the letters of x; letters that
    only x has were summed over by themselves, and take the same value everywhere.
    """
    operands, result = _letters(back, node)
    found = []
    for place, name in enumerate(node.inputs):
        if not back.wants(name):
            found.append(None)
            continue
        others = [p for p in range(len(operands)) if p != place]
        given = [result, *(operands[p] for p in others)]
        known = set("".join(given))
        kept = [letter for letter in operands[place] if letter in known]
        if back.per_sample and back.graph.is_constant(name):
            kept.insert(0, _letter_of_samples(back, node, result))
        names = [gradients[0], *(back.forward(node.inputs[p]) for p in others)]
        equation = f"{','.join(given)}->{''.join(kept)}"
        sent = back.op("Einsum", *names, equation=equation)
        alone = [axis for axis, letter in enumerate(operands[place]) if letter not in known]
        if alone:
            sent = spread(back, with_ones(back, sent, name, alone), name, alone)
        found.append(sent)
    return found


def _letter_of_samples(back, node, result):
    """The letter of the batch, which stays in front of the gradient of a constant."""
    axis = back.batch_axis(node.outputs[0])
    if axis is None:
        raise cannot(back, node, "it mixes samples")
    return result[axis]


def _letters(back, node):
    """Letters of every operand and of the result; those of an ellipsis are capitals of their own.

    Raises
    ------
    InputError
        For a diagonal (a letter twice in one operand), or where an ellipsis broadcasts.
    """
    equation = node.attributes["equation"].replace(" ", "")
    left, arrow, result = equation.partition("->")
    operands = left.split(",")
    spare = [c for c in "ABCDEFGHIJKLMNOPQRSTUVWXYZ" if c not in equation]
    if not arrow:
        plain = left.replace(",", "").replace(".", "")
        result = ("..." if "..." in left else "") + "".join(
            sorted(c for c in set(plain) if plain.count(c) == 1)
        )
    hidden = [
        len(back.shape(name)) - len(operand.replace("...", ""))
        for name, operand in zip(node.inputs, operands, strict=True)
        if "..." in operand
    ]
    if len(set(hidden)) > 1:
        raise cannot(back, node, "its ellipsis broadcasts")
    capitals = "".join(spare[: hidden[0]]) if hidden else ""
    operands = [operand.replace("...", capitals) for operand in operands]
    _check(back, node, operands)
    return operands, result.replace("...", capitals)


def _check(back, node, operands):
    sizes = {}
    for name, letters in zip(node.inputs, operands, strict=True):
        if len(set(letters)) < len(letters):
            raise cannot(back, node, "it takes a diagonal")
        for letter, size in zip(letters, back.sizes(name), strict=True):
            if sizes.setdefault(letter, size) != size:
                raise cannot(back, node, f"its letter {letter!r} broadcasts")
