"""How a convolution or a pool moves over its input: sizes, steps and borders, worked out."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Window:
    """A window's geometry along every position axis.

    Output ``o`` reads inputs ``stride * o + dilation * t - before`` for taps ``t < kernel``.

    Attributes
    ----------
    kernel, strides, dilations : tuple of int
    before, after : tuple of int
        Padding in front and behind.
    inputs, outputs : tuple of int
        Sizes of the positions.
    """

    kernel: tuple[int, ...]
    strides: tuple[int, ...]
    dilations: tuple[int, ...]
    before: tuple[int, ...]
    after: tuple[int, ...]
    inputs: tuple[int, ...]
    outputs: tuple[int, ...]

    @property
    def reach(self):
        """From the first to the last place under the window, less one, along each axis."""
        return tuple(d * (k - 1) for d, k in zip(self.dilations, self.kernel, strict=True))

    @property
    def tiles(self):
        """Whether windows stand side by side without gaps, overlap or border."""
        rows = zip(self.kernel, self.strides, self.inputs, self.outputs, strict=True)
        return (
            set(self.dilations) == {1}
            and not any(self.before)
            and all(k == s and n == s * o for k, s, n, o in rows)
        )

    @property
    def is_apart(self):
        """Whether no place lies under two windows."""
        return all(s > r for s, r in zip(self.strides, self.reach, strict=True))

    def transposed(self):
        """Attributes of the ConvTranspose that spreads outputs over the inputs again.

        It gives as many places as there are inputs: what the last step did not reach is appended
        (``output_padding``, always less than a step), what a rounded-up size read behind the
        border is cut off.
        """
        rows = zip(self.inputs, self.outputs, self.strides, self.reach, self.before, strict=True)
        surplus = [s * (o - 1) + r + 1 - b - n for n, o, s, r, b in rows]
        given = {
            "strides": list(self.strides),
            "dilations": list(self.dilations),
            "pads": [*self.before, *(max(0, each) for each in surplus)],
        }
        if any(each < 0 for each in surplus):
            given["output_padding"] = [max(0, -each) for each in surplus]
        return given

    def flipped_pads(self):
        """Padding of the stride-1 window with the flipped kernel that does the same; may be < 0."""
        before = [r - b for r, b in zip(self.reach, self.before, strict=True)]
        rows = zip(self.inputs, self.outputs, self.reach, before, strict=True)
        return before + [n - o + r - b for n, o, r, b in rows]


def window_of(back, node, kernel, data=None, result=None):
    """The geometry of a Conv or a pool.

    Parameters
    ----------
    back : engine.gradient.backward.Backward
    node : engine.network.graph.Node
    kernel : sequence of int
        Its size along each position.
    data, result : str, optional
        Tensors at its input and output; the node's first ones by default.
    """
    inputs = back.sizes(data or node.inputs[0])[2:]
    outputs = back.sizes(result or node.outputs[0])[2:]
    given = node.attributes
    rank = len(kernel)
    strides = tuple(given.get("strides") or (1,) * rank)
    dilations = tuple(given.get("dilations") or (1,) * rank)
    pads = tuple(given.get("pads") or (0,) * (2 * rank))
    before, after = pads[:rank], pads[rank:]
    auto = given.get("auto_pad", "NOTSET") or "NOTSET"
    if auto in ("SAME_UPPER", "SAME_LOWER"):
        rows = zip(inputs, strides, dilations, kernel, strict=True)
        total = [max(0, (-(-n // s) - 1) * s + d * (k - 1) + 1 - n) for n, s, d, k in rows]
        less, more = tuple(each // 2 for each in total), tuple(-(-each // 2) for each in total)
        before, after = (less, more) if auto == "SAME_UPPER" else (more, less)
    elif auto == "VALID":
        before = after = (0,) * rank
    return Window(tuple(kernel), strides, dilations, before, after, tuple(inputs), tuple(outputs))
