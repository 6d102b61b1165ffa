"""`lamella ablate MODEL DATA --layer L --off 3,5,8`: what a network loses without some filters."""

import argparse
import re

from engine.analysis.importance import MEASURES, NORMS
from engine.errors import InputError
from viewer.verbs import options
from viewer.verbs.importance import class_of
from viewer.verbs.terminal import console, note, print_json, shown_task, table

USAGE = "MODEL DATA --layer L --off 3,5,8 | --curve 20 [--class K] [--by zero|mean] [options]"
THRESHOLDS = 20
EXPLAINED = """\
A filter that is off has zero (or its mean over the data) in place of its channel behind the
activation function. What lies before the layer is computed once.

--off gives, as JSON: error_rate {before, after}; error_rate_per_class: [{class, before, after,
samples}]. Several layers: --layer A --off 1,2 --layer B --off 7.

--curve removes more and more filters by ascending importance (`lamella importance`) and gives, as
JSON, curve: [{share, removed, error_rate, error_rate_class, descending, descending_class, random
{mean, low, high}, random_class {mean, low, high}}]. error_rate, descending and random count all
samples: by ascending, descending and random order. Those with _class count the samples labelled K,
and are null without --class. low to high is where 95 of 100 random orders are to lie (Student's t).
The thresholds go evenly from nothing to everything; a layer with fewer filters has fewer."""


def add_arguments(parser):
    """MODEL, DATA, the layers, what is switched off, and by what."""
    parser.epilog = EXPLAINED
    options.add_model(parser)
    options.add_data(parser)
    parser.add_argument(
        "--layer",
        metavar="LAYER",
        action="append",
        required=True,
        help="whose filters (`lamella info` lists them); may be given again with another --off",
    )
    what = parser.add_mutually_exclusive_group(required=True)
    what.add_argument(
        "--off",
        metavar="CHANNELS",
        action="append",
        type=channels,
        help="filters to switch off: their numbers from 0, as 3,5,8 or 0-15,20",
    )
    what.add_argument(
        "--curve",
        metavar="N",
        nargs="?",
        const=THRESHOLDS,
        type=options.whole,
        help=f"error rates at N thresholds instead, from nothing to all removed ({THRESHOLDS})",
    )
    parser.add_argument(
        "--by",
        choices=("zero", "mean"),
        default="zero",
        help="what stands in place of a filter that is off (zero)",
    )
    parser.add_argument(
        "--class",
        metavar="K",
        dest="of_class",
        help="of --curve: importance for the score of this class (its number, or its name), and "
        "its error rate, too",
    )
    parser.add_argument(
        "--measure",
        choices=MEASURES,
        default="gradient",
        help="of --curve: what counts as important, as of `lamella importance` (gradient)",
    )
    parser.add_argument(
        "--norm", choices=NORMS, default="l2", help="of --curve: of the gradient (l2)"
    )
    parser.add_argument(
        "--randoms",
        metavar="N",
        type=options.whole,
        default=10,
        help="of --curve: random orders beside the others (10)",
    )
    parser.add_argument(
        "--seed", metavar="N", type=int, default=0, help="of --curve: of the random orders (0)"
    )
    options.add_device(parser)
    options.add_json(parser)
    options.add_data_options(parser)


def channels(word):
    """Numbers and ranges with commas between, as a tuple of int."""
    found = []
    for part in word.strip(",").split(","):
        match = re.fullmatch(r"(\d+)(?:-(\d+))?", part.strip())
        if match is None or (match[2] and int(match[2]) < int(match[1])):
            raise argparse.ArgumentTypeError(f"{word!r} is not channels, such as 3,5,8 or 0-15")
        if int(match[2] or match[1]) >= MOST_CHANNELS:
            raise argparse.ArgumentTypeError(f"{part!r}: no layer has so many channels")
        found += range(int(match[1]), int(match[2] or match[1]) + 1)
    return tuple(found)


MOST_CHANNELS = 1 << 20


def run(arguments):
    """Open network and data, switch off, evaluate and tell."""
    import engine
    from viewer.verbs.opening import open_data, open_network

    _check(arguments)
    with shown_task("opening") as task:
        network = open_network(arguments, task)
        for name in arguments.layer:
            network.layer(name)
        data = open_data(arguments, task)
        with engine.Runner(network.path, device=arguments.device, task=task) as runner:
            ablation = engine.Ablation(network, runner, data)
            for text in ablation.notes:
                note(text)
            if arguments.curve is not None:
                document = _curve(arguments, ablation, task)
            else:
                document = _without(arguments, ablation, task)
    for text in document["notes"]:
        note(text)
    if arguments.json:
        print_json(document)
    elif arguments.curve is not None:
        _print_curve(document)
    else:
        _print_rates(document)


def _check(arguments):
    layers = arguments.layer
    if arguments.curve is not None:
        if len(layers) != 1:
            raise InputError("a curve is of one layer", where="--layer", got=", ".join(layers))
        if arguments.curve < 2:
            raise InputError("a curve has at least two thresholds", where="--curve", got=1)
    elif len(layers) != len(arguments.off):
        raise InputError(
            "every --layer needs an --off of its own",
            got=f"{len(layers)} of the one and {len(arguments.off)} of the other",
        )
    elif arguments.of_class is not None:
        raise InputError("--class belongs to --curve; --off tells every class")


