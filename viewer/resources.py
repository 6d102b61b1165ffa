"""Finding the files that travel with the program: shaders, samples, fonts.

In a checkout they lie in the repository's root; in an installed wheel they lie inside the
``viewer`` package. One function finds either place, so that nothing else has to know.
"""

from pathlib import Path

from engine.errors import MachineError

_PACKAGE = Path(__file__).resolve().parent


def find(name):
    """Where a file or folder of the program is.

    Parameters
    ----------
    name : str
        With forward slashes, as in the repository: ``'shaders/volume/slab.frag'``,
        ``'samples/digits/digits.onnx'``, ``'viewer/gl/fonts/Inter-Regular.otf'``.

    Returns
    -------
    pathlib.Path
        An absolute path that exists.

    Raises
    ------
    MachineError
        When neither place has it: the installation is not whole.
    """
    inside = name.removeprefix("viewer/")
    for root, relative in ((_PACKAGE.parent, name), (_PACKAGE, inside)):
        path = root / relative
        if path.exists():
            return path
    raise MachineError(
        "this part of the program is missing",
        where=name,
        remedy="install Lamella again, or run it from a whole checkout",
    )
