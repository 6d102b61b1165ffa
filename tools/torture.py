"""Hundreds of broken files and tens of killed extractions, each through the real program.

A broken file must end with exit status 2 and one sentence, or give a study that can be read; never
a traceback, a hang, another status. A killed extraction, started again, must give the same bytes.
``make torture`` runs all; the tests run a seeded part.
"""

import argparse
import contextlib
import json
import os
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from PIL import Image

from tools import broken_data
from tools.broken_models import ROOT, base_networks, foreign_files, plain
from tools.killed_runs import KilledRuns
from tools.mutated_models import mutations

LIMIT_SECONDS = 120
LONGEST_SENTENCE = 1100
SLOW = ("endless", "bomb", "vast", "huge_result")


@dataclass(frozen=True)
class Case:
    """One broken thing: a model opened with good data, or data opened with a good model.

    ``write`` puts the files into a folder and returns the words that name them.
    """

    kind: str
    name: str
    write: Callable


@dataclass
class Verdict:
    """How a case ended; ``fault`` is None when it ended well."""

    case: str
    status: int | None
    seconds: float
    sentence: str
    fault: str | None


def model_cases(seed=0, count=360):
    """Foreign files and mutations."""
    bases = base_networks()
    found = [*foreign_files(bases, seed), *mutations(bases, seed, count)]
    return [Case("model", name, write) for name, write in found]


def data_cases(seed=0):
    """Broken data of every kind."""
    return [Case("data", name, write) for name, write in broken_data.cases(seed)]


def chosen(seed, count, slow=True):
    """A seeded choice of all cases, models and data in proportion; without the slow ones."""
    cases = model_cases(seed) + data_cases(seed)
    cases = [case for case in cases if slow or not any(word in case.name for word in SLOW)]
    places = np.random.default_rng(seed).permutation(len(cases))[:count]
    return [cases[place] for place in sorted(places)]


def words_of(case, folder):
    """Write a case's files; the words after ``lamella``."""
    good = folder / "good"
    broken = folder / "broken"
    for place in (good, broken):
        place.mkdir()
    if case.kind == "model":
        for index in range(2):
            pixels = np.random.default_rng(index).integers(0, 256, (16, 16, 3)).astype(np.uint8)
            Image.fromarray(pixels).save(good / f"{index}.png")
        words = [str(case.write(broken)), str(good)]
    else:
        (good / "network.onnx").write_bytes(plain())
        words = [str(good / "network.onnx"), *case.write(broken)]
    return ["extract", *words, "-o", str(folder / "out.study"), "--limit", "2"]


def judge(case, folder, status, output, errors, seconds):
    """The verdict on one run of the program."""
    lines = [line for line in errors.splitlines() if line.strip()]
    sentence = lines[-1] if lines else ""
    fault = None
    if "Traceback" in errors or "a fault in the program" in errors:
        fault = "a fault of the program, not of the file"
    elif status is None:
        fault = f"not done after {LIMIT_SECONDS} s"
    elif status == 0:
        fault = _unreadable(folder / "out.study")
    elif status != 2:
        fault = f"exit status {status}"
    else:
        fault = _not_a_sentence(sentence, output)
    if list(folder.rglob(broken_data.MARKER)) or Path("/tmp", broken_data.MARKER).exists():
        fault = "code from the file was run"
    return Verdict(f"{case.kind}/{case.name}", status, seconds, sentence, fault)


def _unreadable(path):
    """Why a study cannot be read from end to end, or None."""
    from engine.errors import LamellaError
    from engine.study.reader import open_study

    try:
        with open_study(path) as study:
            for name in study.layers:
                study.statistics(name)
                if len(study) and study.kept(name).policy != "pooled":
                    study.activations(name)[0]
    except (LamellaError, OSError, ValueError) as error:
        return f"the study cannot be read: {error}"
    return None


def _not_a_sentence(text, output):
    if output:
        return "something was printed on standard output"
    if not text.startswith("lamella: ") or not text.rstrip().endswith((".", "…", "?")):
        return "no sentence on standard error"
    if len(text) > LONGEST_SENTENCE:
        return f"a sentence of {len(text)} characters"
    if any(ord(letter) < 32 or letter in "\x7f\u202e" for letter in text):
        return "control characters in the sentence"
    return None


def run_alone(case):
    """Run a case by the command itself, in a process group of its own."""
    with tempfile.TemporaryDirectory(prefix="lamella-torture-") as name:
        folder = Path(name)
        command = [sys.executable, "-m", "viewer", *words_of(case, folder)]
        started = time.monotonic()
        process = subprocess.Popen(
            command,
            cwd=ROOT,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            errors="replace",
            start_new_session=True,
        )
        status = None
        try:
            output, errors = process.communicate(timeout=LIMIT_SECONDS)
            status = process.returncode
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, signal.SIGKILL)
            output, errors = process.communicate()
        return judge(case, folder, status, output, errors, time.monotonic() - started)


