"""Whether windows can be shown here; `python -m viewer.display` ends with 0 when they can.

Qt ends the whole process when it finds no display, so this is asked before Qt is loaded.
"""

import os
import re
import socket
import sys
from pathlib import Path


def why_no_display(environment=os.environ):
    """The reason why no window can be shown here, or None when a display answers.

    Parameters
    ----------
    environment : mapping
        Where ``DISPLAY``, ``WAYLAND_DISPLAY`` and ``QT_QPA_PLATFORM`` are looked up.

    Returns
    -------
    str or None
    """
    if sys.platform in ("win32", "darwin"):
        return None
    if environment.get("QT_QPA_PLATFORM", "").split(":")[0] in ("offscreen", "minimal", "vnc"):
        return None
    wayland, x11 = environment.get("WAYLAND_DISPLAY"), environment.get("DISPLAY")
    if not wayland and not x11:
        return "there is no display (neither DISPLAY nor WAYLAND_DISPLAY is set)"
    if wayland and _answers(_wayland_socket(wayland, environment)):
        return None
    if x11 and any(_answers(address) for address in _x11_addresses(x11)):
        return None
    return f"the display {x11 or wayland} does not answer"


def _wayland_socket(name, environment):
    return str(Path(environment.get("XDG_RUNTIME_DIR", "/run/user/0"), name))


def _x11_addresses(display):
    """Where the server of ``host:number.screen`` may listen: paths are local sockets."""
    match = re.fullmatch(r"(?P<host>.*):(?P<number>\d+)(\.\d+)?", display)
    if match is None:
        return []
    host, number = match["host"], int(match["number"])
    if host in ("", "unix") or host.startswith("/"):
        path = f"/tmp/.X11-unix/X{number}"
        return [path, "\0" + path] + ([display.split(".")[0]] if host.startswith("/") else [])
    return [(host.removeprefix("tcp/"), 6000 + number)]


def _answers(address):
    family = socket.AF_UNIX if isinstance(address, str) else socket.AF_INET
    with socket.socket(family, socket.SOCK_STREAM) as probe:
        probe.settimeout(3)
        try:
            probe.connect(address)
        except OSError:
            return False
    return True


if __name__ == "__main__":
    sys.exit(why_no_display() is not None)
