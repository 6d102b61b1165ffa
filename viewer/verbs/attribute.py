"""`lamella attribute MODEL IMAGE --method M --target T -o FILE`: what a decision rests on."""

from pathlib import Path

import numpy as np

from engine.attribution import METHODS
from engine.errors import InputError
from viewer.verbs import options
from viewer.verbs.terminal import console, note, print_json, shown_task

USAGE = "MODEL IMAGE --method M --target T -o OUT.png|.npy|.h5 [options]"
KINDS = (".png", ".npy", ".h5")


def add_arguments(parser):
    """MODEL, IMAGE, the method with its settings, and the file to write."""
    options.add_model(parser)
    image = parser.add_argument(
        "image", metavar="IMAGE", help="one picture; of several the first, with --limit 1"
    )
    image.complete = options.FILES
    parser.add_argument(
        "--method", metavar="M", required=True, choices=METHODS, help=", ".join(METHODS)
    )
    parser.add_argument(
        "--target",
        metavar="T",
        required=True,
        help="what is explained: class:3, logit:3, LAYER:CHANNEL[:max|:sum], LAYER:CHANNEL@y,x, "
        "LAYER:CHANNEL@y0:y1,x0:x1; terms with factors joined by +",
    )
    parser.add_argument(
        "--top-units",
        metavar="SHARE",
        type=options.number,
        help="start at the channel's units of at least this share of its maximum, as 0.98",
    )
    parser.add_argument(
        "--rule",
        metavar="RULE",
        help="of lrp: epsilon[=e], gamma[=g], alpha-beta[=a,b], z-plus, z-box, flat, w-square; "
        "composites epsilon-plus (the default), epsilon-gamma-box, alpha2-beta1",
    )
    parser.add_argument(
        "--steps",
        metavar="N",
        type=options.whole,
        help="pictures that integrated-gradients and smoothgrad average over",
    )
    parser.add_argument(
        "--seed", metavar="N", type=int, default=0, help="of random numbers (0 when left out)"
    )
    parser.add_argument(
        "--layer", metavar="LAYER", help="of grad-cam (the last one with maps when left out)"
    )
    parser.add_argument(
        "--square", metavar="PIXELS", type=options.whole, help="of occlusion: side of the square"
    )
    parser.add_argument(
        "--fill", choices=("grey", "random"), default="grey", help="of occlusion: what covers"
    )
    parser.add_argument(
        "--keep",
        metavar="LAYER",
        action="append",
        default=[],
        help="keep the gradient or relevance of this layer, too, in an .h5 file; all: of every one",
    )
    out = parser.add_argument(
        "-o",
        "--out",
        metavar="FILE",
        required=True,
        help=".png (a signed map), .npy (the values) or .h5 (everything)",
    )
    out.complete = options.FILES
    options.add_device(parser)
    options.add_json(parser)
    options.add_data_options(parser)


def run(arguments):
    """Open the network and the picture, explain, write and tell."""
    import engine
    from viewer.verbs.opening import open_network

    path = _out(arguments.out)
    if arguments.keep and path.suffix != ".h5":
        raise InputError("--keep needs an .h5 file", where=arguments.out)
    with shown_task("opening") as task:
        network = open_network(arguments, task)
        picture = _picture(arguments, network, task)
        task.report(0, 2, f"{arguments.method} of {arguments.target}")
        found = engine.attribute(
            network,
            picture,
            arguments.method,
            arguments.target,
            device=arguments.device,
            task=task,
            **_settings(arguments),
        )
        for text in found.notes:
            note(text)
        scale = _write(found, path, network)
        task.report(2, 2, "saved")
    document = found.as_json()
    if scale is not None:
        document["scale"] = scale
    if arguments.json:
        print_json(document)
    else:
        _print(document, path)


