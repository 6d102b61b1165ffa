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
SAMPLE = "sample:shapes"
ROLES = ("network", "data")
KEYS_A_SECOND = 10


class Maker:
    """Records a session at times of our own.

    Attributes
    ----------
    now : float
        Seconds of the session.
    """

    def __init__(self):
        self.now = 0.0
        self.session = Session(StateHolder(), lambda: self.now)

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
            args = {name: round(a + (b - a) * share, 4) for name, (a, b) in ways.items()}
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
        source = {role: {"hash": hash_of(role, SAMPLE), "path": SAMPLE} for role in ROLES}
        window = {"theme": "dark"}
        header = journal.Header(**source, window=window)
        path = folder / f"{name}{journal.SUFFIX}"
        journal.write(path, header, self.session.commands)
        return path


def tour():
    """The tour of the sample network: its views one after the other, in 36 seconds."""
    made = Maker()
    made.do("open", 0.5, network=SAMPLE, data=SAMPLE)
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


if __name__ == "__main__":
    tour().save("tour")
