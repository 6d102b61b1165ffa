"""What commands of a series of gradients did, in words."""


def _step(args, keys):
    if len(keys) > 1:
        return f"play steps {keys[0][1]['step'] + 1} to {keys[-1][1]['step'] + 1} of the series"
    return f"step {args['step'] + 1} of the series"


def _build(args, keys):
    count = len(args["groups"])
    return f"build a series of {count} step{'' if count == 1 else 's'}"


def _add(args, keys):
    count = len(args["samples"])
    said = f"sample {args['samples'][0] + 1:,}" if count == 1 else f"{count:,} samples"
    return f"add {said} to the series"


def _choose(args, keys):
    label = args["label"]
    said = "as suggested" if label is None else "none" if label < 0 else f"class {label}"
    return f"series: {args['role']} class {said}"


def _difference(args, keys):
    words = {
        "none": "gradients as they are",
        "reference": "less the reference step",
        "before": "less the step before",
    }
    return f"series: {words.get(args['difference'], args['difference'])}"


def _check(args, keys):
    words = {
        "none": "check no gradients",
        "largest": "check the largest gradients",
        "random": "check random gradients",
        "chosen": "check the gradient of the weight picked",
    }
    return words.get(args["check"])


def _weight(args, keys):
    if args["layer"] is None:
        return "no weight"
    return f"pick a weight of {args['layer']}:{args['filter']}, input {args['input']}"


SAY = {
    "series.step": _step,
    "series.build": _build,
    "series.add": _add,
    "series.remove": lambda args, keys: f"remove step {args['step'] + 1} of the series",
    "series.move": lambda args, keys: f"move step {args['step'] + 1} to place {args['to'] + 1}",
    "series.rename": lambda args, keys: f"call step {args['step'] + 1} “{args['name']}”",
    "series.clear": lambda args, keys: "no series",
    "series.reference": lambda args, keys: f"differences to step {args['step'] + 1}",
    "series.difference": _difference,
    "series.unfolding": lambda args, keys: f"weights unfolded as {args['unfolding']}",
    "series.rate": lambda args, keys: f"series at {args['rate']:g} steps a second",
    "series.choose": _choose,
    "series.each": lambda args, keys: f"series: {args['each']} right and wrong samples of each",
    "series.together": lambda args, keys: (
        "series: samples of a kind together" if args["together"] else "series: a step a sample"
    ),
    "series.picture": lambda args, keys: f"small pictures: {args['picture']}",
    "series.check": _check,
    "series.checked": lambda args, keys: f"check {args['checked']} gradients",
    "series.weight": _weight,
}
