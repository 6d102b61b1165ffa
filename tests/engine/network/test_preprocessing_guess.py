"""The guess of the preprocessing: what facts and habits lead to, on made-up and on real files."""

import numpy as np
import onnx
import pytest
from onnx import TensorProto, helper, numpy_helper

from engine.errors import InputError
from engine.network.graph import Graph, Tensor
from engine.network.load import read_model
from engine.network.preprocessing import candidates, first_nodes, guess
from engine.network.preprocessing_axes import layout_of, usual_sizes
from engine.network.preprocessing_guess import FrontNode

PHOTO = ("N", 3, 224, 224)


def guessed(shape=PHOTO, dtype="float32", name="input", **facts):
    return guess(Tensor(name, dtype, shape), **facts)


@pytest.mark.parametrize(
    "shape, layout, channel_count, size",
    [
        ((1, 3, 224, 224), "NCHW", 3, (224, 224)),
        (("N", 224, 200, 3), "NHWC", 3, (224, 200)),
        (("N", 28, 28), "NHW", 1, (28, 28)),
        ((3, 224, 224), "CHW", 3, (224, 224)),
        ((224, 224, 3), "HWC", 3, (224, 224)),
        (("N", 64), "NK", 1, (8, 8)),
        (("N", 784), "NK", 1, (28, 28)),
        (("N", 3072), "NK", 3, (32, 32)),
        (("N", 13), "NK", 1, (1, 13)),
        ((28, 28), "HW", 1, (28, 28)),
        (("N", 12, 64, 64), "NCHW", 12, (64, 64)),
        (("N", 64, 64, 12), "NHWC", 12, (64, 64)),
        (("N", "h", "w", 3), "NHWC", 3, (320, 320)),
        (("N", 3, None, None), "NCHW", 3, (320, 320)),
        (("N", 3, 240, "w"), "NCHW", 3, (240, 240)),
        (("N", 1, "h", "w"), "NCHW", 1, (320, 320)),
        ((-1, 3, -1, -1), "NCHW", 3, (320, 320)),
        (None, "NCHW", 3, (320, 320)),
        (("N", "c", 32, 32), "NCHW", 3, (32, 32)),
    ],
)
def test_axes(shape, layout, channel_count, size):
    assert layout_of(Tensor("x", "float32", shape)) == (layout, channel_count, size)


def test_axes_that_are_known_by_more_than_the_shape():
    tensor = Tensor("x", "float32", (1, 3, 4, 3))
    assert layout_of(tensor)[0] == "NCHW"
    assert layout_of(tensor, layout="NHWC") == ("NHWC", 3, (3, 4))
    assert guess(tensor, layout="NHWC").input_shape == (3, 4, 3)


def test_free_sizes_by_use():
    assert guessed(("N", 3, "h", "w"), classes=1000).size == (224, 224)
    assert guessed(("N", 1, "h", "w"), classes=10).size == (28, 28)
    assert guessed(("N", 3, "h", "w"), network_name="yolov8n.onnx").size == (640, 640)
    assert guessed(("N", 3, "h", "w")).size == (320, 320)
    assert guessed(("N", 3, "h", "w"), concrete_shape=(1, 3, 96, 64)).size == (96, 64)
    assert all(size % 32 == 0 for size in usual_sizes(3, None))


@pytest.mark.parametrize("shape", [("bytes",), (1, 3, 8, 64, 64), ("N", "k")])
def test_inputs_that_are_no_pictures(shape):
    with pytest.raises(InputError):
        guessed(shape)


@pytest.mark.parametrize(
    "facts, preset, certain",
    [
        ({"dtype": "uint8"}, "raw", True),
        ({"dtype": "int8"}, "int8", True),
        ({"metadata": {"Image.NominalPixelRange": "NominalRange_0_255"}}, "raw", True),
        ({"metadata": {"Image.NominalPixelRange": "Normalized_0_1"}}, "zero-one", True),
        ({"metadata": {"author": "Ultralytics"}, "producer": "pytorch"}, "zero-one", True),
        ({"metadata": {"mean": "[0.485, 0.456, 0.406]"}}, "imagenet", True),
        ({"metadata": {"image_mean": "123.7,116.8,103.9"}}, "raw", True),
        ({"producer": "pytorch 1.7", "classes": 1000}, "imagenet", False),
        ({"producer": "tf2onnx", "shape": ("N", 64, 64, 3), "classes": 10}, "zero-one", False),
        ({"producer": "tf2onnx", "shape": ("N", 224, 224, 3), "classes": 1001},
         "minus-one-one", False),
        ({"producer": "CNTK", "shape": (1, 1, 28, 28), "name": "Input3"}, "raw", False),
        ({"producer": "tf2onnx", "shape": ("N", 224, 224, 3), "classes": 1000,
          "network_name": "resnet50.onnx"}, "caffe", False),
        ({"producer": "onnx-caffe2", "name": "data_0"}, "caffe", False),
        ({"producer": "pytorch", "shape": (1, 1, 28, 28)}, "zero-one", False),
        ({"network_name": "yolox_s.onnx", "producer": "pytorch"}, "raw", False),
        ({}, "zero-one", False),
    ],
)  # fmt: skip
def test_rules(facts, preset, certain):
    p = guessed(**facts)
    assert (p.preset, p.certain) == (preset, certain), p.reason
    assert p.reason and "\n" not in p.reason


