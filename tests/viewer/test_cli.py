"""The command line: words to values, one sentence for each error, exit statuses, strict JSON."""

import argparse
import errno
import json
import math
import os
import signal
import subprocess
import sys

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.errors import Cancelled, InputError, MachineError
from engine.tasks import Progress
from tests.conftest import ROOT
from viewer import amounts, cli, display, doctor
from viewer.pace import Pace
from viewer.verbs import options, terminal
from viewer.verbs.open import to_open


def extract_arguments(*words):
    return cli.parse(["extract", "m.onnx", "data", "-o", "s", *words])


def refused(capsys, *words):
    """The sentence that these words end with; they must end with status 2 and nothing else."""
    assert cli.main(words) == 2
    out, err = capsys.readouterr()
    assert out == ""
    assert err.count("\n") == 1, err
    assert err.startswith("lamella: ")
    return err


# -- words to values -------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("word", "value"),
    [("224x320", (224, 320)), ("224", (224, 224)), ("32X16", (32, 16)), ("7×9", (7, 9))],
)
def test_size(word, value):
    assert extract_arguments("--size", word).size == value


@pytest.mark.parametrize(
    ("word", "value"),
    [
        ("2000", 2000),
        ("2GB", 2_000_000_000),
        ("2G", 2_000_000_000),
        ("1.5 GB", 1_500_000_000),
        ("512MiB", 512 * 2**20),
        ("100kb", 100_000),
    ],
)
def test_memory(word, value):
    assert extract_arguments("--memory", word).memory == value


def test_scale_takes_fractions():
    assert extract_arguments("--scale", "1/255").scale == pytest.approx(1 / 255, abs=0)
    assert extract_arguments("--scale", "-2.5e-1").scale == -0.25


@pytest.mark.parametrize(
    "words",
    [
        ("--mean", "0.485,0.456,0.406"),
        ("--mean", "0.485", "0.456", "0.406"),
        ("--mean=0.485,0.456,0.406",),
        ("--mean", "0.485,", "0.456,", "0.406"),
    ],
)
def test_lists_of_numbers_with_commas_or_spaces(words):
    arguments = cli.parse(["extract", *words, "m.onnx", "data", "-o", "s"])
    assert arguments.mean == (0.485, 0.456, 0.406)
    assert (arguments.model, arguments.data) == ("m.onnx", "data")


def test_negative_numbers_are_numbers():
    assert extract_arguments("--mean", "-1", "-0.5", "-2").mean == (-1, -0.5, -2)


def test_layers_with_spaces_and_again():
    arguments = extract_arguments("--layers", "conv*", "fc1", "--layers", "pool?")
    assert arguments.layers == ["conv*", "fc1", "pool?"]


@given(st.floats(allow_nan=False, allow_infinity=False))
def test_every_finite_number_is_read_back(value):
    assert options.number(repr(value)) == value
    assert options.is_numbers(repr(value))


@given(st.text(max_size=8))
def test_any_other_word_is_refused_or_a_finite_number(word):
    for read in (options.number, options.size, options.size_in_bytes, options.whole, options.crop):
        try:
            read(word)
        except argparse.ArgumentTypeError as refusal:
            assert repr(word) in str(refusal) or "number" in str(refusal)


def test_preprocessing_holds_what_was_said_and_nothing_else():
    assert options.preprocessing_of(extract_arguments()) == {}
    said = extract_arguments(
        "--preprocess", "caffe", "--crop", "none", "--no-bgr", "--gray", "--layout", "NHWC"
    )
    assert options.preprocessing_of(said) == {
        "preset": "caffe",
        "crop": None,
        "bgr": False,
        "gray": True,
        "layout": "NHWC",
    }


def test_presets_are_those_of_the_engine():
    from engine.network.preprocessing import PRESETS

    assert set(options.PRESETS) == set(PRESETS)


