"""Contexts as drawing code sees them: what the driver can do, and every object that lives there.

`Context` stands for whichever OpenGL context its host made current: the window makes one in
``initializeGL`` and calls `Context.release` before the context goes (or `Context.lost` when it
has gone already). `EglContext` makes its own, without a screen: on a hardware device where
there is one, else by Mesa in software. What draws asks its context for objects, never keeps one
across contexts, and makes them again from its own data when it meets a new context.
"""

import ctypes
from collections import Counter

from engine.errors import MachineError
from viewer.gl.api import GL, REMEDY
from viewer.gl.capabilities import read_capabilities
from viewer.gl.egl import PLATFORM_DEVICE, PLATFORM_SURFACELESS, Egl

_TOO_OLD = "OpenGL 3.3 core is needed"


class Context:
    """The OpenGL context that is current while this is made, and the objects made in it.

    Attributes
    ----------
    capabilities : Capabilities
    alive : bool
        False after `release` or `lost`.
    """

    def __init__(self):
        self.capabilities = read_capabilities()
        version = (GL.glGetIntegerv(GL.GL_MAJOR_VERSION), GL.glGetIntegerv(GL.GL_MINOR_VERSION))
        if tuple(int(part) for part in version) < (3, 3):
            raise MachineError(_TOO_OLD, got=self.capabilities.version, remedy="update the driver")
        self.alive = True
        self._objects = {}
        self._programs = {}
        self._shared = {}

    def keep(self, owned):
        """Count an object (`viewer.gl.objects`) as living here until it is released."""
        self._objects[id(owned)] = owned

    def drop(self, owned):
        """Stop counting an object."""
        self._objects.pop(id(owned), None)

    def live(self):
        """Counter of living objects by kind: ``{'Texture': 12, 'Program': 3}``."""
        return Counter(type(owned).__name__ for owned in self._objects.values())

    def program(self, vertex, fragment, hooks=(), defines=()):
        """The program made of two shader files, compiled once in a context.

        Parameters
        ----------
        vertex, fragment : str
            Names under ``shaders/``.
        hooks : iterable of (str, str)
            (hook name, file) pairs; see `viewer.gl.shaders.assemble`.
        defines : iterable of str
            Names defined as 1.
        """
        from viewer.gl.program import Program

        key = (vertex, fragment, tuple(sorted(hooks)), tuple(sorted(defines)))
        if key not in self._programs:
            self._programs[key] = Program(self, *key)
        return self._programs[key]

    def shared(self, key, make):
        """An object shared by all that draws here (an atlas, say), made at first use.

        Parameters
        ----------
        key : hashable
        make : callable(Context)
            Makes the object; it is dropped with the context.
        """
        if key not in self._shared:
            self._shared[key] = make(self)
        return self._shared[key]

    def release(self):
        """Delete every object; the context must be current. Harmless when repeated."""
        for owned in list(self._objects.values()):
            owned.release()
        self._forget()

    def lost(self):
        """The context has gone, and its objects with it: forget them without a GL call."""
        for owned in self._objects.values():
            owned.forget()
        self._forget()

    def _forget(self):
        self._objects.clear()
        self._programs.clear()
        self._shared.clear()
        self.alive = False


class EglContext(Context):
    """An OpenGL 3.3 core context without a window, current in the calling thread when made.

    Parameters
    ----------
    software : bool
        Take the processor even where there is a graphics card (pictures to compare).

    Raises
    ------
    MachineError
        When libEGL is missing, or no display gives such a context; the sentence names the
        Debian packages.
    """

    def __init__(self, *, software=False):
        self._egl = Egl()
        self._display, self._handle, self._surface, self.device = self._start(software)
        super().__init__()

    def _start(self, software):
        tried = []
        for name, display in self._displays(software):
            if not self._egl.initialize(display):
                tried.append(f"{name}: does not start")
                continue
            made = self._egl.create(display)
            if made is not None:
                return display, *made, name
            tried.append(f"{name}: no OpenGL 3.3 core")
        details = "; ".join(tried) or "no EGL display"
        raise MachineError(f"OpenGL cannot start without a screen ({details})", remedy=REMEDY)

    def _displays(self, software):
        egl = self._egl
        devices = egl.devices()
        for index, (handle, is_software) in enumerate(devices):
            if not is_software and not software:
                yield f"device {index}", egl.platform_display(PLATFORM_DEVICE, handle)
        if "EGL_MESA_platform_surfaceless" in egl.client_extensions():
            yield "surfaceless Mesa", egl.platform_display(PLATFORM_SURFACELESS, None)
        for index, (handle, is_software) in enumerate(devices):
            if is_software:
                yield f"software device {index}", egl.platform_display(PLATFORM_DEVICE, handle)
        if not software:
            yield "default display", egl.eglGetDisplay(ctypes.c_void_p(0))

    def make_current(self):
        """Make it current in the calling thread."""
        egl = self._egl
        if not egl.eglMakeCurrent(self._display, self._surface, self._surface, self._handle):
            raise MachineError(f"the OpenGL context was lost (EGL 0x{egl.eglGetError():x})")

    def close(self):
        """Delete every object and end the context. Harmless when repeated."""
        if self._handle is None:
            return
        self.make_current()
        self.release()
        egl = self._egl
        egl.eglMakeCurrent(self._display, None, None, None)
        if self._surface is not None:
            egl.eglDestroySurface(self._display, self._surface)
        egl.eglDestroyContext(self._display, self._handle)
        self._handle = None

    def __enter__(self):
        self.make_current()
        return self

    def __exit__(self, *_):
        self.close()
