"""Which execution provider runs a network: CUDA where it is there and works, else the CPU."""

import ctypes
import os
import sys
from dataclasses import dataclass

CPU = "CPUExecutionProvider"
CUDA = "CUDAExecutionProvider"


@dataclass(frozen=True)
class Choice:
    """What to ask ONNX Runtime for.

    Attributes
    ----------
    providers : tuple
        In ONNX Runtime's own form.
    name : str
        As told to a person: ``"CPU"``, ``"CUDA (NVIDIA H200)"``.
    notes : tuple of str
        Why not the one that was asked for.
    """

    providers: tuple
    name: str
    notes: tuple = ()

    @property
    def on_gpu(self):
        """Whether a GPU does the work."""
        return self.providers[0] != CPU


def choose(device=None, *, gpu_memory=None):
    """Choose the provider.

    Parameters
    ----------
    device : {None, "cpu", "cuda"}
        None: CUDA where it works, without a word where there is no GPU.
    gpu_memory : int, optional
        Most bytes of GPU memory to use.
    """
    if device == "cpu":
        return Choice((CPU,), "CPU")
    name, reason = gpu()
    if name is not None:
        reason = missing_library()
    if reason is None:
        options = {"cudnn_conv_algo_search": "HEURISTIC", "use_tf32": "0"}
        if gpu_memory is not None:
            options["gpu_mem_limit"] = str(int(gpu_memory))
        return Choice(((CUDA, options), CPU), f"CUDA ({name})")
    said = device == "cuda" or name is not None
    return fallback(reason) if said else Choice((CPU,), "CPU")


def fallback(reason):
    """The CPU, because the GPU failed."""
    return Choice((CPU,), "CPU", (f"the CPU is used, because CUDA does not work: {reason}",))


def gpu():
    """The first NVIDIA GPU's name and None, or None and the reason why there is none."""
    import onnxruntime

    if CUDA not in onnxruntime.get_available_providers():
        return None, "this ONNX Runtime is built without CUDA"
    library = "nvcuda.dll" if sys.platform == "win32" else "libcuda.so.1"
    try:
        driver = ctypes.CDLL(library)
    except OSError:
        return None, f"NVIDIA's driver is not installed ({library} is missing)"
    status = driver.cuInit(0)
    count = ctypes.c_int(0)
    if status == 0:
        status = driver.cuDeviceGetCount(ctypes.byref(count))
    if status != 0 or count.value == 0:
        return None, f"NVIDIA's driver finds no GPU (status {status})"
    name = ctypes.create_string_buffer(128)
    driver.cuDeviceGetName(name, 128, 0)
    return name.value.decode(errors="replace"), None


def missing_library():
    """Why ONNX Runtime's CUDA library cannot be loaded, or None when it can."""
    import onnxruntime

    onnxruntime.preload_dlls()
    folder = os.path.join(os.path.dirname(onnxruntime.__file__), "capi")
    prefix, suffix = ("", ".dll") if sys.platform == "win32" else ("lib", ".so")
    for part in ("shared", "cuda"):
        path = os.path.join(folder, f"{prefix}onnxruntime_providers_{part}{suffix}")
        try:
            ctypes.CDLL(path, mode=ctypes.RTLD_GLOBAL)
        except OSError as error:
            return f"{error}; install lamella[cuda]"
    return None