def test_without_a_verb_the_words_are_model_and_data():
    arguments = cli.parse(["sample:digits", "sample:shapes", "--limit", "3"])
    assert arguments.run.__module__ == "viewer.verbs.open"
    what = to_open(arguments)
    assert (what["network"], what["data"], what["limit"]) == ("sample:digits", "sample:shapes", 3)


def test_alone_the_sample_is_opened():
    what = to_open(cli.parse([]))
    assert what["network"] == what["data"] == "sample:shapes"


def test_a_folder_with_study_json_is_a_study(tmp_path):
    (tmp_path / "study.json").write_text("{}")
    assert to_open(cli.parse([str(tmp_path)])) == {"study": str(tmp_path)}
    with pytest.raises(InputError, match="leave DATA out"):
        to_open(cli.parse([str(tmp_path), "data"]))


# -- sentences and statuses ------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (["extract"], "MODEL, DATA, -o/--out are missing"),
        (["extract", "m", "d"], "-o/--out is missing"),
        (["extract", "m", "d", "-o", "s", "--polices", "full"], "did you mean --policy?"),
        (["extract", "m", "d", "-o", "s", "--pol", "full"], "there is no option --pol"),
        (["info", "m", "--size", "axb"], "--size: 'axb' is not ROWSxCOLS"),
        (["info", "m", "--size", "0"], "--size: '0' is not ROWSxCOLS"),
        (["info", "m", "--scale", "1/0"], "--scale: '1/0' is not a finite number"),
        (["info", "m", "--mean", "a,b"], "--mean: 'a' is not a number"),
        (["info", "m", "--crop", "1.5"], "--crop: '1.5' is not above 0"),
        (["info", "m", "--limit", "-3"], "--limit"),
        (["info", "m", "--preprocess", "imgnet"], "--preprocess: invalid choice: 'imgnet'"),
        (["extract", "m", "d", "-o", "s", "--memory", "lots"], "--memory: 'lots' is not a size"),
        (["extract", "m", "d", "-o", "s", "--keep", "all"], "--keep"),
        (["info", "a", "b"], "one word too many: b"),
        (["info", "nowhere.onnx"], "nowhere.onnx"),
        (["nowhere.onnx"], "nowhere.onnx: there is no such file, study or verb"),
        (["sample:nothing"], "sample:digits, sample:shapes"),
        (["sample:digits", "no/where"], "no/where: there is no such file or folder"),
        (["sample:digits", "no.npz::test"], "no.npz::test: there is no such file or folder"),
        (["--print-completion", "elvish"], "elvish"),
    ],
)
def test_wrong_words_give_one_sentence(capsys, words, sentence):
    assert sentence in refused(capsys, *words)


def test_a_folder_is_not_a_network(capsys, tmp_path):
    assert "neither a network nor a study" in refused(capsys, str(tmp_path))
    assert str(tmp_path) in refused(capsys, "info", str(tmp_path))


@pytest.mark.parametrize(
    ("error", "status", "sentence"),
    [
        (InputError("it is empty", where="m.onnx"), 2, "m.onnx: it is empty."),
        (MachineError("the child died"), 1, "the child died."),
        (Cancelled(), 130, "cancelled."),
        (KeyboardInterrupt(), 130, "cancelled; what was finished is kept."),
        (OSError(errno.ENOSPC, "No space left on device", "s"), 1, "s: the disk is full"),
        (FileNotFoundError(errno.ENOENT, "No such file", "x"), 2, "x: No such file."),
        (OSError(errno.EIO, "Input/output error", "x"), 1, "x: Input/output error."),
        (BrokenPipeError(errno.EPIPE, "Broken pipe"), 1, "a fault in the program"),
        (MemoryError(), 1, "not enough memory"),
        (ValueError("a\nb"), 1, "a fault in the program (ValueError: a b); its traceback is in"),
    ],
)
def test_errors_become_a_status_and_a_sentence(capsys, monkeypatch, error, status, sentence):
    def fail(_):
        raise error

    monkeypatch.setattr("viewer.verbs.doctor.run", fail)
    assert cli.main(["doctor"]) == status
    err = capsys.readouterr().err
    assert err.startswith("lamella: ")
    assert err.count("\n") == 1
    assert sentence in err


