"""A session finds its network and data: beside it, by hash among recent files, or by an answer."""

import random

import numpy as np
import pytest

from engine.errors import InputError
from viewer.session import journal, locating
from viewer.session.command import Command
from viewer.session.locating import Missing, load


@pytest.fixture
def pictures(tmp_path):
    path = tmp_path / "pictures.npy"
    np.save(path, np.arange(5 * 8 * 8, dtype=np.uint8).reshape(5, 8, 8))
    return path


def written(folder, commands=(), **header):
    path = folder / "a.lamella"
    journal.write(path, journal.Header(**header), commands)
    return path


def entry(path, role="data"):
    return {"hash": locating.hash_of(role, str(path)), "path": path.name}


def test_what_lies_beside_it_is_found_from_anywhere(tmp_path, pictures, monkeypatch):
    path = written(tmp_path, data=entry(pictures))
    monkeypatch.chdir("/")
    loaded = load(path)
    assert loaded.commands[0].kind == "open"
    assert loaded.commands[0].args == {"data": str(pictures)}
    assert loaded.missing == ()


def test_what_has_moved_is_found_among_the_recent_files_by_its_hash(tmp_path, pictures):
    path = written(tmp_path, data=entry(pictures))
    other = tmp_path / "elsewhere"
    other.mkdir()
    pictures.rename(other / "renamed.npy")
    np.save(other / "pictures.npy", np.zeros((5, 8, 8), np.uint8))
    recents = [{"network": "n", "data": str(other / name)} for name in ("gone", "pictures.npy")]
    assert load(path, recents=recents).missing[0].role == "data"
    recents.append({"network": "n", "data": str(other / "renamed.npy")})
    loaded = load(path, recents=recents)
    assert loaded.missing == ()
    assert loaded.commands[0].args["data"] == str(other / "renamed.npy")
    assert "was found at" in loaded.notes[0]


def test_what_is_not_found_is_asked_for_and_the_answer_taken(tmp_path, pictures):
    header = {"data": entry(pictures), "network": {"path": "net.onnx", "hash": "ab"}}
    commands = [
        Command("open", {"network": "net.onnx", "data": "pictures.npy", "labels": "gone.csv"}, 0.0),
        Command("open", {"network": "sample:shapes", "data": "other.npy"}, 3.0),
    ]
    path = written(tmp_path, commands, **header)
    missing = load(path).missing
    assert missing == (
        Missing("network", "net.onnx", "ab"),
        Missing("labels", "gone.csv"),
        Missing("data", "other.npy"),
    )
    answers = {"network": "sample:shapes", "gone.csv": str(pictures), "other.npy": str(pictures)}
    loaded = load(path, answers=answers)
    assert loaded.missing == ()
    assert loaded.commands[0].args["network"] == "sample:shapes"
    assert loaded.commands[1].args["data"] == str(pictures)


def test_what_does_not_match_is_said_with_both_hashes():
    header = journal.Header(network={"path": "n.onnx", "hash": "a" * 64}, data={"path": "d"})
    assert locating.mismatches(header, "a" * 64, "b" * 64) == []
    (told,) = locating.mismatches(header, "c" * 64, None)
    assert "n.onnx" in told
    assert "a" * 12 in told
    assert "c" * 12 in told


def test_theme_and_layout_of_the_header_begin_the_session(tmp_path):
    path = written(tmp_path, window={"theme": "light", "layout": {"root": None, "floating": []}})
    assert load(path).first.window.theme == "light"
    for window in ({"theme": "pink"}, {"layout": {"root": {"panes": ["attic"]}}}, {"layout": 3}):
        with pytest.raises(InputError):
            load(written(tmp_path, window=window))


def test_paths_are_short_below_the_folder_and_whole_elsewhere(tmp_path):
    assert locating.shortened(str(tmp_path / "a" / "b.onnx"), tmp_path) == "a/b.onnx"
    assert locating.shortened("/elsewhere/b.onnx", tmp_path) == "/elsewhere/b.onnx"
    assert locating.shortened("sample:shapes", tmp_path) == "sample:shapes"


GOOD = (
    '{"format": "lamella-session", "version": 1, "network": {"hash": "ab", "path": "n.onnx"}, '
    '"data": {"hash": "cd", "path": "d", "limit": 3}, "preprocessing": {"scale": 0.5}, '
    '"window": {"theme": "dark", "size": [900, 600]}}\n'
    '{"t": 0.0, "kind": "open", "version": 1, "args": {"network": "n.onnx", "data": "d"}}\n'
    '{"t": 1.5, "kind": "camera.move", "version": 1, "args": {"azimuth": 2.0, "keys": '
    '[[0.0, {"azimuth": 1.0}], [0.5, {"azimuth": 2.0}]]}}\n'
    '{"t": 3.0, "kind": "caption", "version": 1, "args": {"text": "Ä 言", "place": "top"}}\n'
)


def mutated(chance, text):
    """A session file with some bytes, lines or values changed."""
    data = bytearray(text.encode())
    for _ in range(chance.choice([1, 1, 1, 2])):
        at, what = chance.randrange(len(data) + 1), chance.randrange(8)
        if what == 0:
            del data[at:]
        elif what == 1 and at < len(data):
            data[at] = chance.randrange(256)
        elif what == 2:
            del data[at : at + chance.randrange(1, 30)]
        elif what == 3:
            data[at:at] = data[: chance.randrange(len(data) + 1)][-40:]
        else:
            old, new = chance.choice(
                [
                    (b"1.5", b"1e999"), (b"1.5", b"-4"), (b"1.5", b"NaN"), (b"0.5", b"-1"),
                    (b"1", b"9" * 5000), (b'"open"', b"7"), (b'"args"', b'"argh"'),
                    (b"{", b"[" * 3000), (b'"t"', b'"T"'), (b"lamella-session", b"zip"),
                    (b'"version": 1', b'"version": 1000000'), (b'"version": 1', b'"version": "x"'),
                    (b'"n.onnx"', b"null"), (b'"n.onnx"', b'"\\u0000"'), (b'"d"', b'"\\ud800"'),
                    (b'{"azimuth": 1.0}', b"3"), (b"[[", b"["), (b"dark", b"\\u001b[2J"),
                    (b'"hash": "ab"', b'"hash": {}'), (b'"path"', b'"Path"'), (b"3.0", b"true"),
                ]
            )  # fmt: skip
            data = bytearray(bytes(data).replace(old, new, chance.choice([1, -1])))
        data = data or bytearray(b" ")
    return bytes(data)


def test_mutated_files_open_or_give_one_sentence(tmp_path):
    from viewer.session.replay import Playback, replay

    chance = random.Random(5)
    path = tmp_path / "mutant.lamella"
    refused = opened = 0
    for _ in range(800):
        path.write_bytes(mutated(chance, GOOD))
        try:
            loaded = load(path)
        except InputError as error:
            refused += 1
            assert (
                "mutant.lamella" in str(error) or "session" in str(error) or "layout" in str(error)
            ), str(error)
            assert "\n" not in str(error)
            assert str(error).isprintable()
            continue
        opened += 1
        replay(loaded.commands, loaded.first)
        playback = Playback(loaded.commands)
        playback.state_at(playback.seconds / 2)
        playback.state_at(playback.seconds)
    assert refused > 200
    assert opened > 60
