"""EGL without a screen, by ctypes: the dozen functions that make a context and no more.

PyOpenGL's own EGL module cannot be imported with its error checks off (3.1.10), and it lacks
the device queries; the functions are few and their types simple.
Source: EGL 1.5, EGL_EXT_device_enumeration, EGL_EXT_platform_device, EGL_MESA_platform_surfaceless.
"""

import ctypes
from ctypes import POINTER, byref, c_char_p, c_int32, c_uint32, c_void_p

from viewer.gl.api import require_libegl

OPENGL_API = 0x30A2
PLATFORM_DEVICE = 0x313F
PLATFORM_SURFACELESS = 0x31DD
_EXTENSIONS = 0x3055
_CONFIG = (0x3033, 0x0001, 0x3040, 0x0008, 0x3024, 8, 0x3023, 8, 0x3022, 8, 0x3038)
_NO_SURFACE_CONFIG = (0x3033, 0x0000, 0x3040, 0x0008, 0x3038)
_CORE_33 = (0x3098, 3, 0x30FB, 3, 0x30FD, 0x0001, 0x3038)
_PBUFFER = (0x3057, 16, 0x3056, 16, 0x3038)


def _int32s(values):
    return (c_int32 * len(values))(*values)


class Egl:
    """libEGL's functions with their types; raises `MachineError` when the library is missing."""

    def __init__(self):
        self.library = require_libegl()
        for name, result, arguments in (
            ("eglGetProcAddress", c_void_p, (c_char_p,)),
            ("eglQueryString", c_char_p, (c_void_p, c_int32)),
            ("eglGetDisplay", c_void_p, (c_void_p,)),
            ("eglInitialize", c_uint32, (c_void_p, POINTER(c_int32), POINTER(c_int32))),
            ("eglBindAPI", c_uint32, (c_uint32,)),
            (
                "eglChooseConfig",
                c_uint32,
                (c_void_p, POINTER(c_int32), POINTER(c_void_p), c_int32, POINTER(c_int32)),
            ),
            ("eglCreateContext", c_void_p, (c_void_p, c_void_p, c_void_p, POINTER(c_int32))),
            ("eglCreatePbufferSurface", c_void_p, (c_void_p, c_void_p, POINTER(c_int32))),
            ("eglMakeCurrent", c_uint32, (c_void_p, c_void_p, c_void_p, c_void_p)),
            ("eglGetCurrentContext", c_void_p, ()),
            ("eglDestroyContext", c_uint32, (c_void_p, c_void_p)),
            ("eglDestroySurface", c_uint32, (c_void_p, c_void_p)),
            ("eglGetError", c_int32, ()),
        ):
            function = getattr(self.library, name)
            function.restype, function.argtypes = result, arguments
            setattr(self, name, function)

    def _extension(self, name, result, *arguments):
        address = self.eglGetProcAddress(name.encode())
        return ctypes.CFUNCTYPE(result, *arguments)(address) if address else None

    def client_extensions(self):
        """Extensions that need no display; set of str."""
        return set((self.eglQueryString(None, _EXTENSIONS) or b"").decode().split())

    def devices(self):
        """Devices as (handle, is_software), hardware first."""
        query = self._extension(
            "eglQueryDevicesEXT", c_uint32, c_int32, POINTER(c_void_p), POINTER(c_int32)
        )
        describe = self._extension("eglQueryDeviceStringEXT", c_char_p, c_void_p, c_int32)
        count = c_int32()
        if query is None or describe is None or not query(0, None, byref(count)):
            return []
        handles = (c_void_p * max(1, count.value))()
        query(count.value, handles, byref(count))
        found = []
        for handle in handles[: count.value]:
            names = (describe(handle, _EXTENSIONS) or b"").decode()
            found.append((handle, "software" in names))
        return sorted(found, key=lambda device: device[1])

    def platform_display(self, platform, native):
        """A display of a platform, or None."""
        get = self._extension(
            "eglGetPlatformDisplayEXT", c_void_p, c_uint32, c_void_p, POINTER(c_int32)
        )
        return get(platform, native, None) if get else None

    def initialize(self, display):
        """Whether a display starts; EGL counts nothing, so it is never terminated."""
        major, minor = c_int32(), c_int32()
        return bool(display) and bool(self.eglInitialize(display, byref(major), byref(minor)))

    def create(self, display):
        """A core 3.3 context and a small surface (None where none is needed) on a display.

        Returns
        -------
        tuple or None
            (context, surface), or None when the display has no such context.
        """
        if not self.eglBindAPI(OPENGL_API):
            return None
        for attributes, wants_surface in ((_CONFIG, True), (_NO_SURFACE_CONFIG, False)):
            config, count = (c_void_p * 1)(), c_int32()
            wish = _int32s(attributes)
            if not self.eglChooseConfig(display, wish, config, 1, byref(count)) or not count.value:
                continue
            context = self.eglCreateContext(display, config[0], None, _int32s(_CORE_33))
            if not context:
                continue
            surface = None
            if wants_surface:
                surface = self.eglCreatePbufferSurface(display, config[0], _int32s(_PBUFFER))
            if self.eglMakeCurrent(display, surface, surface, context):
                return context, surface
            self.eglDestroyContext(display, context)
        return None
