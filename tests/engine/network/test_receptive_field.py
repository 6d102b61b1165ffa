"""Receptive fields against lighting one line after the other, formulas and known networks."""

from fractions import Fraction

import numpy as np
import onnx
import pytest

from engine.network import receptive_field_tables as tables
from engine.network.graph import Graph
from engine.network.receptive_field import ReceptiveFields
from tests.engine.network.random_graphs import Builder, random_model
from tests.reference.receptive_field import Lighting, all_tensors, chain, hull

MAP = (2, 3)


def fields_of(model, axes=MAP):
    """Graph, shapes and ReceptiveFields of a model with one concrete input."""
    graph = Graph(model, "test.onnx")
    name = graph.inputs[0].name
    shape = graph.inputs[0].shape
    _, found = all_tensors(model, {name: np.zeros(shape, np.float32)})
    shapes = {key: value.shape for key, value in found.items()} | {name: shape}
    values = {k: v for k, v in found.items() if v.dtype.kind == "i" and v.size <= 64}
    return graph, shapes, ReceptiveFields(graph, shapes, values, name, axes)


def field_of(builder, axes=MAP, positions=MAP):
    """The ReceptiveField of a built network's last tensor."""
    model = builder.model()
    _, _, fields = fields_of(model, axes)
    return fields.of(model.graph.output[0].name, positions)


def clipped(box, size):
    """A box clipped to the picture, empty ones at zero."""
    top, left, bottom, right = box
    top, bottom = max(top, 0), min(bottom, size[0])
    left, right = max(left, 0), min(right, size[1])
    return (top, left, bottom, right) if bottom > top and right > left else (0, 0, 0, 0)


def assert_boxes(fields, name, position_axes, shape, picture, rows, cols):
    """Every unit's box, clipped, is the hull of the lines that change it (channels together)."""
    others = tuple(a + 1 for a in range(len(shape)) if a not in position_axes)
    rows, cols = hull(rows.any(axis=others)), hull(cols.any(axis=others))
    sizes = tuple(shape[a] for a in position_axes)
    boxes = fields.boxes(name, position_axes, sizes)
    for position in np.ndindex(*sizes):
        box = fields.box(name, position_axes, position)
        assert tuple(boxes[position]) == box
        at = (slice(None), *position)
        (top, bottom), (left, right) = rows[at], cols[at]
        assert clipped(box, picture) == (top, left, bottom, right), (name, position, box)


def assert_lit(model, axes, constants, picture, faint=0.0):
    """Compare all tensors of a model with what lighting shows; return the fields' reasons."""
    name = model.graph.input[0].name
    shape = tuple(d.dim_value for d in model.graph.input[0].type.tensor_type.shape.dim)
    lighting = Lighting(model, name, shape, axes, constants)
    graph = Graph(model, "test.onnx")
    fields = ReceptiveFields(graph, lighting.shapes, lighting.values, name, axes)
    rows, cols = lighting.depends(0, faint), lighting.depends(1, faint)
    for tensor in lighting.tensors:
        shape = lighting.shapes[tensor]
        positions = {4: MAP, 3: (1, 2)}.get(len(shape), ())
        status = fields.of(tensor, positions).status
        if status != "upper bound":
            assert_boxes(fields, tensor, positions, shape, picture, rows[tensor], cols[tensor])
    return fields.reasons


@pytest.mark.parametrize("first", range(0, 100, 20))
def test_random_graphs_equal_lighting(first):
    run = 0
    for seed in range(first, first + 20):
        model = random_model(seed)
        picture = tuple(d.dim_value for d in model.graph.input[0].type.tensor_type.shape.dim)
        try:
            all_tensors(model, {"x": np.zeros(picture, np.float32)})
        except Exception as error:  # noqa: BLE001 - a draw that ONNX Runtime refuses
            assert "onnx" in type(error).__module__, error
            continue
        constants = {tensor.name for tensor in model.graph.initializer}
        assert_lit(model, MAP, constants, picture[2:], faint=1e-6)
        run += 1
    assert run >= 14


