"""`lamella info MODEL`: what a network is, and with `--check IMAGE` what it says of a picture."""

from pathlib import Path

from engine.errors import InputError, printable
from viewer.verbs import options
from viewer.verbs.terminal import console, note, print_json, shown_task, table

USAGE = "MODEL [--check IMAGE] [options]"
TOP = 5


def add_arguments(parser):
    """MODEL, a picture to check, and the options for data."""
    options.add_model(parser)
    check = parser.add_argument(
        "--check", metavar="IMAGE", help=f"show the top {TOP} classes of this picture"
    )
    check.complete = options.FILES
    options.add_device(parser)
    options.add_json(parser)
    options.add_data_options(parser)


def run(arguments):
    """Open the network, run the picture if there is one, and tell."""
    from engine.network.network import info_json
    from viewer.verbs.opening import open_network

    with shown_task("opening") as task:
        network = open_network(arguments, task)
        document = info_json(network)
        if arguments.check is not None:
            document["check"] = _checked(arguments, network, task)
    if arguments.json:
        print_json(document)
    else:
        _print(document, network)


def _checked(arguments, network, task):
    """The best classes of a picture: ``{image, top: [{class, name, probability}]}``."""
    import engine
    from engine.data import fit_labels
    from engine.run import Runner, run_sample
    from viewer.studio.predictions import best, probabilities

    if network.scores is None or network.preprocessing is None:
        raise InputError(
            f"it gives no class scores: {network.scores_reason}",
            where=arguments.model,
            remedy="name the output with --scores, or leave --check out",
        )
    data = engine.open_data(arguments.check, classes=arguments.classes, task=task)
    if len(data) != 1:
        got = f"{len(data):,} samples ({data.kind})"
        raise InputError("--check takes one picture", where=arguments.check, got=got)
    _, names, told = fit_labels(data, network.scores.classes)
    for text in (*data.notes, *told):
        note(text)
    with Runner(network.path, device=arguments.device, task=task) as runner:
        _, scores = run_sample(runner, network, network.preprocessing, data.image(0), layers=[])
    named = best(probabilities(scores, network.scores), names if data.classes else None, TOP)
    top = [{"class": p.index, "name": p.name, "probability": p.share} for p in named]
    return {"image": arguments.check, "top": top}


# -- for a person ----------------------------------------------------------------------------------


def _print(document, network):
    out = console()
    for line in _facts(document, network):
        out.print(printable(line), soft_wrap=True)
    out.print(_layer_table(network))
    for line in _check(document.get("check")):
        out.print(line, soft_wrap=True)


def _facts(document, network):
    """What the network is, a line a fact."""
    made = f"{network.producer or 'unknown producer'}, opset {network.opset}"
    yield f"{Path(network.path).name}: {made}, {network.nodes:,} nodes"
    yield (
        f"{len(network.layers):,} layers, {document['params']:,} parameters, "
        f"{count_text(document['macs'])} multiply-adds"
    )
    for tensor in network.inputs:
        chosen = f", run as {_shape(network.input_shape)}"
        chosen = chosen if tensor.name == network.image_input else ""
        yield f"input   {tensor.name}: {tensor.dtype} {_shape(tensor.shape)}{chosen}"
    for tensor in network.outputs:
        yield f"output  {tensor.name}: {tensor.dtype} {_shape(tensor.shape)}"
    found = network.scores
    yield (
        f"class scores: {found.classes} classes, {found.reason}"
        if found
        else (f"no class scores: {network.scores_reason}")
    )
    steps = network.preprocessing
    if steps is not None:
        sure = "" if steps.certain else " (a guess: see --check and the options of preprocessing)"
        yield f"preprocessing: {steps}"
        yield f"  because {steps.reason}{sure}"


def _layer_table(network):
    right = [(name, "right") for name in ("parameters", "multiply-adds", "receptive field", "step")]
    rows = table(["layer", "kind", ("output", "right"), *right, "from"])
    before = "input"
    for layer in network.layers:
        field, step = _field(layer.receptive_field)
        sources = "" if layer.sources == (before,) else ", ".join(layer.sources)
        rows.add_row(
            layer.name,
            layer.kind,
            _shape(layer.output_shape),
            f"{layer.params:,}" if layer.params else "",
            count_text(layer.macs) if layer.macs else "",
            field,
            step,
            sources,
        )
        before = layer.name
    return rows


def _field(field):
    """Receptive field and its step as a person reads them."""
    if field is None:
        return "", ""
    if field.status == "whole input":
        return "whole input", ""
    bound = "at most " if field.status == "upper bound" else ""
    steps = [f"{float(step):g}" for step in field.stride]
    return bound + _shape(field.size), steps[0] if len(set(steps)) == 1 else " x ".join(steps)


def _check(check):
    """The best classes of the picture, a line a class."""
    if check is None:
        return
    yield check["image"]
    for item in check["top"]:
        yield f"  {item['probability']:.4f}  {item['name']}"


def _shape(shape):
    if shape is None:
        return "of unknown shape"
    return " x ".join("?" if side is None else str(side) for side in shape) or "one number"


def count_text(count):
    """A count as a person reads it: ``1.32 G``, ``45.1 M``, ``820``."""
    for unit in ("", " k", " M", " G"):
        if count < 1000:
            return f"{count:.3g}{unit}"
        count /= 1000
    return f"{count:.3g} T"
