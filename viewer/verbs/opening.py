"""Opening what the words of a verb name, and saying what was guessed on the way."""

import engine
from viewer.samples import network_file
from viewer.verbs.options import preprocessing_of
from viewer.verbs.terminal import note


def open_network(arguments, task):
    """The network of MODEL with the options for scores and preprocessing; notes are said."""
    network = engine.open_network(
        network_file(arguments.model),
        scores=arguments.scores,
        preprocess=preprocessing_of(arguments),
        device=arguments.device,
        task=task,
    )
    for text in network.notes:
        note(text)
    return network


def open_data(arguments, task):
    """The data set of DATA with its labels and class names; notes are said."""
    data = engine.open_data(
        arguments.data,
        labels=arguments.labels,
        classes=arguments.classes,
        limit=arguments.limit,
        task=task,
    )
    for text in data.notes:
        note(text)
    return data
