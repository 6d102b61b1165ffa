"""A seeded part of `make torture`: 55 broken files, 3 killed extractions; it can find faults."""

import shutil

import numpy as np
import pytest

from tools import torture
from tools.broken_models import base_networks, foreign_files
from tools.killed_runs import KilledRuns, differences, same_bytes
from tools.mutated_models import mutations
from tools.torture import Case, Shared, Verdict, judge, run_alone

SEED = 1
BY_THE_COMMAND = 5
IN_ONE_PROCESS = 50


@pytest.fixture(scope="module")
def cases():
    return torture.chosen(SEED, BY_THE_COMMAND + IN_ONE_PROCESS, slow=False)


def _ended_well(verdicts):
    bad = [f"{v.case}: {v.fault} (status {v.status}: {v.sentence})" for v in verdicts if v.fault]
    assert not bad, "\n".join(bad)


def test_broken_files_by_the_command(cases):
    _ended_well([run_alone(case) for case in cases[:: len(cases) // BY_THE_COMMAND]])


def test_broken_files_in_one_process(cases):
    shared = Shared()
    try:
        _ended_well([shared.run(case) for case in cases])
    finally:
        shared.close()


@pytest.fixture(scope="module")
def killed_runs(tmp_path_factory):
    return KilledRuns(tmp_path_factory.mktemp("kills"), samples=3000)


def test_killed_extractions_continue_to_the_same_bytes(killed_runs):
    kills = [killed_runs.kill() for _ in range(3)]
    assert [kill.faults for kill in kills] == [[], [], []]


def test_a_changed_byte_in_a_study_is_seen(killed_runs, tmp_path):
    import h5py

    study = tmp_path / "changed.study"
    shutil.copytree(killed_runs.whole, study)
    part = sorted((study / "parts").glob("*.h5"))[0]
    with h5py.File(part, "r+") as file:
        file["pooled/maximum"][0, 0] += np.float32(1e-3)
    assert differences(killed_runs.whole, study)
    assert not differences(killed_runs.whole, killed_runs.whole)


def test_negative_zero_is_another_byte():
    assert not same_bytes(np.float32([0.0]), np.float32([-0.0]))
    assert same_bytes(np.float32([np.nan]), np.float32([np.nan]))


@pytest.mark.parametrize(
    ("status", "output", "errors", "fault"),
    [
        (2, "", "lamella: a.onnx: it is damaged; export it again.\n", False),
        (2, "", "Traceback (most recent call last):\nlamella: x.\n", True),
        (2, "{}", "lamella: a.onnx: it is damaged.\n", True),
        (2, "", "it is damaged\n", True),
        (2, "", "lamella: a\x1b[31m is damaged.\n", True),
        (2, "", f"lamella: {'a' * 2000} is damaged.\n", True),
        (1, "", "lamella: a fault.\n", True),
        (-11, "", "", True),
        (None, "", "", True),
        (0, "", "", True),
    ],
)
def test_what_counts_as_a_fault(tmp_path, status, output, errors, fault):
    case = Case("model", "x", None)
    verdict = judge(case, tmp_path, status, output, errors, 1.0)
    assert isinstance(verdict, Verdict)
    assert bool(verdict.fault) == fault


def test_the_same_seed_gives_the_same_files(tmp_path):
    bases = base_networks()
    names = [name for name, _ in foreign_files(bases) + mutations(bases, 0, 60)]
    assert len(set(names)) == len(names)
    for which in (3, 40):
        contents = []
        for turn in range(2):
            folder = tmp_path / f"{which}-{turn}"
            folder.mkdir()
            contents.append(mutations(bases, 0, 60)[which][1](folder).read_bytes())
        assert contents[0] == contents[1]
