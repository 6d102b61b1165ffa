"""The studio makes what the state asks for: opens, runs, extracts, corrects, stops."""

import threading

import pytest

from engine.errors import InputError, MachineError
from tests.pretend_engine import PretendEngine
from viewer.session.session import Session
from viewer.studio import cache
from viewer.studio.studio import Studio


@pytest.fixture
def make(tmp_path, monkeypatch):
    monkeypatch.setattr(cache, "studies_folder", lambda: tmp_path / "studies")
    made = []

    def studio(certain=True, **options):
        session = Session()
        made.append(Studio(session, PretendEngine(certain), **options))
        made[-1].failures = []
        made[-1].failed.connect(
            lambda title, error, into=made[-1].failures: into.append(str(error))
        )
        return made[-1]

    yield studio
    for each in made:
        each.close()
    names = {"samples", "study", "builder"}
    assert not [thread for thread in threading.enumerate() if thread.name in names]


def open_and_wait(studio, **more):
    studio.session.do("open", network="net.onnx", data="pictures", **more)
    studio.inbox.wait(lambda: studio.facts.answer is not None, 20)


def test_opening_shows_the_first_sample_and_extracts_the_rest(make):
    studio = make()
    phases = []
    studio.changed.connect(lambda new, old: phases.append(new.phase))
    open_and_wait(studio)
    assert phases[0] == "opening"
    assert studio.facts.answer.question.sample == 0
    assert studio.facts.class_names == ("cat", "dog", "fox")
    studio.inbox.wait(lambda: studio.facts.extraction.phase == "done", 20)
    assert len(studio.engine.extracted) == 1
    assert studio.facts.study_path.name.startswith("net-pictures-")


def test_without_a_certain_guess_nothing_is_extracted_before_a_word(make):
    studio = make(certain=False)
    open_and_wait(studio)
    assert studio.facts.extraction.phase == "unconfirmed"
    studio.inbox.wait(lambda: studio.facts.trials and studio.facts.trials[0].counted == 11, 20)
    assert [trial.right for trial in studio.facts.trials] == [11, 11]
    assert studio.engine.extracted == []
    studio.session.do("preprocess.confirm")
    studio.inbox.wait(lambda: studio.facts.extraction.phase == "done", 20)


def test_a_correction_gives_a_study_of_its_own_and_undo_brings_the_first_back(make):
    studio = make()
    open_and_wait(studio)
    studio.inbox.wait(lambda: studio.facts.extraction.phase == "done", 20)
    first = studio.facts.study_path
    studio.session.do("preprocess.set", options={"preset": "imagenet"})
    studio.inbox.wait(lambda: studio.facts.extraction.phase == "done", 20)
    assert studio.facts.study_path != first
    assert studio.facts.preprocessing.preset == "imagenet"
    studio.session.do("undo")
    assert studio.facts.study_path == first


def test_a_correction_that_does_not_fit_is_told(make):
    studio = make()
    open_and_wait(studio)
    studio.session.do("preprocess.set", options={"mean": [1.0, 2.0]})
    assert len(studio.failures) == 1
    assert studio.facts.answer is not None


def test_another_size_opens_the_network_again_with_it(make):
    studio = make()
    open_and_wait(studio)
    studio.session.do("preprocess.set", options={"size": [16, 16]})
    studio.inbox.wait(lambda: len(studio.engine.opened) == 2, 20)
    assert studio.engine.opened[1][1]["size"] == (16, 16)


def test_a_study_that_another_program_writes_is_waited_for(make):
    studio = make()
    studio.engine.another_writes = True
    open_and_wait(studio)
    studio.inbox.wait(lambda: studio.jobs.running and studio.jobs.running[0].progress, 20)
    assert "another program" in studio.jobs.running[0].progress.what
    assert studio.engine.extracted == []
    studio.engine.another_writes = False
    studio.inbox.wait(lambda: studio.facts.extraction.phase == "done", 20)


def test_stopping_and_starting_the_extraction(make):
    studio = make()
    studio.engine.holds_extraction = True
    open_and_wait(studio)
    studio.inbox.wait(lambda: studio.engine.extracted, 20)
    (job,) = studio.jobs.running
    job.cancel_as_person()
    assert studio.facts.extraction.phase == "stopped"
    assert studio.session.commands[-1].kind == "extract.cancel"
    studio.inbox.wait(lambda: not studio.jobs.running, 20)
    studio.engine.holds_extraction = False
    studio.session.do("extract.start")
    studio.inbox.wait(lambda: studio.facts.extraction.phase == "done", 20)
    assert len(studio.engine.extracted) == 2


