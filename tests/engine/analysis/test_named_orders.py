"""Named orders in a study: written whole, read checked; damage is told."""

import pytest

from engine.analysis.named_orders import (
    NamedOrder,
    change_named_orders,
    order_as_json,
    order_from_json,
    read_named_orders,
)
from engine.errors import InputError

MINE = NamedOrder("conv1", (2, 0, 1), (0, 2), "PCA of 3 maps")


def test_what_is_written_is_read_again_and_others_stay(tmp_path):
    assert read_named_orders(tmp_path) == {}
    change_named_orders(tmp_path, {"mine": MINE})
    change_named_orders(tmp_path, {"other": NamedOrder("fc", (0,))})
    assert read_named_orders(tmp_path) == {"mine": MINE, "other": NamedOrder("fc", (0,))}
    change_named_orders(tmp_path, {"mine": None})
    assert list(read_named_orders(tmp_path)) == ["other"]


def test_plain_values_and_back():
    assert order_from_json(order_as_json(MINE)) == MINE
    assert order_from_json({"layer": "a", "channels": [0]}) == NamedOrder("a", (0,))


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("{", "damaged"),
        ("[]", "no named orders"),
        ('{"format": "lamella-selections"}', "no named orders"),
        ('{"format": "lamella-orders", "version": 9}', "newer"),
        ('{"format": "lamella-orders", "version": 1}', "damaged"),
        (
            '{"format": "lamella-orders", "version": 1, '
            '"orders": {"a": {"layer": "x", "channels": [1]}}}',
            "damaged",
        ),
    ],
)
def test_a_damaged_file_is_told(tmp_path, text, said):
    (tmp_path / "orders.json").write_text(text)
    with pytest.raises(InputError, match=said):
        read_named_orders(tmp_path)


def test_an_open_study_has_them(tmp_path):
    from types import SimpleNamespace

    from engine.study.reader import Study

    change_named_orders(tmp_path, {"mine": MINE})
    assert Study.orders.fget(SimpleNamespace(path=tmp_path)) == {"mine": MINE}
