"""What a person would use instead of the matrix, run with the oracles' Python: see `matrix_counts`.

Reads an NPZ file (``values`` float32[D, N], ``groups`` uint8[N]) and lines ``TASK``; answers each
with seconds. Tasks: ``datashader BINS``, ``plotly SIDE``, ``seaborn SIDE`` (pictures in memory).
"""

import io
import sys
import time

import numpy as np
import pandas as pd

LEFT_OUT = 255


class Peers:
    """The points as a table, and the pictures of it."""

    def __init__(self, path):
        with np.load(path) as file:
            values, groups = file["values"], file["groups"]
        here = groups != LEFT_OUT
        self.names = [f"c{k}" for k in range(len(values))]
        self.table = pd.DataFrame(dict(zip(self.names, values[:, here], strict=True)))
        self.table["class"] = pd.Categorical(groups[here])

    def datashader(self, bins):
        """Counts by class of the first two channels."""
        import datashader as ds

        x, y = self.names[:2]
        span = {"x_range": (0, 65536), "y_range": (0, 65536)}
        canvas = ds.Canvas(bins, bins, **span)
        counts = canvas.points(self.table, x, y, agg=ds.count_cat("class"))
        return int(counts.sum())

    def plotly(self, side):
        """A scatterplot matrix as a PNG file."""
        import plotly.express as px

        figure = px.scatter_matrix(self.table, dimensions=self.names, color="class")
        figure.update_traces(diagonal_visible=False, marker_size=2, showupperhalf=False)
        return len(figure.to_image("png", width=side, height=side))

    def seaborn(self, side):
        """A pair plot as a PNG file."""
        import matplotlib

        matplotlib.use("agg")
        import seaborn as sns

        grid = sns.pairplot(self.table, vars=self.names, hue="class", plot_kws={"s": 4})
        grid.figure.set_size_inches(side / 100, side / 100)
        file = io.BytesIO()
        grid.savefig(file, format="png", dpi=100)
        return len(file.getvalue())


def main():
    peers = Peers(sys.argv[1])
    print("ready", flush=True)
    for line in sys.stdin:
        task, size = line.split()
        started = time.perf_counter()
        getattr(peers, task)(int(size))
        print(time.perf_counter() - started, flush=True)


if __name__ == "__main__":
    main()
