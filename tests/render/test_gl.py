"""Contexts, shaders and objects: what they say when something is wrong, what they keep."""

import os
import re
import subprocess
import sys

import numpy as np
import pytest

from engine.errors import MachineError
from viewer import resources
from viewer.gl import shaders
from viewer.gl.api import GL
from viewer.gl.objects import PIXELS, Framebuffer, Texture
from viewer.gl.program import Program
from viewer.gl.shaders import assemble
from viewer.resources import find

ALL = sorted(str(path.relative_to(find("shaders"))) for path in find("shaders").rglob("*.[vfg]*"))


def reader(files):
    return lambda name: files[name]


def test_includes_are_resolved_once_and_lines_are_numbered_by_file():
    files = {
        "a.frag": '#version 330 core\n#include "b.glsl"\n#include "c.glsl"\nvoid main() {}\n',
        "b.glsl": 'float b;\n#include "c.glsl"\n',
        "c.glsl": "float c;\n",
    }
    source = assemble("a.frag", defines=("FAST",), read=reader(files))
    assert source.files == ("a.frag", "b.glsl", "c.glsl")
    assert source.text.count("float c;") == 1
    lines = source.text.splitlines()
    assert lines[:2] == ["#version 330 core", "#define FAST 1"]
    assert lines[lines.index("float c;") - 1] == "#line 1 2"
    assert lines[lines.index("void main() {}") - 1] == "#line 4 0"


def test_hooks_are_filled_and_an_empty_one_is_an_error():
    files = {"a.frag": "#version 330 core\n#hook mode\n", "m.glsl": "int mode;\n"}
    assert "int mode;" in assemble("a.frag", [("mode", "m.glsl")], read=reader(files)).text
    with pytest.raises(MachineError, match=r"a\.frag:2: the hook mode has no file"):
        assemble("a.frag", read=reader(files))


@pytest.mark.parametrize(
    "log",
    ["0:12(5): error: x", "ERROR: 1:7: 'y' : undeclared", "1(7) : error C1503: undefined"],
)
def test_logs_of_all_drivers_name_the_file(log):
    source = shaders.Source("", ("main.frag", "lib/part.glsl"))
    told = source.explain(log)
    assert "shaders/main.frag:12" in told or "shaders/lib/part.glsl:7" in told


@pytest.mark.gl
def test_a_compile_error_names_file_and_line(context, monkeypatch):
    ship = shaders._read
    files = {
        "bad.frag": '#version 330 core\n#include "lib/bad.glsl"\nout vec4 c;\nvoid main() {}\n',
        "lib/bad.glsl": "\n\nfloat broken( { return 1.0; }\n",
    }
    monkeypatch.setattr(shaders, "_read", lambda name: files.get(name) or ship(name))
    before = context.live()
    with pytest.raises(MachineError, match=r"shaders/lib/bad\.glsl:3"):
        Program(context, "screen/triangle.vert", "bad.frag")
    assert context.live() == before


@pytest.mark.parametrize("name", ALL)
def test_every_shader_file_says_what_it_is(name):
    text = find(f"shaders/{name}").read_text()
    head = [line for line in text.splitlines()[:20] if line.startswith("//")]
    assert len(head) >= 2, "a header of a few lines"
    if name.endswith((".vert", ".frag")):
        assert text.startswith("#version 330 core\n")
        assert "CPU twin" in text and "Cost" in text
    else:
        assert "#version" not in text and "CPU twin" in text
    assert not re.search(r"uniform \w+ \w+\s*,", text), "one declaration a line"


def test_shaders_live_in_files_only():
    for room in ("viewer", "engine"):
        for path in find(room).rglob("*.py"):
            assert "gl_Position" not in path.read_text(encoding="utf-8"), path


def test_what_is_missing_is_said():
    with pytest.raises(MachineError, match=r"shaders/none\.frag: this part .* missing"):
        find("shaders/none.frag")


