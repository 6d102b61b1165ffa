"""Rules of the backward pass, by operator: a file a family, found by themselves."""

import pkgutil
from importlib import import_module

_REGISTRY = {}


def rule(*op_types, domain=""):
    """Register a function as the rule of operators.

    Parameters
    ----------
    *op_types : str
    domain : str
        ``""`` for standard ONNX.
    """

    def register(function):
        for op_type in op_types:
            if (domain, op_type) in _REGISTRY:
                raise ValueError(f"two rules for {op_type}")
            _REGISTRY[domain, op_type] = function
        return function

    return register


def rule_of(node):
    """The rule of a node, or None where its operator has none."""
    return all_rules().get((node.domain, node.op_type))


def all_rules():
    """Every rule: dict of (domain, operator) to function."""
    if not _loaded:
        for found in pkgutil.iter_modules(__path__):
            import_module(f"{__name__}.{found.name}")
        _loaded.append(True)
    return _REGISTRY


_loaded = []
