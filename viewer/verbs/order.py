"""`lamella order STUDY --layer L --method M`: channels so that like ones stand side by side."""

from engine.analysis.orders import METHODS
from engine.analysis.orders.costs import WORTH_SAYING
from engine.errors import InputError
from viewer.verbs import options
from viewer.verbs.terminal import console, note, print_json, shown_task

USAGE = "STUDY --layer L --method M [--sample N] [--k K] [--json]"


def add_arguments(parser):
    """STUDY, the layer, the method, and of which sample."""
    study = parser.add_argument(
        "study", metavar="STUDY", help="the folder that `lamella extract -o` wrote"
    )
    study.complete = options.FILES
    parser.add_argument("--layer", metavar="L", required=True, help="the layer's name")
    parser.add_argument(
        "--method", metavar="M", required=True, choices=METHODS, help=", ".join(METHODS)
    )
    parser.add_argument(
        "--sample",
        metavar="N",
        type=int,
        help="by the maps of this sample of the data set; left out: of all stored samples",
    )
    parser.add_argument(
        "--k",
        metavar="K",
        type=options.whole,
        help="clusters of kmeans (the number with the largest silhouette when left out)",
    )
    options.add_json(parser)


def run(arguments):
    """Open the study, order the layer's channels, and tell."""
    import engine

    if arguments.k is not None and arguments.method != "kmeans":
        raise InputError("--k belongs to --method kmeans", got=f"--method {arguments.method}")
    with shown_task("ordering") as task, engine.open_study(arguments.study) as study:
        if not study.is_complete:
            note(f"the study is not complete: {len(study):,} samples so far")
        found = _ordered(study, arguments, task)
    document = {
        "order": found.channels,
        "quality": found.quality,
        "quality_spread": found.quality_spread,
        "quality_of_best": found.quality_of_best,
        "method": found.method,
        "dead": found.dead,
        "constant": found.constant,
        "not_finite": found.not_finite,
        "best": found.best,
        "clusters": found.clusters,
        "words": found.words,
    }
    if arguments.json:
        print_json(document)
    else:
        _print(found)


def _ordered(study, arguments, task):
    """The order by one sample, or by all of them."""
    from engine.analysis import orders

    task.report(0, None, f"order of {arguments.layer}")
    seconds = orders.seconds_of(arguments.method, study.kept(arguments.layer).channels)
    if seconds >= WORTH_SAYING:
        note(f"{arguments.method} of this layer takes {seconds:.0f} s, about")
    if arguments.sample is None:
        return orders.order_of_study(
            study, arguments.layer, arguments.method, clusters=arguments.k, task=task
        )
    likeness = orders.likeness_of_sample(study, arguments.layer, arguments.sample)
    return orders.order(likeness, arguments.method, clusters=arguments.k, task=task)


def _print(found):
    out = console()
    out.print(found.words)
    starts = [*found.clusters[1:], found.count] if found.clusters else [found.count]
    ends = [*starts, len(found.channels)] if found.count < len(found.channels) else starts
    first = 0
    for stop in ends:
        out.print(" ".join(map(str, found.channels[first:stop])))
        first = stop
