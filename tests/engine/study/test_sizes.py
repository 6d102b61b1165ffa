"""Bytes of a study and the default choice of what is kept."""

from dataclasses import replace

import pytest

from engine.study.sizes import MOST, LayerPlan, choose, total_bytes

BIG = LayerPlan("big", "post", 64, (224, 224))
SMALL = LayerPlan("small", "post", 512, (7, 7))
UNITS = LayerPlan("fc", "post", 1000, ())


@pytest.mark.parametrize(
    "plan, shape, size",
    [
        (BIG, (64, 224, 224), 64 * (16 + 224 * 224 * 2)),
        (replace(BIG, dtype="float32"), (64, 224, 224), 64 * (16 + 224 * 224 * 4)),
        (replace(BIG, policy="pooled"), (), 64 * 16),
        (replace(BIG, policy="pooled", quantiles=32), (), 64 * (16 + 128)),
        (replace(BIG, policy="sampled"), (64, 16), 64 * (16 + 32) + 64),
        (replace(SMALL, policy="sampled", sampled=100), (512, 49), 512 * (16 + 98) + 196),
        (UNITS, (1000,), 1000 * (4 + 2)),
        (replace(UNITS, policy="sampled"), (1000,), 1000 * (4 + 2)),
    ],
)
def test_bytes_and_shape(plan, shape, size):
    assert plan.shape == shape and plan.bytes_a_sample == size
    assert LayerPlan.from_json(plan.as_json()) == plan


def test_small_studies_are_kept_in_full():
    assert {p.policy for p in choose([BIG, SMALL, UNITS], 10, 1 << 40)} == {"full"}


def test_large_layers_are_sampled_first():
    big, small, units = choose([BIG, SMALL, UNITS], 10_000, 1 << 40)
    assert (big.policy, small.policy, units.policy) == ("sampled", "full", "full")
    assert total_bytes([big, small, units], 10_000) <= MOST


def test_a_tenth_of_the_disk_is_the_limit():
    full = total_bytes([BIG, SMALL, UNITS], 10)
    assert choose([BIG, SMALL, UNITS], 10, 10 * full)[0].policy == "full"
    assert choose([BIG, SMALL, UNITS], 10, 10 * full - 10)[0].policy == "sampled"


def test_maps_without_more_positions_are_kept_in_full():
    tiny = LayerPlan("tiny", "post", 8, (4, 4))
    assert [p.policy for p in choose([tiny, UNITS], 1 << 40, 0)] == ["full", "full"]
