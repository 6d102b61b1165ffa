"""Programs: two shaders linked, and their uniforms set by name."""

import numpy as np

from engine.errors import MachineError
from viewer.gl.api import GL
from viewer.gl.objects import Owned
from viewer.gl.shaders import assemble


class Program(Owned):
    """A linked program; made through `Context.program`, which keeps one of each kind."""

    def __init__(self, context, vertex, fragment, hooks=(), defines=()):
        super().__init__(context, GL.glCreateProgram())
        self._locations, self._values = {}, {}
        shaders = [
            self._compile(GL.GL_VERTEX_SHADER, assemble(vertex, hooks, defines)),
            self._compile(GL.GL_FRAGMENT_SHADER, assemble(fragment, hooks, defines)),
        ]
        for shader in shaders:
            GL.glAttachShader(self.name, shader)
        GL.glLinkProgram(self.name)
        for shader in shaders:
            GL.glDetachShader(self.name, shader)
            GL.glDeleteShader(shader)
        if not GL.glGetProgramiv(self.name, GL.GL_LINK_STATUS):
            log = _text(GL.glGetProgramInfoLog(self.name))
            self.release()
            raise MachineError(f"the shaders do not link: {log}", where=f"{vertex} + {fragment}")

    def _compile(self, kind, source):
        shader = GL.glCreateShader(kind)
        GL.glShaderSource(shader, source.text)
        GL.glCompileShader(shader)
        if not GL.glGetShaderiv(shader, GL.GL_COMPILE_STATUS):
            log = source.explain(_text(GL.glGetShaderInfoLog(shader)))
            GL.glDeleteShader(shader)
            self.release()
            raise MachineError(
                f"the graphics driver refuses this shader: {log}",
                where=f"shaders/{source.files[0]}",
                remedy="update the graphics driver, or report this line",
            )
        return shader

    def _delete(self, name):
        GL.glDeleteProgram(name)

    def use(self):
        """Draw with it from now on."""
        GL.glUseProgram(self.name)

    def set(self, **uniforms):
        """Set uniforms of the program in use; names without the ``u_``.

        int and bool, float, vectors of 2 to 4 floats, float[4, 4] matrices (row-major as in
        NumPy). A name that the shader does not use is passed over; a value that is set already is
        not set again (the same number or tuple; the same array object, which must not be changed).
        """
        values = self._values
        for name, value in uniforms.items():
            old = values.get(name)
            if old is value or (type(old) is type(value) is not np.ndarray and old == value):
                continue
            values[name] = value
            location = self._locations.get(name)
            if location is None:
                location = GL.glGetUniformLocation(self.name, f"u_{name}")
                self._locations[name] = location
            if location >= 0:
                _set(location, value)


def _set(location, value):
    if isinstance(value, (bool, int, np.integer)):
        GL.glUniform1i(location, int(value))
    elif isinstance(value, float):
        GL.glUniform1f(location, value)
    elif isinstance(value, np.ndarray) and value.shape == (4, 4):
        matrix = np.ascontiguousarray(value, np.float32)
        GL.glUniformMatrix4fv(location, 1, GL.GL_TRUE, matrix)
    else:
        _VECTORS[len(value)](location, *(float(part) for part in value))


_VECTORS = {1: GL.glUniform1f, 2: GL.glUniform2f, 3: GL.glUniform3f, 4: GL.glUniform4f}


def _text(log):
    return log.decode(errors="replace") if isinstance(log, bytes) else str(log)
