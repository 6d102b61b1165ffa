"""The engine under the matrix: counts, lasso, nearest point, memory, beside what people use.

Points and colours are those of `tests.benchmarks.matrix_data`. The peers (Datashader, Plotly with
kaleido, seaborn) live in the oracles' environment and run in a process of their own, by turns with
ours; for pictures they get only the points that have a colour, already chosen. Our pictures are the
texels that the matrix uploads: counted and mixed.
"""

import json
import subprocess
import sys
import tempfile
import time
from contextlib import contextmanager
from functools import cache
from pathlib import Path

import numpy as np

from tests.benchmarks import matrix_data
from tests.benchmarks.report import Figure, Goal

ROOT = matrix_data.ROOT
ORACLES = ROOT / ".oracles" / "bin" / "python"
RUNS = 9
MILLION = 1_000_000
CELL = 256  # bins along a cell that is looked at by itself
SIDE = 1000  # px of a picture of the whole matrix
OVERVIEW = 16  # bins along each of 50 cells on 1,000 px
VERTICES = 30


def figures():
    """The figures of this file with the function that measures each."""
    of = "of squeezenet's last fire module"
    whole = f"D = 50 {of}, all 1,225 pairs exact at overview resolution, counted and mixed"
    rows = [
        (
            "cell",
            f"density counts of one cell, 1 M points {of}, 10 classes and the rest, {CELL}²",
            Goal("<=", ratio=1 / 8),
            "Datashader count_cat, the same grid",
            cell,
        ),
        (
            "10k",
            f"{whole}, N = 10,000",
            Goal("<=", value=0.02),
            "Plotly's scatter matrix as a PNG",
            picture_of_10k,
        ),
        (
            "10k.d10",
            f"D = 10 {of}, N = 10,000, the same",
            Goal("<=", value=0.02),
            "seaborn's pairplot as a PNG, once",
            picture_of_d10,
        ),
        ("100k", f"{whole}, N = 100,000", Goal("<=", value=0.1), None, picture_of_100k),
        (
            "lasso",
            f"lasso of {VERTICES} vertices over 10 M points {of}, exact on 16 bits",
            Goal("<=", value=0.03),
            None,
            lasso,
        ),
        (
            "lasso.drawing",
            "the same while it is drawn, 8 bits",
            Goal("<=", value=0.005),
            None,
            drawn,
        ),
        (
            "hover",
            f"the nearest point within 8 px, 1 M points {of}, 20 cells in sight, p95",
            Goal("<=", value=0.016),
            None,
            hover,
        ),
    ]
    found = [
        (Figure(f"matrix.counts.{id}", what, "s", goal, peer=peer), _real(measure))
        for id, what, goal, peer, measure in rows
    ]
    held = Figure(
        "matrix.counts.memory",
        f"memory of 512 channels of 1 M points {of}: made from the study, counted, selected; peak",
        "bytes a value",
        Goal("<=", value=3.2),
    )
    return [*found, (held, _real(memory))]


def _real(measure):
    def run(figure, place):
        reason = matrix_data.missing()
        if reason is None and figure.peer:
            reason = _peers_missing()
        return figure.skip(reason) if reason else measure(figure)

    return run


@cache
def _peers_missing():
    """Why there are no peers, or None."""
    names = "datashader", "plotly", "kaleido", "seaborn"
    if ORACLES.exists():
        done = subprocess.run([ORACLES, "-c", f"import {','.join(names)}"], capture_output=True)
        if done.returncode == 0:
            return None
    return "its peers need `make oracles`"


@contextmanager
def peers(columns, groups):
    """A process with the peers that knows these points; gives a function: task -> seconds."""
    with tempfile.TemporaryDirectory(prefix="lamella-bench-") as folder:
        path = Path(folder) / "points.npz"
        np.savez(path, values=columns.fine.astype(np.float32), groups=groups)
        script = ROOT / "tests" / "benchmarks" / "matrix_peers.py"
        with subprocess.Popen(
            [ORACLES, script, path],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            text=True,
        ) as process:
            process.stdout.readline()

            def ask(task):
                print(task, file=process.stdin, flush=True)
                return float(process.stdout.readline())

            try:
                yield ask
            finally:
                process.stdin.close()


def seconds(call):
    """Seconds of one call."""
    started = time.perf_counter()
    call()
    return time.perf_counter() - started


def in_a_row(measure, count=5):
    """The median of a few runs one after the other: caches are those of the work itself."""
    return float(np.median([measure() for _ in range(count)]))


def runs(call, count=RUNS):
    """Seconds of several calls after one that is not counted."""
    call()
    return [seconds(call) for _ in range(count)]


def cell(figure):
    """One cell beside Datashader: all points, those of other classes as an eleventh."""
    from engine.embedding.counts import cell_counts

    columns, classes = matrix_data.widest(2, MILLION), matrix_data.CLASSES
    groups = np.minimum(matrix_data.groups()[:MILLION], classes)
    x, y = columns.coarse

    def count():
        return cell_counts(x, y, groups, classes + 1, CELL)

    count()
    with peers(columns, groups) as ask:
        ask(f"datashader {CELL}")
        both = [
            (in_a_row(lambda: seconds(count)), in_a_row(lambda: ask(f"datashader {CELL}")))
            for _ in range(RUNS)
        ]
    return figure.measured(*zip(*both, strict=True))


