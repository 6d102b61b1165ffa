"""The batch that follows from measured times."""

import mmap
import time

import pytest

from engine.run import measure
from engine.run.measure import choose_batch, default_memory
from engine.run.opening import relative_difference


class Clock:
    """A network of `fixed` + n * `each` seconds, on a clock of its own."""

    def __init__(self, monkeypatch, fixed, each):
        self.now, self.fixed, self.each, self.ran = 0.0, fixed, each, []
        monkeypatch.setattr(time, "perf_counter", lambda: self.now)

    def run(self, count):
        self.now += self.fixed + count * self.each
        self.ran.append(count)


def test_a_tiny_network_gets_a_large_batch(monkeypatch):
    clock = Clock(monkeypatch, 50e-6, 30e-6)
    assert choose_batch(clock.run, 10_000, 100_000, 2_000_000, 1_000)[0] == measure.MOST


def test_a_batch_never_passes_what_fits_or_a_part_of_the_samples(monkeypatch):
    clock = Clock(monkeypatch, 50e-6, 30e-6)
    batch, _ = choose_batch(clock.run, 100, 100_000, 2_000_000, 1_000)
    assert batch == 64 and max(clock.ran) <= 100
    assert choose_batch(Clock(monkeypatch, 50e-6, 30e-6).run, 1000, 60, 2_000_000, 1_000)[0] == 8


def test_a_slow_network_gets_a_small_batch_and_is_not_measured_for_long(monkeypatch):
    clock = Clock(monkeypatch, 0.001, 0.043)
    batch, seconds = choose_batch(clock.run, 1000, 64, 4_100_000_000, 3_000_000)
    assert batch == 4 and clock.now < 1
    assert seconds[1] == pytest.approx(0.044)
    clock = Clock(monkeypatch, 0.001, 3.0)
    assert choose_batch(clock.run, 1000, 64, 300_000_000_000, 3_000_000)[0] == 1
    assert clock.ran == [1, 1]


@pytest.mark.parametrize("load", [0.6, 1.0, 1.7])
def test_the_choice_does_not_depend_on_what_else_the_machine_does(monkeypatch, load):
    clock = Clock(monkeypatch, 0.0001 * load, 0.002)
    assert choose_batch(clock.run, 1000, 10_000, 33_000_000, 2_000)[0] == 512


def test_a_batch_fits_the_cache_or_is_small(monkeypatch):
    clock = Clock(monkeypatch, 0.0001, 0.002)
    assert choose_batch(clock.run, 1000, 10_000, 33_000_000, 65_536)[0] == 32
    assert choose_batch(clock.run, 1000, 10_000, 33_000_000, 4_000_000)[0] == measure.FEW


def test_a_batch_that_is_far_slower_is_not_used(monkeypatch):
    clock = Clock(monkeypatch, 0.0, 0.001)
    plain = clock.run

    def run(count):
        plain(count if count <= 16 else 5 * count)

    assert choose_batch(run, 1000, 10_000, 100_000_000, 2_000)[0] == 16


def test_the_default_budget():
    assert default_memory(6_500_000_000) == 2_000_000_000
    assert default_memory(5_900_000_000) == 1_000_000_000
    assert default_memory(600_000_000_000) == 4_000_000_000
    assert default_memory(1) == 1_000_000_000


@pytest.mark.skipif(measure.peak() is None, reason="only Linux tells how much memory was used")
def test_peak_memory_is_seen():
    measure.forget_peak()
    before = measure.peak()
    with mmap.mmap(-1, 64 << 20) as fresh:  # pages of its own, whatever was freed before
        fresh.write(b"x" * len(fresh))
        assert measure.peak() >= before + len(fresh) // 2
    measure.forget_peak()
    assert measure.peak() < before + (32 << 20)
    assert measure.resident() > 1 << 20


def test_differences_are_relative_to_the_largest_value():
    inf, nan = float("inf"), float("nan")
    assert relative_difference([1.0, -10.0], [1.0, -10.5]) == 0.05
    assert relative_difference([0.0, 0.0], [0.0, 0.25]) == 0.25
    assert relative_difference([nan, inf, 2.0], [nan, inf, 2.0]) == 0
    assert relative_difference([nan, nan], [nan, nan]) == 0
    assert relative_difference([nan, 1.0], [1.0, 1.0]) == inf
    assert relative_difference([-inf], [inf]) == inf
