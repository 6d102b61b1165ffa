"""Every network of a folder through the real program, written down as COMPATIBILITY.md.

Twice: as a person would who knows nothing (`lamella info` and an extraction of two samples without
an option), and with the data and the preprocessing that ``tests/models.toml`` states, where
accuracy is compared with what the network's README says. Each run is a process of its own with a
time limit. Then its gradients, and what explains it: `tools.board_gradients`.
"""

import argparse
import csv
import json
import os
import subprocess
import sys
import tempfile
import time
import tomllib
from collections import Counter
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path

from tools import board_gradients

ROOT = Path(__file__).resolve().parent.parent
SHARED = Path(os.environ.get("LAMELLA_SHARED", ROOT.parent / "shared"))
FACTS = ROOT / "tests" / "models.toml"
LIMIT_SECONDS = 900


@dataclass
class Outcome:
    """How one command of the program ended.

    ``sentence`` is its last line on standard error; ``document`` its JSON, None when it failed.
    """

    status: int
    seconds: float
    document: dict | None
    sentence: str


@dataclass
class Row:
    """What is known of one network after its runs."""

    name: str
    facts: dict = field(default_factory=dict)
    info: Outcome | None = None
    plain: Outcome | None = None
    told: Outcome | None = None


def lamella(*words, seconds=LIMIT_SECONDS):
    """Run one command of the program with ``--json``.

    Returns
    -------
    Outcome
        With status -1 when it did not end in time.
    """
    started = time.monotonic()
    command = [sys.executable, "-m", "viewer", *words, "--json"]
    try:
        done = subprocess.run(
            command, cwd=ROOT, capture_output=True, text=True, timeout=seconds, check=False
        )
    except subprocess.TimeoutExpired:
        return Outcome(-1, seconds, None, f"not done after {seconds} s")
    told = done.stderr.replace(f"{SHARED}/", "../shared/")
    lines = [line for line in told.splitlines() if line.strip()]
    document = json.loads(done.stdout) if done.returncode == 0 else None
    sentence = lines[-1].strip() if lines else ""
    return Outcome(done.returncode, time.monotonic() - started, document, sentence)


def facts_of(models):
    """The table of facts, by path below ``models``."""
    known = tomllib.loads(FACTS.read_text(encoding="utf-8"))
    names = sorted(str(p.relative_to(models)) for p in models.rglob("*.onnx"))
    return [(name, known.get(name, {})) for name in names]


def data_of(facts):
    """The word for DATA: what the table of facts names, else the built-in sample."""
    data = facts.get("data", "sample:shapes")
    return data if data.startswith("sample:") else str(SHARED / "data" / data)


def run_row(row, models, scratch):
    """All runs of one network."""
    path = str(models / row.name)
    row.info = lamella("info", path)
    study = scratch / f"{len(list(scratch.iterdir()))}.study"
    row.plain = lamella("extract", path, data_of(row.facts), "-o", str(study), "--limit", "2")
    if row.facts and "hostile" not in row.facts:
        words = ["--policy", "pooled", *told_words(row.facts, scratch)]
        data = _held_out(row.facts, scratch) if "held_out" in row.facts else data_of(row.facts)
        row.told = lamella("extract", path, data, "-o", f"{study}.told", *words)


def told_words(facts, scratch):
    """The options that the table of facts gives to an extraction."""
    words = list(facts.get("options", []))
    if "classes" in facts:
        words += ["--classes", str(SHARED / "data" / facts["classes"])]
    if "limit" in facts:
        words += ["--limit", str(facts["limit"])]
    if "label_by_name" in facts:
        words += ["--labels", str(_labels_by_name(facts, scratch))]
    return words


def _held_out(facts, scratch):
    """The samples of the data that the network was not trained on, as an NPZ file."""
    import numpy as np
    from sklearn.model_selection import train_test_split

    import engine

    data = engine.open_data(data_of(facts))
    _, test = train_test_split(np.arange(len(data)), **facts["held_out"])
    target = scratch / "held-out.npz"
    np.savez(target, images=np.stack([data.image(i) for i in test]), labels=data.labels[test])
    return str(target)


def _labels_by_name(facts, scratch):
    """A labels file made from file names: ``panda_3.jpeg`` is a panda."""
    folder = SHARED / "data" / facts["data"]
    target = scratch / f"{folder.name}.csv"
    with target.open("w", newline="", encoding="utf-8") as file:
        table = csv.writer(file)
        table.writerow(["file", "label"])
        for picture in sorted(folder.iterdir()):
            table.writerow([picture.name, facts["label_by_name"][picture.name.split("_")[0]]])
    return target


# -- as a page -------------------------------------------------------------------------------------

HEAD = """# Which networks it opens

Written by `make board` on {day}: every network of `../shared/models` through the program. Files
that ONNX Runtime itself cannot run must end with exit status 2 and one sentence.

{summary}

## As a person would who knows nothing

`lamella info NETWORK` and `lamella extract NETWORK DATA --limit 2`, no other option. *Receptive
fields*: how many layers have an exact one, see the whole input, or have an upper bound.
*Difference*: the largest difference of an output of the opened network from the untouched file's,
relative to the largest value. *Seconds*: both commands, from the shell, start included.

| network | opset | exporter | nodes | layers | receptive fields | difference | seconds |
|---|---|---|---|---|---|---|---|
"""