def test_a_fault_keeps_its_traceback_in_a_file(capsys, monkeypatch):
    def fail(_):
        raise ZeroDivisionError("here")

    monkeypatch.setattr("viewer.verbs.doctor.run", fail)
    cli.main(["doctor"])
    path = capsys.readouterr().err.rpartition(" is in ")[2].strip().rstrip(".")
    with open(path + ("" if os.path.exists(path) else "xt")) as file:
        text = file.read()
    assert "Traceback" in text
    assert "ZeroDivisionError: here" in text


def test_debugging_shows_the_traceback(capsys, monkeypatch):
    monkeypatch.setenv("LAMELLA_DEBUG", "1")
    cli.main(["info", "nowhere.onnx"])
    assert "Traceback" in capsys.readouterr().err


def test_without_a_display_the_window_says_so(capsys, monkeypatch):
    for name in ("DISPLAY", "WAYLAND_DISPLAY", "QT_QPA_PLATFORM"):
        monkeypatch.delenv(name, raising=False)
    assert cli.main(["sample:digits"]) == 1
    assert "no window can open: there is no display" in capsys.readouterr().err


def test_without_its_libraries_the_window_names_the_line(capsys, monkeypatch):
    monkeypatch.setenv("QT_QPA_PLATFORM", "offscreen")
    monkeypatch.setattr(doctor, "WINDOW_LIBRARIES", {"libnowhere.so.7": "libnowhere7"})
    assert cli.main(["sample:digits"]) == 1
    err = capsys.readouterr().err
    assert "the system lacks libnowhere.so.7" in err
    assert "libnowhere7" in err.rpartition("this installs it")[2]


def test_a_display_that_does_not_answer_is_none():
    assert "does not answer" in display.why_no_display({"DISPLAY": ":987"})
    assert "does not answer" in display.why_no_display({"DISPLAY": "nonsense"})


# -- what is printed -------------------------------------------------------------------------------


def test_help_version_and_completion(capsys):
    assert cli.main(["--help"]) == 0
    text = capsys.readouterr().out
    assert all(verb in text for verb in cli.VERBS)
    for verb in cli.VERBS:
        assert cli.main([verb, "--help"]) == 0
    capsys.readouterr()
    assert cli.main(["--version"]) == 0
    assert capsys.readouterr().out.startswith("lamella ")


@pytest.mark.skipif(not os.path.exists("/bin/bash"), reason="there is no bash")
@pytest.mark.parametrize(
    ("words", "offered"),
    [
        (["in"], "info"),
        (["my"], "mynet.onnx"),
        (["mynet.onnx", "pic"], "pictures"),
        (["info", "my"], "mynet.onnx"),
        (["info", "mynet.onnx", "--pre"], "--preprocess"),
        (["info", "mynet.onnx", "--preprocess", "caf"], "caffe"),
        (["mynet.onnx", "--lim"], "--limit"),
    ],
)
def test_bash_completes(tmp_path, words, offered):
    (tmp_path / "mynet.onnx").touch()
    (tmp_path / "pictures").mkdir()
    line = " ".join(f"'{word}'" for word in ["lamella", *words])
    script = f"""{cli.completion("bash")}
COMP_WORDS=({line}); COMP_CWORD={len(words)}; _shtab_lamella; printf '%s\\n' "${{COMPREPLY[@]}}"
"""
    done = subprocess.run(["/bin/bash", "-c", script], cwd=tmp_path, capture_output=True, text=True)
    assert offered in done.stdout.split(), done


