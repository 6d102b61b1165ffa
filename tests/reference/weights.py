"""Importance the slow way: a chain's weight gradients in float64, one sample, one number at a time.

A chain is a list of steps on ``[C, H, W]``: ``("conv", W, b, padding)`` with W float[F, C, h, w],
``("relu",)``, ``("maxpool", size)`` (windows side by side), ``("flatten",)`` and
``("dense", W, b)`` with W float[F, I]. The last step's output is the scores.
"""

import numpy as np


def run(chain, x):
    """What enters each step, and the scores at the end."""
    values = [np.asarray(x, np.float64)]
    for step in chain:
        values.append(_forward(step, values[-1]))
    return values


def gradients(chain, x, k):
    """The gradient of score k by the weights of each step that has some: by the step's place."""
    values = run(chain, x)
    slope = np.zeros_like(values[-1])
    slope[k] = 1
    found = {}
    for place in reversed(range(len(chain))):
        step, entered = chain[place], values[place]
        if step[0] == "conv":
            found[place] = _by_kernel(step, entered, slope)
        elif step[0] == "dense":
            found[place] = np.array([[dy * each for each in entered] for dy in slope])
        slope = _backward(step, entered, slope)
    return found


def norms(weights, norm):
    """One number a filter from a gradient ``[F, ...]``."""
    rows = [np.abs(each.ravel()) for each in weights]
    how = {"l1": sum, "l2": lambda row: sum(v * v for v in row) ** 0.5, "max": max}[norm]
    return np.array([how(row.tolist()) for row in rows])


def importance(chain, xs, classes, norm):
    """The mean over samples of the norms of their gradients: by the step's place."""
    total = {}
    for x, k in zip(xs, classes, strict=True):
        chosen = int(np.argmax(run(chain, x)[-1])) if k < 0 else k
        for place, each in gradients(chain, x, chosen).items():
            total[place] = total.get(place, 0) + norms(each, norm) / len(xs)
    return total


def _forward(step, x):
    if step[0] == "relu":
        return np.maximum(x, 0)
    if step[0] == "flatten":
        return x.ravel()
    if step[0] == "dense":
        return step[1].astype(np.float64) @ x + step[2]
    if step[0] == "maxpool":
        y = np.empty((x.shape[0], x.shape[1] // step[1], x.shape[2] // step[1]))
        for c, i, j in np.ndindex(y.shape):
            y[c, i, j] = _window(x, c, i, j, step[1]).max()
        return y
    _, weights, bias, pad = step
    padded = np.pad(x, ((0, 0), (pad, pad), (pad, pad)))
    tall, wide = weights.shape[2:]
    rows, columns = padded.shape[1] - tall + 1, padded.shape[2] - wide + 1
    y = np.empty((len(weights), rows, columns))
    for f, i, j in np.ndindex(y.shape):
        y[f, i, j] = (weights[f] * padded[:, i : i + tall, j : j + wide]).sum() + bias[f]
    return y


def _backward(step, x, slope):
    if step[0] == "relu":
        return np.where(x > 0, slope, 0)
    if step[0] == "flatten":
        return slope.reshape(x.shape)
    if step[0] == "dense":
        return step[1].astype(np.float64).T @ slope
    found = np.zeros_like(x)
    if step[0] == "maxpool":
        size = step[1]
        for c, i, j in np.ndindex(slope.shape):
            best = np.unravel_index(_window(x, c, i, j, size).argmax(), (size, size))
            found[c, i * size + best[0], j * size + best[1]] += slope[c, i, j]
        return found
    _, weights, _, pad = step
    padded = np.pad(found, ((0, 0), (pad, pad), (pad, pad)))
    tall, wide = weights.shape[2:]
    for f, i, j in np.ndindex(slope.shape):
        padded[:, i : i + tall, j : j + wide] += weights[f] * slope[f, i, j]
    return padded[:, pad : padded.shape[1] - pad, pad : padded.shape[2] - pad]


def _by_kernel(step, x, slope):
    _, weights, _, pad = step
    padded = np.pad(x, ((0, 0), (pad, pad), (pad, pad)))
    found = np.zeros(weights.shape)
    tall, wide = weights.shape[2:]
    for f, i, j in np.ndindex(slope.shape):
        found[f] += slope[f, i, j] * padded[:, i : i + tall, j : j + wide]
    return found


def _window(x, c, i, j, size):
    return x[c, i * size : (i + 1) * size, j * size : (j + 1) * size]
