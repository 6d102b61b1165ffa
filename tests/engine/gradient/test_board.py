"""The page about gradients, from made-up results."""

from engine.attribution import METHODS
from tools.board_gradients import missed, put, section


def proof(holds=True, difference=3e-8, correlation=1 - 2e-13, words="all outputs"):
    return {"holds": holds, "difference": difference, "correlation": correlation, "words": words}


def methods(**words):
    found = {name: [True, ""] for name in METHODS}
    return {"target": "class:0", "methods": found | words}


ROWS = [
    ("a.onnx", proof(), methods()),
    (
        "b.onnx",
        proof(False, 0.1),
        methods(lrp=[True, "zero everywhere"], guided=[False, "no|pipe"]),
    ),
    ("c.onnx", proof(None, None, None, "it is too old"), {"refused": "it is too old"}),
    ("d.onnx", {"failed": "not done after 1 s"}, {"failed": "not done after 1 s"}),
]
LIGHT = [("light_net", proof())]


def test_a_page_has_a_line_for_each_network_and_every_reason_once():
    lines = section(ROWS, LIGHT).splitlines()
    assert any(
        line.startswith("Gradients are those of finite differences in 2 of 3") for line in lines
    )
    assert any("1 of 4 networks are explained by every method" in line for line in lines)
    line = next(line for line in lines if line.startswith("| b.onnx"))
    assert "| 1e-01 MISSED |" in line and "| yes 2 |" in line and "| 1 |" in line
    assert [line for line in lines if line.startswith("1. ")] == ["1. no\\|pipe"]
    assert sum("it is too old" in line for line in lines) == 1
    assert any(line.startswith("| light_net | 3e-08 | 2e-13 |") for line in lines)
    widths = {
        line.count("|") - line.count("\\|")
        for line in lines
        if line.startswith("| a") or "---" in line
    }
    assert widths == {5 + len(METHODS), 5}


def test_misses_are_told():
    assert missed(ROWS, LIGHT) == ["b.onnx", "d.onnx"]


def test_the_part_is_put_in_place_of_the_former_one():
    page = put("\n## Gradients\n\nold\n", "# Title\n\ntext\n")
    assert put("\n## Gradients\n\nnew\n", page) == "# Title\n\ntext\n\n## Gradients\n\nnew\n"
