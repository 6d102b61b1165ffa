"""`lamella extract MODEL DATA -o STUDY`: run the data through the network and keep every layer."""

from viewer.amounts import byte_text, time_text
from viewer.verbs import options
from viewer.verbs.opening import open_data, open_network
from viewer.verbs.terminal import (
    console,
    note,
    print_json,
    shown_task,
    table,
)

USAGE = "MODEL DATA -o STUDY [options]"
KEEP = ("post", "pre", "pre,post")
SKIPPED_SHOWN = 5


def add_arguments(parser):
    """MODEL, DATA, the study, what is kept of it, and how it is computed."""
    options.add_model(parser)
    options.add_data(parser)
    study = parser.add_argument_group("study")
    study.add_argument(
        "-o",
        "--out",
        metavar="STUDY",
        required=True,
        help="folder of the study; continued if there",
    )
    study.add_argument(
        "--layers",
        metavar="GLOB",
        nargs="+",
        action="extend",
        help="only layers whose names fit one of these, as 'conv*' (all)",
    )
    study.add_argument(
        "--keep", metavar="WHICH", choices=KEEP, default="post", help="post, pre or pre,post (post)"
    )
    study.add_argument(
        "--policy",
        choices=("full", "sampled", "pooled"),
        help="what is kept of each map (full while the study stays small, else sampled)",
    )
    study.add_argument(
        "--positions",
        metavar="S",
        type=options.whole,
        default=16,
        help="positions a sample that `sampled` keeps (16)",
    )
    study.add_argument(
        "--quantiles",
        metavar="Q",
        type=options.whole,
        help="keep so many quantiles of each map beside its maximum and mean",
    )
    study.add_argument(
        "--dtype",
        choices=("float16", "float32"),
        help="of what is kept (float16, and float32 where values are too large for it)",
    )
    computing = parser.add_argument_group("computing")
    computing.add_argument(
        "--batch", metavar="N", type=options.whole, help="samples at a time (measured)"
    )
    computing.add_argument(
        "--memory",
        metavar="BYTES",
        type=options.size_in_bytes,
        help="most memory to use, as 2GB or 512MiB",
    )
    options.add_device(computing)
    options.add_json(parser)
    options.add_data_options(parser)


def run(arguments):
    """Extract, then say what is in the study."""
    import engine

    with shown_task("extracting") as task:
        network = open_network(arguments, task)
        data = open_data(arguments, task)
        report = engine.extract(
            network,
            data,
            arguments.out,
            layers=arguments.layers,
            keep=arguments.keep,
            policy=arguments.policy,
            positions=arguments.positions,
            quantiles=arguments.quantiles,
            dtype=arguments.dtype,
            batch=arguments.batch,
            memory=arguments.memory,
            device=arguments.device,
            confirm=_stated,
            task=task,
        )
    document = report.as_json()
    if arguments.json:
        print_json({"study": arguments.out, **document})
    else:
        _print(document, arguments.out)
    for text in document["notes"]:
        note(text)
    _note_skipped(document["skipped"])


def _stated(size):
    """Say how much is about to be written; a command line does not ask."""
    if size.samples_left:
        note(
            f"{size.samples_left:,} of {size.samples:,} samples to run, {size.batch:,} at a time; "
            f"the study takes {byte_text(size.bytes)}, {byte_text(size.free)} are free"
        )
    return True


def _print(report, study):
    rows = table(["layer", "kept", "policy", ("shape", "right"), "type", ("size", "right")])
    for layer in report["layers"]:
        shape = " x ".join(map(str, layer["shape"]))
        kept = _joined(layer["kept"])
        size = byte_text(layer["bytes"])
        rows.add_row(layer["name"], kept, layer["policy"], shape, layer["dtype"], size)
    out = console()
    out.print(rows)
    for line in _summary(report, study):
        out.print(line, soft_wrap=True)


def _summary(report, study):
    """What happened, in a few lines."""
    total = sum(layer["bytes"] for layer in report["layers"])
    new = report["samples"] - report["samples_reused"]
    yield f"{study}: {report['samples']:,} samples, {byte_text(total)}"
    if not new:
        yield "nothing was left to do: all samples were there from an earlier run"
    else:
        took = f"{new:,} samples in {time_text(report['seconds'])}"
        took += f" (the network alone: {time_text(report['seconds_plain_inference'])})"
        if report["samples_reused"]:
            took += f"; {report['samples_reused']:,} were there from an earlier run"
        yield took
    yield from _losses(report["loss"])
    if report["difference_from_plain"] is not None:
        yield (
            "largest difference between the outputs of the opened and of the untouched file: "
            f"{report['difference_from_plain']:.2g}"
        )
    if report.get("accuracy") is not None:
        yield f"accuracy {report['accuracy']:.4f}"


def _losses(loss):
    """The largest error that half precision makes, and in which layer."""
    if loss:
        layer, worst = max(loss.items(), key=lambda item: item[1]["relative"])
        yield (
            f"half precision changes values by at most {worst['relative']:.1g} of themselves "
            f"({layer}; --dtype float32 keeps them)"
        )


def _note_skipped(skipped):
    for item in skipped[:SKIPPED_SHOWN]:
        name, reason = item["name"], item["reason"]
        note(f"skipped {name}: {reason}")
    if len(skipped) > SKIPPED_SHOWN:
        note(f"skipped {len(skipped) - SKIPPED_SHOWN:,} more; they are listed in the study")


def _joined(kept):
    return kept if isinstance(kept, str) else ", ".join(kept)
