"""What the orders pane asks and finds: pure of state and facts, bounded, said; agreement."""

from collections import OrderedDict
from dataclasses import replace
from types import SimpleNamespace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as some
from scipy.stats import kendalltau, spearmanr

from engine.analysis.orders import likeness_of, order
from engine.errors import InputError
from engine.tasks import Task
from tests.pretend_engine import PretendEngine
from tests.viewer.views.test_sample_views import ready
from viewer.session.session import Session
from viewer.state.tree import State
from viewer.studio import agreeing, cache, gathering, stability
from viewer.studio.facts import ExtractionFacts, StudySummary
from viewer.studio.means import wanted_means
from viewer.studio.order_tables import write_agreement, write_qualities
from viewer.studio.portraits import PIXELS, averaged, portrait_of
from viewer.studio.questions import Found
from viewer.studio.selecting import Selected
from viewer.studio.studio import Studio


def volume(count, rows=6, columns=5, seed=0):
    """Smooth maps, shuffled: float32[count, rows, columns]."""
    random = np.random.default_rng(seed)
    phase = random.permutation(count)[:, None, None] / count
    x, y = np.meshgrid(np.arange(columns), np.arange(rows))
    return np.cos(2 * phase + 0.4 * x + 0.2 * y).astype(np.float32) + phase.astype(np.float32)


def facts_of(shown=0, **changes):
    """The pretended network with varied maps of the focused sample."""
    facts = ready(shown, summary=StudySummary(samples=12))
    maps = {
        one.name: volume(*one.output_shape, seed=shown)
        if len(one.output_shape) == 3
        else np.arange(len(facts.class_names), dtype=np.float32)
        for one in facts.network.layers
    }
    return facts.but(answer=replace(facts.answer, maps=maps), **changes)


def seen_state(layer="conv2", method="file", basis="sample", **changes):
    state = State().with_part("window", only="orders").with_part("focus", layer=layer)
    choice = replace(state.orders.choice, method=method, basis=basis)
    return state.with_part("orders", choice=choice).with_part("stability", **changes)


ASKING = (
    (stability.questions, "channel_orders"),
    (stability.comparisons, "compared_orders"),
)


class Tools:
    """What finds answers, without a network: maps of a sample are volumes of its number."""

    def __init__(self, network):
        self.kept, self.network, self.engine = OrderedDict(), network, self
        self.explainer = SimpleNamespace(runner=None)
        self.runs = []

    def run_sample(self, runner, network, preprocessing, picture, layers=None):
        sample = int(picture.flat[0])
        self.runs.append(sample)
        shape = {one.name: one.output_shape for one in network.layers}[layers[0]]
        return {layers[0]: volume(*shape, seed=sample)}, None


def answered(state, facts):
    """Facts in which every question of the orders pane has an answer."""
    tools = Tools(facts.network)
    while True:
        before = facts
        for ask, name in ASKING:
            known = getattr(facts, name)
            asked = [question for question in ask(state, facts) if question.key not in known]
            found = {q.key: Found(q.find(tools, Task("test"))) for q in asked}
            facts = facts.but(**{name: {**known, **found}}) if found else facts
        if facts is before:
            return facts


# what is asked


def test_the_same_state_asks_the_same_and_nothing_out_of_sight():
    facts = facts_of()
    first = stability.questions(seen_state(), facts)
    assert len(first) == len(stability.OFFERED)
    assert len(stability.comparisons(seen_state(), facts)) == 1
    assert stability.comparisons(State().with_part("focus", layer="conv2"), facts) == ()
    assert [q.key for q in first] == [q.key for q in stability.questions(seen_state(), facts)]
    assert len({q.key for q in first}) == len(first)
    assert stability.questions(State().with_part("focus", layer="conv2"), facts) == ()
    assert stability.questions(seen_state(layer=None), facts) == ()
    assert stability.questions(seen_state(), facts.but(data=None)) == ()


@pytest.mark.parametrize("between", ["rows", "columns", "samples", "classes"])
def test_another_layer_sample_or_comparison_asks_anew(between):
    def key(state, facts):
        return stability.comparison(state, facts)[0].key

    state, facts = seen_state(between=between), facts_of()
    first = key(state, facts)
    assert key(state.with_part("focus", layer="conv1"), facts) != first
    assert key(state.with_part("stability", correlation="spearman"), facts) == first
    if between in ("rows", "columns"):
        assert key(state.with_part("focus", sample=2), facts_of(shown=2)) != first
    else:
        assert key(seen_state(method="path", between=between), facts) != first


