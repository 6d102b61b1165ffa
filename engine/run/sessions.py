"""ONNX Runtime sessions on one file: plain, with tensors exposed, on the GPU or the CPU.

Lives in the child process only.
"""

import contextlib
import os

import numpy as np
import onnxruntime

from engine.errors import Cancelled, InputError
from engine.run import exposed, failures, limits, providers
from engine.run.measure import cores

SILENT = 4
LEVELS = {"all": "ORT_ENABLE_ALL", "basic": "ORT_ENABLE_BASIC", "none": "ORT_DISABLE_ALL"}
NUMPY_TYPES = {
    "tensor(float)": "float32",
    "tensor(double)": "float64",
    "tensor(float16)": "float16",
    "tensor(bfloat16)": "bfloat16",
    "tensor(bool)": "bool",
    "tensor(string)": "str",
    **{f"tensor({s}int{b})": f"{s}int{b}" for s in ("", "u") for b in (4, 8, 16, 32, 64)},
}


def numpy_type(text):
    """NumPy's name of ONNX Runtime's type, or that type's own name for sequences and maps."""
    return NUMPY_TYPES.get(text, text)


class Runtime:
    """One model file in ONNX Runtime.

    Parameters
    ----------
    path : str
        The model.
    device : {None, "cpu", "cuda"}
    threads : int
        For one operator.
    on_cancel : callable(callable or None)
        Told what stops a run while one goes on.

    Attributes
    ----------
    file : exposed.ModelFile
    choice : providers.Choice
    notes : list of str
        What a person should know: a GPU that failed.
    """

    def __init__(self, path, device=None, threads=None, on_cancel=lambda action: None):
        onnxruntime.set_default_logger_severity(SILENT)
        onnxruntime.disable_telemetry_events()
        self.path = os.path.abspath(path)
        self.file = exposed.ModelFile(self.path)
        self.threads = threads or cores()
        self.choice = providers.choose(device)
        self.notes = list(self.choice.notes)
        self._on_cancel = on_cancel
        if not self.choice.on_gpu:
            limits.limit_memory()

    def session(self, more=b"", level="all"):
        """A session on the file followed by `more` (see `exposed`).

        Parameters
        ----------
        more : bytes
            From `exposed.outputs` or `exposed.shapes`.
        level : {"all", "basic", "none"}
            ONNX Runtime's optimisations: all; those that leave operators unfused; none, which is
            quick to make and slow to run.
        """
        if self.choice.on_gpu:
            try:
                session = self._session(more, level)
                if providers.CUDA in session.get_providers():
                    return session
                reason = "ONNX Runtime did not accept it"
            except Exception as error:  # noqa: BLE001 (whatever it is, the CPU is left)
                reason = str(failures.translated(error, self.path))
            self.fall_back(reason)
        try:
            return self._session(more, level)
        except Exception as error:
            raise failures.translated(error, self.path) from error

    def fall_back(self, reason):
        """Go on with the CPU."""
        self.choice = providers.fallback(reason)
        self.notes += self.choice.notes

    def _session(self, more, level):
        options = onnxruntime.SessionOptions()
        options.log_severity_level = SILENT
        options.intra_op_num_threads = self.threads
        options.add_session_config_entry("session.load_model_format", "ONNX")
        # its threads are to leave the cores to the reduction as soon as a run ends
        options.add_session_config_entry("session.force_spinning_stop", "1")
        options.add_session_config_entry(
            "session.model_external_initializers_file_folder_path", os.path.dirname(self.path)
        )
        options.graph_optimization_level = getattr(
            onnxruntime.GraphOptimizationLevel, LEVELS[level]
        )
        if level == "none":
            options.add_session_config_entry("session.disable_prepacking", "1")
        session = onnxruntime.InferenceSession(
            self.file.bytes(more),
            options,
            providers=list(self.choice.providers),
            enable_fallback=0,
        )
        session._model_bytes = None  # it would keep the file's bytes for ever
        return session

    def run(self, session, names, feeds):
        """Run and return arrays; a cancel stops it.

        Returns
        -------
        dict of str to ndarray

        Raises
        ------
        Cancelled, failures.OutOfMemory, InputError
        """
        with self._stoppable() as options:
            values = session.run(list(names), feeds, options)
        return {name: _array(value) for name, value in zip(names, values, strict=True)}

    def tensors(self, session, names, feeds):
        """As `run`, for tensors alone, which stay in ONNX Runtime's own memory: no copies."""
        values = self.handles(session, names, feeds)
        return {name: value.numpy() for name, value in values.items()}

    def handles(self, session, names, feeds):
        """As `tensors`, but ONNX Runtime's own objects (OrtValue), by name."""
        given = {name: onnxruntime.OrtValue.ortvalue_from_numpy(x) for name, x in feeds.items()}
        with self._stoppable() as options:
            values = session.run_with_ort_values(list(names), given, options)
        return dict(zip(names, values, strict=True))

    @contextlib.contextmanager
    def _stoppable(self):
        """Options for a run that a cancel stops, and its errors as sentences."""
        options = onnxruntime.RunOptions()
        options.log_severity_level = SILENT

        def stop():
            options.terminate = True

        self._on_cancel(stop)
        try:
            yield options
        except Exception as error:
            if options.terminate:
                raise Cancelled() from None
            raise failures.translated(error, self.path, "running it") from error
        finally:
            self._on_cancel(None)

    def inputs(self, session):
        """The inputs that must be fed: name to (NumPy's type name, shape as declared)."""
        return {i.name: (numpy_type(i.type), list(i.shape)) for i in session.get_inputs()}


def _array(value):
    """An output as an array; a ZipMap's list of maps becomes its table of scores [N, K]."""
    if isinstance(value, np.ndarray):
        return value
    if isinstance(value, list) and value and isinstance(value[0], dict):
        return np.array([list(row.values()) for row in value], np.float32)
    raise InputError(f"an output is no array but a {type(value).__name__}")
