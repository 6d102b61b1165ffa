"""Writes ONNX nodes beside a graph: names, constants, each equal node once."""

import numpy as np


class Emitter:
    """A growing list of nodes and constants.

    Parameters
    ----------
    taken : container of str
        Names of the graph that the nodes will stand beside.
    prefix : str
        In front of every new name.
    """

    def __init__(self, taken=(), prefix="grad"):
        self.nodes = []
        self.constants = {}
        self._taken = taken
        self._prefix = prefix
        self._known = {}
        self._count = 0

    def op(self, op_type, *inputs, outputs=1, domain="", **attributes):
        """Emit a node, or find the equal one that is there.

        Parameters
        ----------
        op_type : str
        *inputs : str or None
            Tensor names; None for an absent one.
        outputs : int
        domain : str
        **attributes
            None: left out.

        Returns
        -------
        str, or tuple of str where ``outputs`` is above 1
        """
        from onnx import helper

        attributes = {name: value for name, value in attributes.items() if value is not None}
        inputs = tuple("" if name is None else name for name in inputs)
        while inputs and not inputs[-1]:
            inputs = inputs[:-1]
        key = (domain, op_type, inputs, outputs, repr(sorted(attributes.items())))
        if key not in self._known:
            names = tuple(self._name(op_type) for _ in range(outputs))
            node = helper.make_node(op_type, inputs, names, names[0], domain=domain, **attributes)
            self.nodes.append(node)
            self._known[key] = names
        names = self._known[key]
        return names[0] if outputs == 1 else names

    def constant(self, value):
        """The name of a constant with this value, each value once.

        Parameters
        ----------
        value : ndarray
            Of a dtype that ONNX has.
        """
        value = np.ascontiguousarray(value).reshape(np.shape(value))
        key = ("constant", value.dtype.str, value.shape, value.tobytes())
        if key not in self._known:
            self._known[key] = self._name("constant")
            self.constants[self._known[key]] = value
        return self._known[key]

    def _name(self, what):
        while True:
            self._count += 1
            name = f"{self._prefix}/{what}_{self._count}"
            if name not in self._taken:
                return name
