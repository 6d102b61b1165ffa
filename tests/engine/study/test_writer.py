"""The writer: parts, continuing, identity, its lock, layers written again, a full disk."""

import json
import os
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from engine.errors import InputError, MachineError
from engine.study import space, writer
from engine.study.blocks import Block
from engine.study.layout import part_paths
from engine.study.reader import open_study
from engine.study.writer import StudyWriter
from tests.engine.study import making

ROOT = Path(__file__).resolve().parents[3]


def read(folder):
    with open_study(folder) as study:
        return making.everything(study)


def test_interrupted_and_uninterrupted_studies_are_equal_in_every_byte(tmp_path):
    whole, pieces = tmp_path / "whole.study", tmp_path / "pieces.study"
    making.extract(whole)
    making.extract(pieces, parts=(0, 3, 4))
    for path in part_paths(pieces)[1:3]:
        path.unlink()  # a machine that never delivered
    reused = making.extract(pieces, parts=(2,))
    assert 0 < reused < making.SAMPLES - 1
    making.assert_same(read(whole), read(pieces))


def test_a_finished_study_is_not_touched(tmp_path):
    folder = tmp_path / "a.study"
    making.extract(folder)
    before = {p: p.stat().st_mtime_ns for p in folder.rglob("*") if p.name != "lock"}
    assert making.extract(folder) == making.SAMPLES - 1
    after = {p: p.stat().st_mtime_ns for p in folder.rglob("*") if p.name != "lock"}
    assert {p: t for p, t in before.items() if p.is_file()} == {
        p: t for p, t in after.items() if p.is_file()
    }


def test_what_would_depend_on_time_is_recorded_before_the_first_part(tmp_path):
    with StudyWriter(tmp_path / "a.study", making.HEADER) as w:
        making.begin(w)
        header = json.loads((tmp_path / "a.study" / "study.json").read_text("utf-8"))
        assert part_paths(tmp_path / "a.study") == []
    assert header["plan"]["batch"] == making.BLOCK
    kept = {x["name"]: x for x in header["plan"]["layers"]}
    assert kept["conv1"]["low"] == -2 and kept["tokens"]["dtype"] == "float32"
    with StudyWriter(tmp_path / "a.study", making.HEADER) as w:
        assert w.plan == header["plan"] and w.layers == making.PLANS
        with pytest.raises(ValueError, match="plan already"):
            w.begin(making.PLANS, batch=1, block=1, samples=1)


@pytest.mark.parametrize(
    "change, name",
    [
        ({"network": "n2"}, "network"),
        ({"data": "d2"}, "data"),
        ({"preprocessing": {"mean": [0.4]}}, "preprocessing.mean"),
        ({"options": {"policy": "pooled"}}, "policy"),
    ],
)
def test_another_identity_is_refused_and_named(tmp_path, change, name):
    making.extract(tmp_path / "a.study")
    other = {**making.HEADER, "identity": {**making.HEADER["identity"], **change}}
    with pytest.raises(InputError, match=name) as caught:
        StudyWriter(tmp_path / "a.study", other)
    assert "a.study" in str(caught.value) and "-o" in str(caught.value)
    making.extract(tmp_path / "a.study")  # the refusal left the study and its lock alone


def test_folders_with_other_things_are_refused(tmp_path):
    (tmp_path / "notes.txt").write_text("mine")
    with pytest.raises(InputError, match="other things"):
        StudyWriter(tmp_path, making.HEADER)
    with pytest.raises(InputError, match="a file"):
        StudyWriter(tmp_path / "notes.txt", making.HEADER)
    assert [p.name for p in tmp_path.iterdir()] == ["notes.txt"]


def test_a_study_that_was_never_begun_leaves_nothing(tmp_path):
    with StudyWriter(tmp_path / "a.study", making.HEADER):
        pass
    assert list(tmp_path.iterdir()) == []
    (tmp_path / "b.study").mkdir()
    with StudyWriter(tmp_path / "b.study", making.HEADER):
        pass
    assert list((tmp_path / "b.study").iterdir()) == []


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write everywhere")
def test_a_folder_that_cannot_be_written(tmp_path):
    tmp_path.chmod(0o500)
    with pytest.raises(MachineError, match="Permission denied"):
        StudyWriter(tmp_path / "a.study", making.HEADER)