def test_json_is_strict(capsys):
    document = {"a": math.nan, "b": [math.inf, np.float32(0.5)], "c": np.arange(2), "d": (1, "é")}
    terminal.print_json(document)
    text = capsys.readouterr().out
    assert json.loads(text) == {"a": None, "b": [None, 0.5], "c": [0, 1], "d": [1, "é"]}
    assert "NaN" not in text


def test_doctor_prints_one_document(capsys):
    status = cli.main(["doctor", "--json"])
    out = capsys.readouterr().out
    document = json.loads(out)
    assert status == (0 if document["usable"] else 1)
    assert set(document) >= {"python", "drawing", "window", "inference", "missing", "cache"}


# -- signals and pipes -----------------------------------------------------------------------------


@pytest.mark.parametrize("words", [["--help"], ["doctor", "--json"], ["--print-completion", "zsh"]])
def test_a_reader_that_leaves_is_no_error(words):
    reader, writer = os.pipe()
    os.close(reader)
    command = [sys.executable, "-m", "viewer", *words]
    done = subprocess.run(command, stdout=writer, stderr=subprocess.PIPE, cwd=ROOT)
    os.close(writer)
    assert (done.returncode, done.stderr) == (0, b"")


@pytest.mark.skipif(not os.path.exists("/dev/full"), reason="there is no /dev/full")
def test_output_that_a_full_disk_refuses_is_told():
    with open("/dev/full", "w") as full:
        command = [sys.executable, "-m", "viewer", "--version"]
        done = subprocess.run(command, stdout=full, stderr=subprocess.PIPE, cwd=ROOT, text=True)
    assert done.returncode == 1
    assert done.stderr.startswith("lamella: the disk is full")
    assert done.stderr.count("\n") == 1


def test_the_first_ctrl_c_cancels_and_the_second_ends(capsys):
    before = signal.getsignal(signal.SIGINT)
    with pytest.raises(KeyboardInterrupt), terminal.shown_task("working") as task:
        signal.raise_signal(signal.SIGINT)
        assert task.cancelled
        with pytest.raises(Cancelled):
            task.check()
        signal.raise_signal(signal.SIGINT)
    assert "Ctrl-C again" in capsys.readouterr().err
    assert signal.getsignal(signal.SIGINT) is before


def test_progress_is_told_in_lines_without_a_terminal(capsys, monkeypatch):
    monkeypatch.setattr(terminal, "QUIET_SECONDS", 0)
    with terminal.shown_task("extracting") as task:
        task.report(3, 10, "running")
    assert "running 3/10" in capsys.readouterr().err


def test_pace_is_that_of_the_step_and_not_of_what_came_before():
    pace = Pace()

    def far(*report):
        return terminal.far_words(Progress(*report), pace)

    assert far(0, None, "starting", 1) == ""
    assert far(2, 4, "opening", 30) == "2/4"
    assert far(0, 100, "measuring", 40) == "0/100"
    assert far(0, 100, "extracting", 50) == "0/100"
    assert far(20, 100, "extracting", 52) == "20/100, 10 a second, 8.0 s left"


def test_pace_forgets_what_is_long_past():
    pace = Pace()
    for seconds in range(100):
        pace.read(Progress(seconds, 10_000, "slowly", seconds))
    for seconds in range(100, 160):
        done = 100 + 50 * (seconds - 99)
        rate, left = pace.read(Progress(done, 10_000, "quickly", seconds))
    assert rate == pytest.approx(50)
    assert left == pytest.approx((10_000 - done) / 50)


@pytest.mark.parametrize(
    ("value", "text"), [(0, "0 B"), (999, "999 B"), (3_210_000, "3.21 MB"), (2e12, "2 TB")]
)
def test_bytes_are_told_short(value, text):
    assert amounts.byte_text(value) == text


@pytest.mark.parametrize(
    ("value", "text"), [(0.25, "0.2 s"), (59.7, "60 s"), (125, "2 min 5 s"), (4800, "1 h 20 min")]
)
def test_times_are_told_short(value, text):
    assert amounts.time_text(value) == text
