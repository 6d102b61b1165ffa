"""The planes of the slices in the stack: through the voxel that is cut, in whatever order."""

from dataclasses import replace

import numpy as np
import pytest

from tests.viewer.views.slices.slices_desk import LAYER, facts_of, state_of, volume_values
from viewer.views.stack.build import LayerFacts, build
from viewer.views.stack.marking import box_of_voxel
from viewer.views.stack.planes import Planes, planes_of, quads_of

SHAPE = (6, 4, 5)


def contents_of(values):
    facts = LayerFacts(LAYER, values.shape, 1)
    return build([facts], {LAYER: values}, (32, 32))


def test_planes_follow_the_cut_while_the_slices_are_seen():
    facts = facts_of(volume_values(SHAPE))
    state = state_of(channel=2, row=0.9, column=0.1)
    assert planes_of(state, facts) == Planes(LAYER, SHAPE, (2, 3, 0))
    assert planes_of(state.with_part("window", only="stack"), facts) is None
    assert planes_of(state_of(layer=None), facts) is None
    assert planes_of(state_of(), facts_of(volume_values((6,)))) is None
    assert planes_of(state_of(unit=(1, 2)), facts).at == (0, 1, 2)


@pytest.mark.parametrize("order", [None, (5, 4, 3, 2, 1, 0)])
def test_each_plane_goes_through_the_voxel_and_spans_the_box(order):
    contents = contents_of(volume_values(SHAPE))
    if order is not None:
        slab = replace(contents.slabs[0], order=np.array(order, np.int32))
        contents = replace(contents, slabs=(slab,))
    slab = contents.slabs[0]
    low, high = box_of_voxel(slab, (1, 3, 2))
    quads = quads_of(Planes(LAYER, SHAPE, (1, 3, 2)), contents)
    assert len(quads) == 3
    for axis, quad in zip((2, 1, 0), quads, strict=True):
        place = quad[:, axis]
        assert np.ptp(place) == 0 and low[axis] <= place[0] <= high[axis]
        for other in {0, 1, 2} - {axis}:
            ends = quad[:, other].min(), quad[:, other].max()
            np.testing.assert_allclose(ends, (slab.box[0][other], slab.box[1][other]))
        sides = np.linalg.norm(quad - np.roll(quad, -1, axis=0), axis=1)
        np.testing.assert_allclose(sides[:2], sides[2:])


def test_of_other_maps_only_the_channel_is_known():
    contents = contents_of(volume_values((6, 8, 8)))
    assert len(quads_of(Planes(LAYER, SHAPE, (1, 3, 2)), contents)) == 1
    assert quads_of(Planes(LAYER, (7, 4, 5), (1, 3, 2)), contents) == []
    assert quads_of(Planes("other", SHAPE, (1, 3, 2)), contents) == []
    assert quads_of(None, contents) == []
