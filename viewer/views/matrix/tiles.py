"""Tiles that were counted, on the processor: where each stands, over how many points it is.

A `Sheet` holds tiles of one detail in one picture of texels, which goes to the graphics card row
by row as it changes; a `Summary` holds one colour a cell. Neither counts, neither draws.
"""

import itertools

import numpy as np

from viewer.views.matrix.layout import tile_spans

WIDTH = 4096
BLOCK = 32
SLOT_BITS = (1 << 24) - 1
MIRRORED, DIAGONAL = np.uint32(1 << 31), np.uint32(1 << 30)
_epochs = itertools.count(1)


class Sheet:
    """Tiles of one `Detail`, the least recently seen replaced first.

    Parameters
    ----------
    height : int
        Rows of texels; a power of two, at least the bins of a tile.

    Attributes
    ----------
    texels : uint8[height, WIDTH, 4]
        Premultiplied; the lowest row of a tile first.
    detail : Detail or None
    epoch, version : int
        Changes when all tiles are forgotten; when anything changes.
    points, stamp : int64[slots]
        Over how many points each tile is counted, and of which generation of the scene.
    """

    def __init__(self, height):
        self.texels = np.zeros((height, WIDTH, 4), np.uint8)
        self.detail = None
        self._places = None
        self._dirty = [height, 0]
        self.begin(None, (0, 0))

    @property
    def height(self):
        """Rows of texels."""
        return self.texels.shape[0]

    def begin(self, detail, channels):
        """Forget all tiles and hold tiles of another detail.

        Parameters
        ----------
        detail : Detail or None
        channels : (int, int)
            How many there are along x and along y.
        """
        self.epoch = self.version = next(_epochs)
        self.detail, self._channels = detail, channels
        self._dense = detail is not None and detail.zoom == 0
        bins = WIDTH if detail is None else detail.bins
        self.across = WIDTH // bins
        capacity = self.across * (self.height // bins)
        self._keys = np.full(capacity, -1, np.int64)
        self.points = np.zeros(capacity, np.int64)
        self.stamp = np.zeros(capacity, np.int64)
        self._seen = np.zeros(capacity, np.int64)
        self._next = 0
        # calloc: pages that no tile falls on are never touched
        self._places = np.zeros(channels[0] * channels[1], np.int32) if self._dense else {}

    @property
    def capacity(self):
        """Tiles that there is room for."""
        return len(self._keys)

    def find(self, keys):
        """Slots of tiles, int64[n]; -1 where there is none."""
        if self._dense:
            return self._places[keys].astype(np.int64) - 1
        shape = np.shape(keys)
        found = [self._places.get(key, 0) - 1 for key in np.ravel(keys).tolist()]
        return np.array(found, np.int64).reshape(shape)

    def see(self, slots, picture):
        """Tiles are in the picture of this number: they are not replaced by others in it."""
        self._seen[slots] = picture

    def place(self, keys, picture):
        """Slots for tiles that have none; as many as there is room for beside those in sight.

        Parameters
        ----------
        keys : int64[n]
            Each once.
        picture : int

        Returns
        -------
        int64[at most n]
        """
        fresh = np.arange(self._next, min(self.capacity, self._next + len(keys)))
        self._next += len(fresh)
        wanted = len(keys) - len(fresh)
        if wanted:
            unseen = np.flatnonzero(self._seen[: self._next - len(fresh)] < picture)
            if len(unseen) > wanted:
                unseen = unseen[np.argsort(self._seen[unseen], kind="stable")[:wanted]]
            self._forget(unseen)
            fresh = np.concatenate([fresh, unseen])
        keys = keys[: len(fresh)]
        self.version = next(_epochs)
        self._keys[fresh] = keys
        self.points[fresh] = self.stamp[fresh] = 0
        self._seen[fresh] = picture
        if self._dense:
            self._places[keys] = fresh + 1
        else:
            self._places.update(zip(keys.tolist(), (fresh + 1).tolist(), strict=True))
        return fresh

    def _forget(self, slots):
        keys = self._keys[slots]
        if self._dense:
            self._places[keys] = 0
        else:
            for key in keys.tolist():
                del self._places[key]

    def origins(self, slots):
        """First row and column of texels of some slots, int32[n, 2]."""
        rows, columns = np.divmod(np.asarray(slots), self.across)
        return (np.stack([rows, columns], axis=-1) * self.detail.bins).astype(np.int32)

    def counted(self, slots, points, stamp):
        """Tiles have been written anew."""
        self.version = next(_epochs)
        self.points[slots], self.stamp[slots] = points, stamp
        rows = np.asarray(slots) // self.across
        bins = self.detail.bins
        self._dirty[0] = min(self._dirty[0], int(rows.min()) * bins)
        self._dirty[1] = max(self._dirty[1], (int(rows.max()) + 1) * bins)

    def spoil(self):
        """All that is there has to be uploaded, to another context."""
        bins = 0 if self.detail is None else self.detail.bins
        self._dirty = [0, -(-self._next // self.across) * bins]

    def take_dirty(self):
        """First and one past the last row that has changed since this was asked last."""
        span = tuple(self._dirty)
        self._dirty = [self.height, 0]
        return span


class Wanted:
    """The tiles in sight at some detail.

    Attributes
    ----------
    keys : int64[rows, columns]
        Of the tiles from the upper left; a tile and its mirror image share a key.
    flags : uint32[rows, columns]
        `MIRRORED` and `DIAGONAL`.
    first : (int, int)
        Row and column of the first one, counted from the first tile of the first cell in sight.
    """

    def __init__(self, scene, sight, detail):
        tiles = detail.tiles
        down, across = tile_spans(sight, tiles)
        self.first = (
            down[0] - sight.row_span[0] * tiles,
            across[0] - sight.column_span[0] * tiles,
        )
        row, from_top = np.divmod(np.arange(*down), tiles)
        column, tx = np.divmod(np.arange(*across), tiles)
        y = scene.row_order[row].astype(np.int64)[:, None]
        x = scene.column_order[column].astype(np.int64)[None]
        ty, tx = (tiles - 1 - from_top)[:, None], tx[None]
        self.flags = np.zeros((len(row), len(column)), np.uint32)
        if scene.is_symmetric:
            mirrored = x > y
            self.flags[mirrored] = MIRRORED
            self.flags[x == y] = DIAGONAL
            x, y = np.minimum(x, y), np.maximum(x, y)
            tx, ty = np.where(mirrored, ty, tx), np.where(mirrored, tx, ty)
        self._height = scene.rows.channels
        self._tiles = tiles
        self.keys = ((x * self._height + y) * tiles + tx) * tiles + ty

    def nearest(self, lacks, most):
        """Keys of some of the tiles, each once, those in the middle first.

        Parameters
        ----------
        lacks : bool[rows, columns]
            Which tiles.
        most : int
            About how many at most; fewer where tiles and their mirror images are in sight.
        """
        rows, columns = self.keys.shape
        row, column = np.nonzero(lacks)
        away = (2 * row - rows + 1) ** 2 + (2 * column - columns + 1) ** 2
        chosen = np.arange(len(away))
        if len(away) > 2 * most:
            chosen = np.argpartition(away, 2 * most)[: 2 * most]
        chosen = chosen[np.lexsort((chosen, away[chosen]))]
        keys = self.keys[row[chosen], column[chosen]]
        _, first = np.unique(keys, return_index=True)
        return keys[np.sort(first)][:most]


def parts_of(keys, height, tiles):
    """Keys taken apart: channel along x, along y, tile across and up: int64[n] each."""
    rest, up = np.divmod(keys, tiles)
    rest, across = np.divmod(rest, tiles)
    x, y = np.divmod(rest, height)
    return x, y, across, up


class Summary:
    """One colour a cell, counted in blocks of `BLOCK` x `BLOCK` cells.

    Parameters
    ----------
    scene : Scene
    old : Summary, optional
        Its colours stand in until these are counted, each at its channels' new places.

    Attributes
    ----------
    texels : uint8[R, S, 4]
        Premultiplied; the first row on top.
    points, stamp : int64[block rows, block columns]
    is_mirrored : bool
        Rows and columns are the same channels in the same order.
    version : int
        Changes when anything does.
    """

    def __init__(self, scene, old=None):
        self.orders = scene.row_order, scene.column_order
        self.texels = np.zeros((*scene.shape, 4), np.uint8)
        blocks = tuple(-(-size // BLOCK) for size in scene.shape)
        self.points, self.stamp = np.zeros(blocks, np.int64), np.zeros(blocks, np.int64)
        self.is_mirrored = scene.is_symmetric and np.array_equal(*self.orders)
        self.is_shown = False
        self.version = next(_epochs)
        self._dirty = []
        if old is not None:
            self._take_over(scene, old)

    def fits(self, scene):
        """Whether it has the cells of a scene at their places."""
        orders = scene.row_order, scene.column_order
        return all(np.array_equal(a, b) for a, b in zip(orders, self.orders, strict=True))

    def _take_over(self, scene, old):
        counts = scene.rows.channels, scene.columns.channels
        places = []
        for order, former, count in zip(self.orders, old.orders, counts, strict=True):
            place = np.full(count, -1)
            place[former] = np.arange(len(former))
            places.append(place[order])
        rows, columns = (np.flatnonzero(place >= 0) for place in places)
        if rows.size and columns.size:
            taken = old.texels[np.ix_(places[0][rows], places[1][columns])]
            self.texels[np.ix_(rows, columns)] = taken
            self.is_shown = old.is_shown
        self.spoil()

    def blocks_in(self, sight):
        """Blocks in sight, int64[n, 2], those in the middle first; of mirrored ones one."""
        spans = [
            (first // BLOCK, -(-last // BLOCK))
            for first, last in (sight.row_span, sight.column_span)
        ]
        rows, columns = (np.arange(*span) for span in spans)
        away = np.hypot(
            (rows - (rows.mean() if rows.size else 0))[:, None],
            columns - (columns.mean() if columns.size else 0),
        )
        found = np.stack(np.meshgrid(rows, columns, indexing="ij"), axis=-1).reshape(-1, 2)
        found = found[np.argsort(away, axis=None, kind="stable")]
        if self.is_mirrored:
            found = np.sort(found, axis=1)
            _, first = np.unique(found, axis=0, return_index=True)
            found = found[np.sort(first)]
        return found

    def counted(self, block, colours, points, stamp):
        """A block's colours have come: uint8[rows, columns, 4]."""
        self.version = next(_epochs)
        self.is_shown = True
        self._write(block, colours, points, stamp)
        if self.is_mirrored and block[0] != block[1]:
            self._write(block[::-1], colours.swapaxes(0, 1), points, stamp)

    def _write(self, block, colours, points, stamp):
        top, left = block[0] * BLOCK, block[1] * BLOCK
        rows, columns = colours.shape[:2]
        self.texels[top : top + rows, left : left + columns] = colours
        self.points[tuple(block)], self.stamp[tuple(block)] = points, stamp
        self._dirty.append((top, left, rows, columns))

    def spoil(self):
        """All of it has to be uploaded."""
        self._dirty = [(0, 0, *self.texels.shape[:2])]

    def take_dirty(self):
        """Rectangles (top, left, rows, columns) that have changed since this was asked last."""
        found, self._dirty = self._dirty, []
        if len(found) > 64:  # one large upload is quicker than many small ones
            tops = [top for top, _, rows, _ in found] + [top + rows for top, _, rows, _ in found]
            first, last = min(tops), max(tops)
            found = [(first, 0, last - first, self.texels.shape[1])]
        return found