TOLD = """
## With what its makers say

Data, preprocessing and stated accuracy are from `tests/models.toml`; the extraction keeps all
layers `pooled`. Differences and seconds as above.

| network | data | options | samples | accuracy | stated | | difference | seconds |
|---|---|---|---|---|---|---|---|---|
"""


def page(rows, day):
    """COMPATIBILITY.md as text."""
    hostile = [row for row in rows if "hostile" in row.facts]
    runnable = [row for row in rows if "hostile" not in row.facts]
    opened = [row for row in runnable if row.info.status == 0 and row.plain.status == 0]
    refused = [row for row in hostile if row.info.status == row.plain.status == 2]
    stated = [row for row in runnable if "accuracy" in row.facts]
    agree = [row for row in stated if agrees(row)]
    summary = (
        f"{len(opened)} of {len(runnable)} networks open and extract without an option; "
        f"{len(refused)} of {len(hostile)} hostile ones end with a sentence; "
        f"{len(agree)} of {len(stated)} stated accuracies are met."
    )
    text = HEAD.format(day=day, summary=summary)
    text += "".join(_plain_line(row) for row in rows)
    told = [row for row in rows if row.told is not None]
    if told:
        text += TOLD + "".join(_told_line(row) for row in told)
    return text


def agrees(row):
    """Whether the accuracy found is the one stated."""
    if row.told is None or row.told.document is None:
        return False
    found = row.told.document.get("accuracy")
    return found is not None and abs(found - row.facts["accuracy"]) <= row.facts["tolerance"]


def _plain_line(row):
    seconds = f"{row.info.seconds + row.plain.seconds:.1f}"
    failed = next((run for run in (row.info, row.plain) if run.status != 0), None)
    if failed is not None:
        return _cells(row.name, _failure(failed), "", "", "", "", "", seconds)
    info = row.info.document
    return _cells(
        row.name,
        info["opset"],
        info["producer"] or "not said",
        info["nodes"],
        len(info["layers"]),
        _fields(info["layers"]),
        _number(row.plain.document["difference_from_plain"]),
        seconds,
    )


def _told_line(row):
    facts, run = row.facts, row.told
    options = " ".join(facts["options"]) or "none"
    data = facts["data"] + (", held-out part" if "held_out" in facts else "")
    if run.document is None:
        return _cells(row.name, data, options, _failure(run), "", "", "", "", "")
    found = run.document
    accuracy, stated = found.get("accuracy"), facts.get("accuracy")
    return _cells(
        row.name,
        data,
        options,
        found["samples"],
        "" if accuracy is None else f"{accuracy:.4f}",
        "" if stated is None else stated,
        "" if stated is None else "met" if agrees(row) else "MISSED",
        _number(found["difference_from_plain"]),
        f"{run.seconds:.1f}",
    )


def _fields(layers):
    counts = Counter((layer["receptive_field"] or {"status": "none"})["status"] for layer in layers)
    words = {"exact": "exact", "whole input": "whole", "upper bound": "bound", "none": "none"}
    return ", ".join(f"{counts[key]} {word}" for key, word in words.items() if counts[key])


def _failure(run):
    return f"exit status {run.status}: {run.sentence.removeprefix('lamella: ')}"


def _number(value):
    return "" if value is None else f"{value:.1e}" if value else "0"


def _cells(*cells):
    return "| " + " | ".join(str(cell).replace("|", "\\|") for cell in cells) + " |\n"


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("models", nargs="?", type=Path, default=SHARED / "models")
    parser.add_argument("-o", "--out", type=Path, default=ROOT / "COMPATIBILITY.md")
    parser.add_argument("--only", default="*", help="networks whose path fits this glob")
    arguments = parser.parse_args()
    if not arguments.models.is_dir():
        parser.error(f"{arguments.models} is not there")
    rows = []
    for name, facts in facts_of(arguments.models):
        if not Path(name).match(arguments.only):
            continue
        row = Row(name, facts)
        with tempfile.TemporaryDirectory(prefix="lamella-board-") as scratch:
            run_row(row, arguments.models, Path(scratch))
        rows.append(row)
        runs = [run for run in (row.info, row.plain, row.told) if run is not None]
        print(name, *(f"{run.status} {run.seconds:.1f}s" for run in runs), file=sys.stderr)
        for run in runs:
            if run.status != 0:
                print("   ", run.sentence, file=sys.stderr)
    text = page(rows, date.today().isoformat())
    gradients = board_gradients.rows_of(arguments.models, arguments.only)
    light = board_gradients.light_rows() if arguments.only == "*" else []
    text = board_gradients.put(board_gradients.section(gradients, light), text)
    arguments.out.write_text(text, encoding="utf-8")
    bad = [row.name for row in rows if _is_bad(row)] + board_gradients.missed(gradients, light)
    print(f"{len(rows)} networks, {len(bad)} not as expected: {arguments.out}", file=sys.stderr)
    return 1 if bad else 0


def _is_bad(row):
    if "hostile" in row.facts:
        return row.info.status != 2 or row.plain.status != 2
    if row.info.status != 0 or row.plain.status != 0:
        return True
    return "accuracy" in row.facts and not agrees(row)


if __name__ == "__main__":
    sys.exit(main())
