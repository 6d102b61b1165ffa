"""What this machine offers to Lamella, what is missing, and the line that installs it.

Everything that could end the process (a driver, Qt without a display, a CUDA library) is asked in
a child: `python -m viewer.doctor egl|window|inference` prints one answer as JSON.
"""

import ctypes
import json
import os
import platform
import shutil
import subprocess
import sys
from importlib import metadata
from pathlib import Path

from viewer.display import why_no_display

SECONDS = 60
DRAWING_LIBRARIES = {
    "libEGL.so.1": "libegl1",
    "libGL.so.1": "libgl1",
}
WINDOW_LIBRARIES = {
    "libfontconfig.so.1": "libfontconfig1",
    "libglib-2.0.so.0": "libglib2.0-0",
    "libdbus-1.so.3": "libdbus-1-3",
    "libxkbcommon.so.0": "libxkbcommon0",
    "libxkbcommon-x11.so.0": "libxkbcommon-x11-0",
    "libxcb-cursor.so.0": "libxcb-cursor0",
    "libxcb-icccm.so.4": "libxcb-icccm4",
    "libxcb-keysyms.so.1": "libxcb-keysyms1",
    "libxcb-shape.so.0": "libxcb-shape0",
}
"""Libraries of the system and Debian's packages for them; `tools/setup.sh` installs the same."""


def examine():
    """Look at everything.

    Returns
    -------
    dict
        JSON-ready: ``lamella, python, system, packages, drawing, window, inference, cache,
        missing`` (a list of ``{what, consequence, line}``) and ``usable``: whether networks run
        and pictures can be drawn, with or without a screen.
    """
    packages = _packages()
    libraries = _missing_libraries()
    facts = {
        "lamella": metadata.version("lamella"),
        "python": {"version": platform.python_version(), "executable": sys.executable},
        "system": _system(),
        "packages": packages,
        "drawing": _asked("egl"),
        "window": _window(libraries),
        "inference": _asked("inference"),
        "cache": _cache(),
    }
    facts["missing"] = _missing(facts, libraries)
    facts["usable"] = (
        all(p["fits"] for p in packages.values())
        and "fault" not in facts["inference"]
        and ("fault" not in facts["drawing"] or "fault" not in facts["window"])
        and "fault" not in facts["cache"]
    )
    return facts


def window_fault():
    """Why no window can open here and the way out, as (sentence, what to do), or None.

    Qt ends the process when it meets either; so this is asked before it is loaded.
    """
    reason = why_no_display()
    if reason is not None:
        return reason, "`lamella info` and `lamella extract` work without one"
    names = DRAWING_LIBRARIES | WINDOW_LIBRARIES
    lacking = _missing_libraries()
    if lacking:
        line = _system_line([names[library] for library in lacking])
        return f"the system lacks {', '.join(lacking)}", f"this installs it: {line}"
    return None


def _system():
    return {
        "name": _distribution(),
        "machine": platform.machine(),
        "cores": len(os.sched_getaffinity(0))
        if hasattr(os, "sched_getaffinity")
        else os.cpu_count(),
        "memory": _memory(),
    }


def _distribution():
    try:
        return platform.freedesktop_os_release()["PRETTY_NAME"]
    except (OSError, KeyError):
        return platform.platform(terse=True)


