"""`lamella gradient MODEL --target T --wrt W -o FILE`: gradients as an ONNX file of their own."""

from pathlib import Path

from viewer.verbs import options
from viewer.verbs.terminal import console, note, print_json, shown_task

USAGE = "MODEL --target T [--target T ...] [--wrt W ...] -o FILE [options]"


def add_arguments(parser):
    """MODEL, what is derived with respect to what, and the file to write."""
    options.add_model(parser)
    parser.add_argument(
        "--target",
        metavar="T",
        action="append",
        required=True,
        help="what is derived: class:3, logit:3, LAYER:CHANNEL[:max|:sum], LAYER:CHANNEL@y,x, "
        "LAYER:CHANNEL@y0:y1,x0:x1; terms with factors joined by +, as class:3+-1*class:5",
    )
    parser.add_argument(
        "--wrt",
        metavar="W",
        action="append",
        help="with respect to what: input (the default), LAYER, LAYER:pre, weights:LAYER, "
        "bias:LAYER",
    )
    parser.add_argument(
        "--per-sample",
        action="store_true",
        help="gradients of weights and biases for each sample instead of their sum",
    )
    out = parser.add_argument(
        "-o", "--out", metavar="FILE", required=True, help="the ONNX file to write"
    )
    out.complete = options.FILES
    parser.add_argument(
        "--scores",
        metavar="NAME",
        help="the output that has the class scores (guessed and said when left out)",
    )
    parser.add_argument(
        "--size",
        metavar="ROWSxCOLS",
        type=options.size,
        help="size of the network's input where the file leaves it free, as 224x224 or 224",
    )
    options.add_device(parser)
    options.add_json(parser)


def run(arguments):
    """Open the network, build the graph, write it and tell."""
    import engine
    from viewer.samples import network_file

    with shown_task("opening") as task:
        network = engine.open_network(
            network_file(arguments.model),
            size=arguments.size,
            scores=arguments.scores,
            device=arguments.device,
            task=task,
        )
        for text in network.notes:
            note(text)
        task.report(0, 2, "writing the backward pass")
        gradients = engine.gradient_graph(
            network,
            arguments.target,
            arguments.wrt or ["input"],
            per_sample=arguments.per_sample,
        )
        for text in gradients.notes:
            note(text)
        task.report(1, 2, f"saving {Path(arguments.out).name}")
        files = gradients.save(arguments.out)
        task.report(2, 2, "saved")
    document = gradients.as_json()
    if arguments.json:
        print_json(document)
    else:
        _print(document, files)


def _print(document, files):
    out = console()
    names = ", ".join(str(path) for path in files)
    out.print(f"{names}: operator set {document['opset']}", highlight=False)
    for each in document["targets"]:
        out.print(f"{each['output']}  value of {each['target']}", highlight=False)
    for each in document["gradients"]:
        shape = " x ".join(str(size) for size in each["shape"])
        text = f"{each['output']}  gradient of {each['target']} by {each['wrt']}, {shape}"
        out.print(text, highlight=False)
