"""Where a network is cut: behind poolings, before the first layer, with all that crosses."""

import numpy as np
import onnxruntime
import pytest
from onnx import helper, numpy_helper

from engine.errors import InputError
from engine.rewrite.cut import SCORES, cut, site_of
from tests.engine.analysis import ablated
from tests.engine.network.building import model, node, weight
from tests.engine.network.random_graphs import random_model
from tests.reference.ablation import scores_without


def operators(proto):
    return [each.op_type for each in proto.graph.node]


def test_behind_what_treats_each_channel_by_itself(opened):
    network = opened(ablated.chain())
    found = cut(network, ["two"])
    assert operators(found.before)[-2:] == ["GlobalAveragePool", "Flatten"]
    assert operators(found.after) == ["Where", "Gemm", "Identity"]
    assert found.crossing == ("g",) and found.sites[0].shape == (1, 7)
    found = cut(network, ["one"])
    assert found.crossing == ("c",) and found.sites[0].shape == (1, 6, 1, 1)


def test_a_channel_becomes_its_places_in_a_flat_vector(opened):
    site = cut(opened(ablated.channels_last()), ["one"]).sites[0]
    assert site.tensor == "r" and site.shape == (1, 96)
    assert np.array_equal(site.channel_of, np.tile(np.arange(6), 16))
    off = site.off((1, 4))
    assert np.array_equal(np.flatnonzero(off) % 6, np.tile([1, 4], 16))
    assert not site.off(()).any()
    assert np.array_equal(site.values(np.arange(6))[0], np.tile(np.arange(6), 16))


def test_a_tensor_of_several_readers_stays_where_it_is(opened):
    found = cut(opened(ablated.residual()), ["stem"])
    assert found.sites[0].tensor == "b"
    assert set(found.crossing) == {"b", "x"}
    assert operators(found.before)[:2] == ["Conv", "Relu"]
    assert "Conv" in operators(found.after)


def test_skips_cross_the_cut(opened):
    found = cut(opened(ablated.residual()), ["left"])
    assert set(found.crossing) == {"d", "b", "x"}
    assert operators(found.after).count("Conv") == 1


def test_several_layers_are_cut_before_the_first(opened):
    found = cut(opened(ablated.residual()), ["sum", "left"])
    assert set(found.crossing) == {"d", "b", "x"}
    assert sorted(site.tensor for site in found.sites) == ["d", "g"]
    assert operators(found.after).count("Where") == 2
    found = cut(opened(ablated.chain()), ["pool", "one"])  # one lies on the other's way
    assert found.crossing == ("b",) and {s.tensor for s in found.sites} == {"b", "c"}


def test_averages_that_count_the_border_are_not_constant(opened):
    for counted, crossing in ((1, "b"), (0, "c")):
        nodes = [
            node("Conv", "x w", "a", "one"),
            node("Relu", "a", "b"),
            node(
                "AveragePool",
                "b",
                "c",
                "average",
                kernel_shape=[3, 3],
                pads=[1, 1, 1, 1],
                count_include_pad=counted,
            ),
            node("GlobalMaxPool", "c", "d"),
            node("Flatten", "d", "e"),
            node("Gemm", "e v", "y"),
        ]
        constants = {"w": weight(4, 3, 3, 3), "v": weight(4, 5)}
        network = opened(model(nodes, {"x": ("N", 3, 8, 8)}, "y", constants))
        tensor = cut(network, ["one"]).sites[0].tensor
        assert (tensor == "b") == (crossing == "b")


def test_a_layer_that_reaches_no_score(opened):
    found = cut(opened(ablated.two_heads()), ["beside"])
    assert found.before is None and found.sites == ()
    both = cut(opened(ablated.two_heads()), ["beside", "stem"])
    assert [site.layer for site in both.sites] == ["stem"]


def quantised(integers):
    """Conv of real numbers, its output quantised, read again."""
    zero = np.array(3, integers)
    nodes = [
        node("Conv", "x w", "a", "one"),
        node("QuantizeLinear", "a s z", "q"),
        node("DequantizeLinear", "q s z", "b"),
        node("GlobalAveragePool", "b", "c"),
        node("Flatten", "c", "d"),
        node("Gemm", "d v", "y", "scores"),
    ]
    constants = {"w": weight(4, 3, 3, 3), "s": np.float32(0.1), "z": zero, "v": weight(4, 5)}
    return model(nodes, {"x": ("N", 3, 8, 8)}, "y", constants)