def _settings(arguments):
    """What was said of the method, as keywords of `Explainer.attribute`."""
    said = {
        "top_units": arguments.top_units,
        "seed": arguments.seed,
        "steps": arguments.steps,
        "layer": arguments.layer,
        "square": arguments.square,
        "fill": arguments.fill,
        "keep": "all" if "all" in arguments.keep else arguments.keep,
    }
    if arguments.rule is not None:
        if arguments.method != "lrp":
            raise InputError("--rule belongs to --method lrp", got=f"--method {arguments.method}")
        said["rule"] = arguments.rule
    return said


def _out(text):
    path = Path(text)
    if path.suffix not in KINDS:
        raise InputError(
            "what is to be written is told by the name's end", where=text, expected=", ".join(KINDS)
        )
    if not path.parent.is_dir():
        raise InputError("there is no such folder", where=path.parent)
    return path


def _picture(arguments, network, task):
    """The one picture of IMAGE."""
    import engine

    if network.preprocessing is None:
        raise InputError("its input takes no pictures", where=arguments.model)
    data = engine.open_data(arguments.image, limit=arguments.limit, task=task)
    for text in data.notes:
        note(text)
    if len(data) != 1:
        got = f"{len(data):,} samples ({data.kind})"
        raise InputError(
            "attribute takes one picture",
            where=arguments.image,
            got=got,
            remedy="--limit 1 takes the first",
        )
    return data.image(0)


def _write(found, path, network):
    """Write the result; of a picture, its colours' scale."""
    from engine.attribution.attribute import save

    if path.suffix != ".png":
        save(found, path)
        return None
    heat = _as_picture(found.heat(), network)
    finite = np.isfinite(heat)
    largest = float(np.abs(heat[finite]).max(initial=0.0))
    image = coloured(heat, largest)
    part = path.with_name(path.name + ".part")
    try:
        from PIL import Image

        Image.fromarray(image).save(part, format="PNG")
        part.replace(path)
    finally:
        part.unlink(missing_ok=True)
    return {
        "colours": "crameri:vik",
        "low": -largest,
        "high": largest,
        "not_finite": int((~finite).sum()),
    }


def _as_picture(heat, network):
    """Values without rows and columns in the rows and columns of the picture they came from."""
    if heat.ndim == 2:
        return heat
    rows, columns = network.preprocessing.size
    if heat.size % (rows * columns):
        return heat.reshape(1, -1)
    return heat.reshape(-1, rows, columns).sum(0)


def coloured(heat, largest):
    """Signed values as colours: zero is white, what is not finite magenta.

    Parameters
    ----------
    heat : float32[H, W]
    largest : float
        The value that gets the last colour, and with a minus the first.

    Returns
    -------
    uint8[H, W, 3]
    """
    from viewer.gl.theme import LIGHT
    from viewer.visuals.transfer import colours

    table = np.asarray(colours(LIGHT, True))[:, :3]
    if table.dtype != np.uint8:
        table = np.rint(np.clip(table, 0, 1) * 255).astype(np.uint8)
    finite = np.isfinite(heat)
    share = np.where(finite, heat, 0) / (largest or 1.0)
    place = np.rint((share + 1) / 2 * (len(table) - 1)).astype(int)
    image = table[np.clip(place, 0, len(table) - 1)]
    image[~finite] = (255, 0, 255)
    return image


def _print(document, path):
    out = console()
    out.print(
        f"{path}: {document['method']} of {document['target']}, score {document['score']:.6g}"
    )
    for name, value in document["settings"].items():
        out.print(f"{name}: {value}")
    check = document["check"]
    if check is not None:
        word = "holds" if check["holds"] else "does not hold"
        out.print(f"{check['name']} {word}: off by {check['value']:.2g} of the score")
    if "absorbed" in document:
        out.print(f"biases, constants and epsilon absorbed {document['absorbed']:.3g} of the score")
    if "scale" in document:
        scale = document["scale"]
        out.print(f"colours from {scale['low']:.4g} to {scale['high']:.4g}")
    out.print(f"{document['seconds']:.2f} s")