def test_blocks_that_do_not_fit_are_refused_and_spoil_nothing(tmp_path):
    with StudyWriter(tmp_path / "a.study", making.HEADER) as w:
        with pytest.raises(ValueError, match="begin"):
            w.add(making.block(0, 5))
        making.begin(w)
        w.add(making.block(0, 5))
        with pytest.raises(ValueError, match="overlap"):
            w.add(making.block(4, 9))
        with pytest.raises(ValueError, match="lacks layer"):
            w.add(making.block(5, 10, making.PLANS[:2]))
        good = making.block(5, 10)
        bad = {**good.pooled, "mean": good.pooled["mean"][:2]}
        with pytest.raises(ValueError, match="rows"):
            w.add(replace(good, pooled=bad))
        w.add(good)
        w._finish_part()
        with pytest.raises(ValueError, match="overlap"):
            w.add(making.block(0, 5))
    with open_study(tmp_path / "a.study") as study:
        assert study.samples.index.tolist() == list(range(10))


def test_an_error_in_the_middle_of_a_block_drops_its_part(tmp_path, monkeypatch):
    with StudyWriter(tmp_path / "a.study", making.HEADER) as w:
        making.begin(w)
        w.add(making.block(0, 5))
        w._finish_part()
        w.add(making.block(5, 10))
        bad = making.block(10, 15)
        wrong = replace(bad, labels=np.zeros(3, "U3"))
        with pytest.raises(ValueError):
            w.add(wrong)
    with open_study(tmp_path / "a.study") as study:
        assert study.samples.index.tolist() == list(range(5))
    making.extract(tmp_path / "a.study")
    making.extract(tmp_path / "b.study")
    making.assert_same(read(tmp_path / "a.study"), read(tmp_path / "b.study"))


def test_a_cancelled_writer_keeps_whole_blocks(tmp_path):
    with pytest.raises(KeyboardInterrupt), StudyWriter(tmp_path / "a.study", making.HEADER) as w:
        making.begin(w)
        w.add(making.block(0, 5))
        raise KeyboardInterrupt
    with open_study(tmp_path / "a.study") as study:
        assert len(study) == 5 and not study.is_complete


def test_names_that_are_no_text_come_back(tmp_path):
    odd = ("\udcff.png", "a\0b.png", "日本.png", "", "x" * 5000)
    header = {**making.HEADER, "data": {"path": "/pictures/\udcff"}}
    with StudyWriter(tmp_path / "a.study", header) as w:
        making.begin(w)
        w.add(replace(making.block(0, 5), names=odd, skipped=[(7, "\udcfe", "why\0not")]))
    with open_study(tmp_path / "a.study") as study:
        assert study.samples.names == ["\udcff.png", "a?b.png", *odd[2:]]
        assert study.skipped == [(7, "\udcfe", "why?not")]
        assert study.data == header["data"]
    making.extract(tmp_path / "a.study", header)


def test_when_a_part_is_due():
    mb = 1 << 20
    assert not writer._is_due(63 * mb, 1.0, 0)
    assert not writer._is_due(65 * mb, 0.5, 0)
    assert writer._is_due(65 * mb, 1.2, 1)
    assert not writer._is_due(65 * mb, 1.2, 100)
    assert writer._is_due(65 * mb, 11.1, 100)
    assert writer._is_due(256 * mb, 0, 100)
    assert writer._is_due(1, 22.1, 100) and not writer._is_due(1, 21, 100)


def test_parts_hold_whole_blocks_and_are_closed_by_size(tmp_path, monkeypatch):
    monkeypatch.setattr(writer, "LARGE", 30_000)
    making.extract(tmp_path / "a.study")
    assert len(part_paths(tmp_path / "a.study")) > 2
    monkeypatch.undo()
    making.extract(tmp_path / "b.study")
    assert len(part_paths(tmp_path / "b.study")) == 1
    making.assert_same(read(tmp_path / "a.study"), read(tmp_path / "b.study"))


# -- one writer ------------------------------------------------------------------------------

HOLDER = """
import sys
from engine.study.writer import StudyWriter
from tests.engine.study import making
writer = StudyWriter(sys.argv[1], making.HEADER)
making.begin(writer)
print("held", flush=True)
sys.stdin.read()
"""


