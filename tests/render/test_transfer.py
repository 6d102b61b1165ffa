"""The table of colours and densities."""

import numpy as np
import pytest

from viewer.gl.theme import DARK, LIGHT, rgb
from viewer.visuals import transfer as colouring
from viewer.visuals.transfer import FIRST, STEPS, Transfer, index_from_value, lightness, table


@pytest.mark.parametrize("theme", [DARK, LIGHT])
def test_the_quiet_end_is_the_background_and_density_is_zero_there(theme):
    rows = table(Transfer(theme=theme))
    background = np.array(rgb(theme.view))
    assert np.abs(rows[colouring.UNSIGNED, FIRST + 1, :3] - background).max() < 0.02
    middle = rows[colouring.SIGNED, FIRST + STEPS // 2]
    assert np.abs(middle[:3] - background).max() < 0.02 and middle[3] < 1e-4
    assert rows[colouring.UNSIGNED, FIRST + 1, 3] < 1e-6
    assert rows[colouring.UNSIGNED, FIRST + STEPS - 2, 3] > 0.99
    assert rows[colouring.SIGNED, FIRST + 1, 3] > 0.99


@pytest.mark.parametrize("theme", [DARK, LIGHT])
def test_lightness_changes_one_way(theme):
    """From the quiet end on, values never look smaller when they are larger."""
    for row, signed in ((colouring.UNSIGNED, False), (colouring.SIGNED, True)):
        shown = table(Transfer(theme=theme))[row, FIRST : FIRST + STEPS, :3].astype(float)
        light = lightness(shown)
        distance = np.abs(light - light[STEPS // 2 if signed else 0])
        halves = [distance[STEPS // 2 :], distance[: STEPS // 2][::-1]] if signed else [distance]
        for half in halves:
            # Even: every sixteenth of the way is a sixteenth of the lightness, within a fifth.
            steps = np.diff(half[:: len(half) // 16])
            assert steps.min() > 0
            assert np.abs(steps[4:] / (half[-1] / 16) - 1).max() < 0.2
        assert np.ptp([half[-1] for half in halves]) < 1.5 and halves[0][-1] > 50


def test_lightness():
    assert np.allclose(lightness([[0, 0, 0], [1, 1, 1]]), [0, 100])
    assert np.isclose(lightness([0.4663, 0.4663, 0.4663]), 50, atol=0.1)


def test_no_colour_map_holds_the_colours_of_special_values():
    for theme in (DARK, LIGHT):
        rows = table(Transfer(theme=theme))
        maps = rows[:2, FIRST : FIRST + STEPS, :3].reshape(-1, 3)
        for entry in (colouring.NAN, colouring.INFINITE, colouring.NEGATIVE_INFINITE):
            apart = np.sqrt(((maps - rows[0, entry, :3]) ** 2).sum(1)).min()
            assert apart > 0.18, (theme.name, entry)


@pytest.mark.parametrize("low, high, signed", [(0, 1, False), (0, 37.5, False), (-4, 4, True)])
def test_the_ends_of_a_range_are_not_clipped_by_half_precision(low, high, signed):
    factor, offset = index_from_value(low, high, signed)
    for value in (low, high):
        for rounded in (value * (1 - 2.0**-11), value * (1 + 2.0**-11)):
            assert FIRST <= int(rounded * factor + offset) < FIRST + STEPS
    assert int(high * 1.01 * factor + offset) > STEPS
    assert np.isclose((low + high) / 2 * factor + offset, FIRST + STEPS / 2)


def test_an_empty_range_shows_nothing():
    factor, offset = index_from_value(0.0, 0.0, False)
    assert np.isfinite(factor) and int(offset) == FIRST + 1


def test_opaque_rows_differ_in_density_only():
    rows = table(Transfer())
    assert np.array_equal(rows[2:, :, :3], rows[:2, :, :3])
    assert (rows[2:, :, 3] == 1).all()


def test_threshold_and_gamma():
    place = np.linspace(0, 1, 101)
    cut = colouring.density(place, False, Transfer(threshold=0.5, gamma=1.0))
    assert (cut[:50] == 0).all() and np.allclose(cut[50:], place[50:])
    assert np.allclose(colouring.density(place, True, Transfer(gamma=2)), (2 * place - 1) ** 2)
