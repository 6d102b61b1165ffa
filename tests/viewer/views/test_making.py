"""From a wish to boxes: what is over the study does not change with the sample."""

from dataclasses import replace

import numpy as np

from tests.viewer.views.test_resolve import ready
from viewer.state.tree import State
from viewer.studio.facts import ExtractionFacts, LayerNumbers, StudySummary
from viewer.views.stack.making import contents_of
from viewer.views.stack.resolve import resolve


def dimmed(facts, factor):
    """The same facts with all activations of the sample smaller."""
    maps = {name: values * np.float32(factor) for name, values in facts.answer.maps.items()}
    return facts.but(answer=replace(facts.answer, maps=maps))


def test_over_the_study_a_layer_is_as_dense_for_every_sample():
    facts = ready()
    rectified = LayerNumbers(8, 0, 0, mean=0.2, lowest=0.0, largest=4.0)
    signed = LayerNumbers(8, 0, 0, mean=0.1, lowest=-1.0, largest=1.0)
    names = list(facts.answer.maps)
    numbers = dict.fromkeys(names, rectified) | {names[-1]: signed}
    ranges = {name: (each.lowest, each.largest) for name, each in numbers.items()}
    summary = StudySummary(ranges=ranges, layers=numbers, samples=9)
    over = facts.but(summary=summary, extraction=ExtractionFacts("done"))
    full, dim = (
        {slab.name: slab.density for slab in contents_of(resolve(State(), each).contents).slabs}
        for each in (over, dimmed(over, 0.5))
    )
    assert full[names[0]] == dim[names[0]] == 0.1 * 4.0 / 0.2
    alone = State().with_part("stack", range="sample")
    wish = resolve(alone, over).contents
    assert not wish.ranges and not wish.numbers