def test_a_second_writer_is_told_who_writes(tmp_path):
    folder = tmp_path / "a.study"
    holder = subprocess.Popen(
        [sys.executable, "-c", HOLDER, str(folder)],
        stdin=subprocess.PIPE, stdout=subprocess.PIPE, cwd=ROOT, text=True,
    )  # fmt: skip
    try:
        assert holder.stdout.readline() == "held\n"
        with pytest.raises(InputError, match=f"process {holder.pid} on .*, since 20") as caught:
            StudyWriter(folder, making.HEADER)
        assert caught.value.exit_status == 2
    finally:
        holder.kill()
        holder.communicate()
    making.extract(folder)  # a killed writer holds nothing


def test_a_second_writer_in_the_same_process_is_refused(tmp_path):
    with StudyWriter(tmp_path / "a.study", making.HEADER) as w:
        making.begin(w)
        with pytest.raises(InputError, match=f"process {os.getpid()}"):
            StudyWriter(tmp_path / "a.study", making.HEADER)
    making.extract(tmp_path / "a.study")


# -- a full disk -----------------------------------------------------------------------------


def test_a_disk_that_will_not_do_is_told_before_writing(tmp_path, monkeypatch):
    free = [1 << 40]
    monkeypatch.setattr(space, "free_bytes", lambda folder: free[0])
    with pytest.raises(MachineError, match="disk is full.*finished parts are kept") as caught:
        with StudyWriter(tmp_path / "a.study", making.HEADER) as w:
            making.begin(w)
            w.add(making.block(0, 5))
            free[0] = space.RESERVE
            w.add(making.block(5, 10))
    assert caught.value.exit_status == 1
    with open_study(tmp_path / "a.study") as study:
        assert len(study) == 5  # what was written went into the reserve
    monkeypatch.undo()
    making.extract(tmp_path / "a.study")
    making.extract(tmp_path / "b.study")
    making.assert_same(read(tmp_path / "a.study"), read(tmp_path / "b.study"))


FILLER = """
import resource, sys
from engine.errors import LamellaError
from engine.study.writer import StudyWriter
from tests.engine.study import making
for limit in sys.argv[2:]:
    folder = f"{sys.argv[1]}/{limit}.study"
    with StudyWriter(folder, making.HEADER) as writer:
        making.begin(writer)
        writer.add(making.block(0, 5))
        writer._finish_part()
    old = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (int(limit), old[1]))
    try:
        with StudyWriter(folder, making.HEADER) as writer:
            for first, stop in making.blocks()[1:]:
                writer.add(making.block(first, stop))
    except LamellaError as error:
        resource.setrlimit(resource.RLIMIT_FSIZE, old)
        print(error.exit_status, error)
"""


@pytest.mark.skipif(os.name == "nt", reason="needs RLIMIT_FSIZE")
def test_a_disk_that_fills_while_writing(tmp_path):
    limits = ["100", "5000", "50000"]  # at the header, in the middle, at the end of the part
    done = subprocess.run(
        [sys.executable, "-c", FILLER, str(tmp_path), *limits],
        cwd=ROOT, capture_output=True, text=True,
    )  # fmt: skip
    assert done.returncode == 0 and done.stderr == ""  # HDF5 and Python keep quiet
    told = done.stdout.splitlines()
    making.extract(tmp_path / "good.study")
    for limit, line in zip(limits, told, strict=True):
        folder = tmp_path / f"{limit}.study"
        assert line.startswith(f"1 {folder}: the disk is full; finished parts are kept")
        assert not list(folder.rglob("*.tmp"))
        with open_study(folder) as study:
            assert len(study) == 5
        making.extract(folder)
        making.assert_same(read(folder), read(tmp_path / "good.study"))


# -- layers written again --------------------------------------------------------------------


def again(w, plan, ranges):
    for first, stop in ranges:
        indices = np.array([i for i in range(first, stop) if i != making.BROKEN], np.int64)
        kept, _, _ = making.gathered([plan], indices).arrays()
        w.add_values(Block(first, stop, indices, kept))


