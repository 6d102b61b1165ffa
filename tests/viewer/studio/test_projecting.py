"""Questions of the Top filters: when they are asked, what came back, and where it stands."""

import numpy as np
import pytest

from tests.pretend_projector import ProjectingEngine
from tests.viewer.views.filters.filters_desk import Desk, ready
from viewer.session.session import Session
from viewer.state.layout import LAYOUTS
from viewer.state.tree import State, StateHolder
from viewer.state.window import WindowSettings
from viewer.studio import cache, kernels
from viewer.studio.facts import Facts
from viewer.studio.projecting import fields_of, ordered, project
from viewer.studio.projecting import questions as all_questions
from viewer.studio.studio import Studio


@pytest.fixture
def studio(tmp_path, monkeypatch):
    monkeypatch.setattr(cache, "studies_folder", lambda: tmp_path / "studies")
    state = State(window=WindowSettings(layout=LAYOUTS["Top filters"]))
    made = Studio(Session(StateHolder(state)), ProjectingEngine(), extracts=False)
    made.session.do("open", network="net.onnx", data="pictures")
    made.inbox.wait(lambda: made.facts.answer is not None, 20)
    yield made
    made.close()


def questions(state, facts):
    """Those about projected filters."""
    return tuple(each for each in all_questions(state, facts) if each.key[0] == "filters")


def answered(studio):
    """The answers to what is asked now, once they are there."""

    def now():
        asked = questions(studio.session.state, studio.facts)
        return [studio.facts.explanations.get(each.key) for each in asked]

    studio.inbox.wait(lambda: now() and all(now()), 20)
    return now()


def test_nothing_is_asked_out_of_sight_without_a_layer_or_without_values():
    state, facts = Desk().session.state, ready()
    assert len(questions(state, facts)) == 1
    assert questions(State(focus=state.focus), facts) == ()
    assert questions(Desk(layer=None).session.state, facts) == ()
    assert questions(state, ready(answer=None)) == ()
    silent = ready()
    silent.answer.maps["conv1"][:] = -1
    assert questions(state, silent) == ()


def test_the_active_layer_is_first_and_drawing_asks_nothing_new():
    desk = Desk()
    desk.do("filters.layers", layers=["conv1", "fc", "absent"])
    desk.do("focus.layer", layer="conv2")
    before = questions(desk.session.state, desk.facts)
    assert [asked.key[5] for asked in before] == ["conv2", "conv1", "fc"]
    desk.do("filters.colour", colour="signed")
    desk.do("filters.background", opacity=0.2)
    desk.do("filters.squares", squares="none")
    assert questions(desk.session.state, desk.facts) == before
    for kind, args in (("share", {"share": 0.5}), ("method", {"method": "gradient"})):
        desk.do(f"filters.{kind}", **args)
        after = questions(desk.session.state, desk.facts)
        assert not {each.key for each in after} & {each.key for each in before}


def test_the_range_says_which_filters_and_the_order_inside_it_does_not_matter():
    desk = Desk()
    desk.do("filters.range", first=1, last=1)
    (asked,) = questions(desk.session.state, desk.facts)
    assert asked.key[-1] == (1,)
    desk.do("filters.range", first=0, last=300)
    (asked,) = questions(desk.session.state, desk.facts)
    assert asked.key[-1] == (0, 1, 3)  # 2 is silent
    desk.facts.answer.maps["conv1"][2, 0, 0] = 0.5
    desk.do("filters.range", first=40, last=300)  # as with a layer that had more
    (asked,) = questions(desk.session.state, desk.facts)
    assert asked.key[-1] == (2,)


def test_they_are_answered_once_in_one_child_and_clipped_to_the_input(studio):
    studio.session.do("focus.sample", sample=2)
    studio.session.do("focus.layer", layer="conv1")
    studio.inbox.wait(lambda: studio.facts.answer.question.sample == 2, 20)
    (answer,) = answered(studio)
    assert answer.failure == ""
    value = answer.value
    assert studio.engine.layers == ("conv1", "conv2", "fc")
    asked = studio.engine.asked[-1]
    assert asked == ("conv1", "deconvnet", 0.98, [0, 1, 2, 3], pytest.approx(2 / 255))
    assert value.by == "patches" and value.box.tolist() == [[0, 0, 2, 2]] * 4
    assert all(np.array_equal(each, np.full((2, 2), 3.0)) for each in value.pictures)
    count = len(studio.engine.asked)
    studio.session.do("filters.share", share=0.5)
    answered(studio)
    studio.session.do("filters.share", share=0.98)
    answered(studio)
    assert len(studio.engine.asked) == count + 1


def test_processes_of_a_projector_end_with_the_studio(studio):
    studio.session.do("focus.layer", layer="conv1")
    answered(studio)
    assert studio.engine.closed == 0
    studio.close()
    assert studio.engine.closed == 1


