"""Random commands of every kind the program knows, with arguments that their validators accept.

Arguments are made from a kind's signature: by the argument's name where that says enough, else by
trying values of all sorts, learning from refusals which choices there are. A kind for which no
arguments are ever found fails the test that uses this, so no kind is left out unnoticed.
"""

import inspect
import random
import re

from engine.errors import InputError
from viewer.session.captions import PLACES
from viewer.session.command import KINDS, Command, apply
from viewer.session.replay import replay
from viewer.session.session import TRAVEL, Session
from viewer.state import layout as layouts
from viewer.state.selection import MODES
from viewer.state.tree import StateHolder, as_json, state_hash

LAYERS = ("conv1", "conv2", "fc", "absent")
REGIONS = ("class", "predicted", "samples", "all", "lasso", "projected", "points", "saved")
TRIES = 40
DRAGGED = ("camera.move", "focus.sample", "stack.spacing", "stack.opacity", "maps.look")


class StandingClock:
    """A clock that stands until it is moved."""

    def __init__(self):
        self.now = 0.0

    def __call__(self):
        return self.now


class Chance:
    """Makes random commands, the same for the same seed."""

    def __init__(self, seed):
        self.random = random.Random(seed)
        self.kinds = sorted(KINDS)
        self._choices = {}

    def args(self, kind, state):
        """Arguments of a kind that fit a state; None when none were found this time."""
        signature = inspect.signature(KINDS[kind].apply)
        for _ in range(TRIES):
            args = {}
            for name, parameter in list(signature.parameters.items())[1:]:
                if parameter.kind is parameter.VAR_KEYWORD:
                    continue
                optional = parameter.default is not parameter.empty
                if not optional or self.random.random() < 0.6:
                    args[name] = self._value(kind, name)
            try:
                apply(state, Command(kind, args))
            except InputError as error:
                self._learn(kind, error)
                continue
            return args
        return None

    def _learn(self, kind, error):
        """What a refusal says of the choices: ``expected a or b or c``."""
        is_choice = error.what == "no such choice" and isinstance(error.expected, str)
        if is_choice and " or " in error.expected:
            self._choices[kind, str(error.where)] = error.expected.split(" or ")

    def _value(self, kind, name):
        chance = self.random
        made = {
            "layer": lambda: chance.choice([*LAYERS, None]),
            "layers": lambda: chance.sample(LAYERS, 2),
            "sample": lambda: chance.randrange(14),
            "channel": lambda: chance.choice([None, chance.randrange(4)]),
            "unit": lambda: chance.choice([None, [chance.randrange(4), chance.randrange(4)]]),
            "text": lambda: chance.choice(["conv", "Ein Wort – 言葉", "a\nb"]),
            "place": lambda: chance.choice([*PLACES, chance.uniform(0, 5)]),
            "seconds": lambda: chance.uniform(0, 3),
            "region": self._region,
            "name": lambda: chance.choice(["first", "zweite", "第三"]),
            "steps": lambda: [["replace", self._region()], ["add", self._region()]],
            "layout": self._layout,
            "options": lambda: {"scale": round(chance.random(), 3), "bgr": chance.random() < 0.5},
            "preprocessing": lambda: chance.choice([None, {"preset": "imagenet"}]),
            "network": lambda: chance.choice(["net.onnx", "other.onnx"]),
            "data": lambda: chance.choice(["pictures", None]),
            "study": lambda: None,
            "points": lambda: [[0.0, chance.random()], [0.5, 0.2], [1.0, chance.random()]],
            "pair": lambda: chance.choice([None, [chance.randrange(9), chance.randrange(9)]]),
            "order": lambda: {"layer": "conv1", "channels": chance.sample(range(4), 4)},
            "clusters": lambda: chance.choice([None, 2, 5]),
            "shift": lambda: [chance.uniform(-9, 9) for _ in range(3)],
            "center": lambda: [chance.random() for _ in range(3 if kind == "slices.look" else 2)],
            "groups": lambda: [["first", "other", [2]], ["zweite", "similar", [0, 5, 7]]],
            "samples": lambda: chance.sample(range(14), 1 + chance.randrange(3)),
        }.get(name)
        choices = self._choices.get((kind, name)) or self._choices.get((kind, ""))
        if choices and chance.random() < 0.8:
            return chance.choice(choices)
        if made is not None and chance.random() < 0.9:
            return made()
        low = chance.uniform(-2, 2)
        return chance.choice([low, low + 1, abs(low), 3, 0, 1, True, False, None, "conv1", "", []])

    def _region(self, depth=0):
        kind = self.random.choice(REGIONS if depth < 2 else REGIONS[:-1])
        layer = self.random.choice(LAYERS)
        if kind == "lasso":
            x, y = (self.random.randrange(4) for _ in range(2))
            other = self.random.choice([None, None, *LAYERS])
            polygon = [[self.random.uniform(-1, 9) for _ in range(2)] for _ in range(5)]
            return {"kind": kind, "layer": layer, "other": other, "x": x, "y": y,
                    "polygon": polygon}  # fmt: skip
        if kind == "projected":
            numbers = [[self.random.uniform(-2, 2) for _ in range(4)] for _ in range(3)]
            polygon = [[self.random.uniform(-1, 1) for _ in range(2)] for _ in range(4)]
            return {"kind": kind, "layer": layer, "channels": self.random.sample(range(4), 3),
                    "matrix": numbers, "polygon": polygon}  # fmt: skip
        if kind == "points":
            points = [[self.random.randrange(12), self.random.randrange(8)] for _ in range(3)]
            return {"kind": kind, "layer": layer, "points": points}
        if kind == "saved":
            modes = self.random.choices(MODES, k=self.random.randrange(3))
            return {"kind": kind, "steps": [[mode, self._region(depth + 1)] for mode in modes]}
        items = [] if kind == "all" else self.random.sample(range(12), self.random.randrange(5))
        return {"kind": kind, "items": items}

    def _layout(self):
        name = self.random.choice(sorted(layouts.LAYOUTS))
        return name if self.random.random() < 0.5 else as_json(layouts.LAYOUTS[name])