def front(op_type, *constants, **attributes):
    constants = tuple(None if c is None else np.asarray(c, np.float32) for c in constants)
    return FrontNode(op_type, attributes, constants)


@pytest.mark.parametrize(
    "nodes, preset, channels",
    [
        ([front("Div", None, 255.0)], "raw", "rgb"),
        ([front("Mul", None, 1 / 255)], "raw", "rgb"),
        ([front("Div", None, 16.0)], "zero-one", "rgb"),
        ([front("Transpose", None), front("Sub", None, 127.5), front("Div", None, 127.5)],
         "raw", "rgb"),
        ([front("Sub", None, [0.485, 0.456, 0.406]), front("Div", None, [0.229, 0.224, 0.225])],
         "zero-one", "rgb"),
        ([front("Sub", None, [103.939, 116.779, 123.68])], "raw", "bgr"),
        ([front("Sub", None, [123.68, 116.779, 103.939])], "raw", "rgb"),
        ([front("ImageScaler", None, scale=1.0, bias=(-103.9, -116.8, -123.7))], "raw", "bgr"),
        ([front("Mul", None, 2.0), front("Sub", None, 1.0)], "zero-one", "rgb"),
        ([front("Mul", None, 255.0), front("Sub", None, 127.5)], "zero-one", "rgb"),
        ([front("BatchNormalization", None, [1] * 3, [0] * 3, [120] * 3, [4000] * 3)],
         "raw", "rgb"),
        ([front("BatchNormalization", None, [1] * 3, [0] * 3, [0.45] * 3, [0.06] * 3)],
         "zero-one", "rgb"),
        ([front("BatchNormalization", None, [1] * 3, [0] * 3, [0.01] * 3, [1.1] * 3)],
         "imagenet", "rgb"),
        ([front("QuantizeLinear", None, 0.0187, 114)], "imagenet", "rgb"),
        ([front("QuantizeLinear", None, 1 / 255, 0)], "zero-one", "rgb"),
        ([front("QuantizeLinear", None, 1.0, 0)], "raw", "rgb"),
    ],
)  # fmt: skip
def test_the_front_of_the_graph_is_a_fact(nodes, preset, channels):
    p = guessed(first_nodes=nodes, producer="pytorch")
    assert (p.preset, p.channels, p.certain) == (preset, channels, True), p.reason


def test_digits_of_scikit_learn_go_to_sixteen():
    offset, scale = np.linspace(0, 12, 64), np.full(64, 0.25)
    nodes = [front("Scaler", None, offset=tuple(offset), scale=tuple(scale))]
    p = guessed(("N", 64), first_nodes=nodes)
    assert (p.preset, p.scale, p.certain) == ("zero-one", 16.0, True)
    assert p(np.full((8, 8), 255, np.uint8)).max() == 16.0


def test_weights_tell_of_raw_pixels():
    random = np.random.default_rng(0)
    weights = random.standard_normal((16, 3, 3, 3))
    small = front("Conv", None, weights * 0.001, np.full(16, 0.5))
    p = guessed(first_nodes=[small], producer="tf2onnx")
    assert (p.preset, p.certain) == ("raw", False) and "0..255" in p.reason
    large = front("Conv", None, weights, np.full(16, 0.5))
    assert guessed(first_nodes=[large], producer="tf2onnx").preset == "zero-one"
    normalised = front("BatchNormalization", None, [1], [0], [0], np.full(16, 4e4))
    bare = front("Conv", None, weights)
    assert guessed(first_nodes=[bare, normalised], producer="tf2onnx").preset == "raw"


def test_candidates_begin_with_the_guess_and_differ():
    for p in (
        guessed(),
        guessed(dtype="uint8"),
        guessed(dtype="int8"),
        guessed((1, 1, 28, 28)),
        guessed(("N", 64)),
        guessed(("N", 7, 64, 64)),
    ):
        found = candidates(p)
        assert found[0] is p
        assert len({one.digest() for one in found}) == len(found) > 1 or p.dtype != "float32"
        assert all(one.input_shape == p.input_shape for one in found)
    mnist = [one.mean for one in candidates(guessed((1, 1, 28, 28)))]
    assert (0.1307,) in mnist


