"""A session saved with its data opens anywhere, without the originals, and shows the same."""

import errno
import os
import shutil

import numpy as np
import pytest
from PIL import Image

from engine.data import open_data
from engine.errors import Cancelled, InputError, MachineError
from engine.tasks import Task
from viewer.resources import find
from viewer.session import bundle, journal
from viewer.session.document import Document
from viewer.session.locating import load
from viewer.session.session import Session
from viewer.state.tree import StateHolder, state_hash
from viewer.studio import cache
from viewer.studio.studio import Studio
from viewer.studio.thumbnails import thumbnail_of

COUNT = 24
pytestmark = pytest.mark.xdist_group("bundle")


@pytest.fixture(scope="module")
def room(tmp_path_factory):
    """A folder for studies and files; what is opened in it is closed at the end."""
    folder, patch, made = tmp_path_factory.mktemp("room"), pytest.MonkeyPatch(), []
    patch.setattr(cache, "studies_folder", lambda: folder / "studies")
    patch.setattr(bundle, "NEIGHBOURS", 5)

    def open_one(loaded=None):
        session = Session(StateHolder())
        studio = Studio(session)
        document = Document(session, studio)
        made.append((document, studio))
        told = []
        document.told.connect(told.append)
        if loaded is None:
            network, data = originals(folder / "originals")
            session.do("open", network=str(network), data=str(data))
        else:
            document.open(loaded)
        studio.inbox.wait(lambda: studio.facts.answer is not None or studio.facts.failure, 60)
        assert studio.facts.failure is None
        studio.inbox.wait(lambda: studio.facts.extraction.phase in ("done", "opened"), 60)
        studio.inbox.wait(lambda: studio.facts.summary.samples == COUNT, 60)
        return document, studio, told

    yield folder, open_one
    for document, studio in made:
        document.close()
        studio.close()
    patch.undo()


@pytest.fixture(scope="module")
def live(room):
    """A live session on files of its own, all extracted, with some steps."""
    document, studio, _ = room[1]()
    act(document.session)
    studio.inbox.wait(lambda: not studio.facts.is_late(document.session.state), 60)
    return document, studio


@pytest.fixture
def without_originals(room):
    """The files that were opened are gone, for the test's time, once it calls this."""
    originals, gone = room[0] / "originals", room[0] / "gone"
    yield lambda: originals.rename(gone)
    gone.rename(originals)


def originals(folder):
    folder.mkdir()
    shutil.copy(find("samples/shapes/shapes.onnx"), folder / "shapes.onnx")
    images = np.load(find("samples/shapes/shapes.npz"))
    for i in range(COUNT):
        name = images["classes"][images["labels"][i]]
        place = folder / "pictures" / str(name)
        place.mkdir(parents=True, exist_ok=True)
        Image.fromarray(images["images"][i]).save(place / f"{i:03d}.png")
    return folder / "shapes.onnx", folder / "pictures"


def frames(loaded, folder):
    """Some pictures of a session, rendered without a screen."""
    from viewer.gl.context import EglContext
    from viewer.record.performance import film

    try:
        EglContext().close()
    except MachineError as error:
        pytest.skip(f"no EGL context: {error}")
    size = {"size": (320, 180), "fps": 0.5}
    film(loaded.commands, folder, first=loaded.first, **size)
    return [np.asarray(Image.open(path)) for path in sorted(folder.iterdir())]


@pytest.mark.gl
def test_it_renders_the_same_pictures(live, tmp_path, without_originals):
    document, studio = live
    document.save(tmp_path / "plain.lamella")
    bundle.write(bundle.plan(document, studio.facts), tmp_path / "a.session", Task())
    before = frames(load(tmp_path / "plain.lamella"), tmp_path / "before")
    without_originals()
    (tmp_path / "a.session").rename(tmp_path / "b.session")
    after = frames(load(tmp_path / "b.session"), tmp_path / "after")
    assert len(before) == len(after) > 0
    for one, other in zip(before, after, strict=True):
        np.testing.assert_array_equal(one, other)


