"""The public API: every name is there, and importing it brings nothing heavy along."""

import subprocess
import sys

import pytest

import engine
import engine.run

HEAVY = ("numpy", "onnx", "onnxruntime", "numba", "h5py", "PIL", "sklearn", "scipy")


@pytest.mark.parametrize("name", engine.__all__)
def test_public_names_are_there(name):
    assert getattr(engine, name).__doc__


@pytest.mark.parametrize("name", engine.run.__all__)
def test_names_of_running_are_there(name):
    assert getattr(engine.run, name).__doc__


def test_unknown_names_are_refused():
    with pytest.raises(AttributeError, match="no attribute 'nothing'"):
        engine.nothing  # noqa: B018
    with pytest.raises(AttributeError, match="no attribute 'nothing'"):
        engine.run.nothing  # noqa: B018


def loaded(code):
    """Which heavy modules a fresh interpreter has loaded after some code."""
    code += f"; import sys; print(*[n for n in {HEAVY} if n in sys.modules])"
    answer = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True
    )
    return answer.stdout.split()


def test_importing_the_engine_loads_nothing_heavy():
    assert loaded("import engine") == []


def test_the_parent_never_loads_onnx_runtime(tmp_path):
    from tests.engine.run import models

    path = models.convolutions(tmp_path / "m.onnx")
    code = (
        f"import engine; n = engine.open_network({path!r});"
        "r = engine.Runner(n.path); r.probe(); r.close(); engine.extract"
    )
    assert "onnxruntime" not in loaded(code) and "numba" not in loaded(code)