def test_steps_through_samples_end_on_the_last_one_asked_for(make):
    studio = make(extracts=False)
    open_and_wait(studio)
    for sample in range(1, 12):
        studio.session.do("focus.sample", sample=sample)
    studio.inbox.wait(lambda: studio.facts.answer.question.sample == 11, 20)
    assert studio.facts.answer.maps["conv1"].max() == 12.0


def test_a_sample_beyond_the_data_is_the_last_one(make):
    studio = make(extracts=False)
    open_and_wait(studio)
    studio.session.do("focus.sample", sample=5000)
    studio.inbox.wait(lambda: studio.facts.answer.question.sample == 11, 20)


def test_a_broken_picture_is_told_in_its_place(make):
    studio = make(extracts=False)
    open_and_wait(studio)
    studio.session.do("focus.sample", sample=3)
    studio.inbox.wait(lambda: studio.facts.answer.question.sample == 3, 20)
    assert studio.facts.answer.failure == "3.png: the picture is broken."


def test_a_network_that_cannot_be_opened_is_a_sentence_and_can_be_tried_again(make):
    studio = make()
    studio.session.do("open", network="broken.onnx", data="pictures")
    studio.inbox.wait(lambda: studio.facts.phase == "failed", 20)
    assert studio.facts.failure == ("broken.onnx: the file ends in the middle; export it again.")
    studio.reopen()
    studio.inbox.wait(lambda: len(studio.engine.opened) == 2 and not studio.jobs.running, 20)
    assert studio.failures == []


def test_a_network_without_pictures_is_shown_without(make):
    studio = make()
    studio.session.do("open", network="net.onnx")
    studio.inbox.wait(lambda: studio.facts.phase == "ready", 20)
    assert studio.facts.data is None
    assert studio.facts.sample_count == 0


def test_opening_another_network_drops_what_the_first_still_gives(make):
    studio = make(extracts=False)
    studio.session.do("open", network="one.onnx", data="pictures")
    studio.session.do("open", network="two.onnx", data="pictures")
    studio.inbox.wait(lambda: studio.facts.answer is not None and not studio.jobs.running, 20)
    assert studio.facts.network.path == "two.onnx"


def test_the_least_recently_opened_study_makes_room_first(tmp_path):
    import os

    for number in range(4):
        folder = tmp_path / f"{number}.study"
        folder.mkdir()
        (folder / "data").write_bytes(b"x" * 100)
        os.utime(folder, (number, number))
    removed = cache.make_room(
        tmp_path / "0.study", lambda path: path.name == "1.study", tmp_path, cap=250
    )
    assert [name for name, _ in removed] == ["2.study", "3.study"]
    assert sorted(path.name for path in tmp_path.iterdir()) == ["0.study", "1.study"]


def test_an_extraction_that_fails_is_a_sentence_and_can_be_tried_again(make):
    studio = make()
    studio.engine.fault = MachineError("the disk is full", where="/cache")
    open_and_wait(studio)
    studio.inbox.wait(lambda: studio.facts.extraction.phase == "failed", 20)
    assert studio.facts.extraction.failure == "/cache: the disk is full."
    assert studio.failures == []
    studio.inbox.wait(lambda: not studio.jobs.running, 20)
    studio.engine.fault = None
    studio.extract_again()
    studio.inbox.wait(lambda: studio.facts.extraction.phase == "done", 20)


def test_pictures_left_out_are_counted_and_told_once(make):
    studio, told = make(), []
    studio.engine.skipped = [{"name": "3.png", "reason": "broken"}]
    studio.told.connect(lambda text, details: told.append((text, details)))
    open_and_wait(studio)
    studio.inbox.wait(lambda: studio.facts.extraction.phase == "done", 20)
    assert told == [("1 picture was left out: unreadable.", "3.png: broken")]


def test_a_layer_is_kept_in_full_beside_the_study(make):
    studio = make()
    open_and_wait(studio)
    studio.inbox.wait(lambda: studio.facts.extraction.phase == "done", 20)
    studio.session.do("extract.start", layer="conv2")
    studio.inbox.wait(lambda: "conv2" in studio.facts.in_full, 20)
    path, options = studio.engine.extracted[-1]
    assert (options["layers"], options["policy"]) == (["conv2"], "full")
    assert path != str(studio.facts.study_path)


def test_a_damaged_study_of_the_cache_can_be_made_anew(make):
    studio = make()
    studio.engine.fault = InputError("this part is damaged", where="00000.h5")
    open_and_wait(studio)
    studio.inbox.wait(lambda: studio.facts.extraction.phase == "failed", 20)
    studio.inbox.wait(lambda: not studio.jobs.running, 20)
    path = studio.facts.study_path
    (path / "parts").mkdir(parents=True)
    studio.engine.fault = None
    studio.extract_anew()
    studio.inbox.wait(lambda: studio.facts.extraction.phase == "done", 20)
    assert not path.exists()
    assert studio.engine.extracted[-1][0] == str(path)
