"""The built-in tour: a list of commands that flies around the stack of any network."""

from math import cos, pi

from viewer.session.command import Command

SECONDS = 13.0
KEYS_A_SECOND = 10


def tour(layers, samples):
    """Commands of the tour, about 13 s long.

    Parameters
    ----------
    layers : sequence of str
        Names of the layers, in order of depth.
    samples : int
        How many samples there are.

    Returns
    -------
    list of Command
    """
    commands = [
        _flight(0.5, 3.0, {"azimuth": (52.0, 24.0), "elevation": (16.0, 9.0), "zoom": (1.0, 1.25)}),
        _flight(3.8, 2.6, {"azimuth": (24.0, 78.0), "elevation": (9.0, 12.0), "zoom": (1.25, 0.8)}),
        Command("stack.mode", {"mode": "maximum"}, 6.6),
        _flight(
            6.7, 2.0, {"azimuth": (78.0, 60.0), "elevation": (12.0, 20.0), "zoom": (0.8, 0.94)}
        ),
        Command("stack.mode", {"mode": "emission"}, 11.0),
        _flight(
            11.1, 1.6, {"azimuth": (60.0, 52.0), "elevation": (20.0, 16.0), "zoom": (0.94, 1.0)}
        ),
    ]
    steps = [(3.6, layers[len(layers) // 3])] if layers else []
    commands += [Command("focus.layer", {"layer": name}, at) for at, name in steps]
    commands.append(Command("focus.layer", {"layer": None}, 6.5))
    for step in range(1, min(5, samples)):
        commands.append(Command("focus.sample", {"sample": step}, 8.6 + 0.6 * step))
    return sorted(commands, key=lambda command: command.t)


def _flight(start, seconds, changes):
    """A camera movement that begins and ends softly, as one drag."""
    count = max(2, round(seconds * KEYS_A_SECOND))
    keys = []
    for number in range(count + 1):
        share = (1 - cos(pi * number / count)) / 2
        args = {name: round(a + (b - a) * share, 4) for name, (a, b) in changes.items()}
        keys.append([round(seconds * number / count, 3), args])
    return Command("camera.move", {**keys[-1][1], "keys": keys}, start)
