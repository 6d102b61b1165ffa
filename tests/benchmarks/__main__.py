"""`make bench`: measure every figure, print a table, write `bench.json`."""

import argparse
import sys
import tempfile

from tests.benchmarks import (
    ablation,
    attribution,
    extraction,
    gradient,
    gradient_series,
    importance,
    maps,
    matrix,
    matrix_counts,
    orders,
    record,
    selection,
    series,
    stack,
    start,
)
from tests.benchmarks.report import print_table, write_json

ROOMS = (
    extraction,
    start,
    maps,
    record,
    stack,
    series,
    matrix_counts,
    matrix,
    selection,
    gradient,
    gradient_series,
    attribution,
    importance,
    ablation,
    orders,
)


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--only", default="", help="ids that contain this text")
    parser.add_argument("--out", default="bench.json")
    arguments = parser.parse_args()
    chosen = [row for room in ROOMS for row in room.figures() if arguments.only in row[0].id]
    if not chosen:
        parser.error(f"no figure's id contains {arguments.only!r}")
    measured = []
    with tempfile.TemporaryDirectory(prefix="lamella-bench-") as folder:
        place = extraction.Workplace(folder)
        for figure, measure in chosen:
            print(f"{figure.id} ...", file=sys.stderr, flush=True)
            measured.append(measure(figure, place))
    print_table(measured)
    write_json(measured, arguments.out)
    return 0 if all(figure.met is not False for figure in measured) else 1


if __name__ == "__main__":
    sys.exit(main())
