"""What an extraction is asked to do, as plain data for the child: tensors, options, identity."""

from dataclasses import dataclass

import numpy as np

from engine.errors import InputError
from engine.run.exposed import Exposure

SUFFIX = "/real"
FLOAT = 1  # float32's number in onnx.proto
SIDES = ("post", "pre")
POSITIONS = 16


@dataclass(frozen=True)
class Options:
    """What a person can choose; see `engine.run.extract.extract`."""

    layers: tuple | None = None
    keep: tuple = ("post",)
    policy: str | None = None
    positions: int = POSITIONS
    quantiles: int = 0
    dtype: str | None = None
    batch: int | None = None
    memory: int | None = None
    device: str | None = None
    limit: int | None = None

    @classmethod
    def checked(cls, **given):
        """The options, or `InputError` naming the one that has no meaning."""
        given["keep"] = _keep(given["keep"])
        if given["layers"] is not None:
            layers = given["layers"]
            given["layers"] = (layers,) if isinstance(layers, str) else tuple(layers)
        given["quantiles"] = given["quantiles"] or 0
        options = cls(**given)
        _check_choice("--policy", options.policy, ("full", "sampled", "pooled"))
        _check_choice("--dtype", options.dtype, ("float16", "float32"))
        _check_choice("--device", options.device, ("cpu", "cuda"))
        for name, least in (("positions", 1), ("batch", 1), ("limit", 1), ("memory", 1)):
            value = getattr(options, name)
            if value is not None and (int(value) != value or value < least):
                raise InputError(f"a whole number of at least {least}", where=f"--{name}",
                                 got=value)  # fmt: skip
        if options.quantiles == 1 or options.quantiles < 0:
            raise InputError("at least 2 quantiles, or 0 for none", where="--quantiles")
        return options


def _keep(keep):
    sides = keep.split(",") if isinstance(keep, str) else list(keep)
    sides = [side.strip() for side in sides]
    if not sides or set(sides) - set(SIDES):
        raise InputError("post, pre or pre,post", where="--keep", got=",".join(map(str, sides)))
    return tuple(side for side in SIDES if side in sides)


def _check_choice(name, value, allowed):
    if value is not None and value not in allowed:
        raise InputError(f"one of {', '.join(allowed)}", where=name, got=value)


def exposure(graph, tensor):
    """How a tensor becomes an output: itself, or the real numbers that its integers stand for.

    The same values as `engine.rewrite.expose.expose` gives. The output of a DequantizeLinear is
    computed once more from the integers: ONNX Runtime fuses that node into quantised operators,
    which round in their own way, and would stop doing so if its output were looked at.
    """
    from engine.rewrite.expose import scale_of

    producer = graph.producer.get(tensor)
    if producer is not None and producer.op_type == "DequantizeLinear":
        if producer.inputs[0] in graph.producer:
            return _again(tensor, producer.inputs, producer)
        return Exposure(tensor, tensor)
    found = None if tensor.endswith(SUFFIX) else scale_of(tensor, graph.producer, graph.consumers)
    if found is None:
        if producer is not None:
            return Exposure(tensor, tensor)
        return Exposure(tensor, tensor + SUFFIX, "Identity", (tensor,))
    scale, zero, source = found
    inputs = (tensor, scale, zero) if zero else (tensor, scale)
    if source.op_type in ("DequantizeLinear", "QuantizeLinear"):
        return _again(tensor, inputs, source)
    return Exposure(tensor, tensor + SUFFIX, "DequantizeLinear", inputs)


def _again(tensor, inputs, source):
    """A DequantizeLinear with the attributes of the node that has the scale."""
    known = ((name, source.attributes.get(name)) for name in ("axis", "block_size"))
    integers = tuple((name, int(value)) for name, value in known if value is not None)
    return Exposure(
        tensor, tensor + SUFFIX, "DequantizeLinear", tuple(inputs), source.domain, integers
    )


def seen(network, tensor):
    """`exposure` of a network's tensor; bfloat16, which NumPy does not have, becomes float32."""
    if network.dtypes.get(tensor) == "bfloat16":
        return Exposure(tensor, tensor + SUFFIX, "Cast", (tensor,), integers=(("to", FLOAT),))
    return exposure(network.graph, tensor)


def layer_tensors(network, layers, sides):
    """Each wanted tensor as plain data for `reduce.Tensor`, with its exposure."""
    found = []
    for layer in layers:
        for which in sides:
            name = layer.post if which == "post" else layer.pre
            found.append(
                {
                    "name": layer.name,
                    "which": which,
                    "exposure": seen(network, name).as_json(),
                    "layout": layer.file_layout if which == "post" else layer.pre_layout,
                    "shape": list(layer.output_shape),
                    "origin": network.dtypes.get(name, "float32"),
                }
            )
    return found


def check_fit(network, preprocessing):
    """Raise `InputError` when pictures prepared so do not fit the network as it was opened."""
    if preprocessing is None:
        raise InputError(
            "it is not known how pictures become its input",
            where=network.path,
            got=f"input {network.image_input!r} {list(network.input_shape)}",
            remedy="say it with --preprocess, --size and --layout",
        )
    has_batch = "N" in preprocessing.layout
    shape = tuple(network.input_shape)[1:] if has_batch else tuple(network.input_shape)
    if tuple(preprocessing.input_shape) != shape or preprocessing.dtype != network.input_dtype:
        raise InputError(
            "the preprocessing does not fit the network's input",
            where=network.path,
            expected=f"{network.input_dtype}{list(shape)}",
            got=f"{preprocessing.dtype}{list(preprocessing.input_shape)}",
            remedy="open the network with the same --size, and check --layout",
        )


def identity(network, data, preprocessing, options, layers, samples):
    """What the arrays of a study depend on.

    The version of ONNX Runtime is not among them: another one rounds the last bits differently,
    which is no reason to throw finished parts away; the report says when it changed on the way.
    """
    how = preprocessing.as_json()
    for name in ("reason", "certain", "preset"):
        how.pop(name, None)
    return {
        "network": network.sha256,
        "data": data.hash,
        "preprocessing": how,
        "options": {
            "layers": [layer.name for layer in layers],
            "keep": list(options.keep),
            "policy": options.policy,
            "positions": options.positions,
            "quantiles": options.quantiles,
            "dtype": options.dtype,
            "batch": options.batch,
            "scores": None if network.scores is None else network.scores.tensor,
            "samples": samples,
        },
    }


def repeated_inputs(network):
    """Inputs besides the picture that have one row for each sample."""
    declared = {tensor.name: tensor.shape for tensor in network.inputs}
    return [
        name
        for name, value in network.feeds.items()
        if network.batch_is_free
        and declared[name]
        and not isinstance(declared[name][0], int)
        and np.shape(value)[:1] == (1,)
    ]
