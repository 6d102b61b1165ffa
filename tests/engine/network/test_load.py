"""Damaged, foreign and hostile model files end in one sentence, good ones are read."""

import hashlib
import os
import random

import numpy as np
import onnx
import pytest
from onnx import TensorProto, helper, numpy_helper

from engine.errors import InputError
from engine.network.graph import Graph
from engine.network.load import external_files, hash_model, read_model
from tests.engine.network.building import direct_session, model, node, saved, weight


def small(**options):
    nodes = [node("Conv", "x w", "a"), node("Relu", "a", "y")]
    return model(nodes, {"x": (1, 3, 8, 8)}, "y", {"w": weight(4, 3, 3, 3)}, **options)


def refused(path, *words):
    """Reading fails with one sentence that names the file and has these words."""
    with pytest.raises(InputError) as caught:
        Graph(read_model(path), path)
    text = str(caught.value)
    assert os.path.basename(path) in text and "\n" not in text and text.endswith(".")
    for word in words:
        assert word in text, text
    return text


def written(folder, data, name="model.onnx"):
    path = folder / name
    path.write_bytes(data)
    return path


FOREIGN = {
    "nothing": (b"", "empty"),
    "text": (b"this is no network at all, sorry\n" * 9, "text file"),
    "a Git LFS pointer": (b"version https://git-lfs.github.com/spec/v1\noid sha256:0\n", "git lfs"),
    "a ZIP archive": (b"PK\x03\x04" + bytes(100), "ZIP"),
    "HDF5": (b"\x89HDF\r\n\x1a\n" + bytes(100), "HDF5"),
    "TensorFlow Lite": (b"\x1c\x00\x00\x00TFL3" + bytes(100), "TensorFlow Lite"),
    "a pickle": (b"\x80\x02}q\x00.", "pickle"),
    "zeros": (bytes(5000), "damaged or no ONNX"),
    "another protobuf": (b"\x0a\x05hello\x12\x05world\x18\x01", "damaged or no ONNX"),
    "an empty graph": (b"\x08\x08\x3a\x00", "no nodes"),
    "no graph": (b"\x08\x08\x12\x03abc", "no graph"),
}


@pytest.mark.parametrize("case", FOREIGN)
def test_foreign_files(case, tmp_path):
    data, word = FOREIGN[case]
    refused(written(tmp_path, data), word)


def test_missing_folder_and_pipe(tmp_path):
    refused(tmp_path / "absent.onnx", "no such file")
    refused(tmp_path, "folder")
    os.mkfifo(tmp_path / "pipe.onnx")
    refused(tmp_path / "pipe.onnx", "regular")


def test_every_truncation_is_told(tmp_path):
    data = small().SerializeToString()
    for length in range(0, len(data), 7):
        refused(written(tmp_path, data[:length]))


def test_random_bytes_and_mutations_end_in_a_sentence_or_a_graph(tmp_path):
    rng = random.Random(5)
    good = small().SerializeToString()
    refusals = 0
    for turn in range(300):
        data = bytearray(good)
        if turn % 3 == 0:
            data = bytearray(rng.randbytes(rng.randrange(1, 400)))
        for _ in range(rng.randrange(1, 6)):
            data[rng.randrange(len(data))] = rng.randrange(256)
        path = written(tmp_path, data)
        try:
            graph = Graph(read_model(path), path)
        except InputError:
            refusals += 1
        else:
            for name in graph.producer:
                graph.constant(name)
    assert 100 < refusals < 300


def test_a_length_beyond_the_file_allocates_nothing(tmp_path):
    refused(written(tmp_path, b"\x08\x08\x3a\xff\xff\xff\xff\xff\xff\xff\x7f"), "middle of a graph")
    refused(written(tmp_path, b"\x08\x08\x3a\x06\x0a\xff\xff\xff\x0f\x10" + bytes(9)), "outside")


def nested(depth):
    """A node whose If holds an If holds an If."""
    inner = helper.make_graph([node("Relu", "x", "y")], "g", [], [])
    for _ in range(depth):
        branch = node("If", "c", "y")
        branch.attribute.append(helper.make_attribute("then_branch", inner))
        inner = helper.make_graph([branch], "g", [], [])
    return inner


def test_deep_nesting_is_refused(tmp_path):
    proto = small()
    proto.graph.node.append(node("If", "c", "z"))
    graph = nested(15)
    proto.graph.node[-1].attribute.append(helper.make_attribute("then_branch", graph))
    data = proto.SerializeToString()
    deep = data
    for _ in range(200):
        deep = b"\x08\x08\x3a" + _field_of(b"\x0a" + _field_of(b"\x2a" + _field_of(b"\x32" + deep)))
    refused(written(tmp_path, deep))


def _field_of(data):
    size, prefix = len(data), bytearray()
    while size > 0x7F:
        prefix.append(size & 0x7F | 0x80)
        size >>= 7
    return bytes([*prefix, size]) + data