class Shared:
    """One process that runs many cases after each other, by the command's own main function.

    What the command imports is imported once, so this is several times as fast as `run_alone`; the
    network still runs in the child process that the program starts for it.
    """

    def __init__(self):
        self._process = None

    def run(self, case):
        """Run a case; a worker that hangs or dies is replaced."""
        with tempfile.TemporaryDirectory(prefix="lamella-torture-") as name:
            folder = Path(name)
            words = words_of(case, folder)
            started = time.monotonic()
            answer = self._ask(words)
            seconds = time.monotonic() - started
            return judge(case, folder, *answer, seconds)

    def _ask(self, words):
        if self._process is None:
            self._process = subprocess.Popen(
                [sys.executable, "-m", "tools.torture", "--worker"],
                cwd=ROOT,
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                text=True,
                errors="replace",
                start_new_session=True,
            )
        self._process.stdin.write(json.dumps(words) + "\n")
        self._process.stdin.flush()
        with ThreadPoolExecutor(1) as waiting:
            answer = waiting.submit(self._process.stdout.readline)
            try:
                line = answer.result(LIMIT_SECONDS)
            except TimeoutError:
                line = ""
                self.close()
        if not line:
            status = None if self._process is None else self._process.wait()
            self.close()
            return status, "", ""
        return tuple(json.loads(line))

    def close(self):
        """End the worker."""
        if self._process is not None:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(self._process.pid, signal.SIGKILL)
            self._process.stdin.close()
            self._process.stdout.close()
            self._process.wait()
            self._process = None


def work():
    """The worker of `Shared`: a list of words a line in, status and texts a line out."""
    import io

    from viewer.cli import main as lamella

    answers = os.fdopen(os.dup(1), "w")
    os.dup2(os.open(os.devnull, os.O_WRONLY), 1)
    for line in sys.stdin:
        output, errors = io.StringIO(), io.StringIO()
        with contextlib.redirect_stdout(output), contextlib.redirect_stderr(errors):
            status = lamella(json.loads(line))
        answers.write(json.dumps([status, output.getvalue(), errors.getvalue()]) + "\n")
        answers.flush()


def run_all(cases, at_once=2, told=print):
    """Run cases by the command itself, some at a time; the verdicts in order."""
    verdicts = []
    with ThreadPoolExecutor(at_once) as pool:
        for verdict in pool.map(run_alone, cases):
            verdicts.append(verdict)
            if told and (verdict.fault or len(verdicts) % 20 == 0):
                how = verdict.fault or "as it should"
                told(f"{len(verdicts)}/{len(cases)} {verdict.case}: {how}")
            if told and verdict.fault:
                told(f"    status {verdict.status}, {verdict.seconds:.1f} s: {verdict.sentence}")
    return verdicts


def run_kills(count, seed=0, samples=6000, told=print):
    """Kill and continue; the `Kill` records."""
    with tempfile.TemporaryDirectory(prefix="lamella-kills-") as name:
        runs = KilledRuns(Path(name), samples, seed)
        kills = []
        for index in range(count):
            kill = runs.kill()
            kills.append(kill)
            if told:
                told(
                    f"kill {index + 1}/{count} after {kill.moment:.2f} of {runs.seconds:.2f} s: "
                    f"{kill.finished} samples finished, {kill.reused} reused; "
                    f"{'; '.join(kill.faults) or 'the same bytes'}"
                )
    return kills


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--mutations", type=int, default=360)
    parser.add_argument("--kills", type=int, default=20)
    parser.add_argument("--only", default="", help="cases whose name contains this")
    parser.add_argument("--worker", action="store_true", help=argparse.SUPPRESS)
    parser.add_argument("--report", type=Path, help="write all verdicts to this JSON file")
    arguments = parser.parse_args()
    if arguments.worker:
        return work()
    cases = model_cases(arguments.seed, arguments.mutations) + data_cases(arguments.seed)
    cases = [case for case in cases if arguments.only in f"{case.kind}/{case.name}"]
    verdicts = run_all(cases)
    kills = run_kills(arguments.kills, arguments.seed) if arguments.kills else []
    if arguments.report:
        rows = [vars(verdict) for verdict in verdicts] + [vars(kill) for kill in kills]
        arguments.report.write_text(json.dumps(rows, indent=1), encoding="utf-8")
    bad = [v for v in verdicts if v.fault] + [k for k in kills if k.faults]
    studies = sum(v.status == 0 for v in verdicts)
    print(
        f"{len(verdicts)} broken files: {studies} working studies, "
        f"{sum(v.status == 2 for v in verdicts)} sentences; {len(kills)} kills; {len(bad)} faults"
    )
    return 1 if bad else 0


if __name__ == "__main__":
    sys.exit(main())
