"""What a child process may not do: outlive its parent, or eat the machine's memory."""

import os
import signal
import sys

SHARE_OF_MEMORY = 0.8
LEAST_MEMORY = 1 << 30
# Linux: prctl(PR_SET_PDEATHSIG, ...)
PR_SET_PDEATHSIG = 1


def end_with_parent(parent):
    """Ask Linux to kill this process as soon as its parent is gone (elsewhere the pipe tells).

    Parameters
    ----------
    parent : int
        The parent's process id; when it is no longer that, this process ends here.
    """
    if sys.platform != "linux":
        return
    import ctypes

    ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGKILL)
    if os.getppid() != parent:
        os._exit(1)


def physical_memory():
    """Bytes of memory in this machine, or in the container it is shown as; None when unknown."""
    if not hasattr(os, "sysconf") or "SC_PHYS_PAGES" not in os.sysconf_names:
        return None
    memory = os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE")
    for path in ("/sys/fs/cgroup/memory.max", "/sys/fs/cgroup/memory/memory.limit_in_bytes"):
        if os.path.exists(path):
            with open(path) as file:
                text = file.read().strip()
            if text.isdigit():
                memory = min(memory, int(text))
    return memory


def limit_memory():
    """Cap the data of this process, so that a hostile shape fails instead of eating the machine.

    Only for work on the CPU: a GPU's driver maps far more than it uses. Returns the cap in
    bytes, or None where the system has no such thing.
    """
    memory = physical_memory()
    if memory is None or sys.platform == "darwin":
        return None
    import resource

    cap = max(LEAST_MEMORY, int(memory * SHARE_OF_MEMORY))
    _, hard = resource.getrlimit(resource.RLIMIT_DATA)
    if hard != resource.RLIM_INFINITY:
        cap = min(cap, hard)
    resource.setrlimit(resource.RLIMIT_DATA, (cap, hard))
    return cap


def die_first():
    """Tell Linux to end this process rather than its parent when memory runs out."""
    path = "/proc/self/oom_score_adj"
    if os.path.exists(path) and os.access(path, os.W_OK):
        with open(path, "w") as file:
            file.write("800")
