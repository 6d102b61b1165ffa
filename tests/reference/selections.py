"""Selections as plain sets: samples, and (sample, place) pairs of the layers that were brushed."""


def resolve(steps, count, regions, layers):
    """What steps come to.

    Parameters
    ----------
    steps : list of (mode, region)
        A region is a key of `regions`, or a list of steps (a saved selection).
    count : int
        Samples.
    regions : dict
        To a set of samples, or to (layer, set of (sample, place)).
    layers : dict of str to set of (sample, place)
        All points that there are.

    Returns
    -------
    (set of samples, dict of layer to set of (sample, place))
    """
    samples, brushed = set(), {}
    for mode, region in steps:
        if isinstance(region, list):
            there, points = resolve(region, count, regions, layers)
        elif isinstance(regions[region], tuple):
            layer, chosen = regions[region]
            there, points = {sample for sample, _ in chosen}, {layer: chosen}
        else:
            there, points = {s for s in regions[region] if s < count}, {}
        samples, brushed = _combined(mode, samples, brushed, there, points, layers)
    return samples, brushed


def _combined(mode, samples, brushed, there, points, layers):
    if mode == "replace":
        return there, points

    def lift(chosen, name):
        return {point for point in layers[name] if point[0] in chosen}

    names = {**brushed, **points}
    here = {name: brushed.get(name, lift(samples, name)) for name in names}
    new = {name: points.get(name, lift(there, name)) for name in names}
    if mode == "add":
        return samples | there, {name: here[name] | new[name] for name in names}
    if mode == "intersect":
        after = {name: here[name] & new[name] for name in names}
        left, decide = samples & there, list(names)
    elif points:
        after = {name: here[name] - new[name] if name in points else here[name] for name in names}
        left, decide = samples, list(points)
    else:
        after, left, decide = here, samples - there, []
    for name in decide:
        known = {sample for sample, _ in layers[name]}
        kept = {sample for sample, _ in after[name]}
        left = {sample for sample in left if sample in kept or sample not in known}
    return left, {name: {p for p in after[name] if p[0] in left} for name in names}
