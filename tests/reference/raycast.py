"""A slow ray caster in float64: the same camera, step and interpolation, none of the same code.

Every pixel's ray goes through all slabs in the order in which it meets them; samples are taken
one by one. The functions named as in ``shaders/lib`` and ``shaders/volume`` are their CPU twins.
"""

import numpy as np

from viewer.visuals import transfer

CHUNK = 16
OPAQUE_ENOUGH = 0.998


def box_range(origin, direction, low, high):
    """Where rays enter and leave a box; arrays [..., 3] -> two arrays [...]."""
    direction = np.where(direction == 0, 1e-20, direction)
    to_low, to_high = (low - origin) / direction, (high - origin) / direction
    return np.minimum(to_low, to_high).max(-1), np.maximum(to_low, to_high).min(-1)


def main_axis(direction):
    """The axis that crosses most voxels; z before x before y when equal."""
    x, y, z = np.moveaxis(np.abs(direction), -1, 0)
    return np.where((z >= x) & (z >= y), 2, np.where(x >= y, 0, 1))


def first_plane(at_enter, speed, enter, leave, spacing, phase):
    """(t of the first plane of samples, t between planes, number of planes)."""
    planes_per_t = np.maximum(np.abs(speed), 1e-20) / spacing
    # In plane numbers from the entry on, whichever way the ray goes.
    to_first = np.where(
        speed < 0,
        at_enter / spacing - (np.floor(at_enter / spacing - phase) + phase),
        np.ceil(at_enter / spacing - phase) + phase - at_enter / spacing,
    )
    t = enter + to_first / planes_per_t
    return t, 1 / planes_per_t, np.floor((leave - t) * planes_per_t) + 1


def pixel_noise(x, y):
    """A number 0 to 1 for a pixel."""
    inner = np.modf(x * 0.06711056 + y * 0.00583715)[0]
    return np.modf(52.9829189 * inner)[0]


def place_from_index(index):
    """Place 0 to 1 along the colour map of a table index."""
    return (index - 2.0) / (transfer.STEPS - 2.0)


def table_entry(table, row, index):
    """Colour and density at real-numbered indices."""
    return table[row, np.asarray(index).astype(int)]


def composite(colour, background):
    """Premultiplied RGBA [..., 4] over an opaque background."""
    return colour[..., :3] + (1 - colour[..., 3:]) * np.asarray(background)


def bilinear(values, columns, rows, channels):
    """Values at voxel coordinates (centres at halves), nearest across channels; edges repeat."""
    count, height, width = values.shape
    channel = np.clip(np.floor(channels), 0, count - 1).astype(int)
    x, y = columns - 0.5, rows - 0.5
    x0, y0 = np.floor(x), np.floor(y)
    fx, fy = x - x0, y - y0
    left, right = (np.clip(x0 + d, 0, width - 1).astype(int) for d in (0, 1))
    top, bottom = (np.clip(y0 + d, 0, height - 1).astype(int) for d in (0, 1))
    upper = values[channel, top, left] * (1 - fx) + values[channel, top, right] * fx
    lower = values[channel, bottom, left] * (1 - fx) + values[channel, bottom, right] * fx
    return upper * (1 - fy) + lower * fy


def rays(camera, width, height):
    """Origins and unit directions [height, width, 3] through the middles of the pixels."""
    right, back = camera.right_in_world, camera.back_in_world
    up = np.cross(back, right)
    half = camera.distance * np.tan(np.radians(camera.fov or 30.0) / 2)
    x = ((np.arange(width) + 0.5) / width * 2 - 1) * half * width / height
    y = (1 - (np.arange(height) + 0.5) / height * 2) * half
    offset = x[None, :, None] * right + y[:, None, None] * up
    eye = np.asarray(camera.center) + back * camera.distance
    if camera.fov:
        direction = offset - camera.distance * back
        origin = np.broadcast_to(eye, direction.shape)
    else:
        direction = np.broadcast_to(-back, offset.shape)
        origin = eye + offset
    return origin, direction / np.linalg.norm(direction, axis=-1, keepdims=True)