def test_first_nodes_stop_after_the_first_convolution(tmp_path):
    weights = numpy_helper.from_array(np.ones((2, 3, 1, 1), np.float32), "w")
    mean = numpy_helper.from_array(np.full((1, 3, 1, 1), 0.5, np.float32), "mean")
    nodes = [
        helper.make_node("Transpose", ["x"], ["t"], perm=[0, 3, 1, 2]),
        helper.make_node("Shape", ["x"], ["shape"]),
        helper.make_node("Sub", ["t", "mean"], ["s"]),
        helper.make_node("Conv", ["s", "w"], ["c"]),
        helper.make_node("Relu", ["c"], ["r"]),
        helper.make_node("Relu", ["r"], ["y"]),
    ]
    graph = helper.make_graph(
        nodes,
        "g",
        [helper.make_tensor_value_info("x", TensorProto.FLOAT, ["N", 8, 8, 3])],
        [
            helper.make_tensor_value_info("y", TensorProto.FLOAT, None),
            helper.make_tensor_value_info("shape", TensorProto.INT64, [4]),
        ],
        [weights, mean],
    )
    path = tmp_path / "m.onnx"
    onnx.save(helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)]), path)
    graph = Graph(read_model(path), path)
    found = first_nodes(graph, "x")
    assert [n.op_type for n in found] == ["Transpose", "Sub", "Conv", "Relu"]
    assert found[1].constants[1].shape == (1, 3, 1, 1)
    p = guess(graph.inputs[0], first_nodes=found)
    assert (p.preset, p.layout, p.certain) == ("zero-one", "NHWC", True)


REAL = {  # file: preset, channels, certain, classes
    "cifar10_resnet20_ts13": ("imagenet", "rgb", False, 10),
    "cifar10_resnet8_int8_mlperf_tf2onnx": ("int8", "rgb", True, 10),
    "cifar10_resnet8_mlperf_tf2onnx": ("raw", "rgb", False, 10),
    "deeplabv3_mnv2_dm05_uint8_coral_tf2onnx": ("raw", "rgb", True, None),
    "digits_sklearn_mlp_plain": ("zero-one", "gray", True, 10),
    "mnist-8_cntk": ("raw", "gray", False, 10),
    "mnist_tensorspace_keras_tf2onnx": ("zero-one", "gray", False, 10),
    "mnist_winml": ("raw", "gray", True, 10),
    "mnist_wonnx_opt": ("raw", "gray", False, 10),
    "mobilenetv2_fp32_defaked": ("raw", "rgb", True, 1001),
    "mobilenetv2_uint8_coral_tf2onnx": ("raw", "rgb", True, 1001),
    "ppocr_mobile_v1.1_det": ("imagenet", "rgb", False, None),
    "prisma_portrait_nchw": ("zero-one", "rgb", False, None),
    "retinaface_mbnet0.25": ("caffe", "bgr", False, None),
    "shufflenet-v2-12-int8": ("imagenet", "rgb", True, 1000),
    "squeezenet1.0_caffe_dc": ("caffe", "bgr", False, 1000),
    "squeezenet_fp16_winml": ("caffe", "bgr", False, 1000),
    "style_candy": ("raw", "bgr", True, None),
    "super_resolution_zoo": ("zero-one", "gray", False, None),
    "tinyvgg10_tf2onnx": ("zero-one", "rgb", False, 10),
    "ultraface_RFB-320": ("raw", "rgb", False, None),
    "vit_mnist_op17": ("zero-one", "gray", False, 10),
    "vww_mobilenetv1_025_tf2onnx": ("zero-one", "rgb", False, 2),
    "yolox_nano": ("raw", "bgr", False, None),
    "yunet_n_dynamic": ("raw", "bgr", False, None),
}


def test_real_networks(shared_models):
    wrong = {}
    for name, (preset, channels, certain, classes) in REAL.items():
        path = shared_models / f"{name}.onnx"
        model = read_model(path)
        graph = Graph(model, path)
        p = guess(
            graph.inputs[0],
            metadata=graph.metadata,
            producer=model.producer_name,
            network_name=path.name,
            classes=classes,
            first_nodes=first_nodes(graph, graph.inputs[0].name),
        )
        if (p.preset, p.channels, p.certain) != (preset, channels, certain):
            wrong[name] = str(p), p.reason
    assert not wrong


def test_real_names_alone_do_not_decide(shared_models):
    """Without its name, RetinaFace is still known to take 0..255, by its weights."""
    path = shared_models / "retinaface_mbnet0.25.onnx"
    graph = Graph(read_model(path), path)
    p = guess(graph.inputs[0], first_nodes=first_nodes(graph, graph.inputs[0].name))
    assert p.preset == "raw" and not p.certain