def test_a_network_of_chains_as_in_the_thesis():
    # [ConvViz] Table 1: three convolutions of 3, 3 x 3 pools between them.
    steps, sizes = [], []
    builder = Builder((1, 1, 64, 64))
    y, channels = "x", 1
    for block in range(3):
        for _ in range(3):
            y = builder.conv(y, channels, 2, 3, pads=[1, 1, 1, 1])
            channels = 2
            steps.append((3, 1, 1))
            field = field_of(builder)
            sizes.append(field.size[0])
            assert field.size == (chain(steps)[0],) * 2
            assert field.center == (chain(steps)[2],) * 2
        if block < 2:
            y = builder.node("MaxPool", [y], kernel_shape=[2, 2], strides=[2, 2])
            steps.append((2, 2, 0))
    assert sizes == [3, 5, 7, 12, 16, 20, 30, 38, 46]


def test_last_convolution_of_vgg16_sees_196_pixels():
    builder = Builder((1, 1, 224, 224))
    y, channels = "x", 1
    for convolutions, last in ((2, False), (2, False), (3, False), (3, False), (3, True)):
        for _ in range(convolutions):
            y = builder.conv(y, channels, 1, 3, pads=[1, 1, 1, 1])
            channels = 1
        if not last:
            y = builder.node("MaxPool", [y], kernel_shape=[2, 2], strides=[2, 2])
    field = field_of(builder)
    assert field.size == (196, 196)
    assert field.stride == (16, 16)
    assert field.center == (7.5, 7.5)
    assert field.uniform
    assert field.status == "exact"
    assert field.as_json()["stride"] == [16, 16]


@pytest.mark.parametrize("seed", range(8))
def test_chains_equal_the_recurrence(seed):
    rng = np.random.default_rng(seed)
    builder = Builder((1, 1, 200, 200))
    y, steps = "x", []
    for _ in range(int(rng.integers(2, 7))):
        kernel, stride = int(rng.integers(1, 8)), int(rng.integers(1, 3))
        pad, dilation = int(rng.integers(0, kernel)), int(rng.integers(1, 3))
        y = builder.conv(
            y,
            1,
            1,
            (kernel, 1),
            strides=[stride, 1],
            pads=[pad, 0, 0, 0],
            dilations=[dilation, 1],
        )
        steps.append(((kernel - 1) * dilation + 1, stride, pad))
    field = field_of(builder)
    size, jump, start = chain(steps)
    assert (field.size[0], field.stride[0], field.center[0]) == (size, jump, start)
    assert (field.size[1], field.stride[1], field.center[1]) == (1, 1, 0.0)
    assert field.uniform


def _grown(seed, size):
    """A chain of windows and enlargements on a square picture; steps do not depend on its size."""
    rng = np.random.default_rng(seed)
    builder = Builder((1, 1, size, size))
    builder.random = np.random.default_rng(1)
    y = "x"
    for _ in range(5):
        kind = int(rng.integers(4))
        kernel = int(rng.integers(1, 5))
        pads = [int(p) for p in rng.integers(0, kernel, 4)]
        if kind == 0:
            stride = int(rng.integers(1, 3))
            y = builder.conv(y, 1, 1, kernel, strides=[stride] * 2, pads=pads)
        elif kind == 1:
            y = builder.node("MaxPool", [y], kernel_shape=[2, 2], strides=[2, 2])
        elif kind == 2:
            mode = str(rng.choice(["nearest", "linear", "cubic"]))
            scales = builder.constant([1, 1, 2, 2], np.float32)
            y = builder.node("Resize", [y, "", scales], mode=mode)
        else:
            w = builder.weights(1, 1, 4, 4)
            y = builder.node("ConvTranspose", [y, w], strides=[2, 2], pads=[1, 1, 1, 1])
    return builder.model(), y


