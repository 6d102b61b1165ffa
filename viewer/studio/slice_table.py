"""A cut of a volume as a CSV file: its rows as they stand, each with its channel's number."""

from viewer.studio.table_file import written


def write_slice(path, values, heads, first, across, absent, task):
    """Write a cut: a line a row, from the top.

    Parameters
    ----------
    path : Path
    values : float32[R, K]
        Not finite ones are written ``nan``, ``inf`` and ``-inf``.
    heads : sequence of int
        The number of each row: its channel, or its row in the map.
    first : (str, str)
        What places and numbers of rows are: ``('place', 'channel of conv1')``.
    across : str
        What the columns are: ``'column'`` or ``'row'`` of the map.
    absent : bool[R, K] or None
        Where there is no value: the field is empty.
    task : Task

    Returns
    -------
    int
        Lines below the heading.

    Raises
    ------
    InputError, MachineError, Cancelled
        Nothing is left behind.
    """
    rows, columns = values.shape
    with written(path) as writer:
        writer.writerow([*first, *(f"{across} {column}" for column in range(columns))])
        for place in range(rows):
            task.report(place, rows, "rows")
            fields = [f"{value:.9g}" for value in values[place].tolist()]
            if absent is not None:
                gone = absent[place].tolist()
                fields = ["" if none else word for word, none in zip(fields, gone, strict=True)]
            writer.writerow([place, int(heads[place]), *fields])
    return rows
