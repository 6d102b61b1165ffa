"""What all tests share: a home of their own, repeatable examples, the models and data beside us."""

import os
import tempfile
from pathlib import Path

import pytest
from hypothesis import settings

from engine.errors import MachineError

ROOT = Path(__file__).resolve().parent.parent
SHARED = Path(os.environ.get("LAMELLA_SHARED", ROOT.parent / "shared"))

# Nothing that a test starts, child processes included, may touch the person's caches and settings.
_HOME = tempfile.TemporaryDirectory(prefix="lamella-tests-")
for _variable in ("XDG_CACHE_HOME", "XDG_CONFIG_HOME", "XDG_DATA_HOME", "XDG_STATE_HOME"):
    os.environ[_variable] = str(Path(_HOME.name) / _variable.lower())
os.environ.pop("LAMELLA_DEBUG", None)
if not os.environ.get("DISPLAY"):
    os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")

settings.register_profile("lamella", deadline=None, derandomize=True, database=None)
settings.load_profile("lamella")


def pytest_collection_modifyitems(items):
    """Windows share one screen, so one process tests them; without a screen they are skipped."""
    for item in items:
        if not item.get_closest_marker("gui"):
            continue
        item.add_marker(pytest.mark.xdist_group("gui"))
        if not os.environ.get("DISPLAY"):
            item.add_marker(pytest.mark.skip(reason="there is no display: start with ./test"))


def pytest_make_parametrize_id(val, argname):
    """Name bytes by their number: what they are may differ from one process to the next."""
    return f"{len(val)}_bytes" if isinstance(val, bytes) else None


def _shared(name):
    folder = SHARED / name
    if not folder.is_dir():
        pytest.skip(f"{folder} is absent")
    return folder


@pytest.fixture(scope="session")
def shared_models():
    """Folder of real networks beside the repository, or a skip that says it is absent."""
    return _shared("models")


@pytest.fixture(scope="session")
def shared_data():
    """Folder of real images beside the repository, or a skip that says it is absent."""
    return _shared("data")


@pytest.fixture(scope="session")
def _egl():
    """One OpenGL context without a screen for all drawing tests of a process."""
    from viewer.gl.context import EglContext

    try:
        context = EglContext()
    except MachineError as error:
        pytest.skip(str(error))
    yield context
    context.close()
