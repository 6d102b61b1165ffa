"""What ONNX Runtime says, as one sentence."""

import pytest

from engine.errors import Cancelled, InputError
from engine.run.failures import OutOfMemory, translated

SAID = [
    (
        "[ONNXRuntimeError] : 9 : NOT_IMPLEMENTED : Could not find an implementation for Add(1) "
        "node with name 'Plus30'",
        "m.onnx: ONNX Runtime cannot run operator Add of version 1 (node 'Plus30')",
    ),
    (
        "[ONNXRuntimeError] : 10 : INVALID_GRAPH : This is an invalid model. In Node, "
        '("Quant_18", Quant, "onnx.brevitas", -1) : ("41": tensor(float),) -> ("44",) , Error No '
        "opset import for domain 'onnx.brevitas'",
        "m.onnx: operator Quant (node 'Quant_18') is none of ONNX or ONNX Runtime",
    ),
    (
        "[ONNXRuntimeError] : 1 : FAIL : Fatal error: com.microsoft.extensions:DecodeImage(-1) is "
        "not a registered function/op",
        "m.onnx: operator com.microsoft.extensions:DecodeImage is none of",
    ),
    (
        "[ONNXRuntimeError] : 10 : INVALID_GRAPH : This is an invalid model. In Node, "
        '("", Foo, "", -1) : ("x": tensor(float),) -> ("y",) , Error No Op registered for Foo '
        "with domain_version of 17",
        "m.onnx: operator Foo is none of",
    ),
    (
        "[ONNXRuntimeError] : 7 : INVALID_PROTOBUF : Failed to load model because protobuf "
        "parsing failed.",
        "m.onnx: it is no ONNX file, or a part of one",
    ),
    (
        "[ONNXRuntimeError] : 1 : FAIL : Non-zero status code returned while running Reshape "
        "node. Name:'r1' Status Message: /onnxruntime_src/onnxruntime/core/providers/cpu/tensor/"
        "reshape_helper.h:91 onnxruntime::ReshapeHelper::ReshapeHelper(const onnxruntime::"
        "TensorShape&, onnxruntime::TensorShapeVector&, bool) input_shape_size == "
        "requested_shape_size was false. The input tensor cannot be reshaped to the requested "
        "shape. Input shape:{1,4}, requested shape:{5}\n",
        "m.onnx: node Reshape 'r1' failed: input_shape_size == requested_shape_size was false. The",
    ),
    (
        "[ONNXRuntimeError] : 1 : FAIL : /onnxruntime_src/onnxruntime/core/graph/model.cc:256 "
        "onnxruntime::Model::Model(onnx::ModelProto&&, const onnxruntime::PathString&) "
        "Unsupported model IR version: 88, max supported IR version: 13",
        "m.onnx: ONNX Runtime failed in opening it: Unsupported model IR version: 88",
    ),
]


@pytest.mark.parametrize(("said", "sentence"), SAID)
def test_sentences(said, sentence):
    error = translated(RuntimeError(said), "m.onnx")
    assert isinstance(error, InputError) and not isinstance(error, OutOfMemory)
    text = str(error)
    assert text.startswith(sentence)
    assert "\n" not in text and "onnxruntime_src" not in text and len(text) < 500


@pytest.mark.parametrize(
    "said",
    [
        "[ONNXRuntimeError] : 1 : FAIL : Non-zero status code returned while running Conv node. "
        "Name:'c' Status Message: /a/bfc_arena.cc:360 void* onnxruntime::BFCArena::"
        "AllocateRawInternal(size_t, bool, onnxruntime::Stream*) Failed to allocate memory for "
        "requested buffer of size 4000000000000",
        "std::bad_alloc",
        "CUDA failure 2: out of memory",
    ],
)
def test_memory_is_told_apart(said):
    assert isinstance(translated(RuntimeError(said), "m.onnx"), OutOfMemory)
    assert isinstance(translated(MemoryError(), "m.onnx"), OutOfMemory)


def test_the_amount_and_the_node_are_named():
    text = str(translated(RuntimeError(test_memory_is_told_apart.pytestmark[0].args[1][0]), "m"))
    assert "node Conv 'c' needs 4e+03 GB at once" in text and "--batch" in text


def test_our_own_errors_and_bad_names_pass():
    error = Cancelled()
    assert translated(error, "m.onnx") is error
    bad = UnicodeDecodeError("utf-8", b"\xff", 0, 1, "invalid start byte")
    assert "no text (UTF-8)" in str(translated(bad, "m.onnx"))


@pytest.mark.parametrize("text", ["x", "x::", "a.cc:1 ", "(", "a.cc:1 b::(", "Name:'", "' node. "])
def test_long_messages_are_cut_and_take_no_time(text):
    assert len(str(translated(RuntimeError(text * 50_000), "m.onnx"))) < 400
