"""Weights under the pointer: a voxel of an unfolded volume named as filter, input and place."""

from viewer.state.hover import Hovered
from viewer.studio.step_values import weight_at, weight_words
from viewer.views.stack.pick import unit_from_voxel
from viewer.visuals.legend import number


def drawn_shapes(wish):
    """(C, *positions) of what is drawn of each layer, by its name.

    Parameters
    ----------
    wish : ContentsWish
    """
    shapes = {layer.name: layer.output_shape for layer in wish.network.layers}
    if weights_of(wish.answer) is not None:
        shapes |= {name: wish.answer.drawn_shape(name) for name in wish.answer.layers}
    return shapes


def weights_of(answer):
    """`PickedWeights` where unfolded weights are shown, else None."""
    return PickedWeights(answer) if getattr(answer, "unfolding", "") else None


class PickedWeights:
    """Names the voxels of unfolded weights.

    Parameters
    ----------
    volumes : viewer.studio.step_values.StepVolumes
    """

    def __init__(self, volumes):
        self._volumes = volumes

    def _weight(self, picked):
        """(filter, input, row and column in the kernel) of a voxel, or None."""
        volumes, name = self._volumes, picked.name
        unit = unit_from_voxel(volumes.drawn_shape(name), picked.voxel)
        if unit is None:
            return None
        channel, place = unit
        found = weight_at(volumes.shapes[name], volumes.unfolding, *place)
        return None if found is None else (channel, *found)

    def is_weight(self, picked):
        """Whether a voxel is that of a weight."""
        return self._weight(picked) is not None

    def hovered(self, picked):
        """What the pointer is over: a filter, and in words the weight. None between weights."""
        found = self._weight(picked)
        if found is None:
            return None
        channel, *place = found
        words = weight_words(self._volumes.shapes[picked.name], *place)
        source = self._volumes.values.source.replace("-", " ")
        return Hovered(picked.name, channel, says=f"{words}: {source} {number(picked.value, 4)}")

    def clicked(self, picked):
        """Arguments of the command ``series.weight``."""
        channel, each, y, x = self._weight(picked)
        shape = self._volumes.shapes[picked.name]
        width = shape[-1] if len(shape) > 2 else 1
        return {"layer": picked.name, "filter": channel, "input": each, "kernel": y * width + x}
