"""A slow ray caster in float64: the same camera, step and interpolation, none of the same code.

Every pixel's ray goes through all slabs in the order in which it meets them; samples are taken
one by one. The functions named as in ``shaders/lib`` and ``shaders/volume`` are their CPU twins.
"""

from dataclasses import dataclass

import numpy as np

from viewer.visuals import slab as coding
from viewer.visuals import transfer

CHUNK = 16
OPAQUE_ENOUGH = 0.998
HALVINGS = 7
ABSORPTION = 3.0
OUTSIDE = 1.25


def box_range(origin, direction, low, high):
    """Where rays enter and leave a box; arrays [..., 3] -> two arrays [...]."""
    direction = np.where(direction == 0, 1e-20, direction)
    to_low, to_high = (low - origin) / direction, (high - origin) / direction
    return np.minimum(to_low, to_high).max(-1), np.maximum(to_low, to_high).min(-1)


def entered_face(enter, direction, low, high):
    """The axis across the face of a box on which rays enter: z before x before y when equal."""
    past = np.where(direction < 0, high - enter, enter - low)
    x, y, z = np.moveaxis(np.abs(past) / np.maximum(np.abs(direction), 1e-20), -1, 0)
    return np.where((z <= x) & (z <= y), 2, np.where(x <= y, 0, 1))


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


def strength_from_index(index, signed):
    """Distance from zero, 0 to 1 of the range; 1.25 for what is clipped."""
    place = place_from_index(index)
    size = np.clip(np.abs(2 * place - 1) if signed else place, 0, 1)
    clipped = (index >= transfer.ABOVE) | (np.asarray(index < 1) if signed else False)
    return np.where(clipped, OUTSIDE, size)


def lit(colour, facing):
    """Colours [P, 3] of surfaces whose normals make angles of cosine ``facing`` [P] with rays."""
    facing = np.asarray(facing)[..., None]
    dull = colour * (0.35 + 0.65 * facing)
    share = 0.4 * facing**24
    return dull * (1 - share) + share


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


def stored_at(slab, places):
    """Stored values at voxel coordinates [P, 3], one or a mixture of four texels, as drawn."""
    values = slab.values.astype(float)
    if slab.order is not None:
        values = values[np.asarray(slab.order)]
    count, height, width = values.shape
    columns, rows, channels = np.clip(places, 0, (width, height, count)).T
    cells = [
        np.clip(np.floor(part), 0, size - 1).astype(int)
        for part, size in ((channels, count), (rows, height), (columns, width))
    ]
    own = values[tuple(cells)]
    if slab.opaque:
        return own
    mixed = bilinear(values, columns, rows, channels)
    is_special = np.abs(own) > 1.5
    near_special = np.abs(mixed) > 1.001
    return np.where(is_special | near_special, own, mixed)


def indices(slab, stored):
    """Table indices of stored values; -1: absent."""
    factor, offset = transfer.index_from_value(slab.low, slab.high, slab.signed, slab.unit)
    found = np.clip(stored * factor + offset, 0, transfer.ABOVE)
    found = np.where(stored == coding.NAN, transfer.NAN, found)
    found = np.where(stored == coding.INFINITE, transfer.INFINITE, found)
    found = np.where(stored == coding.NEGATIVE_INFINITE, transfer.NEGATIVE_INFINITE, found)
    return np.where(stored == coding.ABSENT, -1, found)


@dataclass
class Met:
    """Rays [P] in one slab: t of the entry (inf: missed), length each sample stands for, voxel
    coordinates of the entry [P, 3] and axis across its face, of the samples [P, n, 3] with their
    table indices [P, n] (NaN past the end of a ray), and ends [3] of the part that is drawn.
    """

    slab: object
    enter: np.ndarray
    length: np.ndarray
    entry: np.ndarray
    face: np.ndarray
    places: np.ndarray
    index: np.ndarray
    low: np.ndarray
    high: np.ndarray