@pytest.mark.parametrize("integers", ["int8", "uint8"])
def test_integers_get_the_nearest_number(opened, integers):
    network = opened(quantised(integers))
    site = site_of(network, "one")
    assert (site.tensor, site.dtype) == ("q", integers)
    values = site.values(np.array([0.0, 0.26, 1e6, -1e6])).ravel()
    info = np.iinfo(integers)
    assert values.tolist() == [3, 6, info.max, info.min] and values.dtype == integers
    found = cut(network, ["one"])
    assert found.crossing == ("q",) and "DequantizeLinear" in operators(found.after)


def test_what_cannot_be_switched_off_is_said(opened):
    network = opened(ablated.chosen())
    with pytest.raises(InputError, match="no channels to switch off"):
        cut(network, ["ReduceMax_m"])
    with pytest.raises(InputError, match="no layer 'onn'"):
        cut(opened(ablated.chain()), ["onn"])


def test_scales_that_are_worked_out_anew_for_each_sample(opened):
    """Behind a DequantizeLinear real numbers are replaced; integers read twice cannot be."""
    nodes = [
        node("Conv", "x w", "a", "one"),
        node("DynamicQuantizeLinear", "a", "q s z"),
        node("MaxPool", "q", "p", "most", kernel_shape=[2, 2]),
        node("DequantizeLinear", "p s z", "b"),
        node("GlobalAveragePool", "b", "c"),
        node("Flatten", "c", "d"),
        node("Gemm", "d v", "y", "scores"),
    ]
    constants = {"w": weight(4, 3, 3, 3), "v": weight(4, 5)}
    once = opened(model(nodes, {"x": (1, 3, 8, 8)}, "y", constants))
    assert site_of(once, "most").tensor == "b"
    more = [*nodes, node("DequantizeLinear", "p s z", "again")]
    twice = opened(model(more, {"x": (1, 3, 8, 8)}, "y again", constants))
    with pytest.raises(InputError, match="the scale of its integers anew"):
        cut(twice, ["most"])


def with_scores(proto, x):
    """A random model with five class scores at its end."""
    session = onnxruntime.InferenceSession(proto.SerializeToString())
    name = proto.graph.output[0].name
    size = session.run([name], {"x": x})[0][0].size
    proto.graph.initializer.append(numpy_helper.from_array(weight(size, 5), "last"))
    proto.graph.node.append(helper.make_node("Flatten", [name], ["flat"], axis=1))
    proto.graph.node.append(helper.make_node("Gemm", ["flat", "last"], ["scores"]))
    del proto.graph.output[:]
    proto.graph.output.append(helper.make_tensor_value_info("scores", 1, [1, 5]))
    return proto


@pytest.mark.parametrize("seed", [0, 1, 3, 4, 6, 8, 9, 11])
def test_random_graphs_equal_numpy(opened, seed):
    proto, random = random_model(seed), np.random.default_rng(seed)
    shape = [each.dim_value for each in proto.graph.input[0].type.tensor_type.shape.dim]
    x = random.normal(size=shape).astype(np.float32)
    network = opened(with_scores(proto, x))
    layers = [layer for layer in network.layers if layer.channel_axis is not None]
    for count in (1, 2, 3):
        chosen = [layers[i] for i in random.permutation(len(layers))[:count]]
        off = {each.name: {int(random.integers(each.output_shape[0]))} for each in chosen}
        values = {each.name: random.normal(size=each.output_shape[0]) for each in chosen}
        found = run_cut(cut(network, off), x, off, values, str(network.graph.path.parent))
        expected = scores_without(network, {"x": x}, off, values)
        np.testing.assert_allclose(found, expected, 0, 1e-5 * np.abs(expected).max())


def run_cut(made, x, off, values, folder):
    """The scores, both graphs run in this process."""
    given = {}
    for site in made.sites:
        given[made.masks[site.tensor].off] = site.off(tuple(off[site.layer]))
        given[made.masks[site.tensor].value] = site.values(values[site.layer])
    options = onnxruntime.SessionOptions()
    key = "session.model_external_initializers_file_folder_path"
    options.add_session_config_entry(key, folder)
    feeds = {"x": x}
    if made.before is not None:
        before = onnxruntime.InferenceSession(made.before.SerializeToString(), options)
        feeds = dict(zip(made.crossing, before.run(list(made.crossing), feeds), strict=True))
    after = onnxruntime.InferenceSession(made.after.SerializeToString(), options)
    return after.run([SCORES], feeds | given)[0]