def act(session):
    session.do("stack.mode", mode="maximum")
    session.do("select.brush", mode="replace", region={"kind": "samples", "items": [20, 22]})
    session.do("focus.unit", layer="conv3_2", channel=1, unit=[11, 13])
    session.do("focus.sample", sample=7)


def test_moved_and_without_the_originals_it_is_the_same(live, room, tmp_path, without_originals):
    document, studio = live
    planned = bundle.plan(document, studio.facts)
    assert planned.notes == ()
    assert planned.study is not None
    assert set(planned.samples) == {*range(13), 20, 22}
    folder = tmp_path / "a.session"
    assert bundle.write(planned, folder, Task()) == []
    size = sum(path.stat().st_size for path in folder.rglob("*") if path.is_file())
    assert 0.8 * size < planned.bytes < 1.2 * size + 20_000
    thumbnails = {i: thumbnail_of(studio.facts.data, i) for i in (0, 7, 12, 22)}
    without_originals()
    (tmp_path / "far").mkdir()
    folder.rename(tmp_path / "far" / "b.session")
    loaded = load(tmp_path / "far" / "b.session")
    assert loaded.missing == ()
    other, there, told = room[1](loaded)
    assert told == []
    assert there.facts.recording is None
    assert state_hash(other.session.state) == state_hash(document.session.state)
    here, now = studio.facts, there.facts
    there.inbox.wait(lambda: not there.facts.is_late(other.session.state), 60)
    for name, values in studio.facts.answer.maps.items():
        np.testing.assert_array_equal(there.facts.answer.maps[name], values)
    assert now.summary.ranges == here.summary.ranges
    np.testing.assert_array_equal(now.summary.predicted, here.summary.predicted)
    np.testing.assert_array_equal(now.labels, here.labels)
    assert now.class_names == here.class_names
    for sample, thumbnail in thumbnails.items():
        np.testing.assert_array_equal(thumbnail_of(now.data, sample), thumbnail)


def test_without_the_study_all_samples_are_there_exactly(live, tmp_path):
    document, studio = live
    planned = bundle.plan(document, studio.facts, everything=True, with_study=False)
    assert len(planned.samples) == COUNT
    bundle.write(planned, tmp_path / "a.session", Task())
    header, commands = journal.read(tmp_path / "a.session" / bundle.FILE)
    assert (header.network["path"], header.data["path"]) == ("network/shapes.onnx", "data")
    assert all(step.args["data"] == "data" for step in commands if step.kind == "open")
    (opening,) = (step.args for step in load(tmp_path / "a.session" / bundle.FILE).commands[:1])
    kept = open_data(opening["data"])
    for sample in range(0, COUNT, 9):
        picture = np.asarray(Image.open(tmp_path / "a.session" / f"data/pictures/{sample:06d}.png"))
        np.testing.assert_array_equal(kept.image(sample), picture)


class Stopping(Task):
    """A task that is cancelled at a word."""

    def __init__(self, word):
        super().__init__()
        self._word = word

    def report(self, done, total=None, what=""):
        if self._word in what:
            self.cancel()
        super().report(done, total, what)


def test_cancelled_or_on_a_full_disk_it_leaves_nothing_behind(live, tmp_path, monkeypatch):
    document, studio = live
    planned = bundle.plan(document, studio.facts)
    folder = tmp_path / "out" / "a.session"
    folder.parent.mkdir()
    for word in ("saving shapes.onnx", "samples", "study"):
        with pytest.raises(Cancelled):
            bundle.write(planned, folder, Stopping(word))
        assert list(folder.parent.iterdir()) == []

    def full(*_):
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    with monkeypatch.context() as patch:
        patch.setattr(shutil, "copyfile", full)
        with pytest.raises(MachineError, match="disk is full"):
            bundle.write(planned, folder, Task())
    assert list(folder.parent.iterdir()) == []
    folder.mkdir()
    with pytest.raises(InputError, match="something already"):
        bundle.write(planned, folder, Task())
