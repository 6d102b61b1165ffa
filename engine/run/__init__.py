"""Running a network: a child process with ONNX Runtime, and the extraction of every layer.

`Runner` is the handle of one child; `probe` asks for shapes; `run_sample` runs one picture;
`extract` fills a study; `survey` evaluates a data set many times. What runs inside the child is in
`child`, `worker`, `sessions`, `probing`, `opening`, `extraction`, `feed`, `reduce`, `computing`,
`windowing` and `evaluating`; only these import ONNX Runtime.
"""

_HOMES = {
    "Runner": "runner",
    "Probe": "probe",
    "probe": "probe",
    "run_sample": "sample",
    "extract": "extract",
    "Report": "extract",
}

__all__ = sorted(_HOMES)


def __getattr__(name):
    if name in _HOMES:
        from importlib import import_module

        return getattr(import_module(f"engine.run.{_HOMES[name]}"), name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
