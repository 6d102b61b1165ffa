"""Attribution the slow way: every linear step a dense matrix in float64, every rule its formula.

A chain is a list of steps: ``("linear", A, b)`` with A float64[outputs, inputs], ``("relu",)``,
``("leaky", slope)``, ``("clip", most)`` (Clip(0, most)) and ``("maxpool", windows)``, where windows
is int64[outputs, taps] of flat places in the input (-1: outside). Vectors are flat float64.

LRP's rules after Montavon et al., *Layer-wise relevance propagation: an overview* (2019), with the
biases and signs as in that text's general forms; each divides by z + e sign(z), sign(0) being 1.
"""

import numpy as np

EPSILON = 1e-6


# -- steps as matrices -----------------------------------------------------------------------------


def convolution_matrix(weights, shape, stride=1, padding=0):
    """A convolution of ``[C, H, W]`` as a matrix, and the shape of what it makes.

    Parameters
    ----------
    weights : float[M, C, kh, kw]
    shape : (int, int, int)
        C, H, W of the input.

    Returns
    -------
    float64[M * oh * ow, C * H * W], (M, oh, ow)
    """
    filters, channels, tall, wide = weights.shape
    _, height, width = shape
    rows = (height + 2 * padding - tall) // stride + 1
    columns = (width + 2 * padding - wide) // stride + 1
    matrix = np.zeros((filters, rows, columns, channels, height, width))
    for y in range(rows):
        for x in range(columns):
            for i in range(tall):
                for j in range(wide):
                    v, u = y * stride + i - padding, x * stride + j - padding
                    if 0 <= v < height and 0 <= u < width:
                        matrix[:, y, x, :, v, u] += weights[:, :, i, j]
    out = (filters, rows, columns)
    return matrix.reshape(filters * rows * columns, -1), out


def pool_windows(shape, size, stride, padding=0):
    """The places that each output of a pooling sees, row by row; -1 outside of the map."""
    channels, height, width = shape
    rows = (height + 2 * padding - size) // stride + 1
    columns = (width + 2 * padding - size) // stride + 1
    windows = np.full((channels, rows, columns, size * size), -1, np.int64)
    for c in range(channels):
        for y in range(rows):
            for x in range(columns):
                for tap in range(size * size):
                    v = y * stride + tap // size - padding
                    u = x * stride + tap % size - padding
                    if 0 <= v < height and 0 <= u < width:
                        windows[c, y, x, tap] = (c * height + v) * width + u
    return windows.reshape(-1, size * size), (channels, rows, columns)


def forward(chain, x):
    """Every step's value, the input first."""
    values = [np.asarray(x, np.float64).ravel()]
    for step in chain:
        values.append(_apply(step, values[-1]))
    return values


def _apply(step, x):
    kind = step[0]
    if kind == "linear":
        return step[1] @ x + step[2]
    if kind == "relu":
        return np.maximum(x, 0)
    if kind == "leaky":
        return np.where(x > 0, x, step[1] * x)
    if kind == "clip":
        return np.clip(x, 0, step[1])
    if kind == "maxpool":
        return x[_winners(step[1], x)]
    raise ValueError(kind)


def _winners(windows, x):
    """Of each window the first place with the largest value."""
    seen = np.where(windows < 0, -np.inf, x[windows])
    return windows[np.arange(len(windows)), seen.argmax(1)]


# -- gradients, DeconvNet, guided backpropagation --------------------------------------------------


def backward(chain, x, seed, method="gradient"):
    """From a seed at the end of a chain back to its input.

    Parameters
    ----------
    method : {"gradient", "deconvnet", "guided"}
        At an activation function: the derivative; what is positive of what comes back, whatever
        went forward; or the derivative of what is positive.

    Returns
    -------
    list of float64[n]
        As `forward`: at the input first, the seed last.
    """
    values = forward(chain, x)
    found = [np.asarray(seed, np.float64).ravel()]
    for step, before in zip(reversed(chain), reversed(values[:-1]), strict=True):
        found.append(_back(step, before, found[-1], method))
    return found[::-1]


def _back(step, x, g, method):
    kind = step[0]
    if kind == "linear":
        return step[1].T @ g
    if kind == "maxpool":
        back = np.zeros(len(x))
        np.add.at(back, _winners(step[1], x), g)
        return back
    if method in ("deconvnet", "guided"):
        g = np.maximum(g, 0)
    if method == "deconvnet":
        return g
    if kind == "relu":
        return g * (x > 0)
    if kind == "leaky":
        return np.where(x > 0, g, step[1] * g)
    if kind == "clip":
        return g * ((x > 0) & (x < step[1]))
    raise ValueError(kind)


def integrated_gradients(chain, x, seed, baseline, steps):
    """Integrated gradients by the midpoint rule on the straight line from the baseline."""
    x, baseline = np.ravel(x), np.ravel(baseline)
    places = (np.arange(steps) + 0.5) / steps
    gradients = [backward(chain, baseline + t * (x - baseline), seed)[0] for t in places]
    return (x - baseline) * np.mean(gradients, 0)


