"""What the views show for a state and what exists: empty, opening, failed, ready, odd."""

import numpy as np
import pytest

from tests.pretend_engine import Data, Network
from viewer.state.hover import Hovered
from viewer.state.tree import State
from viewer.studio.facts import (
    FAILED,
    OPENING,
    READY,
    ExtractionFacts,
    Facts,
    PresetTrial,
    StudySummary,
)
from viewer.studio.predictions import best, class_name, probabilities
from viewer.studio.samples import Answer, Question
from viewer.views.filmstrip import resolve as filmstrip
from viewer.views.network import resolve as network
from viewer.views.preprocessing import resolve as preprocessing
from viewer.views.sample import resolve as sample
from viewer.views.stack import resolve as stack


def ready(**changes):
    """Facts of an opened network with the first sample run."""
    opened, data = Network("net.onnx", certain=True), Data()
    maps = {layer.name: np.ones(layer.output_shape, np.float32) for layer in opened.layers}
    picture = np.zeros((16, 8, 3), np.uint8)
    answer = Answer(Question(1, 0), picture, picture, maps, np.array([3.0, 1, 0], np.float32))
    facts = Facts(
        phase=READY,
        network=opened,
        data=data,
        labels=data.labels,
        class_names=tuple(data.classes),
        guess=opened.preprocessing,
        preprocessing=opened.preprocessing,
        confirmed=True,
        answer=answer,
    )
    return facts.but(**changes)


@pytest.mark.parametrize("facts", [Facts(), Facts(phase=OPENING), Facts(phase=FAILED, failure="x")])
def test_every_view_has_something_to_say_before_there_is_anything(facts):
    state = State()
    assert network.resolve(state, None, facts).message
    assert stack.resolve(state, facts).plate is not None
    assert sample.resolve(state, None, facts).picture is None
    assert preprocessing.resolve(state, facts).message
    assert len(filmstrip.resolve(state, facts).samples) == 0


def test_a_failure_has_its_sentence_and_a_way_on():
    plate = stack.resolve(State(), Facts(phase=FAILED, failure="it is broken")).plate
    assert plate.sentence == "it is broken"
    assert ("Try again", "reopen") in plate.buttons


def test_a_network_without_pictures_asks_for_them():
    facts = ready(data=None, answer=None)
    assert stack.resolve(State(), facts).plate.title == "No pictures yet"
    assert "Drop" in sample.resolve(State(), None, facts).message


def test_the_graph_has_the_layers_with_the_focused_and_the_found_ones_marked():
    state = State().with_part("focus", layer="conv2").with_part("network", find="conv*")
    wish = network.resolve(state, Hovered("fc"), ready())
    assert [layer.name for layer in wish.layers] == ["conv1", "conv2", "fc"]
    assert (wish.focus, wish.hovered, wish.found) == ("conv2", "fc", (0, 1))
    details = dict(network.resolve_facts(state, ready()).details)
    assert details["output"].startswith("6 × 4 × 4")
    assert details["after activation"] == "conv2_out"


def test_without_a_focused_layer_the_facts_are_the_networks():
    details = dict(network.resolve_facts(State(), ready()).details)
    assert details["parameters"] == "30"


def test_a_focus_on_a_layer_that_is_not_there_is_no_focus():
    state = State().with_part("focus", layer="elsewhere", channel=3, unit=(1, 1))
    assert network.resolve(state, None, ready()).focus is None
    assert stack.resolve(state, ready()).highlight is None
    assert sample.resolve(state, None, ready()).box is None


def test_what_was_kept_of_a_layer_is_said_and_more_can_be_had():
    summary = StudySummary(kept={"conv1": "16 of 64 positions"}, samples=9)
    facts = ready(summary=summary, extraction=ExtractionFacts("done"))
    wish = network.resolve_facts(State().with_part("focus", layer="conv1"), facts)
    assert dict(wish.details)["kept"] == "16 of 64 positions a sample"
    assert wish.keep == "conv1"
    assert network.resolve_facts(State().with_part("focus", layer="fc"), facts).keep == ""


def test_the_sample_shows_predictions_label_and_the_box_of_what_is_hovered():
    state = State().with_part("focus", layer="conv1", channel=0, unit=(0, 0))
    wish = sample.resolve(state, Hovered("conv1", 2, (3, 4), 0.5), ready())
    assert [prediction.name for prediction in wish.predictions] == ["cat", "dog", "fox"]
    assert wish.right is True
    # input box (2..5, 3..6) of 8 x 8, cropped from the middle of 16 rows by 8 columns
    assert wish.box == (6.0, 3.0, 9.0, 6.0)
    assert wish.unit == "conv1:2@3,4"
    assert sample.resolve(state, None, ready()).unit == "conv1:0@0,0"


