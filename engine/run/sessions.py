"""ONNX Runtime sessions on one file: plain, with tensors exposed, on the GPU or the CPU.

Lives in the child process only.
"""

import contextlib
import os

import numpy as np
import onnxruntime

from engine.errors import Cancelled, InputError, LamellaError
from engine.run import failures, limits, providers
from engine.run.exposed import ModelFile
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
    version : str
        ONNX Runtime's.
    """

    version = onnxruntime.__version__

    def __init__(self, path, device=None, threads=None, on_cancel=lambda action: None):
        onnxruntime.set_default_logger_severity(SILENT)
        onnxruntime.disable_telemetry_events()
        self.path = os.path.abspath(path)
        self.file = ModelFile(self.path)
        self.threads = threads or cores()
        self.choice = providers.choose(device)
        self.notes = list(self.choice.notes)
        self._on_cancel = on_cancel
        if not self.choice.on_gpu:
            limits.limit_memory()

    def session(self, more=b"", level="all", graph=None, threads=None):
        """A `Session` on the file followed by `more` (see `exposed`), or on another graph.

        Parameters
        ----------
        more : bytes
            From `exposed.outputs` or `exposed.shapes`.
        graph : bytes, optional
            A model in place of the file; its external data lies in the file's folder.
        level : {"all", "basic", "none"}
            ONNX Runtime's optimisations: all; those that leave operators unfused; none, which is
            quick to make and slow to run.
        threads : int, optional
            For one operator; by default this runtime's.
        """
        return Session(self, more, level, graph, threads)

    def fall_back(self, reason):
        """Go on with the CPU, and say why."""
        self.choice = providers.fallback(reason)
        self.notes += self.choice.notes

    def inference_session(self, more, level, graph, threads, choice):
        """ONNX Runtime's own object; its errors as they come."""
        options = onnxruntime.SessionOptions()
        options.log_severity_level = SILENT
        options.intra_op_num_threads = threads or self.threads
        options.graph_optimization_level = getattr(
            onnxruntime.GraphOptimizationLevel, LEVELS[level]
        )
        entries = {
            "session.load_model_format": "ONNX",
            "session.model_external_initializers_file_folder_path": os.path.dirname(self.path),
            # its threads are to leave the cores to the reduction as soon as a run ends
            "session.force_spinning_stop": "1",
        }
        if level == "none":
            entries["session.disable_prepacking"] = "1"
        for name, value in entries.items():
            options.add_session_config_entry(name, value)
        session = onnxruntime.InferenceSession(
            self.file.bytes(more) if graph is None else graph,
            options,
            providers=list(choice.providers),
            enable_fallback=0,
        )
        session._model_bytes = None  # it would keep the file's bytes for ever
        return session

    @contextlib.contextmanager
    def stoppable(self):
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


class Session:
    """A session that moves to the CPU when the GPU fails, as it is made or at its first run.

    Parameters
    ----------
    runtime : Runtime
    more, level, graph, threads
        As for `Runtime.session`.
    """

    def __init__(self, runtime, more, level, graph=None, threads=None):
        self._runtime = runtime
        self._made_with = (more, level, graph, threads)
        self._has_run = False
        self._session = self._on_gpu() if runtime.choice.on_gpu else None
        if self._session is None:
            self._session = self._on_cpu(runtime.choice)

    def _on_gpu(self):
        """On the GPU, or None after falling back."""
        runtime = self._runtime
        try:
            session = runtime.inference_session(*self._made_with, runtime.choice)
        except Exception as error:  # noqa: BLE001 (whatever it is, the CPU is left)
            runtime.fall_back(failures.translated(error, runtime.path).what)
            return None
        if providers.CUDA not in session.get_providers():
            runtime.fall_back("ONNX Runtime did not accept it")
            return None
        return session

    def _on_cpu(self, choice):
        try:
            return self._runtime.inference_session(*self._made_with, choice)
        except Exception as error:
            raise failures.translated(error, self._runtime.path) from error

    @property
    def inputs(self):
        """The inputs that must be fed: name to (NumPy's type name, shape as declared)."""
        found = self._session.get_inputs()
        return {i.name: (numpy_type(i.type), list(i.shape)) for i in found}

    @property
    def outputs(self):
        """The outputs, likewise; ONNX Runtime's own type name for what is no tensor."""
        found = self._session.get_outputs()
        return {o.name: (numpy_type(o.type), list(o.shape)) for o in found}

    def run(self, names, feeds):
        """Run and return arrays by name; a cancel stops it.

        Raises
        ------
        Cancelled, failures.OutOfMemory, InputError
        """
        names = list(names)

        def work(session):
            with self._runtime.stoppable() as options:
                return session.run(names, feeds, options)

        values = self._tried(work)
        return {name: _array(value) for name, value in zip(names, values, strict=True)}

    def tensors(self, names, feeds):
        """As `run`, for tensors alone, which stay in ONNX Runtime's own memory: no copies."""
        return {name: value.numpy() for name, value in self.handles(names, feeds).items()}

    def handles(self, names, feeds):
        """As `tensors`, but ONNX Runtime's own objects (OrtValue), by name; so may feeds be."""
        names = list(names)
        own = onnxruntime.OrtValue
        given = {
            name: x if isinstance(x, own) else own.ortvalue_from_numpy(x)
            for name, x in feeds.items()
        }

        def work(session):
            with self._runtime.stoppable() as options:
                return session.run_with_ort_values(names, given, options)

        return dict(zip(names, self._tried(work), strict=True))

    def together(self, names, given, options):
        """As `handles`, from several threads at once: OrtValues in, and `Runtime.stoppable` around.

        There is no way back to the CPU from here: not for a session on the GPU.
        """
        values = self._session.run_with_ort_values(names, given, options)
        return dict(zip(names, values, strict=True))

    def _tried(self, work):
        """Do it; a first run that the GPU fails at and the CPU does moves the session there."""
        runtime = self._runtime
        try:
            values = work(self._session)
        except LamellaError as error:
            if self._has_run or not runtime.choice.on_gpu or isinstance(error, Cancelled):
                raise
            session = self._on_cpu(providers.fallback(error.what))
            values = work(session)
            self._session = session
            runtime.fall_back(error.what)
        self._has_run = True
        return values


def _array(value):
    """An output as an array; a ZipMap's list of maps becomes its table of scores [N, K]."""
    if isinstance(value, np.ndarray):
        return value
    if isinstance(value, list) and value and isinstance(value[0], dict):
        return np.array([list(row.values()) for row in value], np.float32)
    raise InputError(f"an output is no array but a {type(value).__name__}")
