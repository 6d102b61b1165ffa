"""What each step of a session did, in words: "focus sample 12", "orbit", "caption: Every layer"."""

from pathlib import Path

from viewer.session.moving import keys_of
from viewer.state.layout import TITLES
from viewer.studio.attributing import METHOD_WORDS as EXPLAINING
from viewer.studio.ordering import BASIS_WORDS as BASES
from viewer.studio.ordering import METHOD_WORDS as METHODS
from viewer.views.session import series_words

LONGEST = 80
PLAIN = {
    "undo": "undo",
    "redo": "redo",
    "camera.undo": "undo the movement",
    "camera.redo": "redo the movement",
    "camera.fit": "fit the stack",
    "camera.reset": "stack as first seen",
    "sample.fit": "fit the picture",
    "select.clear": "select nothing",
    "select.all": "select all samples",
    "select.invert": "select all others",
    "preprocess.confirm": "confirm the preprocessing",
    "extract.cancel": "stop extracting",
    "extract.automatic": "extract when certain",
    "stack.clip.reset": "clip nothing",
    "maps.reset": "feature maps as first seen",
    "matrix.fit": "see the whole matrix",
    "scatter.fit": "fit the scatter",
    "scatter.reset": "scatter as first seen",
    "filters.fit": "the whole picture of the top filters",
    "comparison.reset": "comparison as first seen",
    "slices.fit": "fit all slices",
    "importance.reset": "importance as first seen",
    "importance.on": "switch all filters on again",
    "points.reset": "points as at first",
    "orders.reset": "channels as in the file",
    "wait": "wait",
}
MODES = {"replace": "select", "add": "select also", "subtract": "deselect", "intersect": "keep"}
LOOKS = {
    "camera.move": "stack",
    "camera.stand": "stack",
    "maps.look": "feature maps",
    "matrix.look": "matrix",
    "scatter.look": "scatter",
    "comparison.look": "comparison",
    "slices.look": "slices",
    "importance.look": "importance",
    "network.move": "network",
    "network.look": "network",
    "sample.move": "picture",
    "filters.look": "picture of the top filters",
}


def words_of(step):
    """One line that says what a step does.

    Parameters
    ----------
    step : Command

    Returns
    -------
    str
    """
    try:
        text = PLAIN.get(step.kind) or _SAY.get(step.kind, _any)(step.args, keys_of(step))
    except (KeyError, TypeError, ValueError, AttributeError, IndexError):
        text = _any(step.args, [], step.kind)  # arguments of a version that is not known
    else:
        text = text or _any(step.args, [], step.kind)
    text = " ".join(text.split())
    return text if len(text) <= LONGEST else text[: LONGEST - 1] + "…"


def _any(args, keys, kind=None):
    """Words of a kind without a sentence of its own: its name and its values."""
    if kind is None:
        return None
    values = [_value(value) for name, value in args.items() if name != "keys"]
    return " ".join([*kind.replace("_", " ").split("."), *filter(None, values)])


def _value(value):
    if value is None:
        return "none"
    if isinstance(value, bool):
        return "on" if value else "off"
    if isinstance(value, float):
        return f"{value:.4g}"
    if isinstance(value, (list, tuple)):
        return ", ".join(_value(item) for item in value[:6]) + ("…" if len(value) > 6 else "")
    return "" if isinstance(value, dict) else str(value)


def _open(args, keys):
    names = [Path(str(args[name])).name for name in ("study", "network", "data") if args.get(name)]
    sample = names and names[0].startswith("sample:") and len(set(names)) == 1
    return "open " + (names[0] if sample else " with ".join(names) or "nothing")


def _sample(args, keys):
    if len(keys) > 1:
        return f"play samples {keys[0][1]['sample'] + 1:,} to {keys[-1][1]['sample'] + 1:,}"
    return f"focus sample {args['sample'] + 1:,}"


def _layer(args, keys):
    return f"focus {args['layer']}" if args["layer"] else "focus no layer"


def _channel(args, keys):
    return _layer(args, keys) + ("" if args["channel"] is None else f":{args['channel']}")