def whole_picture(channels, count):
    """A function that counts and mixes every pair of the widest channels over the first points."""
    from engine.embedding.threads import spread
    from engine.kernels.counting import lanes_for
    from engine.kernels.mixing import density_tiles, plane_codes
    from viewer.visuals.classes import class_colours

    columns, groups = matrix_data.widest(channels, count), matrix_data.groups()[:count]
    classes, bits = matrix_data.CLASSES, OVERVIEW.bit_length() - 1
    squares = class_colours(classes).astype(np.float32) ** 2
    codes = np.empty(count, np.uint8)
    plane_codes(groups, np.zeros(0, np.uint8), classes, codes)
    pairs = np.stack(np.triu_indices(channels, 1)[::-1], axis=1).astype(np.int32)
    places = np.ascontiguousarray(pairs[:, ::-1] * OVERVIEW)
    texels = np.zeros((channels * OVERVIEW, channels * OVERVIEW, 4), np.uint8)

    def draw():
        def part(first, stop):
            lanes = lanes_for(count, classes + 1, bits)
            some = pairs[first:stop], places[first:stop]
            more = (bits, 0, squares, False, lanes, texels)
            density_tiles(columns.coarse, columns.coarse, codes, count, *some, *more)

        spread(part, len(pairs), 1)

    return draw, columns, groups


def picture_of_10k(figure):
    """The paper's size beside Plotly."""
    return _beside(figure, 50, "plotly")


def picture_of_d10(figure):
    """Ten channels beside seaborn."""
    return _beside(figure, 10, "seaborn")


def _beside(figure, channels, peer):
    draw, columns, groups = whole_picture(channels, 10_000)
    with peers(columns, groups) as ask:
        return figure.measured(runs(draw), [ask(f"{peer} {SIDE}")])


def picture_of_100k(figure):
    """Ten times the paper's size."""
    return figure.measured(runs(whole_picture(50, 100_000)[0]))


@cache
def ten_million():
    """Two channels' codes of 10 M points: copies moved by less than a step; uint16[2, 10 M]."""
    random = np.random.default_rng(0)
    fine = np.tile(matrix_data.widest(2, MILLION).fine, 10).astype(np.int32)
    fine += random.integers(-1, 2, fine.shape, dtype=np.int32)
    return np.clip(fine, 0, 65279).astype(np.uint16)


def polygon():
    """A ragged ring of `VERTICES` corners in the lower left, where the points are."""
    random = np.random.default_rng(1)
    angles = np.linspace(0, 2 * np.pi, VERTICES, endpoint=False)
    reach = random.uniform(8000, 22000, VERTICES)
    return 18000 + reach[:, None] * np.stack([np.cos(angles), np.sin(angles)], axis=1)


def lasso(figure):
    """Exact, on fine codes."""
    from engine.embedding.lasso import inside

    x, y = ten_million()
    out = np.empty(len(x), np.uint8)
    return figure.measured(runs(lambda: inside(polygon(), x, y, out)))


def drawn(figure):
    """On coarse codes."""
    from engine.embedding.lasso import inside

    x, y = (ten_million() >> 8).astype(np.uint8)
    out = np.empty(len(x), np.uint8)
    return figure.measured(runs(lambda: inside(polygon(), x, y, out)))


def hover(figure):
    """Places all over the view of about 20 cells, each cell's corner of zeros among them."""
    from tests.benchmarks import matrix
    from viewer.gl.context import EglContext

    scene = matrix.scene_of(50)
    with EglContext(software=True) as context:
        window = matrix.Window(context)
        try:
            window.show(scene)
            window.until(matrix._twenty(scene), 1000)
            places = [(x, y) for x in range(5, matrix.SIZE[0], 37) for y in range(5, 800, 37)]
            window.cells.point_under(*places[0], 8.0)
            took = [seconds(lambda p=p: window.cells.point_under(*p, 8.0)) for p in places]
        finally:
            window.close()
    return figure.measured([float(np.percentile(took, 95))])


def memory(figure):
    """Peak memory of a process that makes the points anew, less that of one that is ready to."""
    study = matrix_data.study_path()
    command = [sys.executable, "-m", "tests.benchmarks.matrix_counts", str(study)]
    answer = subprocess.run(command, cwd=ROOT, check=True, stdout=subprocess.PIPE, text=True)
    return figure.measured([json.loads(answer.stdout)])


def peak_bytes_a_value(study):
    """Make a study's points, count every twentieth cell of the first rows, and use the lasso.

    Returns
    -------
    float
        Resident bytes at their peak, mapped files included, less those before, a value.
    """
    from engine.embedding import keeping
    from engine.embedding.counts import tile_counts
    from engine.embedding.lasso import inside
    from engine.embedding.points import make_points
    from engine.kernels import warm
    from engine.study.reader import open_study

    warm()
    with open_study(study) as found, tempfile.TemporaryDirectory(dir=matrix_data.HOME) as folder:
        before = _resident("VmRSS")
        keeping.RESULTS = Path(folder).relative_to(matrix_data.HOME)  # beside the kept ones
        found.path = matrix_data.HOME
        points = make_points(found, matrix_data.LAYER)
        columns, groups = points.columns, np.zeros(points.count, np.uint8)
        cells = [(x, y) for y in range(columns.channels) for x in (y, (7 * y) % columns.channels)]
        tile_counts(columns.coarse, columns.coarse, cells, groups, 1, 16)
        for x, y in zip(columns.fine, columns.fine[::-1], strict=True):
            inside(polygon(), x, y)
        values = columns.channels * columns.count
        return (_resident("VmHWM") - before) / values


def _resident(what):
    for line in Path("/proc/self/status").read_text().splitlines():
        if line.startswith(what):
            return 1024 * int(line.split()[1])
    raise OSError(f"no {what} in /proc/self/status")


if __name__ == "__main__":
    print(json.dumps(peak_bytes_a_value(sys.argv[1])))
