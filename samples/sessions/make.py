"""Make the sample sessions: `python -m samples.sessions.make` writes them beside this file.

A session is made as a person makes one, by giving commands to a `Session`; only its clock is ours.
Rests are long and few things move at a time, so that a computer without a GPU renders it quickly.
"""

from math import cos, pi
from pathlib import Path

from viewer.session import journal
from viewer.session.locating import hash_of
from viewer.session.session import Session
from viewer.state.tree import StateHolder

FOLDER = Path(__file__).resolve().parent
SHAPES, DIGITS = "sample:shapes", "sample:digits"
ROLES = ("network", "data")
KEYS_A_SECOND = 10


class Maker:
    """Records a session at times of our own.

    Parameters
    ----------
    sample : str
        Network and data, by name.

    Attributes
    ----------
    now : float
        Seconds of the session.
    """

    def __init__(self, sample=SHAPES):
        self.now = 0.0
        self.sample = sample
        self.session = Session(StateHolder(), lambda: self.now)
        self.do("open", 0.5, network=sample, data=sample)

    def do(self, kind, pause=0.0, **args):
        """Give a command, then let some time pass."""
        self.session.do(kind, **args)
        self.now = round(self.now + pause, 3)

    def say(self, text, seconds, place="bottom"):
        """A caption; time does not pass."""
        self.do("caption", text=text, place=place, seconds=seconds)

    def fly(self, seconds, pause=0.0, kind="camera.move", **ways):
        """Drag numbers from one value to another, beginning and ending softly."""
        start, count = self.now, round(seconds * KEYS_A_SECOND)
        for number in range(count + 1):
            share = (1 - cos(pi * number / count)) / 2
            self.now = round(start + seconds * number / count, 3)
            args = {name: round(float(a + (b - a) * share), 4) for name, (a, b) in ways.items()}
            self.session.drag(kind, **args)
        self.session.end_drag()
        self.now = round(self.now + pause, 3)

    def play(self, samples, seconds):
        """Play samples one after the other, as one command."""
        start = self.now
        for number, sample in enumerate(samples):
            self.now = round(start + seconds * number / len(samples), 3)
            self.session.drag("focus.sample", sample=sample)
        self.session.end_drag()
        self.now = round(start + seconds, 3)

    def save(self, name, folder=FOLDER):
        """Write the session, beside this file or elsewhere; returns its path."""
        hashes = {role: hash_of(role, self.sample) for role in ROLES}
        source = {role: {"hash": hashes[role], "path": self.sample} for role in ROLES}
        window = {"theme": "dark"}
        header = journal.Header(**source, window=window)
        path = folder / f"{name}{journal.SUFFIX}"
        journal.write(path, header, self.session.commands)
        return path


def tour():
    """The tour of the sample network: its views one after the other, in 36 seconds."""
    made = Maker()
    made.say("Every layer of a network, as a volume", 4.0)
    made.fly(2.5, 1.5, azimuth=(52.0, 30.0), elevation=(16.0, 10.0))
    made.say("Step through the samples: all layers answer", 4.0)
    made.play((1, 2, 3, 4, 6), 3.5)
    made.now += 0.5

    made.do("window.only", 0.2, pane="stack")
    made.fly(1.5, 0.8, azimuth=(30.0, 58.0), zoom=(1.0, 1.6))
    made.say("Maximum intensity", 2.2, "top")
    made.do("stack.mode", 2.4, mode="maximum")
    made.say("Isosurfaces", 2.2, "top")
    made.do("stack.mode", 2.4, mode="isosurface")
    made.do("stack.mode", 0.3, mode="emission")
    made.do("camera.reset", 0.5)

    made.do("window.choose", 0.3, layout="Stack")
    made.say("A voxel picked: what it sees of the picture", 4.0)
    made.do("focus.unit", 4.2, layer="conv3_2", channel=1, unit=[11, 13])

    made.do("window.choose", 0.3, layout="Feature maps")
    made.say("Every channel of every layer", 3.6)
    made.fly(2.0, 1.8, kind="maps.look", place=(0.0, 6.0))

    made.do("window.choose", 0.3, layout="Network")
    made.say("The graph, coloured by what each layer costs", 3.6)
    made.do("network.colour", 2.0, by="macs")
    made.do("network.look", 2.0, framing="whole")

    made.do("window.choose", 0.2, layout="Standard")
    made.do("select.brush", mode="replace", region={"kind": "class", "items": [2]})
    made.say("One selection in all views", 2.6)
    made.do("film.listed", 1.4, listed="selected")
    made.do("focus.sample", 1.4, sample=26)
    made.do("camera.fit", 0.4)
    made.say("Save it, replay it, render it: this was a session", 2.2)
    made.do("wait", seconds=2.5)
    return made


FOURS, SLANT = 13, 11
"""Channels of ``fc1``: the one that answers to fours, and one that sixes and fours share."""
AROUND_FOURS = ((13.0, 7.5), (19.0, 7.0), (24.5, 9.5), (24.5, 14.0), (14.0, 14.8), (12.5, 11.0))
ODD_FOUR = 1628