def changed(**fields):
    proto = small()
    tensor = proto.graph.initializer[0]
    for name, value in fields.items():
        if name == "dims":
            tensor.dims[:] = value
        else:
            setattr(tensor, name, value)
    return proto


TENSORS = {
    "negative": (changed(dims=[-4, 3, 3, 3]), "negative"),
    "absurd": (changed(dims=[1 << 40, 1 << 40]), "absurdly large"),
    "too few": (changed(dims=[4, 3, 3, 4]), "does not fit its data"),
    "too many axes": (changed(dims=[1] * 100), "axes"),
    "unknown type": (changed(data_type=99), "unknown data type"),
}


@pytest.mark.parametrize("case", TENSORS)
def test_tensors_that_lie(case, tmp_path):
    proto, word = TENSORS[case]
    refused(saved(proto, tmp_path), word, "'w'")


def graph_of(nodes, outputs="y"):
    return model(nodes, {"x": (1, 3)}, outputs)


GRAPHS = {
    "cycle": (graph_of([node("Add", "x b", "a"), node("Relu", "a", "b")], "b"), "cycle"),
    "missing": (graph_of([node("Add", "x q", "y")]), "nothing makes the tensor 'q'"),
    "twice": (graph_of([node("Relu", "x", "y"), node("Abs", "x", "y")]), "made twice"),
    "no output": (graph_of([node("Relu", "x", "y")], "z"), "nothing makes its output 'z'"),
    "old": (graph_of([node("Relu", "x", "y")]), "too old"),
    "no opset": (graph_of([node("Relu", "x", "y")]), "names no operator set"),
    "foreign domain": (graph_of([node("Foo", "x", "y", domain="my.ops")]), "domain 'my.ops'"),
}
GRAPHS["old"][0].opset_import[0].version = 6
del GRAPHS["no opset"][0].opset_import[:]
GRAPHS["foreign domain"][0].opset_import.add(domain="my.ops", version=1)


@pytest.mark.parametrize("case", GRAPHS)
def test_graphs_that_cannot_run(case, tmp_path):
    proto, words = GRAPHS[case]
    refused(saved(proto, tmp_path), words)


def test_names_that_are_no_text(tmp_path):
    data = small().SerializeToString().replace(b"Relu_y", b"Relu\xff\xfe")
    refused(written(tmp_path, data), "not text")


def test_nodes_in_any_order_are_sorted(tmp_path):
    proto = model(
        [node("Relu", "b", "y"), node("Abs", "x", "a"), node("Neg", "a", "b")], {"x": (2,)}, "y"
    )
    path = saved(proto, tmp_path)
    graph = Graph(read_model(path), path)
    assert [each.op_type for each in graph.nodes] == ["Abs", "Neg", "Relu"]
    assert [each.index for each in graph.nodes] == [0, 1, 2]


HOSTILE = {
    "mnist_cntk_oldzoo": ("operator set 1", "7 or newer", "version_converter"),
    "mnist_qonnx_TFC_2W2A": ("Quant", "onnx.brevitas", "QuantizeLinear"),
    "super_resolution_caffe2era": ("names no operator set", "export"),
    "super_resolution_prepost_op18": ("DecodeImage", "extensions", "without its pre-"),
}


@pytest.mark.parametrize("name", HOSTILE)
def test_real_files_that_onnx_runtime_cannot_run(name, shared_models):
    refused(shared_models / f"{name}.onnx", *HOSTILE[name])


# external data


def external(folder, location="weights.bin", data=None, **entries):
    """A model whose weight lies in another file; writes that file into the folder."""
    proto = small()
    values = weight(4, 3, 3, 3)
    tensor = proto.graph.initializer[0]
    tensor.ClearField("raw_data")
    tensor.data_location = TensorProto.EXTERNAL
    entries = {"location": location} | {k: str(v) for k, v in entries.items()}
    for key, value in entries.items():
        tensor.external_data.add(key=key, value=value)
    if data is None:
        data = values.tobytes()
    (folder / "weights.bin").write_bytes(data)
    return saved(proto, folder), values


def test_external_data_is_mapped_not_read(tmp_path):
    head = b"\0" * 4096
    path, values = external(tmp_path, data=head + weight(4, 3, 3, 3).tobytes(), offset=4096)
    proto = read_model(path)
    assert not proto.graph.initializer[0].raw_data
    graph = Graph(proto, path)
    found = graph.constant("w")
    assert isinstance(found, np.memmap) and np.array_equal(found, values)
    assert graph.constant_shape("w") == (4, 3, 3, 3)
    assert external_files(proto, path) == [tmp_path / "weights.bin"]


def test_the_hash_covers_external_data(tmp_path):
    path, values = external(tmp_path)
    before = hash_model(path)
    assert before == hash_model(path) and len(before) == 64
    (tmp_path / "weights.bin").write_bytes((values + 1).tobytes())
    assert hash_model(path) != before