# -- filters off -----------------------------------------------------------------------------------


def _without(arguments, ablation, task):
    """The document of ``--off``."""
    off = {}
    for layer, chosen in zip(arguments.layer, arguments.off, strict=True):
        off[layer] = tuple(sorted({*off.get(layer, ()), *chosen}))
    ablation.check(off)
    before = ablation.base(task)
    after = ablation.rates(off, arguments.by, task)
    names = ablation.class_names
    per_class = [
        {"class": number, "name": names[number], "before": was, "after": now, "samples": samples}
        for (number, was, samples), (_, now, _) in zip(
            before.per_class, after.per_class, strict=True
        )
    ]
    changed = int((before.predicted != after.predicted).sum())
    return {
        "error_rate": {"before": before.overall, "after": after.overall},
        "error_rate_per_class": per_class,
        "samples": after.samples,
        "changed_predictions": changed,
        "off": [{"layer": layer, "channels": list(chosen)} for layer, chosen in off.items()],
        "by": arguments.by,
        "notes": list(after.notes),
    }


def _print_rates(document):
    out, rates = console(), document["error_rate"]
    for each in document["off"]:
        some = ", ".join(map(str, each["channels"][:20]))
        more = " ..." if len(each["channels"]) > 20 else ""
        out.print(f"{each['layer']}: {len(each['channels']):,} filters off ({some}{more})")
    out.print(
        f"error rate {rates['before']:.4f} before, {rates['after']:.4f} after "
        f"({document['samples']:,} samples; {document['changed_predictions']:,} are predicted "
        "otherwise)"
    )
    columns = ["class", ("before", "right"), ("after", "right"), ("samples", "right")]
    rows = table(columns)
    for row in document["error_rate_per_class"]:
        if row["samples"]:
            was, now = f"{row['before']:.4f}", f"{row['after']:.4f}"
            rows.add_row(row["name"], was, now, f"{row['samples']:,}")
    out.print(rows)


# -- curves ----------------------------------------------------------------------------------------


def _curve(arguments, ablation, task):
    """The document of ``--curve``."""
    import engine

    layer = arguments.layer[0]
    number = class_of(arguments.of_class, ablation.data, ablation.network)
    ablation.check({layer: ()}, of_class=number)
    found = engine.importance(
        ablation.network,
        ablation.data,
        layer,
        of_class=number,
        norm=arguments.norm,
        measure=arguments.measure,
        labels=ablation.labels,
        explainer=engine.Explainer(ablation.network, ablation.runner),
        task=task,
    )
    curve = ablation.curve(
        layer,
        found.values[layer],
        steps=arguments.curve,
        of_class=number,
        randoms=arguments.randoms,
        seed=arguments.seed,
        by=arguments.by,
        task=task,
    )
    return {
        "curve": [_point(curve, place) for place in range(len(curve.share))],
        "layer": layer,
        "class": number,
        "by": arguments.by,
        "samples": curve.samples,
        "randoms": arguments.randoms,
        "seed": arguments.seed,
        "importance": found.words,
        "notes": [*found.notes, *ablation.survey.notes],
    }


def _point(curve, place):
    """One threshold."""

    def at(line, of_class=False):
        values = line.of_class if of_class else line.overall
        return None if values is None else float(values[place])

    def band(of_class=False):
        sides = {"mean": curve.random.mean, "low": curve.random.low, "high": curve.random.high}
        if of_class and curve.random.mean.of_class is None:
            return None
        return {name: at(line, of_class) for name, line in sides.items()}

    return {
        "share": float(curve.share[place]),
        "removed": int(curve.removed[place]),
        "error_rate": at(curve.ascending),
        "error_rate_class": at(curve.ascending, True),
        "descending": at(curve.descending),
        "descending_class": at(curve.descending, True),
        "random": band(),
        "random_class": band(True),
    }


def _print_curve(document):
    out = console()
    of_class = document["class"]
    out.print(f"{document['layer']}: {document['importance']}")
    out.print(
        f"error rate of {document['samples']:,} samples"
        + (f", and of class {of_class}" if of_class is not None else "")
        + f", filters removed by ascending, descending and {document['randoms']} random orders"
    )
    names = ["removed", "share", "ascending", "descending", "random", "95 of 100"]
    names += [] if of_class is None else ["of the class", "descending", "random"]
    rows = table([(name, "right") for name in names])
    for row in document["curve"]:
        band = row["random"]
        cells = [str(row["removed"]), f"{row['share']:.2f}", f"{row['error_rate']:.4f}"]
        cells += [f"{row['descending']:.4f}", f"{band['mean']:.4f}"]
        cells.append(f"{band['low']:.3f} to {band['high']:.3f}")
        if of_class is not None:
            mean = row["random_class"]["mean"]
            cells += [f"{x:.4f}" for x in (row["error_rate_class"], row["descending_class"], mean)]
        rows.add_row(*cells)
    out.print(rows)