def test_methods_that_take_long_are_made_when_a_person_asks():
    facts = facts_of()
    wide = [SimpleNamespace(**vars(one)) for one in facts.network.layers]
    wide[1].output_shape = (4096, 2, 2)
    facts.network.layers = tuple(wide)
    maps = {**facts.answer.maps, "conv2": np.zeros((4096, 2, 2), np.float32)}
    facts = facts.but(answer=replace(facts.answer, maps=maps))
    asked = {one.method: one for one in stability.asked_methods(seen_state(), facts, "conv2")}
    assert asked["leaf"].question is None and "about" in asked["leaf"].cost
    assert asked["pca"].question is not None
    session = Session()
    session.holder.set(seen_state())
    session.do("stability.costly", layer="conv2")
    asked = {one.method: one for one in stability.asked_methods(session.state, facts, "conv2")}
    assert asked["leaf"].question is not None


def test_a_listed_mean_is_made_though_no_order_of_it_is_in_force():
    state = seen_state(basis="selection")
    assert wanted_means(state) == "maps"
    assert wanted_means(state.with_part("window", only="network")) is None
    assert wanted_means(seen_state()) is None


def test_without_maps_every_method_says_why():
    facts = facts_of()
    facts = facts.but(answer=replace(facts.answer, maps={}))
    asked = stability.asked_methods(seen_state(), facts, "conv2")
    assert all(one.question is None and "conv2" in one.why for one in asked)
    question, why = stability.comparison(seen_state(), facts)
    assert question is None and "conv2" in why


def test_one_channel_or_one_cut_has_nothing_to_compare():
    facts = facts_of()
    question, why = stability.comparison(seen_state("fc"), facts)
    assert question is None and "one row" in why
    facts.network.layers[2].output_shape = (1,)
    assert stability.comparison(seen_state("fc"), facts) == (None, stability.TOO_FEW)


def test_samples_compared_are_those_selected_and_bounded():
    facts = facts_of()
    samples, words = agreeing.samples_compared(facts)
    assert samples == tuple(range(12)) and words == "12 samples"
    chosen = facts.but(selected=Selected(np.arange(12) % 4 == 1))
    assert agreeing.samples_compared(chosen) == ((1, 5, 9), "3 selected samples")
    many = facts.but(selected=SimpleNamespace(samples=np.ones(500, bool)))
    samples, words = agreeing.samples_compared(many)
    assert len(samples) == agreeing.MOST_SAMPLES and words == "the first 32 of 500 selected samples"


def test_classes_are_by_label_else_by_prediction_and_say_of_how_many():
    state, facts = seen_state(between="classes"), facts_of()
    found = answered(state, facts)
    value = found.compared_orders[stability.comparison(state, found)[0].key].value
    assert value.names == tuple(facts.class_names) and value.items == (0, 1, 2)
    assert any("by label" in note and "all 12" in note for note in value.notes)
    predicted = StudySummary(predicted=np.array([0, 1] * 6, np.int32), samples=12)
    bare = facts.but(labels=None, summary=predicted)
    found = answered(state, bare)
    value = found.compared_orders[stability.comparison(state, found)[0].key].value
    assert len(value.names) == 2 and any("by prediction" in note for note in value.notes)
    question, why = stability.comparison(state, facts.but(labels=None))
    assert question is None and "label" in why


def test_classes_that_have_no_room_together_are_averaged_one_after_the_other(monkeypatch):
    state, facts = seen_state(between="classes"), facts_of()
    tools, task = Tools(facts.network), Task("test")
    together = stability.comparison(state, facts)[0].find(tools, task)
    monkeypatch.setattr(agreeing, "SUMS_BYTES", 1)
    apart = stability.comparison(state, facts)[0].find(tools, task)
    assert np.array_equal(together.orders, apart.orders) and together.items == apart.items
    assert np.array_equal(together.kendall, apart.kendall)
    first, second = tools.runs[:11], tools.runs[11:]
    assert first == sorted(first) and second != sorted(second) and len(second) == 11


# what is found


def test_every_method_has_its_order_and_a_picture_of_the_right_size():
    state = seen_state(method="kmeans")
    facts = answered(state, facts_of())
    for one in stability.asked_methods(state, facts, "conv2"):
        portrait = facts.channel_orders[one.question.key].value
        assert sorted(portrait.order.channels) == list(range(6))
        assert portrait.distances.shape == (6, 6) and portrait.words == ""
        assert np.allclose(np.diagonal(portrait.correlations), 1, atol=1e-6)


