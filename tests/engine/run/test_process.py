"""The child process: it answers, it can be stopped, and it never outlives its parent."""

import os
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path

import numpy as np
import pytest

from engine.errors import Cancelled, InputError, MachineError
from engine.run.process import Child
from engine.run.runner import Runner
from engine.tasks import Task
from tests.engine.run import models

ROOT = Path(__file__).resolve().parents[3]
FEED = {"x": np.ones((1, 4), np.float32)}


@pytest.fixture(scope="module")
def endless(tmp_path_factory):
    return models.endless(tmp_path_factory.mktemp("models") / "endless.onnx")


def gone(pid, seconds=20):
    """Whether a process ends within some seconds (a zombie has ended)."""
    for _ in range(seconds * 50):
        try:
            state = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
        except (FileNotFoundError, ProcessLookupError):
            return True
        if state == "Z":
            return True
        time.sleep(0.02)
    return False


def later(action, seconds=0.4):
    threading.Timer(seconds, action).start()


def test_a_cancel_stops_a_run_and_leaves_the_child_alive(endless):
    with Runner(endless) as runner:
        task = Task("forever")
        later(task.cancel)
        with pytest.raises(Cancelled):
            runner.run(FEED, ["y"], task=task)
        assert runner.alive
        later(runner._child.cancel)
        with pytest.raises(Cancelled):
            runner.run(FEED, ["y"])


def test_a_cancel_before_the_run_is_heard_too(endless):
    task = Task("forever")
    with Runner(endless) as runner:
        task.cancel()
        with pytest.raises(Cancelled):
            runner.run(FEED, ["y"], task=task)


def test_a_run_that_takes_too_long_is_ended(endless):
    with Runner(endless, seconds=1) as runner:
        with pytest.raises(InputError, match="did not finish .probe. within 1 s"):
            runner.probe()
        assert not runner.alive
        with pytest.raises(InputError, match="did not finish"):
            runner.probe()
        runner.restart()
        assert runner.alive


def test_a_crash_is_told_and_the_child_can_be_started_again(endless, tmp_path):
    small = models.convolutions(tmp_path / "small.onnx")
    with Runner(endless) as runner:
        later(lambda: os.kill(runner.pid, signal.SIGSEGV))
        with pytest.raises(InputError, match=r"endless.onnx: the runtime crashed .*SIGSEGV"):
            runner.run(FEED, ["y"])
        assert not runner.alive
        with pytest.raises(InputError, match="crashed"):
            runner.run(FEED, ["y"])
    with Runner(small) as runner:
        assert runner.run({"x": np.zeros((1, 3, 12, 12), np.float32)}, ["y"])["y"].shape == (1, 10)


def test_what_it_said_last_reaches_the_person(endless):
    with Runner(endless) as runner:
        with pytest.raises(MachineError, match="no such request"):
            runner.ask("dance")
        os.kill(runner.pid, signal.SIGABRT)
        assert gone(runner.pid)
        with pytest.raises(InputError, match=r"SIGABRT.*said last: ValueError: no such request"):
            runner.probe()


def test_a_killed_child_is_the_machine_s_fault(endless):
    with Runner(endless) as runner:
        later(lambda: os.kill(runner.pid, signal.SIGKILL))
        with pytest.raises(MachineError, match="was killed during run"):
            runner.run(FEED, ["y"])


PARENT = """
import sys, threading
import numpy as np
from engine.run.runner import Runner
runner = Runner(sys.argv[1])
print(runner.pid, flush=True)
runner.run({"x": np.ones((1, 4), np.float32)}, ["y"], seconds=1000)
"""


def started(script, *arguments):
    """A parent of its own; the pid of its child, which it prints (the script has no guard)."""
    process = subprocess.Popen(
        [sys.executable, "-c", script, *arguments], cwd=ROOT, stdout=subprocess.PIPE, text=True
    )
    return process, int(process.stdout.readline())


@pytest.mark.skipif(sys.platform != "linux", reason="looks into /proc")
def test_a_killed_parent_takes_its_child_along_in_the_middle_of_a_run(endless):
    process, child = started(PARENT, endless)
    time.sleep(0.3)
    assert not gone(child, 0)
    process.kill()
    process.wait()
    assert gone(child)
    process.stdout.close()


@pytest.mark.skipif(sys.platform != "linux", reason="looks into /proc")
def test_the_end_of_the_pipe_alone_ends_the_child(endless):
    child = Child("pipe")
    assert child.alive
    os.close(os.dup(child._process.stdin.fileno()))
    child._process.stdin.close()
    assert gone(child.pid)
    child._process.wait()


def test_the_child_outlives_the_thread_that_started_it(endless):
    found = []
    thread = threading.Thread(target=lambda: found.append(Runner(endless)))
    thread.start()
    thread.join()
    time.sleep(0.2)
    with found[0] as runner:
        assert runner.alive


def test_a_folder_of_the_person_is_not_searched_for_modules(endless, tmp_path):
    (tmp_path / "onnxruntime.py").write_text("raise SystemExit('taken from the wrong place')")
    script = (
        "import sys; sys.path[:] = [p for p in sys.path if p]; sys.path.insert(0, sys.argv[2])\n"
        "from engine.run.runner import Runner; print(Runner(sys.argv[1]).provider)"
    )
    answer = subprocess.run(
        [sys.executable, "-c", script, endless, str(ROOT)],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=False,
    )
    assert answer.returncode == 0, answer.stderr
    assert answer.stdout.split()[0] in ("CPU", "CUDA")


@pytest.mark.skipif(sys.platform != "linux", reason="RLIMIT_DATA")
@pytest.mark.parametrize("elements", [10**12, 10**11])
def test_a_hostile_shape_fails_with_a_sentence(tmp_path, elements):
    path = models.enormous(tmp_path / "enormous.onnx", elements)
    with Runner(path) as runner:
        with pytest.raises(InputError, match=r"node ConstantOfShape 'fill' needs .* GB at once"):
            runner.run({**FEED, "one": np.ones(1, np.int64)}, ["y"])
        assert runner.alive