@pytest.mark.parametrize("seed", range(12))
def test_unclipped_boxes_are_what_a_larger_picture_shows(seed):
    more = 128
    small, name = _grown(seed, 24)
    large, _ = _grown(seed, 24 + 2 * more)
    _, shapes, fields = fields_of(small)
    _, large_shapes, larger = fields_of(large)
    field = fields.of(name, MAP)
    shift = Fraction(more) / field.stride[0]
    assert shift.denominator == 1
    size = min(shapes[name][2:])
    assert shift + size < min(large_shapes[name][2:])
    sizes = set()
    for p in range(size):
        top, left, bottom, right = larger.box(name, MAP, (p + int(shift),) * 2)
        sizes.add((bottom - top, right - left))
        told = fields.box(name, MAP, (p, p))
        reached = (top - more, left - more, bottom - more, right - more)
        for one, other in zip(told, reached, strict=True):  # a border inside may cut it, by truth
            assert one == other or 0 <= one <= 24
        if p == 0:
            middles = (reached[0] + reached[2] - 1) / 2, (reached[1] + reached[3] - 1) / 2
            assert field.center == middles
    assert field.size == tuple(max(each) for each in zip(*sizes, strict=True))
    assert field.uniform == (len(sizes) == 1)


def test_enlarging_makes_fractional_strides():
    builder = Builder((1, 1, 12, 12))
    w = builder.weights(1, 1, 2, 2)
    y = builder.node("ConvTranspose", ["x", w], strides=[2, 2])
    assert field_of(builder).stride == (Fraction(1, 2),) * 2
    sizes = builder.constant([1, 1, 36, 24])
    builder.node("Resize", [y, "", "", sizes], mode="nearest")
    field = field_of(builder)
    assert field.stride == (Fraction(1, 3), Fraction(1, 2))
    assert field.as_json()["stride"][1] == 0.5


def test_pixel_shuffle_by_reshape_has_the_stride_of_depth_to_space():
    direct = Builder((1, 4, 6, 6))
    direct.node("DepthToSpace", ["x"], blocksize=2, mode="CRD")
    byhand = Builder((1, 4, 6, 6))
    y = byhand.node("Reshape", ["x", byhand.constant([1, 1, 2, 2, 6, 6])])
    y = byhand.node("Transpose", [y], perm=[0, 1, 4, 2, 5, 3])
    byhand.node("Reshape", [y, byhand.constant([1, 1, 12, 12])])
    assert field_of(direct) == field_of(byhand)
    assert field_of(direct).stride == (Fraction(1, 2),) * 2


def test_join_is_the_union_and_says_that_sizes_agree():
    builder = Builder((1, 2, 16, 16))
    a = builder.conv("x", 2, 2, (1, 5), pads=[0, 2, 0, 2])
    b = builder.conv("x", 2, 2, (3, 1), pads=[1, 0, 1, 0])
    builder.node("Add", [a, b])
    field = field_of(builder)
    assert (field.size, field.uniform, field.status) == ((3, 5), True, "exact")


def test_global_operators_see_the_whole_input():
    builder = Builder((1, 2, 10, 14))
    y = builder.conv("x", 2, 4, 3)
    pooled = builder.node("GlobalAveragePool", [y])
    field = field_of(builder)
    assert (field.size, field.stride, field.center) == ((10, 14), (0, 0), (4.5, 6.5))
    assert field.status == "whole input"
    builder.node("Mul", [y, builder.node("Sigmoid", [pooled])])
    assert field_of(builder).status == "whole input"


def test_fully_connected_units_see_the_whole_input():
    builder = Builder((1, 1, 8, 9))
    y = builder.conv("x", 1, 2, 3, strides=[2, 2])
    y = builder.node("Flatten", [y])
    builder.node("Gemm", [y, builder.weights(2 * 3 * 4, 5)])
    model = builder.model()
    _, _, fields = fields_of(model)
    field = fields.of(model.graph.output[0].name, ())
    assert (field.status, field.size) == ("whole input", (8, 9))
    # the last row is left over by the stride: no unit sees it, and the box says so
    assert fields.box(model.graph.output[0].name, (), ()) == (0, 0, 7, 9)


def test_a_pool_along_rows_leaves_columns_local():
    builder = Builder((1, 1, 8, 9))
    builder.node("ReduceMean", ["x", builder.constant([2])], keepdims=1)
    field = field_of(builder)
    assert (field.size, field.stride, field.status) == ((8, 1), (0, 1), "exact")