def _unit(args, keys):
    at = "" if not args["unit"] else "@" + ",".join(map(str, args["unit"]))
    return ("pick " if at else "focus ") + _channel(args, keys).removeprefix("focus ") + at


def _point(args, keys):
    at = "@" + ",".join(map(str, args["unit"])) if args.get("unit") else ""
    return f"pick sample {args['sample'] + 1:,} in {args['layer']}{at}"


def _move(kind):
    def say(args, keys):
        given = {name for _, frame in keys for name in frame} | set(args) - {"keys"}
        ways = []
        if given & {"azimuth", "elevation"}:
            ways.append("orbit" if keys else "turn")
        if given & {"zoom", "channels", "scale", "size", "span", "step"}:
            ways.append("zoom")
        if given & {"row", "column", "bars", "rates", "table"}:
            ways.append("scroll")
        if given & {"shift", "x", "y", "center", "place"}:
            ways.append("scroll" if kind == "maps.look" else "move")
        return f"{' and '.join(ways) or 'look'}: {LOOKS[kind]}"

    return say


def _brush(args, keys):
    region, mode = args["region"], MODES[args["mode"]]
    items, what = region.get("items", []), region["kind"]
    if what == "all":
        return f"{mode} all samples"
    if what == "lasso":
        across = f"{region['other']}:" if region.get("other") else ""
        return f"{mode} by lasso in {region['layer']}, {across}{region['x']} by {region['y']}"
    if what == "projected":
        channels = ", ".join(map(str, region["channels"]))
        return f"{mode} by outline in {region['layer']}, channels {channels}"
    if what == "points":
        count = len(region["points"])
        return f"{mode} {count:,} point{'' if count == 1 else 's'} of {region['layer']}"
    if what == "saved":
        return f"{mode} a saved selection"
    one, several = {
        "class": ("class", "classes"),
        "predicted": ("predicted class", "predicted classes"),
        "samples": ("sample", "samples"),
    }[what]
    shown = [item + 1 for item in items] if one == "sample" else items
    return f"{mode} {one if len(items) == 1 else several} {_value(shown)}"


def _recall(args, keys):
    return f"{MODES[args.get('mode', 'replace')]} “{args['name']}”"


def _means(args, keys):
    return "show the selection's mean" if args["shown"] else "show the focused sample"


def _look(args, keys):
    names = {"start": "its beginning", "end": "its end", "whole": "all of it"}
    return f"network: {names[args['framing']]}"


def _listed(args, keys):
    names = {"all": "all samples", "selected": "those selected", "wrong": "those predicted wrong"}
    return f"list {names.get(args['listed'], args['listed'])}"


def _pane(args, keys):
    return f"{'show' if args['shown'] else 'close'} {TITLES[args['pane']]}"


def _only(args, keys):
    return f"{TITLES[args['pane']]} alone" if args["pane"] else "all panes"


def _choose(args, keys):
    return f"layout {args['layout']}"


def _caption(args, keys):
    return f"“{args['text']}”"


def _options(args, keys):
    if not args["options"]:
        return "preprocess as guessed"
    pairs = (f"{name} {_value(value)}" for name, value in sorted(args["options"].items()))
    return "preprocess with " + ", ".join(pairs)


def _extract(args, keys):
    return f"keep {args['layer']} in full" if args.get("layer") else "extract all samples"


def _order(args, keys):
    layer = f" of {args['layer']}" if args.get("layer") else ""
    if args.get("method") is None:
        return f"order channels{layer} by the {BASES[args['basis']]}"
    words = METHODS[args["method"]]
    if args.get("basis"):
        words += f" of the {BASES[args['basis']]}"
    return f"order channels{layer}: {words}"


def _own_order(args, keys):
    return f"{args['layer']}: " + ("an order of its own" if args["own"] else "the order of all")


def _target(args, keys):
    words = {"": "the predicted class", "label": "the label's class", "focus": "what is focused"}
    return f"explain {words.get(args['target'], args['target'])}"


def _switch(args, keys):
    return f"switch {args['layer']}:{args['channel']} {'off' if args['off'] else 'on again'}"


