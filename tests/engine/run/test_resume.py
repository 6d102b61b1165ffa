"""Interrupted extractions: killed, cancelled, out of disk; each ends up equal in every byte."""

import contextlib
import errno
import os
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path
from unittest import mock

import numpy as np
import pytest

import engine
from engine.errors import Cancelled, InputError, MachineError
from engine.run.runner import Runner
from tests.engine.run import in_this_process
from tests.engine.run.in_this_process import OPTIONS, a_part_for_each_block

ROOT = Path(__file__).resolve().parents[3]


@pytest.fixture(scope="module")
def network(small):
    return engine.open_network(small, preprocess={"preset": "zero-one"})


@pytest.fixture(scope="module")
def whole(network, pictures, tmp_path_factory):
    """The study that nobody interrupted."""
    folder = tmp_path_factory.mktemp("studies") / "whole.study"
    with a_part_for_each_block():
        in_this_process.run(network, pictures, folder, **OPTIONS)
    return engine.open_study(folder)


def assert_same(one, other):
    """Every array of two studies, bit by bit."""
    assert one.layers == other.layers and len(one) == len(other)
    arrays = [one.samples.index, one.labels, one.scores], [
        other.samples.index, other.labels, other.scores,
    ]  # fmt: skip
    for study, found in zip((one, other), arrays, strict=True):
        for name in study.layers:
            for which in ("pre", "post"):
                facts, pooled = study.statistics(name, which), study.pooled(name, which)
                found.append(study.activations(name, which)[:])
                found += [getattr(pooled, n) for n in ("maximum", "argmax", "mean", "std")]
                found += [v for v in vars(facts).values() if isinstance(v, np.ndarray)]
    for a, b in zip(*arrays, strict=True):
        assert a.dtype == b.dtype and a.tobytes() == b.tobytes()
    assert one.samples.names == other.samples.names


def continued(network, pictures, folder):
    with a_part_for_each_block():
        return in_this_process.run(network, pictures, folder, **OPTIONS)


@pytest.mark.parametrize("stop", [0, 12, 44, 96])
def test_cancelled_and_continued(network, pictures, whole, stop, tmp_path):
    def report(done, total, what):
        if what == "extracting" and done >= stop:
            raise Cancelled()

    with a_part_for_each_block(), pytest.raises(Cancelled):
        in_this_process.run(network, pictures, tmp_path / "s", on_report=report, **OPTIONS)
    report = continued(network, pictures, tmp_path / "s")
    assert stop - 16 < report.samples_reused <= stop
    assert report.samples == 100
    assert_same(engine.open_study(tmp_path / "s"), whole)


@pytest.mark.skipif(sys.platform == "win32", reason="kill -9")
@pytest.mark.parametrize("parts", [0, 1, 5])
def test_killed_and_continued(network, pictures, whole, parts, tmp_path):
    folder = tmp_path / "s"
    command = [sys.executable, "-m", "tests.engine.run.in_this_process"]
    process = subprocess.Popen([*command, network.path, pictures, folder], cwd=ROOT)
    found = -1
    while process.poll() is None and found < parts:
        found = len(list((folder / "parts").glob("*.h5"))) if (folder / "parts").exists() else -1
        time.sleep(0.002)
    process.kill()
    process.wait()
    report = continued(network, pictures, folder)
    assert report.samples == 100 and report.samples_reused >= 8 * parts
    assert_same(engine.open_study(folder), whole)


def test_a_child_that_is_killed_ends_the_command_and_the_next_one_goes_on(
    network, pictures, whole, tmp_path
):
    killed = []
    ask = Runner.ask

    def ask_and_kill(self, op, *args, **options):
        if op == "extract":
            killed.append(self.pid)
            os.kill(self.pid, signal.SIGKILL)
        return ask(self, op, *args, **options)

    with mock.patch.object(Runner, "ask", ask_and_kill):
        with pytest.raises(MachineError, match="was killed during extract"):
            engine.extract(network, pictures, tmp_path / "s", **OPTIONS)
    assert killed
    report = engine.extract(network, pictures, tmp_path / "s", **OPTIONS)
    assert report.samples == 100
    for name in whole.layers:
        got = engine.open_study(tmp_path / "s").activations(name)[:]
        assert got.tobytes() == whole.activations(name)[:].tobytes()


def test_a_full_disk_keeps_what_was_finished(network, pictures, whole, tmp_path):
    from engine.study.parts import PartWriter

    add, count = PartWriter._add_pooled, []

    def fill(self, block):
        count.append(1)
        if len(count) > 5:
            raise OSError(errno.ENOSPC, "No space left on device")
        return add(self, block)

    with mock.patch.object(PartWriter, "_add_pooled", fill), a_part_for_each_block():
        with pytest.raises(MachineError, match="the disk is full"):
            in_this_process.run(network, pictures, tmp_path / "s", **OPTIONS)
    report = continued(network, pictures, tmp_path / "s")
    assert report.samples_reused == 40
    assert_same(engine.open_study(tmp_path / "s"), whole)


def test_two_extractions_into_one_study(network, pictures, tmp_path):
    waiting, go = threading.Event(), threading.Event()

    def report(done, total, what):
        waiting.set()
        go.wait(60)

    first = threading.Thread(
        target=lambda: in_this_process.run(
            network, pictures, tmp_path / "s", on_report=report, **OPTIONS
        )
    )
    first.start()
    assert waiting.wait(60)
    with contextlib.ExitStack() as stack:
        stack.callback(first.join)
        stack.callback(go.set)
        with pytest.raises(InputError, match=rf"another process is writing .* {os.getpid()}"):
            engine.extract(network, pictures, tmp_path / "s", **OPTIONS)
    assert len(engine.open_study(tmp_path / "s")) == 100


def test_an_overflow_after_an_interruption(network, tmp_path):
    """The layer is written again for the samples of the first run, too."""
    from tests.engine.run.test_extract import floats, large

    model = engine.open_network(large(tmp_path / "m.onnx", 1e3), preprocess={"preset": "raw"})
    values = np.ones(40)
    values[30] = 500.0
    data = floats(tmp_path / "x.npy", values)
    options = {"policy": "full", "batch": 4}

    def report(done, total, what):
        if what == "extracting" and done >= 20:
            raise Cancelled()

    with a_part_for_each_block():
        with pytest.raises(Cancelled):
            in_this_process.run(model, data, tmp_path / "s", on_report=report, **options)
        report = in_this_process.run(model, data, tmp_path / "s", **options)
        in_this_process.run(model, data, tmp_path / "t", **options)
    assert report.samples_reused == 16
    one, other = (engine.open_study(tmp_path / n).activations("conv")[:] for n in ("s", "t"))
    assert one.dtype == np.float32 and one.tobytes() == other.tobytes()
    assert np.isfinite(one).all() and one.max() == np.float32(5e5)