def test_a_sample_that_is_not_there_yet_is_computing():
    state = State().with_part("focus", sample=7)
    assert sample.resolve(state, None, ready()).computing
    assert stack.resolve(state, ready()).badges == ("computing sample 8",)


def test_a_guess_that_is_not_certain_asks_in_a_banner():
    wish = stack.resolve(State(), ready(confirmed=False))
    assert wish.banner.text.startswith("Preprocessing guessed: zero-one: pretended.")
    assert wish.banner.buttons[0] == ("Confirm", "confirm")
    assert stack.resolve(State(), ready()).banner is None


def test_ranges_are_those_of_the_study_once_it_is_complete_and_wanted():
    summary = StudySummary(ranges={"conv1": (0.0, 9.0)}, samples=12)
    done = ready(summary=summary, extraction=ExtractionFacts("done"))
    running = ready(summary=summary, extraction=ExtractionFacts("running"))
    by_sample = State().with_part("stack", range="sample")
    assert stack.resolve(State(), done).contents.ranges == {"conv1": (0.0, 9.0)}
    assert stack.resolve(State(), running).contents.ranges == {}
    assert stack.resolve(by_sample, done).contents.ranges == {}
    assert stack.resolve(State(), done).subtitle.count("over 12 samples") == 1


def test_the_same_state_builds_nothing_anew():
    facts = ready()
    first = stack.resolve(State(), facts).contents
    turned = State().with_part("camera", azimuth=5.0)
    assert stack.resolve(turned, facts).contents.same_as(first)
    wider = State().with_part("stack", spacing=2.0)
    assert not stack.resolve(wider, facts).contents.same_as(first)


def test_presets_stand_side_by_side_with_accuracy_and_best_five():
    guess = Network("net.onnx", True).preprocessing
    scores = (np.array([3.0, 1, 0], np.float32), None)
    trial = PresetTrial(guess, scores, right=3, counted=4)
    wish = preprocessing.resolve(State(), ready(trials=(trial,)))
    (column,) = wish.columns
    assert column.title == "zero-one (guess)"
    assert column.accuracy == "0.75, 4 samples"
    assert column.cells[0][0].name == "cat"
    assert column.cells[1] is None
    assert column.current
    assert column.options == ()


def test_numbers_are_read_as_people_type_them():
    assert preprocessing.numbers("0.5, 1e-3 2", "mean") == (0.5, 0.001, 2.0)
    for text in ("", "half", "1;2"):
        with pytest.raises(ValueError, match="mean"):
            preprocessing.numbers(text, "mean")
    assert preprocessing.number_text((0.485, 1.0)) == "0.485 1"


def test_the_filmstrip_marks_classes_and_what_is_wrong():
    predicted = np.array([0, 2, -1], np.int32)
    wish = filmstrip.resolve(State(), ready(summary=StudySummary(predicted=predicted)))
    assert [filmstrip.is_wrong(wish, number) for number in range(4)] == [False, True, False, False]
    assert filmstrip.class_colour(wish, 0) != filmstrip.class_colour(wish, 1)


class Kind:
    def __init__(self, binary=False, needs_softmax=False):
        self.binary, self.needs_softmax = binary, needs_softmax


def test_scores_become_probabilities_as_their_kind_says():
    logits = np.array([1000.0, 999.0, -np.inf])
    assert probabilities(logits, Kind(needs_softmax=True)) == pytest.approx(
        [1 / (1 + np.exp(-1)), 1 / (1 + np.exp(1)), 0]
    )
    assert probabilities([0.25, 0.75], Kind()) == pytest.approx([0.25, 0.75])
    assert probabilities([0.0], Kind(True, True)) == pytest.approx([0.5, 0.5])
    assert probabilities([0.9], Kind(True)) == pytest.approx([0.1, 0.9])
    assert probabilities([np.nan, 1.0], Kind()) == pytest.approx([0.0, 1.0])
    assert probabilities(None, Kind()) is None


def test_the_best_have_names_or_numbers():
    assert [each.name for each in best(np.array([0.1, 0.7, 0.2]), ["a", "b"], 2)] == [
        "b",
        "class 2",
    ]
    assert class_name(0, None) == "class 0"