OUTSIDE = ["../weights.bin", "/etc/passwd", "a/../../weights.bin", "", "C:\\x.bin", "..\\x.bin"]


@pytest.mark.parametrize("location", OUTSIDE)
def test_external_data_stays_in_the_folder(location, tmp_path):
    folder = tmp_path / "model"
    folder.mkdir()
    (tmp_path / "weights.bin").write_bytes(weight(4, 3, 3, 3).tobytes())
    path, _ = external(folder, location)
    refused(path, "not inside the model's folder")


def test_a_name_too_long_for_the_disk(tmp_path):
    path, _ = external(tmp_path)
    model = onnx.load(path, load_external_data=False)
    for entry in model.graph.initializer[0].external_data:
        entry.value = "x" * 5000 if entry.key == "location" else entry.value
    path.write_bytes(model.SerializeToString())
    refused(path, "cannot be found")


def test_links_that_lead_out(tmp_path):
    folder = tmp_path / "model"
    folder.mkdir()
    (tmp_path / "secret.bin").write_bytes(weight(4, 3, 3, 3).tobytes())
    (folder / "link.bin").symlink_to(tmp_path / "secret.bin")
    (folder / "loop.bin").symlink_to(folder / "loop.bin")
    refused(external(folder, "link.bin")[0], "leads out")
    refused(external(folder, "loop.bin")[0])
    (folder / "inner.bin").symlink_to(folder / "weights.bin")
    read_model(external(folder, "inner.bin")[0])


def test_external_data_that_is_absent_short_or_nonsense(tmp_path):
    refused(external(tmp_path, "gone.bin")[0], "missing")
    refused(external(tmp_path, data=b"short")[0], "too short")
    refused(external(tmp_path, offset=10**17)[0], "too short")
    refused(external(tmp_path, length=4)[0], "does not fit")
    refused(external(tmp_path, offset=-5)[0], "not a number")
    refused(external(tmp_path, offset="1e3")[0], "not a number")


def test_more_than_two_gigabytes_of_external_data(tmp_path):
    """A sparse file: its size is real, its blocks are not; nothing of it is read to open it."""
    proto = small()
    tensor = proto.graph.initializer.add(name="big", data_type=TensorProto.FLOAT)
    tensor.dims[:] = [700_000_000]
    tensor.data_location = TensorProto.EXTERNAL
    tensor.external_data.add(key="location", value="big.bin")
    with open(tmp_path / "big.bin", "wb") as file:
        file.truncate(2_800_000_000)
    path = saved(proto, tmp_path)
    graph = Graph(read_model(path), path)
    values = graph.constant("big")
    assert values.shape == (700_000_000,) and values[-1] == 0


def test_a_single_file_of_more_than_two_gigabytes(tmp_path):
    path = tmp_path / "huge.onnx"
    with open(path, "wb") as file:
        file.truncate(2**31 + 10)
    refused(path, "2 GB", "external data")


def test_attribute_tensors_may_be_external_too(tmp_path):
    values = weight(3)
    proto = model([node("Constant", "", "c"), node("Add", "x c", "y")], {"x": (3,)}, "y")
    attribute = helper.make_attribute("value", numpy_helper.from_array(values, "k"))
    attribute.t.ClearField("raw_data")
    attribute.t.data_location = TensorProto.EXTERNAL
    attribute.t.external_data.add(key="location", value="../k.bin")
    proto.graph.node[0].attribute.append(attribute)
    (tmp_path / "k.bin").write_bytes(values.tobytes())
    path = saved(proto, tmp_path)
    refused(path, "not inside")
    proto.graph.node[0].attribute[0].t.external_data[0].value = "k.bin"
    path = saved(proto, tmp_path)
    assert np.array_equal(Graph(read_model(path), path).constant("c"), values)


def test_large_weights_stay_in_the_file(tmp_path, monkeypatch):
    monkeypatch.setattr("engine.network.weightless.LARGE", 100)
    path = saved(small(), tmp_path)
    assert read_model(path) == small()
    proto = read_model(path, map_weights=True)
    tensor = proto.graph.initializer[0]
    assert not tensor.raw_data and proto.graph.node == small().graph.node
    assert np.array_equal(Graph(proto, path).constant("w"), weight(4, 3, 3, 3))
    assert external_files(proto, path) == []
    assert hash_model(path, proto) == hashlib.sha256(path.read_bytes()).hexdigest()
    feeds = {"x": weight(1, 3, 8, 8)}
    plain = direct_session(small(), path).run(None, feeds)[0]
    assert np.array_equal(direct_session(proto, path).run(None, feeds)[0], plain)
    (tmp_path / "link.onnx").symlink_to(path)
    assert read_model(tmp_path / "link.onnx", map_weights=True) == small()


def test_good_files_are_read_unchanged(tmp_path):
    path = saved(small(), tmp_path)
    assert read_model(path) == small()
    assert onnx.load(path) == small()