def test_a_portrait_is_the_distances_and_cosines_of_channels_in_their_order():
    values = volume(7, seed=3)
    values[2] = 4.0  # constant: last, and not in the picture
    likeness = likeness_of(values)
    found = portrait_of(likeness, order(likeness, "path", compare=False))
    chosen = [channel for channel in found.order.channels if channel != 2]
    rows = values.reshape(7, -1).astype(np.float64)
    centred = rows - np.delete(rows, 2, axis=0).mean(axis=0)
    for a, one in enumerate(chosen):
        for b, other in enumerate(chosen):
            away = np.sqrt(((rows[one] - rows[other]) ** 2).sum())
            assert found.distances[a, b] == pytest.approx(away, abs=2e-3)
            sizes = np.linalg.norm(centred[one]) * np.linalg.norm(centred[other])
            cosine = centred[one] @ centred[other] / sizes
            assert found.correlations[a, b] == pytest.approx(cosine, abs=1e-3)


@given(count=some.integers(1, 3 * PIXELS))
def test_a_large_square_is_averaged_without_losing_any_of_it(count):
    square = np.add.outer(np.arange(count), 2.0 * np.arange(count))
    chosen = np.random.default_rng(count).permutation(count)
    found = averaged(square, chosen)
    size = min(count, PIXELS)
    assert found.shape == (size, size)
    edges = np.linspace(0, count, size + 1).astype(int)
    block = square[np.ix_(chosen[: edges[1]], chosen[edges[-2] :])]
    assert found[0, -1] == pytest.approx(block.mean(), rel=1e-5)
    doubled = averaged(square, chosen, np.full(count, 2.0))
    assert np.allclose(doubled, 4 * found, rtol=1e-5)


def test_correlations_are_scipys_of_the_channels_that_vary_in_both():
    state, facts = seen_state(between="rows"), facts_of()
    maps = facts.answer.maps["conv2"]
    maps[1, 2] = 0.0  # constant in one cut
    facts = answered(state, facts)
    found = facts.compared_orders[stability.comparison(state, facts)[0].key].value
    assert len(found.names) == 4 and found.names[2] == "row 2"
    assert list(found.common(2, 3)) == [0, 2, 3, 4, 5] and len(found.common(0, 3)) == 6
    for one in range(4):
        for other in range(4):
            common = found.common(one, other)
            places = [[list(found.orders[at]).index(c) for c in common] for at in (one, other)]
            assert found.kendall[one, other] == pytest.approx(kendalltau(*places)[0])
            assert found.spearman[one, other] == pytest.approx(spearmanr(*places)[0])
            ranks = found.ranks(one, common)
            assert list(ranks) == [sorted(places[0]).index(place) for place in places[0]]


def test_a_reversed_order_agrees_fully_with_the_sign_turned():
    orders = np.array([np.arange(9), np.arange(9)[::-1]])
    found = gathering.compared(orders, np.ones((2, 9), bool), "ab", "ab", "two")
    assert found.kendall[0, 1] == pytest.approx(-1) and found.spearman[1, 0] == pytest.approx(-1)
    assert stability.means_of(found.kendall) == pytest.approx((1.0, 1.0))


@pytest.mark.parametrize(("correlation", "of"), [("kendall", kendalltau), ("spearman", spearmanr)])
def test_chance_is_what_random_orders_have(correlation, of):
    random = np.random.default_rng(11)
    orders = np.array([random.permutation(20) for _ in range(30)])
    found = gathering.compared(orders, np.ones((30, 20), bool), range(30), range(30), "random")
    drawn = np.mean(
        [abs(of(random.permutation(20), random.permutation(20))[0]) for _ in range(600)]
    )
    assert stability.chance_of(found, correlation) == pytest.approx(drawn, rel=0.1)
    assert stability.means_of(getattr(found, correlation))[1] == pytest.approx(drawn, rel=0.2)
    nothing = replace(found, varied=np.zeros((30, 20), bool))
    assert np.isnan(stability.chance_of(nothing, correlation))


def test_what_cannot_be_read_is_left_out_and_said():
    state, facts = seen_state(between="samples"), facts_of()
    found = answered(state, facts)
    value = found.compared_orders[stability.comparison(state, found)[0].key].value
    assert 3 not in value.items and len(value.names) == 11  # number 3 is broken
    assert any("1 that cannot be read" in note for note in value.notes)
    only = facts.but(selected=Selected(np.arange(12) == 3))
    question, why = stability.comparison(state, only)
    assert question is None and "one sample" in why
    with pytest.raises(InputError, match="broken"):
        list(gathering.maps_run(Tools(facts.network), facts.data, [3], "conv2", Task("test")))


def test_channels_of_one_value_are_ordered_by_it():
    maps = [np.array([1.0, 3.0, 2.0]).reshape(3, 1, 1), np.array([[4.0], [np.nan], [5.0]])]
    orders, varied = gathering.orders_of(maps, "mean", Task("test"))
    assert orders.tolist() == [[1, 2, 0], [2, 0, 1]]
    assert varied.tolist() == [[True] * 3, [True, False, True]]