def test_files_are_found_inside_an_installed_package(tmp_path, monkeypatch):
    (tmp_path / "viewer" / "shaders" / "lib").mkdir(parents=True)
    (tmp_path / "viewer" / "shaders" / "lib" / "x.glsl").write_text("//")
    (tmp_path / "viewer" / "gl").mkdir()
    monkeypatch.setattr(resources, "_PACKAGE", tmp_path / "viewer")
    assert find("shaders/lib/x.glsl") == tmp_path / "viewer" / "shaders" / "lib" / "x.glsl"
    assert find("viewer/gl") == tmp_path / "viewer" / "gl"


@pytest.mark.gl
@pytest.mark.parametrize("internal_format", [key for key in PIXELS if key != GL.GL_R16UI])
def test_textures_hold_what_is_written(context, rng, internal_format):
    pixels, _, dtype = PIXELS[internal_format]
    channels = (4,) if pixels == GL.GL_RGBA else ()
    values = (rng.random((5, 7, *channels)) * (255 if dtype is np.uint8 else 1)).astype(dtype)
    target = Framebuffer(context, 7, 5, internal_format)
    target.texture.write(values)
    assert np.array_equal(target.read()[::-1], values)
    part = values[1:3, 2:5][::-1].copy()
    target.texture.write(part, at=(1, 2))
    values[1:3, 2:5] = part
    assert np.array_equal(target.read()[::-1], values)
    assert target.texture.nbytes == values.nbytes
    target.release()


@pytest.mark.gl
def test_texels_that_do_not_fit_are_refused(context):
    texture = Texture(context, (3, 4, 5), GL.GL_R16F)
    for array, at in ((np.zeros((3, 4, 6)), None), (np.zeros((1, 4, 5)), (3, 0, 0))):
        with pytest.raises(ValueError, match="do not fit"):
            texture.write(array, at)
    texture.release()
    texture.release()


@pytest.mark.gl
def test_capabilities(context):
    facts = context.capabilities
    assert facts.renderer and facts.version and facts.max_array_layers >= 256
    assert facts.max_texture_size >= 1024 and facts.max_3d_texture_size >= 256
    assert facts.is_software == ("llvmpipe" in facts.renderer or "softpipe" in facts.renderer)
    assert facts.as_json()["renderer"] == facts.renderer


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="EGL is Linux's")
def test_without_libegl_one_sentence_names_the_packages():
    script = (
        "import ctypes\n"
        "real = ctypes.CDLL.__init__\n"
        "def refuse(self, name, *rest, **more):\n"
        "    if name and 'EGL' in str(name): raise OSError('no such file')\n"
        "    real(self, name, *rest, **more)\n"
        "ctypes.CDLL.__init__ = refuse\n"
        "from engine.errors import MachineError\n"
        "try:\n"
        "    from viewer.gl.context import EglContext\n"
        "except MachineError as error:\n"
        "    print(error)\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", script],
        capture_output=True,
        text=True,
        check=True,
        cwd=find("viewer").parent,
        env={**os.environ, "PYTHONPATH": str(find("viewer").parent)},
    )
    assert "libEGL.so.1 is missing" in done.stdout and "apt-get install libegl1" in done.stdout


@pytest.mark.gl
def test_no_display_that_works_is_one_sentence(monkeypatch):
    from viewer.gl.context import EglContext
    from viewer.gl.egl import Egl

    monkeypatch.setattr(Egl, "initialize", lambda self, display: False)
    with pytest.raises(MachineError, match="cannot start without a screen .*apt-get install"):
        EglContext()


def test_bundled_fonts_have_their_licence_beside_them():
    fonts = find("viewer/gl/fonts")
    licence = (fonts / "OFL.txt").read_text()
    for font in fonts.glob("*.otf"):
        assert font.name in licence
    assert "SIL OPEN FONT LICENSE" in licence
