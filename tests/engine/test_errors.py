"""Errors as one sentence for a person, whatever the file put into it."""

from engine.errors import LONGEST_SENTENCE, Cancelled, InputError, MachineError


def test_a_sentence_says_place_fault_and_way_out():
    error = InputError(
        "it is cut", where="a.onnx", expected="9 bytes", got=3, remedy="copy it again"
    )
    assert str(error) == "a.onnx: it is cut (expected 9 bytes, got 3); copy it again."


def test_statuses():
    assert (InputError("x").exit_status, MachineError("x").exit_status) == (2, 1)
    assert Cancelled().exit_status == 130


def test_control_characters_of_a_hostile_file_are_not_printed():
    text = str(InputError("made by \x1b]0;title\x07 and \u202egnp.exe\nnext", where="a\x00b"))
    assert text == "a?b: made by ?]0;title? and ?gnp.exe next."


def test_endless_names_lose_their_middle():
    text = str(InputError(f"no tensor {'n' * 50_000}", remedy="w " * 9999))
    assert len(text) < LONGEST_SENTENCE
    assert text.startswith("no tensor nnn")


def test_a_question_at_its_end_keeps_its_mark():
    assert str(InputError("no layer conv9", remedy="did you mean conv3?")).endswith("conv3?")