def _memory():
    """Bytes of memory that this process may use, or None where the system does not say."""
    if not hasattr(os, "sysconf") or "SC_PHYS_PAGES" not in os.sysconf_names:
        return None
    limits = [os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE")]
    group = Path("/sys/fs/cgroup/memory.max")
    if group.is_file() and group.read_text().strip().isdigit():
        limits.append(int(group.read_text()))
    return min(limits)


def _packages():
    """Each package that Lamella stands on: version found, version wanted, whether they fit."""
    from packaging.requirements import Requirement

    found = {}
    for text in metadata.requires("lamella") or []:
        requirement = Requirement(text)
        if requirement.marker is not None and not requirement.marker.evaluate({"extra": ""}):
            continue
        try:
            version = metadata.version(requirement.name)
        except metadata.PackageNotFoundError:
            version = None
        found[requirement.name] = {
            "version": version,
            "wanted": str(requirement.specifier),
            "fits": version is not None
            and requirement.specifier.contains(version, prereleases=True),
        }
    return found


def _missing_libraries():
    """Libraries of the system that cannot be loaded (Linux only)."""
    if sys.platform != "linux":
        return []
    missing = []
    for library in DRAWING_LIBRARIES | WINDOW_LIBRARIES:
        try:
            ctypes.CDLL(library)
        except OSError:
            missing.append(library)
    return missing


def _window(missing_libraries):
    reason = why_no_display()
    if reason is not None:
        return {"fault": reason}
    lacking = [library for library in missing_libraries if library in WINDOW_LIBRARIES]
    if lacking:
        return {"fault": f"Qt lacks {', '.join(lacking)}"}
    return _asked("window")


def _cache():
    """The folder of the studies that opening a network makes, and its free bytes."""
    from platformdirs import user_cache_path

    path = user_cache_path("lamella", appauthor=False)
    try:
        path.mkdir(parents=True, exist_ok=True)
        free = shutil.disk_usage(path).free
    except OSError as error:
        return {"path": str(path), "fault": f"cannot be made ({error.strerror})"}
    if not os.access(path, os.W_OK):
        return {"path": str(path), "fault": "cannot be written"}
    return {"path": str(path), "free": free}


def _missing(facts, libraries):
    """What is missing, what does not work without it, and the line that installs it."""
    missing = []
    pip = f"{sys.executable} -m pip install"
    for name, package in facts["packages"].items():
        if not package["fits"]:
            what = f"{name} {package['wanted']}"
            what += f" (found {package['version']})" if package["version"] else ""
            line = f"{pip} '{name}{package['wanted']}'"
            missing.append({"what": what, "consequence": "Lamella does not start", "line": line})
    for names, consequence in (
        (DRAWING_LIBRARIES, "nothing can be drawn"),
        (WINDOW_LIBRARIES, "no window opens"),
    ):
        lacking = [library for library in libraries if library in names]
        if lacking:
            line = _system_line([names[library] for library in lacking])
            missing.append({"what": ", ".join(lacking), "consequence": consequence, "line": line})
    if facts["inference"].get("gpu") and facts["inference"].get("gpu_fault"):
        what = f"CUDA's libraries for the {facts['inference']['gpu']}"
        line = f"{pip} 'onnxruntime-gpu[cuda,cudnn]'"
        missing.append({"what": what, "consequence": "networks run on the CPU", "line": line})
    return missing


def _system_line(packages):
    names = " ".join(packages)
    if shutil.which("apt-get"):
        return f"sudo apt-get install --no-install-recommends {names}"
    return f"(with this system's own installer) what Debian calls {names}"


# -- questions that are asked in a child ----------------------------------------------------------


def _asked(question):
    """A child's answer; ``{"fault": sentence}`` when it failed or died."""
    command = [sys.executable, "-m", "viewer.doctor", question]
    try:
        done = subprocess.run(command, capture_output=True, text=True, timeout=SECONDS, check=False)
    except subprocess.TimeoutExpired:
        return {"fault": f"no answer within {SECONDS} s"}
    try:
        return json.loads(done.stdout.strip().splitlines()[-1])
    except (ValueError, IndexError):
        last = (done.stderr.strip().splitlines() or ["no message"])[-1]
        how = f"signal {-done.returncode}" if done.returncode < 0 else f"status {done.returncode}"
        return {"fault": f"ended with {how}: {last}"}


def _egl():
    """OpenGL without a screen: renderer and limits."""
    from viewer.gl.context import EglContext

    with EglContext() as context:
        return {"device": context.device, **context.capabilities.as_json()}


def _qt():
    """OpenGL as Qt's windows get it."""
    from PySide6.QtCore import qVersion
    from PySide6.QtGui import QGuiApplication, QOffscreenSurface, QOpenGLContext, QSurfaceFormat

    from viewer.gl.capabilities import read_capabilities

    wanted = QSurfaceFormat()
    wanted.setRenderableType(QSurfaceFormat.RenderableType.OpenGL)
    wanted.setVersion(3, 3)
    wanted.setProfile(QSurfaceFormat.OpenGLContextProfile.CoreProfile)
    QSurfaceFormat.setDefaultFormat(wanted)
    application = QGuiApplication(["lamella"])
    facts = {"qt": qVersion(), "platform": application.platformName()}
    surface, context = QOffscreenSurface(), QOpenGLContext()
    surface.create()
    if not context.create() or not context.makeCurrent(surface):
        return {**facts, "fault": "Qt gets no OpenGL 3.3 context"}
    facts |= read_capabilities().as_json()
    context.doneCurrent()
    return facts


def _inference():
    """ONNX Runtime: version, providers, the GPU, and why it is not used."""
    from engine.run.providers import choose, gpu, missing_library

    name, reason = gpu()
    if name is not None:
        reason = missing_library()
    choice = choose()
    return {
        "version": _version_of("onnxruntime-gpu", "onnxruntime"),
        "providers": [p if isinstance(p, str) else p[0] for p in choice.providers],
        "uses": choice.name,
        "gpu": name,
        "gpu_fault": reason,
    }


def _version_of(*names):
    for name in names:
        try:
            return f"{name} {metadata.version(name)}"
        except metadata.PackageNotFoundError:
            continue
    return None


def _answer(question):
    from engine.errors import LamellaError

    try:
        return {"egl": _egl, "window": _qt, "inference": _inference}[question]()
    except (LamellaError, ImportError, OSError) as error:
        return {"fault": str(error)}


if __name__ == "__main__":
    print(json.dumps(_answer(sys.argv[1])))
