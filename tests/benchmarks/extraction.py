"""Extraction beside plain inference: time, memory, and the whole command from the shell."""

import json
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

import numpy as np

from tests.benchmarks import networks
from tests.benchmarks.measure import (
    plain_inference_seconds,
    process_seconds,
    random_pictures,
    write_rate,
)
from tests.benchmarks.report import Figure, Goal

PEER = "plain ONNX Runtime inference of the untouched file, same batch"
RUNS = 3
MEMORY_BUDGET = 1_500_000_000
BUILD = {"resnet50": networks.resnet50, "vgg16": networks.vgg16, "lenet": networks.lenet}
PICTURES = {"resnet50": (64, 224, 224, 3), "vgg16": (64, 224, 224, 3), "lenet": (10_000, 28, 28, 1)}


def figures():
    """The figures of this file, not measured yet, with the function that measures each."""
    pooled = "extraction of all layers, pooled, statistics included"
    full = "extraction of all layers, full, half precision, to disk"
    return [
        (ratio_figure("extract.pooled.resnet50", pooled, 1.5), pooled_ratio),
        (ratio_figure("extract.pooled.vgg16", pooled, 1.3), pooled_ratio),
        (ratio_figure("extract.pooled.lenet", pooled + ", 10,000 pictures", 3), pooled_ratio),
        (
            Figure(
                "extract.pooled.lenet.shell",
                "the same command from the shell, start included",
                "s",
                Goal("<=", value=5),
            ),
            lenet_from_shell,
        ),
        (ratio_figure("extract.full.resnet50", full, 2), full_ratio),
        (ratio_figure("extract.full.vgg16", full, 2), full_ratio),
        (
            Figure(
                "extract.memory",
                "peak memory of a full extraction of ResNet-50",
                "MB",
                Goal("<=", ratio=1.2),
                peer="its stated budget (--memory)",
            ),
            peak_memory,
        ),
    ]


def ratio_figure(id, what, ratio):
    return Figure(id, what, "s", Goal("<=", ratio=ratio), peer=PEER)


class Workplace:
    """A folder with the networks and pictures that the figures share, made when first needed."""

    def __init__(self, folder):
        self.folder = Path(folder)

    def network(self, name):
        """The ONNX file of one network."""
        path = self.folder / f"{name}.onnx"
        return path if path.exists() else BUILD[name](path)

    def pictures(self, name):
        """An NPZ file of random pictures for one network, and its array."""
        return random_pictures(self.folder, *PICTURES[name])

    def study(self):
        """A path for a new study; nothing is there."""
        return Path(tempfile.mkdtemp(dir=self.folder)) / "bench.study"


def extract_command(network, pictures, study, *options):
    """The command line of one extraction on the CPU."""
    command = [sys.executable, "-m", "viewer", "extract", str(network), str(pictures)]
    preprocessing = ["--preprocess", "zero-one"]
    return [*command, "-o", str(study), *preprocessing, *options]


def extract(place, name, *options):
    """Run one extraction from the command line; its report and the bytes it wrote."""
    study = place.study()
    pictures, _ = place.pictures(name)
    command = extract_command(place.network(name), pictures, study, "--json", *options)
    answer = subprocess.run(command, check=True, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
    written = sum(file.stat().st_size for file in study.rglob("*") if file.is_file())
    shutil.rmtree(study.parent)
    return json.loads(answer.stdout), written


def plain_seconds(place, name, batch, provider):
    """Seconds of plain inference over the pictures of one network."""
    _, images = place.pictures(name)
    images = images[:, None] if images.ndim == 3 else images.transpose(0, 3, 1, 2)
    pictures = np.ascontiguousarray(images, dtype=np.float32) / 255
    return plain_inference_seconds(place.network(name), pictures, batch, provider)


def pooled_ratio(figure, place):
    """Pooled extraction and plain inference in turn."""
    return in_turn(figure, place, "--policy", "pooled", "--device", "cpu")


def full_ratio(figure, place):
    """Full extraction; the peer is the slower of twice plain inference's half and the disk."""
    options = ("--policy", "full", "--dtype", "float16", "--device", "cpu")
    return in_turn(figure, place, *options, to_disk=True)


def in_turn(figure, place, *options, to_disk=False, provider="CPUExecutionProvider"):
    """Extraction and peer one after the other, `RUNS` times.

    With ``to_disk`` the promise is the ratio or the disk's rate, measured beside each run: where
    writing the bytes alone takes longer than the allowed time, that time over the ratio is the
    peer.
    """
    name = figure.id.rsplit(".", 1)[-1]
    runs, peer_runs = [], []
    for _ in range(RUNS):
        report, written = extract(place, name, *options)
        peer = plain_seconds(place, name, report["batch"], provider)
        if to_disk:
            peer = max(peer, written / write_rate(place.folder) / figure.goal.ratio)
        runs.append(report["seconds"])
        peer_runs.append(peer)
    return figure.measured(runs, peer_runs)


def lenet_from_shell(figure, place):
    """The LeNet's extraction as a person types it."""
    network, (pictures, _) = place.network("lenet"), place.pictures("lenet")
    runs = []
    for _ in range(RUNS):
        study = place.study()
        command = extract_command(network, pictures, study, "--policy", "pooled", "--device", "cpu")
        runs.append(process_seconds(command))
        shutil.rmtree(study.parent)
    return figure.measured(runs)


def peak_memory(figure, place):
    """Peak resident memory of the largest process of an extraction with a stated budget."""
    code = (
        "import resource, subprocess, sys; subprocess.run(sys.argv[1:], check=True,"
        " stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL);"
        "print(resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss)"
    )
    unit = 1024 if sys.platform != "darwin" else 1
    pictures, _ = place.pictures("resnet50")
    study = place.study()
    budget = ["--policy", "full", "--device", "cpu", "--memory", str(MEMORY_BUDGET)]
    command = extract_command(place.network("resnet50"), pictures, study, *budget)
    measuring = [sys.executable, "-c", code, *command]
    answer = subprocess.run(measuring, check=True, capture_output=True, text=True)
    shutil.rmtree(study.parent)
    return figure.measured([int(answer.stdout) * unit / 1e6], [MEMORY_BUDGET / 1e6])
