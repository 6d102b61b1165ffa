"""The one place that imports PyOpenGL, so that its switches are set before its first import.

Function pointers are taken through EGL on Linux, whatever made the context: libglvnd dispatches
every call to the driver of the context that is current, GLX or EGL. The checks after each call,
which cost more than the calls, are on only with ``LAMELLA_GL_DEBUG=1``.
"""

import ctypes
import ctypes.util
import os
import sys

from engine.errors import MachineError

PACKAGES = "libegl1 libgl1 libgl1-mesa-dri"
REMEDY = f"on Debian and Ubuntu: apt-get install {PACKAGES}"


def _prepare():
    if sys.platform.startswith("linux"):
        os.environ.setdefault("PYOPENGL_PLATFORM", "egl")
        if os.environ["PYOPENGL_PLATFORM"] == "egl":
            require_libegl()
    import OpenGL

    debug = os.environ.get("LAMELLA_GL_DEBUG") == "1"
    OpenGL.ERROR_CHECKING = debug
    OpenGL.ERROR_LOGGING = False
    OpenGL.CONTEXT_CHECKING = False


def require_libegl():
    """libEGL as a `ctypes.CDLL`; raises `MachineError` saying what installs it."""
    for name in ("libEGL.so.1", "libEGL.so"):
        try:
            return ctypes.CDLL(name, mode=ctypes.RTLD_GLOBAL)
        except OSError:
            continue
    raise MachineError("OpenGL cannot start: libEGL.so.1 is missing", remedy=REMEDY)


_prepare()

try:
    from OpenGL import GL

    # PyOpenGL's own wrapper keeps a table by the current context of its platform, which it
    # does not find when the window's context is GLX: the function itself is called instead.
    from OpenGL.raw.GL.VERSION.GL_2_0 import glVertexAttribPointer
except (ImportError, AttributeError, OSError) as error:
    raise MachineError(f"OpenGL cannot start ({error})", remedy=REMEDY) from error

__all__ = ["GL", "PACKAGES", "REMEDY", "glVertexAttribPointer", "require_libegl"]