def matrix():
    """Features against features: navigation, a lasso, a class, another layer, in space; 32 s."""
    made = Maker(DIGITS)
    made.do("points.size", size=4.0)
    made.do("window.choose", layout="Matrix")
    made.do("focus.layer", 0.4, layer="fc1")
    made.say("Every channel of a layer against every other, for every sample", 4.2)
    made.now += 4.4

    made.say("Down to one pair of channels", 3.6)
    column, row = FOURS + 0.5, SLANT + 0.5
    near = {"x": (12.0, column), "y": (12.0, row), "span": (24.0, 1.05)}
    made.fly(2.4, 1.4, kind="matrix.look", **near)
    made.say("A point is a sample: a four that the channel hardly answers to", 3.6)
    made.do("matrix.point", 3.8, sample=ODD_FOUR, layer="fc1", channel=SLANT)

    made.say("A lasso round those it answers to: selected in all views", 5.0)
    polygon = [list(corner) for corner in AROUND_FOURS]
    region = {"kind": "lasso", "layer": "fc1", "x": FOURS, "y": SLANT, "polygon": polygon}
    made.do("select.brush", 1.6, mode="replace", region=region)
    made.do("maps.set", 1.8, set="mean")
    made.fly(1.4, 1.2, kind="matrix.look", **{name: ways[::-1] for name, ways in near.items()})

    made.say("A whole class, from the legend", 3.2)
    made.do("select.brush", 3.2, mode="replace", region={"kind": "class", "items": [6]})
    made.say("The same samples two layers before, every position a point", 4.4)
    made.do("focus.layer", 1.4, layer="pool2")
    made.do("matrix.look", 3.2, x=11.5, y=4.5, span=3.0)

    made.do("focus.layer", layer="fc1")
    made.do("select.clear")
    made.do("scatter.channels", x=11, y=13, z=10)
    made.do("window.only", 0.4, pane="scatter")
    made.say("Three channels in space, those that separate the classes best", 4.0)
    made.fly(3.6, 0.6, kind="scatter.look", azimuth=(30.0, 110.0), elevation=(20.0, 8.0))
    made.do("wait", seconds=1.0)
    return made


ORDERED, ROW = "conv2_1", 16
"""The layer whose channels are ordered, and the row along which it is cut."""


def orders():
    """Channels in order: cuts before and after, how good and how stable, everywhere; 34 s."""
    made = Maker()
    made.do("window.choose", layout="Orders")
    made.do("slices.cut", row=0.5, column=0.5)
    made.do("focus.channel", 0.4, layer=ORDERED, channel=4)
    made.say("Three cuts through a layer: its channels as training left them", 4.4)
    made.fly(3.0, 1.4, kind="slices.cut", row=(0.5, 0.2))
    made.fly(1.0, 0.4, kind="slices.cut", row=(0.2, 0.5))

    made.say("Ordered by PCA, before and after side by side", 4.0)
    made.do("slices.before", shown=True)
    made.do("orders.choose", 4.2, method="pca", basis="sample")
    made.say("By k-means: white bars between clusters of like channels", 4.0)
    made.do("orders.choose", 4.2, method="kmeans", clusters=5)
    made.say("Along the shortest path: half the way of a random order", 4.0)
    made.do("orders.choose", 4.2, method="path")

    made.say("How alike are the orders of neighbouring cuts?", 3.6)
    made.do("stability.between", 1.6, between="rows")
    made.do("stability.pair", 2.2, pair=[ROW, ROW + 1])

    made.say("One order for all views: the maps, and every pair of channels", 5.6)
    made.do("window.choose", 2.6, layout="Feature maps")
    made.do("window.choose", layout="Matrix")
    made.do("matrix.fit", 3.2)
    made.do("wait", seconds=1.0)
    return made


WRONG, MOST_IMPORTANT = 185, 12
"""The only sample classified wrongly, a square; the most important filter of ``conv1_1``."""
SERIES = (
    ("circle, right", "reference", (0,)),
    ("square, right", "inspected", (1,)),
    ("square, wrong", "inspected", (WRONG,)),
    ("heart, right", "similar", (7,)),
    ("ring, right", "dissimilar", (5,)),
)
"""Steps of the series: name, role, samples."""


def gradients():
    """What a decision rests on: gradients as volumes in time, importance, filters off; 39 s."""
    made = Maker()
    made.do("focus.layer", layer="conv2_1")
    made.do("window.choose", layout="Gradients")
    groups = [[name, role, list(samples)] for name, role, samples in SERIES]
    made.do("series.build", 0.4, groups=groups, target="logit:1")
    made.say("The gradient of one class by every weight, sample after sample", 5.0)
    for step in range(1, len(SERIES)):
        made.do("series.step", 1.2, step=step)
    made.say("Less the gradient of the reference", 3.0)
    made.do("series.difference", 3.0, difference="reference")
    made.do("series.difference", difference="none")
    made.say("The largest of them, checked by finite differences", 3.6)
    made.do("series.check", 3.8, check="largest")

    made.do("window.choose", layout="Importance")
    made.do("focus.layer", 0.4, layer="conv1_1")
    made.say("How important each filter is, over all samples", 3.6)
    made.now += 3.8
    made.say("The most important one switched off: scores and error rate follow", 4.4)
    made.do("importance.switch", 4.6, layer="conv1_1", channel=MOST_IMPORTANT, off=True)
    made.do("importance.on", 0.6)

    made.do("window.choose", layout="Top filters")
    made.do("focus.layer", layer="conv3_1")
    made.do("focus.sample", 0.4, sample=2)
    made.say("The strongest filters of one sample, projected back", 3.6)
    made.now += 3.8
    made.do("window.only", pane="comparison")
    made.say("Methods side by side", 2.8)
    made.do("comparison.rows", 3.0, rows="samples")
    made.do("wait", seconds=0.8)
    return made


SESSIONS = {"tour": tour, "matrix": matrix, "orders": orders, "gradients": gradients}

if __name__ == "__main__":
    for name, make in SESSIONS.items():
        make().save(name)