def grad_cam(maps, gradients, size):
    """Grad-CAM from float[C, h, w] maps and gradients, enlarged bilinearly (half pixels)."""
    weights = gradients.mean((1, 2))
    small = np.maximum((weights[:, None, None] * maps).sum(0), 0)
    return _enlarged(_enlarged(small, size[0]).T, size[1]).T


def _enlarged(values, length):
    """Linear interpolation of the first axis at half-pixel centres, edges repeated."""
    count = len(values)
    places = np.clip((np.arange(length) + 0.5) * count / length - 0.5, 0, count - 1)
    low = np.floor(places).astype(int)
    high = np.minimum(low + 1, count - 1)
    share = (places - low)[:, None]
    return values[low] * (1 - share) + values[high] * share


def occlusion(score, image, size, stride, fill):
    """The drop of a score when a square is covered, averaged over the squares that cover a pixel.

    Parameters
    ----------
    score : callable(float64[C, H, W]) -> float
    fill : float or float[C, size, size]

    Returns
    -------
    float64[H, W]
    """
    _, height, width = image.shape
    total, count = np.zeros((height, width)), np.zeros((height, width))
    whole = score(image)
    for top in _starts(height, size, stride):
        for left in _starts(width, size, stride):
            covered = image.copy()
            there = np.s_[top : top + size, left : left + size]
            patch = np.broadcast_to(fill, (len(image), size, size))
            covered[:, there[0], there[1]] = patch[:, : height - top, : width - left]
            total[there] += whole - score(covered)
            count[there] += 1
    return total / count


def _starts(length, size, stride):
    """Where squares start: every stride, and the last so that it ends at the border."""
    last = max(length - size, 0)
    return sorted({*range(0, last + 1, stride), last})


# -- LRP -------------------------------------------------------------------------------------------


def relevance(chain, x, seed, rules):
    """LRP through a chain.

    Parameters
    ----------
    seed : float64[n]
        The relevance at the end.
    rules : list
        For each linear step in order a tuple: ``("epsilon", e)``, ``("gamma", g)``,
        ``("alpha-beta", a, b)``, ``("z-plus",)``, ``("z-box", low, high)``, ``("flat",)``,
        ``("w-square",)``.

    Returns
    -------
    list of float64[n], list of float
        Relevance at every value as `forward`, and what each linear step's bias and epsilon
        absorbed, in the order of the chain.
    """
    values = forward(chain, x)
    found, absorbed = [np.asarray(seed, np.float64).ravel()], []
    rules = list(rules)
    for step, before in zip(reversed(chain), reversed(values[:-1]), strict=True):
        r = found[-1]
        if step[0] == "linear":
            back = _linear(step[1], step[2], before, r, *rules.pop())
            absorbed.append(r.sum() - back.sum())
            found.append(back)
        elif step[0] == "maxpool":
            found.append(_back(step, before, r, "gradient"))
        else:
            found.append(r)
    return found[::-1], absorbed[::-1]


def _linear(a, b, x, r, name, *parameters):
    return _RULES[name](a, b, x, r, *parameters)


def _ratio(r, z, epsilon=EPSILON):
    return r / (z + epsilon * np.where(z >= 0, 1, -1))


def _positive(values):
    return np.maximum(values, 0)


def _negative(values):
    return np.minimum(values, 0)


def _epsilon(a, b, x, r, epsilon=EPSILON):
    return x * (a.T @ _ratio(r, a @ x + b, epsilon))


def _gamma(a, b, x, r, gamma=0.25):
    """Positive outputs favour positive contributions, negative ones negative contributions."""
    z = a @ x + b
    up, down = gamma * _positive(a), gamma * _negative(a)
    back = np.zeros(len(x))
    for keep, more, less, bias in (
        (z > 0, a + up, a + down, b + gamma * _positive(b)),
        (z < 0, a + down, a + up, b + gamma * _negative(b)),
    ):
        s = _ratio(r * keep, more @ _positive(x) + less @ _negative(x) + bias)
        back += _positive(x) * (more.T @ s) + _negative(x) * (less.T @ s)
    return back


def _alpha_beta(a, b, x, r, alpha=2.0, beta=1.0):
    parts = a * x
    back = np.zeros(len(x))
    for factor, part in ((alpha, _positive), (-beta, _negative)):
        chosen = part(parts)
        back += factor * (chosen.T @ _ratio(r, chosen.sum(1) + part(b)))
    return back


def _z_plus(a, b, x, r):
    return _alpha_beta(a, b, x, r, 1.0, 0.0)


def _z_box(a, b, x, r, low, high):
    low, high = np.broadcast_to(low, x.shape), np.broadcast_to(high, x.shape)
    parts = a * x - _positive(a) * low - _negative(a) * high
    return parts.T @ _ratio(r, parts.sum(1))


def _flat(a, b, x, r):
    """Every input that an output reads gets the same share."""
    reads = (a != 0).astype(np.float64)
    return reads.T @ _ratio(r, reads.sum(1))


def _w_square(a, b, x, r):
    squares = a**2
    return squares.T @ _ratio(r, squares.sum(1))


_RULES = {
    "epsilon": _epsilon,
    "gamma": _gamma,
    "alpha-beta": _alpha_beta,
    "z-plus": _z_plus,
    "z-box": _z_box,
    "flat": _flat,
    "w-square": _w_square,
}