def test_a_layer_is_written_again_in_float32(tmp_path):
    folder = tmp_path / "a.study"
    making.extract(folder, parts=(2,))
    wanted = replace(making.PLANS[0], dtype="float32")
    before = read(folder)
    with StudyWriter(folder, making.HEADER) as w:
        w.want([wanted])
        assert w.stale(wanted.key) == making.blocks()
        again(w, wanted, w.stale(wanted.key)[:3])
    with open_study(folder) as study:  # interrupted: all of it is there, some as it was
        values = study.activations("conv1")
        assert values.dtype == np.float32
        exact = making.all_values(wanted)
        np.testing.assert_array_equal(values[:13], exact[:13])
        np.testing.assert_array_equal(values[20:], exact[20:].astype(np.float16))
    with StudyWriter(folder, making.HEADER) as w:
        assert w.wanted == (wanted,) and w.stale(wanted.key) == making.blocks()[3:]
        with pytest.raises(ValueError, match="lacks samples 15 to 20"):
            w.settle()
        again(w, wanted, w.stale(wanted.key))
        w.settle()
        assert w.wanted == () and w.layers[0] == wanted
    after = read(folder)
    np.testing.assert_array_equal(after.pop("conv1/post/values"), exact)
    before.pop("conv1/post/values")
    making.assert_same(before, after)


def test_a_layer_that_was_pooled_becomes_full(tmp_path):
    folder = tmp_path / "a.study"
    making.extract(folder)
    wanted = replace(making.PLANS[1], policy="full", dtype="float32")
    with StudyWriter(folder, making.HEADER) as w:
        w.want([wanted])
        again(w, wanted, w.stale(wanted.key)[:5])
    with open_study(folder) as study, pytest.raises(InputError, match="only pooled"):
        study.activations("conv1", "pre")
    with StudyWriter(folder, making.HEADER) as w:
        again(w, wanted, w.stale(wanted.key))
        w.settle()
    with open_study(folder) as study:
        np.testing.assert_array_equal(study.activations("conv1", "pre"), making.all_values(wanted))


def test_a_layer_that_overflows_half_way_goes_on_in_float32(tmp_path):
    folder = tmp_path / "a.study"
    wanted = replace(making.PLANS[4], dtype="float32")
    with StudyWriter(folder, making.HEADER) as w:
        making.begin(w)
        for first, stop in making.blocks()[:4]:
            w.add(making.block(first, stop))
        w.want([wanted])
        for first, stop in making.blocks()[4:]:
            w.add(making.block(first, stop, (*making.PLANS[:4], wanted)))
        w._finish_part()
        assert w.stale(wanted.key) == making.blocks()[:4]
        again(w, wanted, w.stale(wanted.key))
        w.settle()
    with open_study(folder) as study:
        assert study.kept("fc").dtype == "float32"
        np.testing.assert_array_equal(study.activations("fc"), making.all_values(wanted))


def test_values_that_nobody_needs_any_more_go(tmp_path):
    folder = tmp_path / "a.study"
    making.extract(folder)
    sampled = making.PLANS[2]
    more, full = replace(sampled, sampled=9), replace(sampled, policy="full")
    for wanted in (more, full):
        with StudyWriter(folder, making.HEADER) as w:
            w.want([wanted])
            again(w, wanted, w.stale(wanted.key)[:4])
        with open_study(folder) as study:  # half way: as before
            assert study.kept(sampled.name) != wanted
            assert study.activations(sampled.name)[...].shape[1:] == study.kept("pool.1~2").shape
        with StudyWriter(folder, making.HEADER) as w:
            again(w, wanted, w.stale(wanted.key))
            w.settle()
    with open_study(folder) as study:
        np.testing.assert_array_equal(study.activations("pool.1~2"), making.all_values(full))
    assert [path.name for path in part_paths(folder)] == ["00000.h5", "00003.h5", "00004.h5"]


def test_only_finished_blocks_are_written_again(tmp_path):
    with StudyWriter(tmp_path / "a.study", making.HEADER) as w:
        making.begin(w)
        w.want([replace(making.PLANS[0], dtype="float32")])
        with pytest.raises(ValueError, match="not in the study"):
            again(w, making.PLANS[0], [(0, 5)])


def test_facts_are_replaced_but_not_the_identity(tmp_path):
    folder = tmp_path / "a.study"
    making.extract(folder)
    with StudyWriter(folder, making.HEADER) as w:
        w.set_facts(report={"samples": 39})
        with pytest.raises(ValueError, match="do not change"):
            w.set_facts(identity={})
    with open_study(folder) as study:
        assert study.report == {"samples": 39}
