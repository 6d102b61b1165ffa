"""Forward pass, choice of the strongest units and their way back in windows, in the child process.

The activations of all layers never leave this process: what goes back are small pictures.
"""

from concurrent.futures import ThreadPoolExecutor

import numpy as np

from engine.gradient import window
from engine.gradient.chain import Chain, Step
from engine.run import exposed


class Windowing:
    """The chains of one network's layers.

    Parameters
    ----------
    runtime : engine.run.sessions.Runtime
    conversation : engine.run.child.Conversation
    weights : dict of str to ndarray
        By step: the tensor that it makes.
    chains : list of dict
        ``tensor, shape, source, steps``, of `Step.as_json`.
    """

    def __init__(self, runtime, conversation, weights, chains):
        self._runtime = runtime
        self._conversation = conversation
        steps = {}
        for chain in chains:
            for facts in chain["steps"]:
                name = facts["after"]
                if name not in steps:
                    steps[name] = Step.from_json(facts, weights.get(name))
        self._chains = [
            Chain(
                chain["tensor"],
                tuple(chain["shape"]),
                chain["source"],
                tuple(steps[facts["after"]] for facts in chain["steps"]),
            )
            for chain in chains
        ]
        self._session = None
        self._exposed = None
        self._maps = {}
        self._switches = {}

    def run(self, feeds, layers, method, share, most, channels, again, force):
        """Project the strongest units of layers back.

        Parameters
        ----------
        feeds : dict of str to ndarray
            The network's inputs; not read with ``again``.
        layers : list of int
            Places among the chains.
        method : str
        share : float
        most : int or None
            At most so many units of a channel.
        channels : list of (list of int, or None)
            For each layer the channels that are wanted; None: all.
        again : bool
            The picture of the last call: its forward pass is known.
        force : bool
            Windows, whatever they cost.

        Returns
        -------
        list of dict
            For each layer ``seconds`` and ``seconds_of_graph``, and whether it was ``projected``:
            not, where the graph is the faster.
        dict of str to ndarray
            For layer i: ``i/maxima, i/units, i/values, i/group``, and what came back:
            ``i/channel, i/box, i/pixels`` (all pictures one behind the other).
        """
        chains = [self._chains[place] for place in layers]
        if not (again and self._maps):
            self._forward(feeds, self._needed(method))
        self._conversation.check()

        def choose(chain):
            return window.strongest(chain, self._maps[chain.tensor], share, most)

        with ThreadPoolExecutor(self._runtime.threads, "choosing") as pool:
            every = list(pool.map(choose, chains))
        facts, found = [], {}
        for place, chain, seeds, chosen in zip(layers, chains, every, channels, strict=True):
            self._conversation.check()
            seeds = seeds if chosen is None else seeds.of_channels(chosen)
            facts.append(self._layer(found, place, chain, seeds, method, force))
        return facts, found

    def _needed(self, method):
        names = [chain.tensor for chain in self._chains]
        for chain in self._chains:
            names += chain.needed(method)
        return list(dict.fromkeys(names))

    def _forward(self, feeds, names):
        if self._exposed is None or not set(names) <= set(self._exposed):
            inputs = {name for name in names if name in feeds}
            self._exposed = [name for name in names if name not in inputs]
            self._session = None
            more = exposed.outputs(self._runtime.file.hidden(self._exposed))
            self._session = self._runtime.session(more)
        values = self._session.tensors(self._exposed, feeds)
        whole = {name: value for name, value in (values | feeds).items() if value.ndim == 4}
        self._maps = {name: np.asarray(value[0], np.float32) for name, value in whole.items()}
        self._switches = {}

    def _layer(self, found, place, chain, seeds, method, force):
        threads = self._runtime.threads
        facts = {
            "seconds": window.seconds(chain, seeds, method, threads),
            "seconds_of_graph": window.seconds_of_graph(chain, seeds, threads),
        }
        for name in ("maxima", "units", "values", "group"):
            found[f"{place}/{name}"] = getattr(seeds, name)
        facts["projected"] = force or facts["seconds"] <= facts["seconds_of_graph"]
        if facts["projected"]:
            self._project(found, place, chain, seeds, method)
        return facts

    def _project(self, found, place, chain, seeds, method):
        threads = self._runtime.threads
        self._switches = window.switches_of(chain, self._maps, self._switches, threads)
        result = window.project(chain, seeds, self._maps, method, threads, self._switches)
        found[f"{place}/channel"] = result.channel
        found[f"{place}/box"] = result.box
        parts = [part.ravel() for part in result.values]
        found[f"{place}/pixels"] = np.concatenate(parts) if parts else np.zeros(0, np.float32)
