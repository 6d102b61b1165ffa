"""The quality controller: coarser only while moving, by measured times."""

from viewer.visuals.quality import FULL, LEVELS, QualityController


def test_at_rest_everything_is_full():
    control = QualityController(level=4)
    assert control.quality(moving=False) is FULL and control.quality(moving=True) is LEVELS[4]
    assert FULL.is_full and not any(level.is_full for level in LEVELS[1:])


def test_slow_frames_make_it_coarser_until_they_are_quick_enough():
    control = QualityController(target_ms=33, level=0)
    cost = [200 * level.scale**2 / level.step for level in LEVELS]
    for _ in range(100):
        control.frame_took(cost[control.level])
    settled = control.level
    assert cost[settled] <= 33 * 1.25 < cost[settled - 1]
    for _ in range(100):
        control.frame_took(cost[control.level])
    assert control.level == settled


def test_quick_frames_make_it_finer_again():
    control = QualityController(target_ms=33, level=len(LEVELS) - 1)
    for _ in range(100):
        control.frame_took(2)
    assert control.level == 0


def test_one_slow_frame_changes_nothing():
    control = QualityController(target_ms=33, level=1)
    for number in range(60):
        control.frame_took(500 if number % 6 == 3 else 25)
    assert control.level == 1


def test_never_leaves_its_levels():
    control = QualityController(level=0)
    for _ in range(200):
        control.frame_took(1e6)
    assert control.level == len(LEVELS) - 1


def test_software_starts_coarse():
    assert QualityController.for_renderer(True).level > QualityController.for_renderer(False).level