def meet(slab, origin, direction, spacing, behind_eye, clip):
    """The samples of rays through what clip planes leave of a slab: `Met`."""
    count, height, width = slab.values.shape
    voxels = np.array([width, height, count], float)
    scale = voxels / np.asarray(slab.extent)
    start, speed = (origin - np.asarray(slab.corner)) * scale, direction * scale
    edges = np.array(clip, float)
    low, high = voxels * edges[:, 0], voxels * edges[:, 1]
    enter, leave = box_range(start, speed, low, high)
    if not behind_eye:
        enter = np.maximum(enter, 0)
    hit = leave > enter
    axis = main_axis(speed)
    entry = start + speed * enter[:, None]
    at_enter = np.take_along_axis(entry, axis[:, None], 1)[:, 0]
    along = np.take_along_axis(speed, axis[:, None], 1)[:, 0]
    first, apart, number = first_plane(at_enter, along, enter, leave, spacing, 0.5)
    short = number < 1
    first = np.where(short, (enter + leave) / 2, first)
    number = np.where(short, 1, number).astype(int) * hit
    most = int(number.max(initial=0))
    index = np.full((len(start), most), np.nan)
    places = np.zeros((len(start), most, 3))
    for step in range(most):
        alive = step < number
        places[:, step] = start + speed * (first + step * apart)[:, None]
        index[alive, step] = indices(slab, stored_at(slab, places[alive, step]))
    length = np.where(hit, (leave - enter) / np.maximum(number, 1), 0)
    face = entered_face(entry, speed, low, high)
    entry[:, 2] = np.clip(entry[:, 2], low[2] + 0.01, high[2] - 0.01)
    enter = np.where(hit, enter, np.inf)
    return Met(slab, enter, length, entry, face, places, index, low, high)


@dataclass
class Cast:
    """Premultiplied RGBA float64[H, W, 4]; which slab decided the pixel (-1: none) and where in
    it, in voxel coordinates [H, W, 3].
    """

    colour: np.ndarray
    slab: np.ndarray
    place: np.ndarray


def cast(slabs, camera, width, height, look, spacing=1.0):
    """The picture of a stack at rest, without frames."""
    origin, direction = (part.reshape(-1, 3) for part in rays(camera, width, height))
    met = [meet(slab, origin, direction, spacing, not camera.fov, look.clip) for slab in slabs]
    table = transfer.table(look.transfer).astype(float)
    colour, slab, place = _MODES[look.mode](met, direction, table, look)
    sides = (height, width)
    return Cast(colour.reshape(*sides, 4), slab.reshape(sides), place.reshape(*sides, 3))


def nothing(count):
    """Colour, slab and place of rays that meet nothing."""
    return np.zeros((count, 4)), np.full(count, -1), np.full((count, 3), np.nan)


def front_to_back(met):
    """(number of the slab, rays that meet it there), each ray's nearest slab first."""
    nearest_first = np.argsort([part.enter for part in met], axis=0, kind="stable")
    for rank in range(len(met)):
        for number, part in enumerate(met):
            here = np.flatnonzero((nearest_first[rank] == number) & np.isfinite(part.enter))
            if len(here):
                yield number, here


def emission(met, direction, table, look):
    """Emission and absorption; decided by the sample that contributes most."""
    gathered, slab, place = nothing(len(direction))
    most = np.zeros(len(direction))
    for number, here in front_to_back(met):
        _emit(met[number], number, here, table, look, gathered, slab, place, most)
    return gathered, slab, place


def _emit(part, number, here, table, look, gathered, slab, place, most):
    dense = transfer.DENSITY * look.transfer.opacity * part.slab.density
    dense = (1e6 if part.slab.opaque else dense) / look.unit
    row = int(part.slab.signed) + 2 * int(part.slab.opaque)
    for step in range(part.index.shape[1]):
        now = here[part.index[here, step] >= 0]
        now = now[gathered[now, 3] < OPAQUE_ENOUGH]
        entry = table_entry(table, row, part.index[now, step])
        opacity = 1 - np.exp(-entry[:, 3] * dense * part.length[now])
        share = (1 - gathered[now, 3]) * opacity
        gathered[now] += share[:, None] * np.concatenate([entry[:, :3], np.ones((len(now), 1))], 1)
        more = share > most[now]
        most[now[more]] = share[more]
        slab[now[more]], place[now[more]] = number, part.places[now[more], step]


def _odd(met, found):
    """Rays that met a value that is not finite: table index (0: none), slab, place."""
    index, slab, place = np.zeros(len(found[1])), *found[1:]
    for entry in (transfer.NEGATIVE_INFINITE, transfer.INFINITE, transfer.NAN):
        for number, part in enumerate(met):
            for step in range(part.index.shape[1]):
                here = part.index[:, step] == entry
                here &= index != entry
                index[here], slab[here] = entry, number
                place[here] = part.places[here, step]
    return index


def _result(table, row, index, odd, look):
    """The colour of one value for each ray."""
    index = np.where(odd > 0, odd, np.clip(index, 0, transfer.ABOVE))
    entry = table_entry(table, row, index)
    alpha = entry[:, 3:] if look.transfer.curve is not None else np.ones((len(index), 1))
    return np.concatenate([entry[:, :3] * alpha, alpha], 1)


