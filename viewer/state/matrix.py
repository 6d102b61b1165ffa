"""How the scatterplot matrix is shown, and where in it a person is."""

from dataclasses import dataclass


@dataclass(frozen=True)
class MatrixSettings:
    """Settings of the matrix view.

    Attributes
    ----------
    order : str
        Of rows and columns: ``'file'``, ``'variance'``, ``'separation'`` or ``'correlation'``.
    hides_constant : bool
        Whether constant and dead channels are left out (and counted).
    columns_from : str or None
        A layer whose channels stand along the columns; None: the active layer's.
    """

    order: str = "file"
    hides_constant: bool = False
    columns_from: str | None = None


@dataclass(frozen=True)
class MatrixCamera:
    """Where in the matrix a person is; undone with the camera.

    The cell of row i and column j (places in the order) fills ``[j, j + 1] x [i, i + 1]``.

    Attributes
    ----------
    x, y : float
        What stands in the middle of the view, in cells, right and down.
    span : float or None
        Cells across the shorter side of the view; None: the whole matrix.
    looked_at : (str or None, int or None)
        Layer and channel in focus when the place was chosen. While another one is in focus the
        view follows the focus instead.
    """

    x: float = 0.5
    y: float = 0.5
    span: float | None = None
    looked_at: tuple = (None, None)