def give_some(session, clock, chance, count, *, opens=True, after=lambda number: None):
    """Give a session so many random commands: of all kinds, drags, undo and redo.

    Returns
    -------
    dict of str to int
        How often each kind was given.
    """
    given = dict.fromkeys(chance.kinds, 0)
    kinds = [kind for kind in chance.kinds if opens or kind != "open"]
    for number in range(count):
        clock.now += chance.random.choice([0.01, 0.04, 0.3, 1.0, 2.5])
        what = chance.random.random()
        if what < 0.15:
            session.do(chance.random.choice(sorted(TRAVEL)))
        else:
            kind = chance.random.choice(DRAGGED if what < 0.3 else kinds)
            args = chance.args(kind, session.state)
            if args is None:
                continue
            given[kind] += 1
            if what < 0.3:
                for _ in range(chance.random.randrange(1, 6)):
                    clock.now += 0.02
                    session.drag(kind, **(chance.args(kind, session.state) or args))
            else:
                session.do(kind, **args)
        after(number)
    session.end_drag()
    return given


def give_save_and_replay(count=10_000, seed=4, folder=None):
    """Random commands of every kind, saved, read and replayed.

    Parameters
    ----------
    count, seed : int
    folder : Path
        Where the session file goes.

    Returns
    -------
    str
        What was done, one line.

    Raises
    ------
    AssertionError
        A replay that does not lead to the same state; a kind that was never given.
    """
    from viewer.session import journal

    clock = StandingClock()
    session = Session(StateHolder(), clock)
    given = give_some(session, clock, Chance(seed), count)
    never = [kind for kind, times in given.items() if not times]
    assert not never, f"no arguments were found for {never}: teach {__name__} some"
    path = folder / "random.lamella"
    journal.write(path, journal.Header(), session.commands)
    _, commands = journal.read(path)
    outcome = replay(commands)
    assert outcome.mismatches == [], outcome.mismatches[:3]
    assert state_hash(outcome.session.state) == state_hash(session.state)
    assert outcome.session.state == session.state
    kinds = sum(bool(times) for times in given.values())
    return f"{len(commands):,} random commands of {kinds} kinds replayed to the same state"


def resident_bytes():
    """Memory of this process, after what is free was given back."""
    import ctypes
    import gc

    gc.collect()
    library = ctypes.CDLL(None)
    if hasattr(library, "malloc_trim"):
        library.malloc_trim(0)
    with open("/proc/self/statm", encoding="ascii") as file:
        pages = int(re.split(r"\s+", file.read())[1])
    return pages * 4096
