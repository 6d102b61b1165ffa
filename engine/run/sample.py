"""One picture through every layer: what the window shows of the focused sample."""

import numpy as np

from engine.run.plan import check_fit, seen


def run_sample(runner, network, preprocessing, picture, layers=None, which="post", task=None):
    """Run one picture and return its layers in full.

    Parameters
    ----------
    runner : Runner
        Of the network's file; the first call makes its session, later ones reuse it.
    network : Network
    preprocessing : Preprocessing
    picture : dtype[H, W] or dtype[H, W, C]
    layers : str or sequence of str, optional
        Names or patterns; all by default, none for an empty sequence.
    which : {"post", "pre"}
    task : Task, optional

    Returns
    -------
    maps : dict of str to float32[C, *positions]
        By layer name, in order of depth; quantised layers as real numbers.
    scores : float32[K] or None
        Class scores as the network gives them.

    Raises
    ------
    InputError, MachineError, Cancelled
    """
    from engine.network.axes import to_channels_first

    check_fit(network, preprocessing)
    inputs = preprocessing(picture)
    if "N" in preprocessing.layout:
        inputs = np.repeat(inputs[None], network.batch, axis=0)
    chosen = network.select(layers)
    wanted = {
        layer.name: seen(network, layer.post if which == "post" else layer.pre) for layer in chosen
    }
    exposures = list(dict.fromkeys(wanted.values()))
    if network.scores is not None:
        exposures.append(seen(network, network.scores.tensor))
    found = runner.run(network.feeds_for(inputs), exposures, task=task)
    maps = {}
    for layer in chosen:
        turned = to_channels_first(found[wanted[layer.name].tensor], layer, which)
        maps[layer.name] = np.ascontiguousarray(turned[0], np.float32)
    scores = None
    if network.scores is not None:
        scores = network.scores.read(found[network.scores.tensor])[0]
    return maps, scores
