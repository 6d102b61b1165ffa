"""Explain one picture by one method: what `lamella attribute` and Python call."""

import numpy as np


def attribute(network, picture, method, target, *, device=None, task=None, **options):
    """Explain one picture.

    Parameters
    ----------
    network : engine.network.network.Network
    picture : dtype[H, W] or dtype[H, W, C]
        It goes through the network's preprocessing.
    method : str
        One of `engine.attribution.METHODS`.
    target : str
        ``class:3``, ``conv3:17@12,5`` ... (see `engine.gradient.targets`).
    device : {None, "cpu", "cuda"}
    task : engine.tasks.Task, optional
    **options
        Of `engine.attribution.explainer.Explainer.attribute`, which explains many pictures
        without starting anew.

    Returns
    -------
    engine.attribution.result.Attribution

    Raises
    ------
    InputError, MachineError, Cancelled
    """
    from engine.attribution.explainer import Explainer
    from engine.run.plan import check_fit
    from engine.run.runner import Runner

    check_fit(network, network.preprocessing)
    inputs = network.preprocessing(picture)
    with Runner(network.path, device=device, task=task) as runner:
        return Explainer(network, runner).attribute(inputs, method, target, task=task, **options)


def save(found, path):
    """Write a result as ``.npy`` (the values) or ``.h5`` (everything).

    Parameters
    ----------
    found : engine.attribution.result.Attribution
    path : pathlib.Path
    """
    part = path.with_name(path.name + ".part")
    try:
        if path.suffix == ".npy":
            with open(part, "wb") as file:
                np.save(file, found.values)
        else:
            _write_h5(found, part)
        part.replace(path)
    finally:
        part.unlink(missing_ok=True)


def _write_h5(found, path):
    import json

    import h5py

    with h5py.File(path, "w") as file:
        values = file.create_dataset("values", data=found.values)
        values.attrs["axes"] = found.layout
        for name, kept in found.kept.items():
            file.create_dataset(f"layers/{name}", data=kept)
        document = found.as_json()
        for name in ("method", "target", "score", "seconds"):
            file.attrs[name] = document[name]
        for name in ("settings", "check", "notes"):
            file.attrs[name] = json.dumps(document[name])
        if found.accounts:
            rows = [(each.node, each.arrived, each.left, each.absorbed) for each in found.accounts]
            kind = [("node", h5py.string_dtype()), *((n, "f8") for n in _SUMS)]
            file.create_dataset("accounts", data=np.array(rows, dtype=kind))


_SUMS = ("arrived", "left", "absorbed")