def test_patches_become_tokens_and_attention_sees_all():
    builder = Builder((1, 3, 12, 16))
    y = builder.conv("x", 3, 4, 4, strides=[4, 4])
    y = builder.node("Reshape", [y, builder.constant([1, 4, 12])])
    tokens = builder.node("Transpose", [y], perm=[0, 2, 1])
    field = field_of(builder, positions=(1,))
    assert (field.size, field.stride, field.center) == ((4, 4), (4, 4), (1.5, 1.5))
    head = builder.constant(np.zeros((1, 1, 4)), np.float32)
    tokens = builder.node("Concat", [head, tokens], axis=1)
    model = builder.model()
    _, _, fields = fields_of(model)
    assert fields.box(tokens, (1,), (0,)) == (0, 0, 0, 0)
    assert fields.box(tokens, (1,), (6,)) == (4, 4, 8, 8)
    assert not fields.of(tokens, (1,)).uniform
    scores = builder.node("MatMul", [tokens, builder.node("Transpose", [tokens], perm=[0, 2, 1])])
    weights = builder.node("Softmax", [scores], axis=-1)
    mixed = builder.node("MatMul", [weights, tokens])
    _, _, fields = fields_of(builder.model())
    assert fields.box(scores, (1, 2), (1, 6)) == (0, 0, 8, 8)
    assert fields.of(weights, (1, 2)).status == "whole input"
    assert fields.of(mixed, (1,)).status == "whole input"


def test_large_attention_is_joined_and_still_exact_after_the_softmax():
    builder = Builder((1, 2, 40, 40))
    y = builder.node("Reshape", ["x", builder.constant([1, 2, 1600])])
    tokens = builder.node("Transpose", [y], perm=[0, 2, 1])
    scores = builder.node("MatMul", [tokens, y])
    weights = builder.node("Softmax", [scores], axis=-1)
    _, _, fields = fields_of(builder.model())
    assert fields.of(scores, (1, 2)).status == "upper bound"
    assert fields.of(weights, (1, 2)).status == "whole input"


def test_unknown_operators_give_upper_bounds():
    builder = Builder((1, 1, 8, 8))
    y = builder.conv("x", 1, 1, 3)
    grid = builder.constant(np.zeros((1, 6, 6, 2)), np.float32)
    builder.node("GridSample", [y, grid])
    field = field_of(builder)
    assert (field.status, field.size) == ("upper bound", (8, 8))


def test_units_that_depend_on_no_pixel_have_no_field():
    builder = Builder((1, 1, 8, 8))
    shape = builder.node("Shape", ["x"])
    builder.node("ConstantOfShape", [shape])
    field = field_of(builder)
    assert (field.size, field.status, field.uniform) == ((0, 0), "exact", True)


@pytest.mark.parametrize(
    ("shape", "axes", "positions"),
    [((1, 9, 11, 3), (1, 2), (1, 2)), ((1, 9, 11), (1, 2), (1, 2)), ((1, 64), (None, 1), (1,))],
)
def test_other_layouts(shape, axes, positions):
    builder = Builder(shape)
    if len(shape) == 2:
        builder.node("Relu", ["x"])
        expected = (1, 1)
    elif len(shape) == 3:
        y = builder.node("Unsqueeze", ["x", builder.constant([1])])
        y = builder.conv(y, 1, 1, 3)
        builder.node("Squeeze", [y, builder.constant([1])])
        expected = (3, 3)
    else:
        y = builder.node("Transpose", ["x"], perm=[0, 3, 1, 2])
        y = builder.conv(y, 3, 2, 3)
        builder.node("Transpose", [y], perm=[0, 2, 3, 1])
        expected = (3, 3)
    field = field_of(builder, axes, positions)
    assert (field.size, field.status, field.uniform) == (expected, "exact", True)


MODES = [
    ("linear", False, False),
    ("cubic", False, False),
    ("cubic", False, True),
    ("linear", True, False),
    ("cubic", True, True),
]


