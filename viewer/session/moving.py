"""What happens between two moments: inside a drag, and for 150 ms after a jump of the camera.

A drag keeps key frames ``[seconds after t, args]``. Between two of them floats are interpolated;
integers, booleans and text keep the value of the earlier one, because a sample or a mode has no
halves. Angles go the short way around.
"""

from dataclasses import fields, replace

from viewer.session.command import Command

ANGLES = frozenset({"azimuth"})
GLIDE_SECONDS = 0.15
CAPTION_SECONDS = 4.0
STILL_PARTS = frozenset(
    {"source", "preprocessing", "extraction", "focus", "selection", "window"}
)  # fmt: skip


def keys_of(command):
    """The key frames of a drag; an empty list for a command that is given at once."""
    return command.args.get("keys") or []


def moved_until(command):
    """When a command has done all it does to the state, in seconds."""
    keys = keys_of(command)
    return command.t + (keys[-1][0] if keys else 0.0)


def end_of(command):
    """When a command has ended, in seconds: with its drag, its caption, its wait."""
    if command.kind in ("caption", "wait"):
        seconds = command.args.get("seconds", CAPTION_SECONDS)
        return command.t + (max(0.0, float(seconds)) if _is_number(seconds) else 0.0)
    return moved_until(command)


def between_keys(command, seconds):
    """A drag's command at a moment between two of its key frames; without `keys`."""
    keys = keys_of(command)
    offset = seconds - command.t
    before, known, after = keys[0][0], dict(keys[0][1]), None
    for key in keys[1:]:
        if key[0] > offset:
            after = key
            break
        before = key[0]
        known.update(key[1])
    if after is not None:
        span = after[0] - before
        share = 0.0 if span <= 0 else min(1.0, max(0.0, (offset - before) / span))
        for name, value in after[1].items():
            known[name] = mixed(known.get(name, value), value, share, name in ANGLES)
    return Command(command.kind, known, seconds, command.version)


def cut(command, seconds):
    """A drag ended early: its key frames until a moment, the last one at that moment."""
    offset = round(max(0.0, seconds - command.t), 3)
    last = dict(between_keys(command, seconds).args)
    keys = [key for key in keys_of(command) if key[0] < offset]
    return replace(command, args={**last, "keys": [*keys, [offset, last]]})


def mixed(first, last, share, angle=False):
    """A value between two: floats interpolated, all else as `first` until the share is 1."""
    if isinstance(last, (list, tuple)):
        if not isinstance(first, (list, tuple)) or len(first) != len(last):
            return last if share >= 1 else first
        return type(last)(mixed(one, other, share) for one, other in zip(first, last, strict=True))
    if not (_is_number(first) and _is_number(last)) or not (
        isinstance(first, float) or isinstance(last, float)
    ):
        return last if share >= 1 else first
    if share >= 1:
        return last
    way = last - first
    if angle:
        way = (way + 180.0) % 360.0 - 180.0
    return first + way * share


def _is_number(value):
    return isinstance(value, (int, float)) and not isinstance(value, bool)


def glide(before, after, share):
    """A state on its way: numbers of cameras and settings between two states, the rest as after.

    Parameters
    ----------
    before, after : State
    share : float
        0 to 1; begins and ends softly.
    """
    soft = share * share * (3.0 - 2.0 * share)
    parts = {}
    for item in fields(after):
        old, new = getattr(before, item.name), getattr(after, item.name)
        if item.name not in STILL_PARTS and old != new:
            parts[item.name] = _part_between(old, new, soft)
    return replace(after, **parts)


def _part_between(old, new, share):
    """A part on its way; at once as after where something else than numbers changes in it."""
    changes = {}
    for item in fields(new):
        first, last = getattr(old, item.name), getattr(new, item.name)
        if first == last:
            continue
        if not _glides(first, last):
            return new
        changes[item.name] = mixed(first, last, share, item.name in ANGLES)
    return replace(new, **changes)


def _glides(first, last):
    """Whether there is a way from one value to the other: floats, or tuples of them."""
    if isinstance(first, tuple) and isinstance(last, tuple):
        return len(first) == len(last) and all(map(_glides, first, last))
    return isinstance(first, float) and isinstance(last, float)


def can_glide(before, after):
    """Whether some number of a camera or a setting changes, with the same files open."""
    if before is after or before.source != after.source:
        return False
    return glide(before, after, 0.0) != after
