"""An engine that answers at once, for tests of the window and the studio: no child, no files."""

from dataclasses import dataclass
from types import SimpleNamespace

import numpy as np

from engine.errors import InputError
from engine.network.preprocessing import Preprocessing, with_options
from engine.network.receptive_field import ReceptiveField

CLASSES = ("cat", "dog", "fox")


def layer(name, shape, depth, kind="conv", size=3, source="input"):
    """One layer as the window needs it."""
    field = ReceptiveField((size, size), (1.0, 1.0), (0.0, 0.0), "exact", True)
    return SimpleNamespace(
        name=name,
        kind=kind,
        op_types=("Conv", "Relu"),
        output_shape=shape,
        receptive_field=field,
        params=10,
        macs=100,
        file_layout="NCHW",
        pre=f"{name}_raw",
        post=f"{name}_out",
        raw=(f"{name}_raw", f"{name}_out"),
        sources=(source,),
        depth=depth,
    )


class Scores:
    """Logits of three classes."""

    classes, binary, needs_softmax, labels, activation = 3, False, True, None, "none"

    def predict(self, scores):
        return np.asarray(scores).argmax(1).astype(np.int32)


@dataclass(eq=False)
class Network:
    """Three layers on 8 x 8 pictures."""

    path: str
    certain: bool
    preprocessing: object = None

    def __post_init__(self):
        certain = self.certain
        self.sha256 = "n" * 64
        self.notes = ()
        self.scores = Scores()
        self.scores_reason = "pretended"
        self.input_shape, self.image_input, self.input_dtype = (1, 3, 8, 8), "image", "float32"
        self.opset, self.producer, self.nodes = 17, "pretender 1", 9
        self.classes = 3
        self.layers = (
            layer("conv1", (4, 8, 8), 1),
            layer("conv2", (6, 4, 4), 2, size=7, source="conv1"),
            layer("fc", (3,), 3, "linear", 8, source="conv2"),
        )
        self.preprocessing = self.preprocessing or Preprocessing(
            "zero-one", (8, 8), reason="pretended", certain=certain
        )

    def layer(self, name):
        for found in self.layers:
            if found.name == name:
                return found
        raise InputError("no such layer", where=name)

    def box(self, name, row, column):
        half = self.layer(name).receptive_field.size[0] // 2
        return (row - half, column - half, row + half + 1, column + half + 1)


class Data:
    """Pictures whose values tell their number; number 3 is broken."""

    name, path, kind, hash, notes = "pictures", "/pictures", "folder", "d" * 64, []
    classes = list(CLASSES)

    def __init__(self, count=12):
        self.names = [f"{index}.png" for index in range(count)]
        self.labels = np.arange(count, dtype=np.int32) % 3
        self.groups = [None] * count

    def __len__(self):
        return len(self.names)

    def identify(self, task=None):
        return self.hash

    def image(self, index):
        if index == 3:
            raise InputError("the picture is broken", where="3.png")
        picture = np.zeros((8, 8, 3), np.uint8)
        picture[...] = index
        return picture

    def thumbnail(self, index):
        return np.full((8, 8, 3), 20 * index, np.uint8)


class Runner:
    alive = True

    def close(self):
        self.alive = False


class PretendEngine:
    """Stands for `viewer.studio.doors.EngineDoor`; writes down what is asked of it."""

    def __init__(self, certain=True):
        self.certain = certain
        self.opened = []
        self.another_writes = False
        self.extracted = []
        self.holds_extraction = False
        self.fault = None
        self.skipped = []

    def open_network(self, path, **options):
        self.opened.append((path, options))
        if "broken" in path:
            raise InputError("the file ends in the middle", where=path, remedy="export it again")
        return Network(path, self.certain)

    def open_data(self, path, **options):
        return Data()

    def fit_labels(self, data, classes):
        return data.labels, data.classes, []

    def runner(self, path):
        return Runner()

    def explainer(self, network, runner):
        raise InputError("a pretended network explains nothing")

    def run_sample(self, runner, network, preprocessing, picture, layers=None):
        value = float(picture.flat[0])
        maps = {
            found.name: np.full(found.output_shape, value, np.float32) for found in network.layers
        }
        for array in maps.values():
            array.flat[0] = value + 1
        scores = np.zeros(3, np.float32)
        scores[int(value) % 3] = 5.0
        return maps, scores

    def extract(self, network, data, study, **options):
        task = options["task"]
        self.extracted.append((str(study), options))
        while self.holds_extraction:
            task.check()
        for done in range(len(data)):
            task.report(done + 1, len(data), "samples")
        if self.fault is not None:
            raise self.fault
        return SimpleNamespace(samples=len(data), accuracy=0.5, layers=[], skipped=self.skipped)

    def open_study(self, path):
        raise InputError("there is no study", where=path)

    def make_points(self, study, layer, task):
        raise InputError("there are no points", where=layer)

    def importance(self, *_, **__):
        raise InputError("there is no importance")

    def add_rows(self, values, sums):
        sums += values.sum(0, dtype=np.float64)

    def read_selections(self, path):
        return {}

    def change_selections(self, path, changes):
        return False

    def read_named_orders(self, path):
        return {}

    def change_named_orders(self, path, changes):
        return False

    def with_options(self, guess, options):
        return with_options(guess, **options)

    def candidates(self, guess):
        return [guess, with_options(guess, preset="imagenet")]

    def is_written(self, path):
        return self.another_writes
