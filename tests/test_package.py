"""The installed program: the wheel carries everything, and `lamella` works from any folder."""

import json
import os
import subprocess
import sys
import sysconfig
import venv
import zipfile

import pytest

from tests.conftest import ROOT

CARRIED = ("shaders", "samples")


@pytest.fixture(scope="module")
def wheel(tmp_path_factory):
    folder = tmp_path_factory.mktemp("wheel")
    command = [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(folder)]
    subprocess.run(command, cwd=ROOT, check=True, capture_output=True)
    (path,) = folder.glob("*.whl")
    return path


def _files(folder):
    ignored = {"__pycache__"}
    for path in (ROOT / folder).rglob("*"):
        if path.is_file() and not ignored & set(path.parts) and path.suffix != ".pyc":
            yield path.relative_to(ROOT).as_posix()


def test_wheel_carries_every_shader_and_sample(wheel):
    inside = set(zipfile.ZipFile(wheel).namelist())
    wanted = {f"viewer/{name}" for folder in CARRIED for name in _files(folder)}
    assert any(name.endswith(".frag") for name in wanted)
    assert any(name.endswith(".onnx") for name in wanted)
    assert wanted <= inside
    assert not [name for name in inside if name.startswith(("tests/", "tools/", *CARRIED))]


def test_installed_program_works_from_any_folder(wheel, tmp_path):
    home = tmp_path / "environment"
    venv.create(home, with_pip=False)
    python = home / "bin" / "python"
    (site,) = home.glob("lib/python*/site-packages")
    subprocess.run(
        [sys.executable, "-m", "pip", "--python", str(python), "install", "--no-deps", str(wheel)],
        check=True,
        capture_output=True,
    )
    # what it stands on is taken from this environment, without its own copy of the program
    (site / "dependencies.pth").write_text(sysconfig.get_paths()["purelib"] + "\n")
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    environment = {k: v for k, v in os.environ.items() if k not in ("PYTHONPATH", "VIRTUAL_ENV")}

    def lamella(*words):
        done = subprocess.run(
            [home / "bin" / "lamella", *words],
            cwd=elsewhere,
            env=environment,
            capture_output=True,
            text=True,
        )
        assert done.returncode == 0, done.stderr
        return done.stdout

    assert lamella("--version").startswith("lamella ")
    document = json.loads(lamella("info", "sample:digits", "--json"))
    assert document["layers"]
    where = "import viewer.resources as r; print(r.__file__); print(r.find('shaders'))"
    done = subprocess.run([python, "-c", where], cwd=elsewhere, capture_output=True, text=True)
    assert all(str(home) in line for line in done.stdout.splitlines()), done
