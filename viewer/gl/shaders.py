"""Shader text from files: includes resolved, hooks filled, errors told by file and line.

A shader may hold lines ``#include "lib/x.glsl"`` (a name under ``shaders/``; a file that was
included already is left out the second time) and ``#hook NAME`` (replaced by the file that the
caller gives for NAME). ``#line`` directives number the sources, so that the driver's messages
are translated back.
"""

import re
from dataclasses import dataclass

from engine.errors import MachineError
from viewer.resources import find

_INCLUDE = re.compile(r'^\s*#include\s+"([^"]+)"\s*$')
_HOOK = re.compile(r"^\s*#hook\s+(\w+)\s*$")
_VERSION = re.compile(r"^\s*#version\b")
# Mesa, Intel, Apple and AMD: "0:12(5): error"  or "ERROR: 0:12: ..."; NVIDIA: "0(12) : error".
_PLACE = re.compile(r"\b(\d+):(\d+)(?=[(:])|\b(\d+)\((\d+)\)")


@dataclass(frozen=True)
class Source:
    """One shader, ready to compile.

    Attributes
    ----------
    text : str
    files : tuple of str
        Names under ``shaders/``; ``#line`` counts by their index.
    """

    text: str
    files: tuple[str, ...]

    def explain(self, log):
        """The driver's log with source numbers turned into file names."""

        def place(match):
            number, line = (int(part) for part in match.groups() if part is not None)
            name = self.files[number] if number < len(self.files) else f"source {number}"
            return f"shaders/{name}:{line}"

        return " | ".join(_PLACE.sub(place, line).strip() for line in log.splitlines() if line)


def assemble(name, hooks=(), defines=(), read=None):
    """A shader file with everything it includes.

    Parameters
    ----------
    name : str
        A file under ``shaders/``.
    hooks : iterable of (str, str)
        For each ``#hook NAME`` the file that fills it.
    defines : iterable of str
        Names defined as 1, after ``#version``.
    read : callable(str) -> str, optional
        Reads a file; by default from ``shaders/``.

    Raises
    ------
    MachineError
        When a file is missing or a hook has no file.
    """
    read = read or _read
    hooks = dict(hooks)
    files, lines = [], []

    def add(file, from_file=None):
        if file in files:
            return
        number = len(files)
        files.append(file)
        for count, line in enumerate(read(file).splitlines(), start=1):
            include, hook = _INCLUDE.match(line), _HOOK.match(line)
            if _VERSION.match(line):
                if from_file is None:
                    lines.append(line)
                    lines.extend(f"#define {word} 1" for word in defines)
                    lines.append(f"#line {count + 1} {number}")
            elif include or hook:
                wanted = include.group(1) if include else hooks.get(hook.group(1))
                if wanted is None:
                    raise MachineError(
                        f"the hook {hook.group(1)} has no file", where=f"shaders/{file}:{count}"
                    )
                lines.append(f"#line 1 {len(files)}")
                add(wanted, file)
                lines.append(f"#line {count + 1} {number}")
            else:
                lines.append(line)

    add(name)
    return Source("\n".join(lines) + "\n", tuple(files))


def _read(name):
    return find(f"shaders/{name}").read_text(encoding="utf-8")
