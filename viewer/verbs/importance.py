"""`lamella importance MODEL DATA --layer L [--class K]`: how important a layer's filters are."""

import numpy as np

from engine.analysis.importance import MEASURES, NORMS
from engine.data import fit_labels
from engine.errors import InputError
from viewer.verbs import options
from viewer.verbs.terminal import console, note, print_json, shown_task, table

USAGE = "MODEL DATA --layer L [--class K] [--norm l1|l2|max] [options]"
SHOWN = 20


def add_arguments(parser):
    """MODEL, DATA, the layer, and what counts as important."""
    options.add_model(parser)
    options.add_data(parser)
    parser.add_argument(
        "--layer", metavar="LAYER", required=True, help="whose filters (`lamella info` lists them)"
    )
    parser.add_argument(
        "--class",
        metavar="K",
        dest="of_class",
        help="the score of this class over the samples labelled so: its number, or its name; "
        "left out: of each sample's own label, else of its prediction",
    )
    parser.add_argument(
        "--norm", choices=NORMS, default="l2", help="of the gradient (l2 when left out)"
    )
    parser.add_argument(
        "--measure",
        choices=MEASURES,
        default="gradient",
        help="gradient: the norm of the score's gradient by a filter's weights (the default); "
        "activation-mean, activation-max: of the channel's magnitude; gradient-x-activation: how "
        "far the score moves, to first order, without the channel",
    )
    options.add_device(parser)
    options.add_json(parser)
    options.add_data_options(parser)


def run(arguments):
    """Open network and data, measure, and tell."""
    import engine
    from viewer.verbs.opening import open_data, open_network

    with shown_task("opening") as task:
        network = open_network(arguments, task)
        network.layer(arguments.layer)
        data = open_data(arguments, task)
        found = engine.importance(
            network,
            data,
            arguments.layer,
            of_class=class_of(arguments.of_class, data, network),
            norm=arguments.norm,
            measure=arguments.measure,
            device=arguments.device,
            task=task,
        )
    _note(found)
    document = as_json(found, arguments.layer)
    if arguments.json:
        print_json(document)
    else:
        _print(document)


def class_of(text, data, network=None):
    """A class as a person wrote it, its number or its name; None stays None.

    With a network the names are those of its scores.

    Raises
    ------
    InputError
        When the text is neither.
    """
    if text is None:
        return None
    names = list(data.classes or ())
    if network is not None and network.scores is not None:
        names = fit_labels(data, network.scores.classes)[1]
    if text.isdecimal():
        return int(text)
    if text in names:
        return names.index(text)
    some = ", ".join(names[:10]) + (" ..." if len(names) > 10 else "")
    raise InputError(
        f"there is no class {text!r}",
        where="--class",
        expected=f"a number from 0, or one of {some}" if names else "a number from 0",
    )


def as_json(found, layer):
    """The document of ``lamella importance --json``."""
    return {
        "importance": found.values[layer],
        "samples": found.samples,
        "layer": layer,
        "class": found.of_class,
        "measure": found.measure,
        "norm": found.norm if found.measure == "gradient" else None,
        "labelled": found.labelled,
        "predicted": found.predicted,
        "skipped": [{"name": name, "reason": reason} for _, name, reason in found.skipped],
        "not_finite": found.not_finite.get(layer, 0),
        "words": found.words,
    }


def _note(found):
    for text in found.notes:
        note(text)
    if found.skipped:
        _, name, reason = found.skipped[0]
        note(f"{len(found.skipped):,} samples could not be read; {name}: {reason}")
    for layer, count in found.not_finite.items():
        note(f"{layer}: {count:,} samples have numbers that are not finite")


def _print(document):
    out = console()
    out.print(f"{document['layer']}: {document['words']}")
    values = np.asarray(document["importance"])
    order = np.argsort(-np.nan_to_num(values, nan=np.inf), kind="stable")
    rows = table([("rank", "right"), ("filter", "right"), ("importance", "right")])
    for rank, place in enumerate(order):
        if rank < SHOWN or rank >= len(order) - 3:
            rows.add_row(str(rank + 1), str(place), f"{values[place]:.4g}")
        elif rank == SHOWN:
            rows.add_row("...", "...", "...")
    out.print(rows)
    if len(order) > SHOWN + 3:
        out.print(f"the first {SHOWN} and the last 3 of {len(order):,} filters; --json has all")
