"""Embedding points from plain values, for tests of what is drawn of them."""

import numpy as np

from engine.embedding.columns import Columns, scales
from engine.embedding.points import Points
from engine.kernels.quantising import FINITE, NOT_FINITE


def columns_of(values, layer="conv1"):
    """`Columns` of float[C, P] values, quantised the slow way."""
    values = np.asarray(values, float)
    finite = np.isfinite(values)
    low = np.where(finite, values, np.inf).min(1, initial=np.inf)
    high = np.where(finite, values, -np.inf).max(1, initial=-np.inf)
    start, step, zero = scales(low, high)
    safe = np.where(step > 0, step, 1.0)
    with np.errstate(invalid="ignore"):
        codes = np.rint((values - start[:, None]) / safe[:, None])
    codes = np.where(finite, np.clip(codes, 0, FINITE - 1), NOT_FINITE).astype(np.uint16)
    at_zero = values == 0
    codes = np.where(at_zero & (zero >= 0)[:, None], zero[:, None], codes).astype(np.uint16)
    return Columns(
        layer, "post", codes, (codes >> 8).astype(np.uint8), start, step, zero,
        (~finite).sum(1), at_zero.sum(1),
    )  # fmt: skip


def points_of(values, sample=None, place=None, positions=(), layer="conv1", kind="full"):
    """`Points` of float[C, P] values; by default each point is a sample of its own."""
    columns = columns_of(values, layer)
    sample = np.arange(columns.count) if sample is None else np.asarray(sample)
    place = np.zeros(columns.count) if place is None else np.asarray(place)
    return Points(
        columns, sample.astype(np.int32), sample.astype(np.int32), place.astype(np.int32),
        tuple(positions), kind, "key", f"{columns.count} points",
    )  # fmt: skip