def _off(args, keys):
    if not args["channels"]:
        return f"switch all filters of {args['layer']} on again"
    return f"switch {len(args['channels']):,} filters of {args['layer']} off"


def _of_class(args, keys):
    of_class = args["of_class"]
    return f"importance for {'each own label' if of_class is None else f'class {of_class}'}"


def _between(args, keys):
    words = {"rows": "cuts by row", "columns": "cuts by column"}
    return f"compare orders of {words.get(args['between'], args['between'])}"


def _pair(args, keys):
    if args["pair"] is None:
        return "no pair of orders"
    first, second = (at + 1 for at in args["pair"])
    return f"orders {first} and {second} against each other"


def _cut(args, keys):
    places = [f"{name} {args[name]:.0%}" for name in ("row", "column") if name in args]
    if args.get("channel") is not None:
        places.insert(0, f"channel {args['channel']}")
    return f"slice at {', '.join(places)}"


def _shown(words):
    return lambda args, keys: f"{'show' if args['shown'] else 'hide'} {words}"


def _range(words):
    def say(args, keys):
        limit = args["limit"]
        return f"{words} in its own range" if limit is None else f"{words} to ±{_value(limit)}"

    return say


_SAY = {
    "open": _open,
    "focus.sample": _sample,
    "focus.layer": _layer,
    "focus.channel": _channel,
    "focus.unit": _unit,
    "matrix.point": _point,
    "scatter.point": _point,
    "select.brush": _brush,
    "select.save": lambda args, keys: f"save the selection as “{args['name']}”",
    "select.recall": _recall,
    "select.forget": lambda args, keys: f"forget the selection “{args['name']}”",
    "select.means": _means,
    "window.pane": _pane,
    "window.only": _only,
    "window.choose": _choose,
    "window.layout": lambda args, keys: "arrange the panes",
    "window.theme": lambda args, keys: f"{args['theme']} theme",
    "window.presenting": lambda args, keys: "present" if args["presenting"] else "end presenting",
    "caption": _caption,
    "network.look": _look,
    "film.listed": _listed,
    "stack.mode": lambda args, keys: f"stack: {args['mode']}",
    "stack.source": lambda args, keys: f"stack: {args['source']}",
    "orders.choose": _order,
    "orders.own": _own_order,
    "orders.save": lambda args, keys: f"save the order as “{args['name']}”",
    "orders.apply": lambda args, keys: f"order by “{args['name']}”",
    "orders.forget": lambda args, keys: f"forget the order “{args['name']}”",
    "attribution.show": lambda args, keys: "explain" if args["shown"] else "explain no more",
    "attribution.method": lambda args, keys: f"explain by {EXPLAINING[args['method']]}",
    "attribution.rule": lambda args, keys: f"explain by LRP {args['rule']}",
    "attribution.limit": _range("attribution"),
    "comparison.limit": _range("comparison"),
    "attribution.layer": lambda args, keys: f"Grad-CAM of the {args['layer']} layer",
    "attribution.target": _target,
    "slices.source": lambda args, keys: f"slice the {args['source'].replace('-', ' ')}",
    "slices.cut": _cut,
    "slices.before": _shown("slices in file order beside"),
    "slices.bars": _shown("bars between clusters"),
    "network.colour": lambda args, keys: f"network: colour by {args['by']}",
    "importance.switch": _switch,
    "importance.off": _off,
    "importance.class": _of_class,
    "importance.measure": lambda args, keys: f"importance by {args['measure']}",
    "importance.by": lambda args, keys: f"filters that are off: {args['by']} in their place",
    "preprocess.set": _options,
    "extract.start": _extract,
    "network.choose": _layer,
    "stability.between": _between,
    "stability.correlation": lambda args, keys: f"orders compared by {args['correlation']}",
    "stability.picture": lambda args, keys: f"orders: pictures of {args['picture']}",
    "stability.page": lambda args, keys: f"orders: {args['page']}",
    "stability.pair": _pair,
    "stability.costly": lambda args, keys: f"make orders of {args['layer']} that take long",
    **series_words.SAY,
    **{kind: _move(kind) for kind in LOOKS if kind not in ("camera.stand", "network.look")},
}