@pytest.mark.parametrize("coordinates", ["half_pixel", "asymmetric", "align_corners"])
@pytest.mark.parametrize(("mode", "antialias", "exclude"), MODES)
def test_resize_takes_what_onnx_runtime_takes(mode, antialias, exclude, coordinates):
    how = tables.Resizing(
        mode, coordinates, antialias=antialias, exclude_outside=exclude and mode == "cubic"
    )
    for size, out in ((3, 8), (5, 7), (8, 3), (12, 30), (16, 6), (15, 4)):
        builder = Builder((size, 1, 6, size))
        builder.node(
            "Resize",
            ["x", "", "", builder.constant([size, 1, 6, out])],
            mode=mode,
            antialias=int(antialias),
            exclude_outside=int(exclude),
            coordinate_transformation_mode=coordinates,
        )
        single = np.zeros((size, 1, 6, size), np.float32)
        single[np.arange(size), 0, :, np.arange(size)] = 1
        _, found = all_tensors(builder.model(), {"x": single})
        weights = abs(found["t0"][:, 0, 2, :]) > 1e-6
        seen = tables.resized(size, out, out / size, how).seen
        for p in range(out):
            taken = np.flatnonzero(weights[:, p])
            told = seen[p][seen[p] >= 0]
            assert (told.min(), told.max()) == (taken.min(), taken.max())


@pytest.mark.parametrize("scale", [0.5, 0.4, 1.5, 2.0, 3.0])
def test_resize_of_opset_10_and_upsample(scale):
    for kind, opset in (("Resize", 10), ("Upsample", 9)):
        if kind == "Upsample" and scale < 1:
            continue
        for mode in ("nearest", "linear"):
            builder = Builder((1, 1, 10, 12), opset=opset)
            scales = builder.constant([1, 1, scale, scale], np.float32)
            builder.node(kind, ["x", scales], mode=mode)
            assert_lit(builder.model(), MAP, {"c0"}, (10, 12), faint=1e-6)


def _concrete(path):
    model = onnx.load(path)
    for value in model.graph.input:
        for i, dimension in enumerate(value.type.tensor_type.shape.dim):
            if i == 0 and dimension.dim_value <= 0:
                dimension.Clear()
                dimension.dim_value = 1
    return model


@pytest.mark.parametrize(
    ("name", "axes"),
    [
        ("mnist-8_cntk", (2, 3)),
        ("mnist_tensorspace_keras_tf2onnx", (1, 2)),
        ("cifar10_resnet20_ts13", (2, 3)),
        ("cifar10_resnet8_mlperf_tf2onnx", (1, 2)),
        ("tinyvgg10_tf2onnx", (1, 2)),
        ("vit_mnist_op17", (2, 3)),
    ],
)
def test_real_networks_equal_lighting(shared_models, name, axes):
    model = _concrete(shared_models / f"{name}.onnx")
    graph = Graph(model, "test.onnx")
    initializers = {tensor.name for tensor in model.graph.initializer}
    image = graph.inputs[0]
    while model.graph.input and model.graph.input[0].name in initializers:
        model.graph.input.append(model.graph.input[0])
        del model.graph.input[0]
    constants = set(initializers)
    for node in graph.nodes:
        if node.op_type == "Shape" or all(name in constants for name in node.reads):
            constants.update(node.outputs)
    picture = tuple(image.shape[a] for a in axes)
    assert assert_lit(model, axes, constants, picture) == {}


def test_an_axis_of_one_that_comes_or_goes_changes_no_stride():
    builder = Builder((1, 9, 8))
    x = builder.node("Reshape", ["x", builder.constant([1, 1, 9, 8])])
    x = builder.conv(x, 1, 1, 3, strides=[2, 1])
    x = builder.node("Reshape", [x, builder.constant([1, 4, 1, 6])])
    builder.node("Reshape", [x, builder.constant([4, 6])])
    field = field_of(builder, axes=(1, 2), positions=(0, 1))
    assert field.size == (3, 3) and field.stride == (2, 1) and field.uniform
