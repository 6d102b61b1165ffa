"""Images with names, labels and class names, from wherever they are kept: see `open_data`."""

_HOMES = {
    "open_data": "opening",
    "reopen": "opening",
    "DataSet": "dataset",
    "BrokenSample": "dataset",
    "class_names": "classes",
    "fit_labels": "fitting",
}

__all__ = sorted(_HOMES)


def __getattr__(name):
    if name in _HOMES:
        from importlib import import_module

        return getattr(import_module(f"engine.data.{_HOMES[name]}"), name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
