"""Pictures get finer at rest, and never slower than the window can bear."""

from viewer.views.stack.refining import BUDGET_MS, LEVELS, Refiner, badge, cost


def walk(refiner, full_ms, start):
    """Levels drawn at rest from a coarse one, when the full picture takes ``full_ms``."""
    drawn, level = [], start
    refiner.took(level, full_ms * cost(level))
    while (following := refiner.next_level(level)) is not None:
        level = following
        refiner.took(level, full_ms * cost(level))
        drawn.append(level)
        assert len(drawn) < 20
    return drawn


def test_a_graphics_card_draws_the_full_picture_at_once():
    assert walk(Refiner(False), 5000.0, 3) == [0]


def test_a_small_stack_is_drawn_in_full():
    assert walk(Refiner(True), 300.0, 3) == [0]


def test_a_large_stack_stops_where_the_next_step_is_too_slow():
    drawn = walk(Refiner(True), 6000.0, 5)
    assert drawn[-1] > 0
    assert all(6000.0 * cost(level) <= BUDGET_MS for level in drawn)
    assert 6000.0 * cost(drawn[-1] - 1) > BUDGET_MS
    assert "resolution" in badge(drawn[-1])


def test_a_first_picture_that_compiled_shaders_does_not_decide():
    refiner = Refiner(True)
    refiner.took(3, 4000.0)
    assert refiner.next_level(3) == 3
    refiner.took(3, 10.0)
    assert refiner.next_level(3) == 0


def test_what_was_measured_counts_for_the_same_boxes_only():
    refiner = Refiner(True)
    refiner.took(3, 10000.0)
    refiner.took(3, 10000.0)
    assert refiner.next_level(3) is None
    refiner.forget()
    assert refiner.next_level(3) == 3


def test_coarser_levels_cost_less_and_sample_the_middles_of_voxels():
    costs = [cost(level) for level in range(len(LEVELS))]
    assert costs == sorted(costs, reverse=True)
    assert costs[0] == 1.0
    assert all(level.step % 2 == 1 for level in LEVELS)


def test_the_full_picture_has_no_badge():
    assert badge(0) == ""
    assert all(badge(level) for level in range(1, len(LEVELS)))