def test_methods_are_compared_once_all_their_orders_are_there():
    state, facts = seen_state(between="methods"), facts_of()
    assert stability.comparison(state, facts) == (None, "")
    facts = answered(state, facts)
    question, why = stability.comparison(state, facts)
    found = facts.compared_orders[question.key].value
    assert not why and found.items == stability.OFFERED
    assert found.kendall[0, 0] == pytest.approx(1) and np.allclose(found.kendall, found.kendall.T)


def test_class_means_are_means_of_each_class():
    maps = [(sample, np.full((2, 3), sample, np.float32)) for sample in range(6)]
    found = gathering.class_means(maps, {sample: sample % 2 for sample in range(6)})
    assert list(found) == [0, 1] and found[0][1] == 3
    assert np.all(found[0][0] == 2.0) and np.all(found[1][0] == 3.0)


class StoredStudy:
    """A study that kept a layer whole, its positions shuffled."""

    def __init__(self, policy="full", samples=9):
        random = np.random.default_rng(5)
        self.values = random.normal(size=(samples, 3, 8)).astype(np.float32)
        self._places = np.stack([random.permutation(8) for _ in range(samples)]).astype(np.int32)
        self.plan = SimpleNamespace(
            policy=policy, channels=3, positions=(2, 4), units=8, sampled=8, shape=(3, 8)
        )
        self.samples = SimpleNamespace(index=np.arange(samples) * 2)
        self.header = {}

    def __len__(self):
        return len(self.values)

    def kept(self, layer, which="post"):
        return self.plan

    def activations(self, layer, which="post"):
        stored = self.values.copy()
        if self.plan.policy == "sampled":
            stored = np.take_along_axis(stored, self._places[:, None, :].astype(int), 2)
        return stored

    def places(self, layer, which="post"):
        return self._places

    def statistics(self, layer, which="post"):
        return None


@pytest.mark.parametrize("policy", ["full", "sampled"])
def test_stored_maps_are_those_of_their_rows_in_the_order_of_positions(policy):
    study = StoredStudy(policy)
    facts = facts_of(
        study_path="a.study",
        extraction=ExtractionFacts("done"),
        summary=StudySummary(samples=9, whole=frozenset(["conv2"])),
    )
    tools = SimpleNamespace(read=lambda path, work, task: work(study, task))
    for samples in ((0, 2, 4, 6), (4,), (0, 16)):
        read = gathering.sourced(facts, "conv2", True)
        found = read(tools, samples, Task("test"), list)
        assert [sample for sample, _ in found] == list(samples)
        for sample, values in found:
            assert np.array_equal(values, study.values[sample // 2])
    assert "not kept in full" in gathering.sourced(facts, "conv1", True)


# tables


def test_tables_have_a_line_an_order_and_nothing_where_a_value_is_not_defined(tmp_path):
    state, facts = seen_state(between="rows"), facts_of()
    facts = answered(state, facts)
    found = facts.compared_orders[stability.comparison(state, facts)[0].key].value
    value = replace(found, kendall=np.where(np.eye(4) > 0, 1.0, np.nan))
    path = tmp_path / "agreement.csv"
    assert write_agreement(path, value, "kendall", Task("test")) == 4
    lines = path.read_text(encoding="utf-8").splitlines()
    assert "kendall of PCA orders of 4 cuts by row" in lines[0]
    assert lines[1] == "row 0,1,,,"
    one = facts.channel_orders[stability.asked_methods(state, facts, "conv2")[1].question.key].value
    path = tmp_path / "qualities.csv"
    assert write_qualities(path, [("PCA", one.order, 1.5)], Task("test")) == 1
    heading, line = path.read_text(encoding="utf-8").splitlines()
    said = dict(zip(heading.split(","), line.split(","), strict=True))
    assert float(said["quality"]) == pytest.approx(one.order.quality, rel=1e-5)
    assert said["method"] == "PCA" and said["channels"] == "6" and said["quality_of_best"] == "1.5"
    with pytest.raises(InputError, match="no order"):
        write_qualities(path, [], Task("test"))


def test_what_was_found_is_there_when_the_same_files_are_opened_again(tmp_path, monkeypatch):
    monkeypatch.setattr(cache, "studies_folder", lambda: tmp_path / "studies")
    studio = Studio(Session(), PretendEngine(), extracts=False)
    session = studio.session

    def opened():
        session.do("open", network="net.onnx", data="pictures")
        session.do("focus.layer", layer="conv2")
        session.do("window.only", pane="orders")
        studio.inbox.wait(lambda: studio.facts.answer is not None, 20)

        def is_there():
            asked = stability.questions(session.state, studio.facts)
            return asked and all(each.key in studio.facts.channel_orders for each in asked)

        studio.inbox.wait(is_there, 20)

    opened()
    session.do("open", network=None, data=None)
    assert not studio.facts.channel_orders
    opened()
    studio.close()
