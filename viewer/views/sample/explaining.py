"""What a person can do with the attribution: method, target, rule and how it is shown."""

from viewer.actions import Action, always
from viewer.state.attribution import (
    FOCUS,
    LABEL,
    MOST_STEPS,
    OF_A_LAYER,
    PREDICTED,
    RULED,
    RULES,
    SEEDED,
    STEPPED,
    WITHIN,
)
from viewer.studio.attributing import (
    METHOD_WORDS,
    aim_of,
    class_of,
    class_target,
    overlay_question,
)
from viewer.studio.facts import READY
from viewer.views.signed_map import own_limit

MENU = "Attribution"
TARGET_TEXTS = {
    PREDICTED: ("predicted", "The Predicted Class"),
    LABEL: ("label", "The Label's Class"),
    FOCUS: ("focus", "The Focused Unit or Channel"),
}
LAYER_TEXTS = {
    "last": "The Last Layer with Maps before the Target",
    "active": "The Active Layer",
}
OPACITY_STEP = 0.1
STEP = 1.25
FIRST_STEPS = 64


def _toggled(state, facts):
    return "attribution.show", {"shown": not state.attribution.shown}


def _other_method(steps):
    def wish(state, facts):
        names = list(METHOD_WORDS)
        at = (names.index(state.attribution.method) + steps) % len(names)
        return "attribution.method", {"method": names[at]}

    return wish


def _other_class(steps):
    """A wish for the class beside the one that is explained."""

    def wish(state, facts):
        ready = facts.phase == READY and facts.network is not None and facts.answer is not None
        scores = facts.network.scores if ready else None
        if scores is None:
            return None
        index = class_of(aim_of(state, facts).target, scores)
        index = 0 if index is None else (index + steps) % scores.classes
        return "attribution.target", {"target": class_target(scores, index)}

    return wish


def _opacity(step):
    def wish(state, facts):
        opacity = round(min(1.0, max(0.0, state.attribution.opacity + step)), 3)
        changes = opacity != state.attribution.opacity
        return ("attribution.opacity", {"opacity": opacity}) if changes else None

    return wish


def _steps(factor):
    def wish(state, facts):
        settings = state.attribution
        steps = min(MOST_STEPS, max(1, int((settings.steps or FIRST_STEPS) * factor)))
        able = settings.method in STEPPED and steps != settings.steps
        return ("attribution.steps", {"steps": steps}) if able else None

    return wish


def _own_steps(state, facts):
    return ("attribution.steps", {"steps": None}) if state.attribution.steps is not None else None


def _other_seed(state, facts):
    settings = state.attribution
    able = settings.method in SEEDED
    return ("attribution.seed", {"seed": settings.seed + 1}) if able else None


def _layer(layer):
    def wish(state, facts):
        able = state.attribution.method in OF_A_LAYER
        return ("attribution.layer", {"layer": layer}) if able else None

    return wish


def _rule(rule):
    def wish(state, facts):
        able = state.attribution.method in RULED
        return ("attribution.rule", {"rule": rule}) if able else None

    return wish


def _ranged(factor):
    """A wish for a wider or narrower range of what lies over the picture."""

    def wish(state, facts):
        question = None if facts.lack is not None else overlay_question(state, facts)
        found = None if question is None else facts.explanations.get(question.key)
        if found is None or found.value is None or found.value.heat is None:
            return None
        settings = state.attribution
        limit = settings.limit or own_limit(found.value, settings.within)
        return ("attribution.limit", {"limit": limit * factor}) if limit else None

    return wish


def _own_range(state, facts):
    return ("attribution.limit", {"limit": None}) if state.attribution.limit is not None else None


ACTIONS = (
    Action("attribution.show", "Over the Sample", MENU, ("D",), _toggled,
           checked=lambda state: state.attribution.shown),
    *(
        Action(f"attribution.method.{method}", words, f"{MENU}/Method", (),
               always("attribution.method", method=method),
               checked=lambda state, method=method: state.attribution.method == method)
        for method, words in METHOD_WORDS.items()
    ),
    Action("attribution.method.after", "Next Method", f"{MENU}/Method", ("Shift+D",),
           _other_method(1)),
    Action("attribution.method.before", "Method Before", f"{MENU}/Method", (),
           _other_method(-1)),
    *(
        Action(f"attribution.target.{name}", text, f"{MENU}/Target", (),
               always("attribution.target", target=target),
               checked=lambda state, target=target: state.attribution.target == target)
        for target, (name, text) in TARGET_TEXTS.items()
    ),
    Action("attribution.class.after", "Next Class", f"{MENU}/Target", ("Alt+D",), _other_class(1)),
    Action("attribution.class.before", "Class Before", f"{MENU}/Target", ("Alt+Shift+D",),
           _other_class(-1)),
    *(
        Action(f"attribution.rule.{rule}", rule, f"{MENU}/Rule of LRP", (), _rule(rule),
               checked=lambda state, rule=rule: state.attribution.rule == rule)
        for rule in RULES
    ),
    *(
        Action(f"attribution.layer.{layer}", text, f"{MENU}/Layer of Grad-CAM", (), _layer(layer),
               checked=lambda state, layer=layer: state.attribution.layer == layer)
        for layer, text in LAYER_TEXTS.items()
    ),
    Action("attribution.steps.more", "Twice as Many Steps", f"{MENU}/Steps", (), _steps(2)),
    Action("attribution.steps.fewer", "Half as Many Steps", f"{MENU}/Steps", (), _steps(0.5)),
    Action("attribution.steps.own", "The Method's Own Number", f"{MENU}/Steps", (), _own_steps),
    Action("attribution.seed", "Other Random Numbers", f"{MENU}/Steps", (), _other_seed),
    *(
        Action(f"attribution.within.{1000 * share:g}",
               "All Values" if share == 1 else f"{100 * share:g} % of the Values",
               f"{MENU}/Value Range", (), always("attribution.within", within=share),
               checked=lambda state, share=share: state.attribution.within == share)
        for share in WITHIN
    ),
    Action("attribution.limit.wider", "Wider Range", f"{MENU}/Value Range", (), _ranged(STEP)),
    Action("attribution.limit.narrower", "Narrower Range", f"{MENU}/Value Range", (),
           _ranged(1 / STEP)),
    Action("attribution.limit.own", "Forget the Range Set by Hand", f"{MENU}/Value Range", (),
           _own_range),
    Action("attribution.opacity.more", "More Opaque", MENU, ("Ctrl+D",), _opacity(OPACITY_STEP)),
    Action("attribution.opacity.less", "Less Opaque", MENU, ("Ctrl+Shift+D",),
           _opacity(-OPACITY_STEP)),
)  # fmt: skip
