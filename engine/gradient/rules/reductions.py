"""Gradients of reductions: what was summed over takes the gradient again, times a slope."""

from engine.gradient.rules import rule
from engine.gradient.rules.reach import (
    cannot,
    count,
    counted,
    dtype_code,
    spread,
    whole_numbers,
    with_ones,
)


class _Reduction:
    """One reduction: its axes, and its gradient and output with these axes kept."""

    def __init__(self, back, node, gradient):
        self.back = back
        self.x = back.forward(node.inputs[0])
        self.y = back.forward(node.outputs[0])
        rank = len(back.shape(self.x))
        axes = whole_numbers(back, node, 1, "axes")
        self.whole = not axes and node.attributes.get("noop_with_empty_axes", 0) == 1
        if self.whole and node.op_type not in _HANDED_ON:
            raise cannot(back, node, "noop_with_empty_axes")
        self.axes = counted(axes or range(rank), rank)
        self._kept = node.attributes.get("keepdims", 1) == 1
        self.dy = self.kept(gradient)

    def kept(self, name):
        """A tensor of the output's shape with the axes as ones."""
        return name if self._kept or self.whole else with_ones(self.back, name, self.x, self.axes)

    def times(self, slope):
        """dy times a slope of the input's shape."""
        return [self.back.op("Mul", self.dy, slope)]


_HANDED_ON = ("ReduceSum", "ReduceMean", "ReduceMax", "ReduceMin", "ReduceProd")


def _reduction(function):
    """Make a rule of a function of a `_Reduction`: nothing was reduced, dy is handed on."""

    def with_axes(back, node, gradients):
        reduction = _Reduction(back, node, gradients[0])
        return [gradients[0]] if reduction.whole else function(back, reduction)

    with_axes.__doc__ = function.__doc__
    with_axes.__name__ = function.__name__
    return with_axes


@rule("ReduceSum")
@_reduction
def total(back, r):
    """y = sum x, so dx = dy."""
    return [spread(back, r.dy, r.x, r.axes)]


@rule("ReduceMean")
@_reduction
def mean(back, r):
    """y = sum x / n, so dx = dy / n."""
    share = back.op("Div", r.dy, count(back, r.x, r.axes))
    return [spread(back, share, r.x, r.axes)]


@rule("ReduceMax", "ReduceMin")
@_reduction
def extreme(back, r):
    """The largest (smallest) takes dy; those that are equal share it evenly, as in PyTorch."""
    same = back.op("Equal", r.x, r.kept(r.y))
    mask = back.op("Cast", same, to=dtype_code(back.dtype(r.x)))
    return r.times(back.op("Div", mask, back.reduce_sum(mask, r.axes)))


@rule("ReduceProd")
@_reduction
def product(back, r):
    """y = product of x, so dx = dy times the product of the others.

    y / x, with zeros left out of the product: one zero takes the product of the others and these
    take nothing; of two zeros nothing is left.
    """
    zero, one = back.number(0, r.x), back.number(1, r.x)
    is_zero = back.op("Equal", r.x, zero)
    filled = back.op("Where", is_zero, one, r.x)
    axes = back.constant(r.axes)
    others = back.op("Div", back.op("ReduceProd", filled, axes, keepdims=1), filled)
    zeros = back.op("Cast", is_zero, to=dtype_code(back.dtype(r.x)))
    more = back.op("Sub", back.reduce_sum(zeros, r.axes), zeros)
    return r.times(back.op("Where", back.op("Equal", more, zero), others, zero))


@rule("ReduceL1")
@_reduction
def sum_of_absolutes(back, r):
    """y = sum |x|, so dx = dy sign(x), 0 at 0."""
    return r.times(back.op("Sign", r.x))


@rule("ReduceL2")
@_reduction
def length(back, r):
    """y = sqrt(sum x^2), so dx = dy x / y; 0 where y = 0, as in PyTorch."""
    y = r.kept(r.y)
    is_zero = back.op("Equal", y, back.number(0, r.x))
    safe = back.op("Where", is_zero, back.number(1, r.x), y)
    return r.times(back.op("Div", r.x, safe))


@rule("ReduceSumSquare")
@_reduction
def sum_of_squares(back, r):
    """y = sum x^2, so dx = 2 dy x."""
    return r.times(back.op("Mul", r.x, back.number(2, r.x)))


@rule("ReduceLogSum")
@_reduction
def log_of_sum(back, r):
    """y = ln(sum x), so dx = dy / sum x = dy e^-y."""
    share = back.op("Mul", r.dy, back.op("Exp", back.op("Neg", r.kept(r.y))))
    return [spread(back, share, r.x, r.axes)]


@rule("ReduceLogSumExp")
@_reduction
def log_of_sum_of_exponentials(back, r):
    """y = ln(sum e^x), so dx = dy e^(x - y)."""
    return r.times(back.op("Exp", back.op("Sub", r.x, r.kept(r.y))))