def maximum(met, direction, table, look):
    """The largest place along each ray."""
    _, slab, place = found = nothing(len(direction))
    best = np.full((2, len(direction)), -8.0)
    for number, part in enumerate(met):
        for step in range(part.index.shape[1]):
            index = part.index[:, step]
            size = place_from_index(index)
            size = 2 * size - 1 if part.slab.signed else size
            size = np.where(index >= transfer.ABOVE, 2.0, np.where(index < 1, -2.0, size))
            size = np.where((index >= 0) & (index <= transfer.ABOVE), size, -np.inf)
            more = size > best.max(0)
            slab[more], place[more] = number, part.places[more, step]
            kind = int(part.slab.signed)
            best[kind] = np.maximum(best[kind], size)
    by_sign = best[1] > best[0]
    along = np.where(by_sign, best[1] / 2 + 0.5, best[0])
    odd = _odd(met, found)
    colour = _result(table, by_sign.astype(int), along * (transfer.STEPS - 2) + 2, odd, look)
    colour[(best.max(0) < -4) & (odd == 0)] = 0
    return colour, slab, place


def attenuated(met, direction, table, look):
    """The largest strength dimmed by what lies before it."""
    _, slab, place = found = nothing(len(direction))
    passed = np.zeros(len(direction))
    # unsigned, positive, negative
    best = np.zeros((3, len(direction)))
    seen = np.zeros(len(direction), bool)
    for number, here in front_to_back(met):
        part = met[number]
        for step in range(part.index.shape[1]):
            now = here[part.index[here, step] >= 0]
            now = now[part.index[now, step] <= transfer.ABOVE]
            index = part.index[now, step]
            size = strength_from_index(index, part.slab.signed)
            left = size * np.exp(-passed[now])
            more = (left > best[:, now].max(0)) | ~seen[now]
            slab[now[more]], place[now[more]] = number, part.places[now[more], step]
            seen[now] = True
            negative = place_from_index(index) < 0.5
            kind = np.where(negative, 2, 1) if part.slab.signed else np.zeros(len(now), int)
            best[kind, now] = np.maximum(best[kind, now], left)
            rate = look.attenuation * ABSORPTION * part.length[now] / look.unit
            passed[now] += np.minimum(size, 1) * rate
    kind = best.argmax(0)
    largest = best.max(0)
    along = np.choose(kind, [largest, 0.5 + 0.5 * largest, 0.5 - 0.5 * largest])
    odd = _odd(met, found)
    colour = _result(table, np.minimum(kind, 1), along * (transfer.STEPS - 2) + 2, odd, look)
    colour[~seen & (odd == 0)] = 0
    return colour, slab, place


def average(met, direction, table, look):
    """The mean place along each ray, of unsigned and of signed slabs; decided by the largest."""
    _, slab, place = found = nothing(len(direction))
    sums, lengths = np.zeros((2, len(direction))), np.zeros((2, len(direction)))
    highest = np.full(len(direction), -1.0)
    for number, part in enumerate(met):
        kind = int(part.slab.signed)
        for step in range(part.index.shape[1]):
            index = part.index[:, step]
            here = (index >= 0) & (index <= transfer.ABOVE)
            along = np.clip(place_from_index(index[here]), 0, 1)
            sums[kind, here] += (2 * along - 1 if kind else along) * part.length[here]
            lengths[kind, here] += part.length[here]
            size = strength_from_index(index[here], part.slab.signed)
            more = np.flatnonzero(here)[size > highest[here]]
            highest[here] = np.maximum(highest[here], size)
            slab[more], place[more] = number, part.places[more, step]
    mean = np.clip(look.transfer.opacity * sums / np.maximum(lengths, 1e-12), -1, 1)
    odd = _odd(met, found)
    steps = transfer.STEPS - 2
    plain = _result(table, 0, mean[0] * steps + 2, odd, look)
    signed = _result(table, 1, (mean[1] / 2 + 0.5) * steps + 2, odd, look)
    share = (lengths[1] / np.maximum(lengths.sum(0), 1e-12))[:, None]
    colour = plain * (1 - share) + signed * share
    colour[(lengths.sum(0) == 0) & (odd == 0)] = 0
    return colour, slab, place


def _height(slab, index):
    """Distance from zero; 2 for what is not finite, -1 where nothing is."""
    special = np.where(index > transfer.ABOVE, 2.0, strength_from_index(index, slab.signed))
    return np.where(index >= 0, special, -1.0)