def samples(slab, origin, direction, spacing, behind_eye):
    """The samples of rays through one slab, from the entry on.

    Returns
    -------
    tuple
        float64[P] t of the entry (inf: missed), float64[P] length each sample stands for,
        float64[P, n] stored values (NaN past the end of a ray).
    """
    values = slab.values.astype(float)
    if slab.order is not None:
        values = values[np.asarray(slab.order)]
    count, height, width = values.shape
    voxels = np.array([width, height, count], float)
    scale = voxels / np.asarray(slab.extent)
    start, speed = (origin - np.asarray(slab.corner)) * scale, direction * scale
    low, high = voxels * slab.low_edge, voxels * slab.high_edge
    enter, leave = box_range(start, speed, low, high)
    if not behind_eye:
        enter = np.maximum(enter, 0)
    hit = leave > enter
    axis = main_axis(speed)
    at_enter = np.take_along_axis(start + speed * enter[:, None], axis[:, None], 1)[:, 0]
    along = np.take_along_axis(speed, axis[:, None], 1)[:, 0]
    first, apart, number = first_plane(at_enter, along, enter, leave, spacing, 0.5)
    short = number < 1
    first = np.where(short, (enter + leave) / 2, first)
    number = np.where(short, 1, number).astype(int) * hit
    most = int(number.max(initial=0))
    found = np.full((len(start), most), np.nan)
    for step in range(most):
        alive = step < number
        place = start[alive] + speed[alive] * (first + step * apart)[alive, None]
        place = np.clip(place, 0, voxels)
        found[alive, step] = bilinear(values, *place.T)
    length = np.where(hit, (leave - enter) / np.maximum(number, 1), 0)
    return np.where(hit, enter, np.inf), length, found


def indices(slab, stored):
    """Table indices of stored values."""
    factor, offset = transfer.index_from_value(slab.low, slab.high, slab.signed, slab.unit)
    return np.clip(stored * factor + offset, 0, transfer.ABOVE)


def emission(slabs, camera, width, height, table, density, spacing=1.0):
    """Premultiplied RGBA float64[height, width, 4] of emission and absorption.

    Parameters
    ----------
    table : float[4, ENTRIES, 4]
    density : float
        Opacity per world unit at relative density 1.
    """
    origin, direction = (part.reshape(-1, 3) for part in rays(camera, width, height))
    met = [samples(slab, origin, direction, spacing, not camera.fov) for slab in slabs]
    nearest_first = np.argsort([enter for enter, _, _ in met], axis=0, kind="stable")
    gathered = np.zeros((len(origin), 4))
    for rank in range(len(slabs)):
        for number, slab in enumerate(slabs):
            enter, length, stored = met[number]
            rays_here = np.flatnonzero((nearest_first[rank] == number) & np.isfinite(enter))
            for step in range(stored.shape[1]):
                now = rays_here[~np.isnan(stored[rays_here, step])]
                now = now[gathered[now, 3] < OPAQUE_ENOUGH]
                entry = table_entry(table, int(slab.signed), indices(slab, stored[now, step]))
                opacity = 1 - np.exp(-entry[:, 3] * density * slab.density * length[now])
                share = ((1 - gathered[now, 3]) * opacity)[:, None]
                gathered[now] += share * np.concatenate([entry[:, :3], np.ones((len(now), 1))], 1)
    return gathered.reshape(height, width, 4)


def maximum(slabs, camera, width, height, table, spacing=1.0):
    """RGBA float64[height, width, 4]: the colour of the largest place along each ray."""
    origin, direction = (part.reshape(-1, 3) for part in rays(camera, width, height))
    best = np.full((2, len(origin)), -8.0)
    for slab in slabs:
        _, _, stored = samples(slab, origin, direction, spacing, not camera.fov)
        if not stored.shape[1]:
            continue
        place = place_from_index(indices(slab, stored))
        largest = np.where(np.isnan(place), -np.inf, place).max(1)
        if slab.signed:
            largest = 2 * largest - 1
        best[int(slab.signed)] = np.maximum(best[int(slab.signed)], largest)
    return colour_of_maximum(*best, table).reshape(height, width, 4)


def colour_of_maximum(unsigned, signed, table):
    """RGBA [P, 4] of the largest places; the signed one counts where it is larger."""
    by_sign = signed > unsigned
    place = np.where(by_sign, signed / 2 + 0.5, unsigned)
    index = np.clip(place * (transfer.STEPS - 2) + 2, 0, transfer.ABOVE)
    colour = np.array(table[by_sign.astype(int), index.astype(int)])
    colour[:, 3] = 1
    colour[np.maximum(unsigned, signed) < -4] = 0
    return colour