def test_what_the_engine_refuses_is_its_sentence(studio):
    studio.session.do("focus.layer", layer="conv1")
    studio.session.do("filters.method", method="guided")
    assert "is not defined for Odd" in answered(studio)[0].failure


@pytest.fixture(scope="module")
def shapes():
    from viewer.studio.doors import EngineDoor
    from viewer.studio.questions import Tools

    door = EngineDoor()
    network = door.open_network("samples/shapes/shapes.onnx")
    tools = Tools(door, Facts(network=network, preprocessing=network.preprocessing))
    yield network, tools
    tools.close()


def test_the_weights_asked_for_are_those_of_the_filter_in_focus_else_of_the_strongest():
    def asked(desk):
        return [
            each.key[4:]
            for each in all_questions(desk.session.state, desk.facts)
            if each.key[0] == kernels.WHAT
        ]

    desk = Desk()
    assert asked(desk) == [("conv1", 3, 0)]
    desk.do("focus.channel", layer="conv1", channel=1)
    assert asked(desk) == [("conv1", 1, 0)]
    desk.do("focus.channel", layer="conv2", channel=4)
    assert asked(desk) == [("conv2", 4, None)]  # it reads no picture: the same for all
    desk.do("focus.layer", layer="fc")
    assert asked(desk) == []


def test_weights_and_maps_of_a_first_layer_are_the_convolution_itself(shapes):
    network, tools = shapes
    facts = Facts(network=network, preprocessing=network.preprocessing)
    picture = np.random.default_rng(7).integers(0, 255, (64, 64, 3), np.uint8)
    kernel = kernels.kernel_of(tools, facts, "conv1_1", 6, picture)
    assert kernel.weights.shape == (3, 3, 3)
    padded = np.pad(network.preprocessing(picture), ((0, 0), (1, 1), (1, 1)))
    plain = np.zeros((64, 64))
    for row in range(64):
        for column in range(64):
            window = padded[:, row : row + 3, column : column + 3]
            plain[row, column] = (window * kernel.weights).sum(dtype=float)
    # a normalisation lies between: the same up to a factor and an offset
    assert np.corrcoef(plain.ravel(), kernel.before.ravel())[0, 1] > 0.999999
    assert np.allclose(kernel.after, np.maximum(kernel.before, 0), atol=1e-6)
    assert kernels.kernel_of(tools, facts, "conv2_1", 0).before is None


@pytest.mark.parametrize(("layer", "by"), [("conv2_1", "windows"), ("fc1", "graph")])
def test_of_a_real_network_each_filter_is_what_the_explainer_finds(shapes, layer, by):
    network, tools = shapes
    facts = Facts(network=network, preprocessing=network.preprocessing)
    picture = np.random.default_rng(5).integers(0, 255, (64, 64, 3), np.uint8)
    inputs = network.preprocessing(picture)
    found = project(tools, facts, picture, layer, "gradient", 0.9, tuple(range(0, 24, 5)), None)
    assert found.by == by and set(found.units[:, 0] % 5) == {0}
    for channel in np.unique(found.units[:, 0]):
        whole = np.zeros((64, 64), np.float32)
        for of, box, part in zip(found.channel, found.box, found.pictures, strict=True):
            if of == channel:
                whole[box[0] : box[2], box[1] : box[3]] += part
        target = f"{layer}:{channel}"
        slow = tools.explainer.attribute(inputs, "gradient", target, top_units=0.9)
        slow = slow.values[0].sum(0)
        assert np.abs(whole - slow).max() <= 1e-5 * np.abs(slow).max()


def test_squares_are_the_receptive_fields_that_info_tells(shapes):
    network, tools = shapes
    facts = Facts(network=network, preprocessing=network.preprocessing)
    picture = np.random.default_rng(6).integers(0, 255, (64, 64, 3), np.uint8)
    found = project(tools, facts, picture, "conv3_2", "deconvnet", 0.7, tuple(range(48)), None)
    assert len(found.units) > 20
    for unit, field in zip(found.units, found.fields, strict=True):
        box = network.box("conv3_2", *(int(part) for part in unit[1:]))
        assert tuple(field) == tuple(np.clip(box, 0, 64))
    seen = np.zeros((48, 64, 64), bool)
    for unit, (y0, x0, y1, x1) in zip(found.units, found.fields, strict=True):
        seen[unit[0], y0:y1, x0:x1] = True
    for channel, box, part in zip(found.channel, found.box, found.pictures, strict=True):
        inside = seen[channel, box[0] : box[2], box[1] : box[3]]
        assert not part[~inside].any()


def test_a_network_without_fields_has_no_squares():
    class Flat:
        fields = None

    assert fields_of(Flat(), "fc", np.zeros((2, 1), np.int64), (8, 8)) is None


def test_an_empty_layer_is_ordered_too():
    found = ordered("none", np.zeros((3, 0), np.float32))
    assert found.order.tolist() == [0, 1, 2] and found.silent == 3
    assert found.chosen(0, 5).size == 0