def isosurface(met, direction, table, look):
    """The first place where a ray reaches the level, lit from the eye."""
    colour, slab, place = nothing(len(direction))
    most = np.zeros(len(direction))
    for number, here in front_to_back(met):
        part = met[number]
        here = here[colour[here, 3] == 0]
        if part.slab.opaque:
            _emit(part, number, here, table, look, colour, slab, place, most)
            continue

        def height(places, part=part):
            return _height(part.slab, indices(part.slab, stored_at(part.slab, places)))

        outside, inside = part.entry[here].copy(), part.entry[here].copy()
        hit = height(inside) >= look.iso
        cut = hit.copy()
        for step in range(part.index.shape[1]):
            open_ = ~hit & ~np.isnan(part.index[here, step])
            outside[open_] = inside[open_]
            inside[open_] = part.places[here[open_], step]
            hit[open_] = _height(part.slab, part.index[here[open_], step]) >= look.iso
        here, outside, inside, cut = here[hit], outside[hit], inside[hit], cut[hit]
        face = _narrow(outside, inside, height, look.iso)
        flat = face | cut
        for _ in range(HALVINGS):
            middle = (outside + inside) / 2
            high = height(middle) >= look.iso
            inside = np.where((high & ~flat)[:, None], middle, inside)
            outside = np.where((high | flat)[:, None], outside, middle)
        normal = _normals(part, height, inside, face, cut, here, direction)
        index = indices(part.slab, stored_at(part.slab, inside))
        own = table_entry(table, int(part.slab.signed), index)[:, :3]
        facing = np.abs((normal * direction[here]).sum(1))
        shown = lit(own, np.minimum(facing, 1)) if look.lighting else own
        colour[here, :3] = np.where((index > transfer.ABOVE)[:, None], own, shown)
        colour[here, 3] = 1
        slab[here], place[here] = number, inside
    return colour, slab, place


def _narrow(outside, inside, height, level):
    """Bring both ends of each way into one channel, in place; whether the hit is a face."""
    before, after = np.floor(outside[:, 2]), np.floor(inside[:, 2])
    face = np.zeros(len(inside), bool)
    for ray in np.flatnonzero(before != after):
        edge = after[ray] if after[ray] > before[ray] else after[ray] + 1
        share = (edge - outside[ray, 2]) / (inside[ray, 2] - outside[ray, 2])
        crossing = outside[ray] + share * (inside[ray] - outside[ray])
        old, new = crossing.copy(), crossing.copy()
        old[2], new[2] = before[ray] + 0.5, after[ray] + 0.5
        if height(old[None])[0] >= level:
            inside[ray] = old
        elif height(new[None])[0] >= level:
            face[ray] = True
            inside[ray] = new
        else:
            outside[ray] = new
    channel = np.floor(inside[:, 2]) + 0.5
    inside[:, 2], outside[:, 2] = channel, channel
    return face


def _normals(part, height, inside, face, cut, here, direction):
    count, rows, columns = part.slab.values.shape
    normal = np.zeros((len(here), 3))
    for axis in (0, 1):
        away = np.zeros(3)
        away[axis] = 0.5
        rise = height(inside + away) - height(inside - away)
        normal[:, axis] = rise * (columns, rows)[axis] / part.slab.extent[axis]
    steep = np.linalg.norm(normal, axis=1, keepdims=True)
    normal = np.where(steep > 0, normal / np.where(steep > 0, steep, 1), -direction[here])
    normal = np.where(face[:, None], np.eye(3)[2], normal)
    return np.where(cut[:, None], np.eye(3)[part.face[here]], normal)


def _behind(part, here):
    """Where, straight behind the face that each ray enters, the value is farthest from zero."""
    at, shown = part.entry[here].copy(), np.zeros(len(here))
    for axis in range(3):
        rays = np.flatnonzero(part.face[here] == axis)
        low, high = part.low[axis], part.high[axis]
        middles = np.arange(np.ceil(low - 0.5), np.floor(high - 0.5) + 1) + 0.5
        if not len(middles):
            middles = np.array([np.floor((low + high) / 2) + 0.5])
        farthest = np.full(len(rays), -1.0)
        for middle in middles:
            places = part.entry[here[rays]].copy()
            places[:, axis] = middle
            index = indices(part.slab, stored_at(part.slab, places))
            odd = np.where(index > transfer.ABOVE, transfer.NAN + 10 - index, 0)
            far = np.where(odd > 0, odd, strength_from_index(index, part.slab.signed))
            more = far > farthest
            farthest[more] = far[more]
            at[rays[more]], shown[rays[more]] = places[more], index[more]
    return at, shown


def slabs(met, direction, table, look):
    """Solid blocks; each face shows what is farthest from zero behind it."""
    colour, slab, place = nothing(len(direction))
    most = np.zeros(len(direction))
    for number, here in front_to_back(met):
        part = met[number]
        here = here[colour[here, 3] == 0]
        if part.slab.opaque:
            _emit(part, number, here, table, look, colour, slab, place, most)
            continue
        at, index = _behind(part, here)
        colour[here, :3] = table_entry(table, int(part.slab.signed), index)[:, :3]
        colour[here, 3] = 1
        slab[here], place[here] = number, at
    return colour, slab, place


_MODES = {
    "emission": emission,
    "maximum": maximum,
    "attenuated": attenuated,
    "average": average,
    "isosurface": isosurface,
    "slabs": slabs,
}
