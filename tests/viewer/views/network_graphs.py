"""Networks for tests of the network view: layers without a file, of well-known shapes."""

from types import SimpleNamespace

from engine.network.receptive_field import ReceptiveField


class Builder:
    """Layers added one after the other; depth follows from the sources."""

    def __init__(self):
        self._layers = []
        self._depths = {"input": 0}

    def add(self, name, kind, shape, *sources, size=3, activation=False):
        """Add a layer; returns its name."""
        depth = 1 + max((self._depths[source] for source in sources), default=0)
        self._depths[name] = depth
        self._layers.append(
            SimpleNamespace(
                name=name,
                kind=kind,
                op_types=(kind.title(),),
                output_shape=shape,
                sources=sources,
                depth=depth,
                params=10 * shape[0],
                macs=1000 * shape[0],
                receptive_field=ReceptiveField((size, size), (1, 1), (0, 0), "exact", True),
                pre=f"{name}_pre" if activation else name,
                post=name,
                raw=(name,),
                file_layout="NCHW",
            )
        )
        return name

    @property
    def layers(self):
        """In order of depth."""
        return tuple(sorted(self._layers, key=lambda layer: layer.depth))


def chain(count):
    """Convolutions one after the other, each of another shape."""
    made, last = Builder(), "input"
    for number in range(count):
        last = made.add(f"conv{number}", "conv", (number + 1, 8, 8), last, size=2 * number + 3)
    return made.layers


def resnet(stages=(3, 4, 6)):
    """Residual blocks; a stage begins with a convolution in its skip."""
    made, size = Builder(), 3
    last = made.add("stem", "conv", (16, 32, 32), "input", size=size)
    for stage, blocks in enumerate(stages):
        shape = (16 << stage, 32 >> stage, 32 >> stage)
        for block in range(blocks):
            name, skip, size = f"layer{stage}.{block}", last, size + 2
            first = made.add(f"{name}.conv1", "conv", shape, last, size=size)
            size += 2
            second = made.add(f"{name}.conv2", "conv", shape, first, size=size)
            if stage and not block:
                skip = made.add(f"{name}.down", "conv", shape, last, size=size - 4)
            last = made.add(f"{name}.add", "add", shape, second, skip, size=size)
    made.add("fc", "linear", (10,), last, size=32)
    return made.layers


def transformer(blocks=12):
    """Encoder blocks of attention and two linear layers, with two skips each."""
    made = Builder()
    last, shape = made.add("patch", "conv", (64, 7, 7), "input", size=4), (64, 50)
    for block in range(blocks):
        name, skip = f"blocks.{block}", last
        last = made.add(f"{name}.norm1", "norm", shape, last)
        queries = made.add(f"{name}.qkv", "linear", (192, 50), last)
        last = made.add(f"{name}.scores", "attention", (4, 50, 50), queries)
        last = made.add(f"{name}.softmax", "softmax", (4, 50, 50), last)
        last = made.add(f"{name}.mix", "attention", (4, 50, 16), last, queries)
        last = made.add(f"{name}.proj", "linear", shape, last)
        skip = last = made.add(f"{name}.add1", "add", shape, last, skip)
        last = made.add(f"{name}.norm2", "norm", shape, last)
        last = made.add(f"{name}.fc1", "linear", (128, 50), last)
        last = made.add(f"{name}.fc2", "linear", shape, last)
        last = made.add(f"{name}.add2", "add", shape, last, skip)
    made.add("head", "linear", (10,), last)
    return made.layers


def inception(modules=("3a", "3b", "4a", "4b", "4c")):
    """Modules of four branches whose widths grow."""
    made, width = Builder(), 64
    last = made.add("stem", "conv", (width, 28, 28), "input")
    for module in modules:
        name, shape = f"inception_{module}_", (width, 28, 28)
        one = made.add(f"{name}1x1", "conv", shape, last)
        three = made.add(f"{name}3x3_reduce", "conv", shape, last)
        three = made.add(f"{name}3x3", "conv", shape, three)
        five = made.add(f"{name}5x5_reduce", "conv", shape, last)
        five = made.add(f"{name}5x5", "conv", shape, five)
        pool = made.add(f"{name}pool", "pool", shape, last)
        pool = made.add(f"{name}pool_proj", "conv", shape, pool)
        width += 32
        last = made.add(f"{name}output", "concat", (width, 28, 28), one, three, five, pool)
    made.add("classifier", "linear", (10,), last)
    return made.layers


def densenet(blocks=(6, 12, 24)):
    """Every layer of a block takes all before it."""
    made, width = Builder(), 64
    last = made.add("stem", "conv", (width, 28, 28), "input")
    for block, count in enumerate(blocks):
        taken = [last]
        for number in range(count):
            name = f"block{block}_layer{number}_"
            if len(taken) > 1:
                last = made.add(f"{name}Concat", "concat", (width, 28, 28), *taken)
            last = made.add(f"{name}norm", "norm", (width, 28, 28), last)
            last = made.add(f"{name}conv", "conv", (32, 28, 28), last)
            taken.append(last)
            width += 32
        last = made.add(f"block{block}_Concat", "concat", (width, 28, 28), *taken)
        last = made.add(f"transition{block}", "pool", (width, 28, 28), last)
    return made.layers


def unet(depth=5):
    """Down, and up again, each level joined with the one of its size."""
    made, last, kept = Builder(), "input", []
    for level in range(depth):
        shape = (8 << level, 64 >> level, 64 >> level)
        last = made.add(f"down{level}_conv", "conv", shape, last)
        kept.append(last)
        last = made.add(f"down{level}_pool", "pool", (shape[0], *(s // 2 for s in shape[1:])), last)
    for level in reversed(range(depth)):
        shape = (8 << level, 64 >> level, 64 >> level)
        last = made.add(f"up{level}", "conv-transpose", shape, last)
        last = made.add(f"up{level}_cat", "concat", (2 * shape[0], *shape[1:]), last, kept[level])
        last = made.add(f"up{level}_conv", "conv", shape, last)
    return made.layers


FAMILIES = {
    "chain": chain(9),
    "resnet": resnet(),
    "transformer": transformer(),
    "inception": inception(),
    "densenet": densenet(),
    "unet": unet(),
}


def random_layers(rng, count, reach=6):
    """A network without any order but that of depth; some layers have no source."""
    made = Builder()
    names = ["input"]
    for number in range(count):
        known = min(len(names), int(rng.integers(1, reach)))
        amount = int(rng.integers(0, min(4, known) + 1))
        near = names[-known:] if rng.random() < 0.8 else names
        chosen = rng.choice(len(near), min(amount, len(near)), replace=False)
        kind = ("conv", "add", "pool")[int(rng.integers(3))]
        names.append(made.add(f"n{number}", kind, (4, 8, 8), *(near[index] for index in chosen)))
    return made.layers
