"""The rules of the house that tools check: style, imports one way, what kernels may use."""

import ast
import re
import subprocess
import sys
from pathlib import Path

import pytest

from tests.conftest import ROOT

BIN = Path(sys.executable).parent
PROGRAM = ("engine", "viewer")


@pytest.mark.parametrize(
    "command", ["ruff check", "ruff format --check", "lint-imports --no-cache"]
)
def test_tool(command):
    name, *words = command.split()
    done = subprocess.run([BIN / name, *words], cwd=ROOT, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr


def test_kernels_import_numpy_and_numba_only():
    allowed = sys.stdlib_module_names | {"numpy", "numba", "engine.kernels"}
    for path in (ROOT / "engine" / "kernels").glob("*.py"):
        for node in ast.walk(ast.parse(path.read_text())):
            names = []
            if isinstance(node, ast.Import):
                names = [alias.name for alias in node.names]
            elif isinstance(node, ast.ImportFrom):
                names = [node.module or ""]
            for name in names:
                assert any(name == a or name.startswith(a + ".") for a in allowed), (
                    path.name,
                    name,
                )


def test_every_file_has_one_job():
    long = {}
    for room in (*PROGRAM, "tests", "tools", "samples"):
        for path in (ROOT / room).rglob("*.py"):
            lines = len(path.read_text().splitlines())
            if lines > 600:
                long[str(path.relative_to(ROOT))] = lines
    assert not long, f"past 600 lines: {long}"


def test_doctor_and_set_up_name_the_same_packages():
    from viewer.doctor import DRAWING_LIBRARIES, WINDOW_LIBRARIES

    text = (ROOT / "tools" / "setup.sh").read_text()
    named = dict(re.findall(r"^ *echo (lib\S+\.so\.\d+) (\S+)$", text, re.MULTILINE))
    assert named == DRAWING_LIBRARIES | WINDOW_LIBRARIES
