"""Options and reading that every verb shares which takes a session file: `replay`, `render`."""

from engine.errors import InputError
from viewer.verbs.options import FILES
from viewer.verbs.terminal import note


def add_session(parser):
    """SESSION, where its network and data are, and what to do with commands from elsewhere."""
    session = parser.add_argument("session", metavar="SESSION", help="a session file, .lamella")
    session.complete = FILES
    add_places(parser)


def add_places(parser):
    """Where a session's network and data are, and what to do with commands from elsewhere."""
    group = parser.add_argument_group("session")
    for role, what in (("network", "MODEL"), ("data", "DATA")):
        place = group.add_argument(
            f"--{role}",
            metavar=what,
            dest=f"{role}_place",
            help=f"where the session's {role} is, when it has moved",
        )
        place.complete = FILES
    group.add_argument(
        "--skip",
        action="store_true",
        help="leave out commands that this version does not know, and go on",
    )


def load_session(arguments, task=None, *, refuses=True):
    """The session of SESSION with all its files found.

    Parameters
    ----------
    arguments : argparse.Namespace
    task : Task, optional
    refuses : bool
        False: commands that this version does not know are the caller's business.

    Returns
    -------
    viewer.session.locating.Loaded

    Raises
    ------
    InputError
        No session; something is missing; commands that this version does not know, without
        ``--skip``.
    """
    from viewer.session.locating import load

    loaded = load(
        arguments.session, answers=places_of(arguments), recents=recent_files(), task=task
    )
    for text in loaded.notes:
        note(text)
    check_all_there(loaded)
    if not refuses:
        return loaded
    if loaded.faults and not arguments.skip:
        place, fault = loaded.faults[0]
        more = len(loaded.faults) - 1
        raise InputError(
            f"its command {place + 1} is not known here: {fault.rstrip('.')}",
            where=loaded.path,
            got=f"{more} more such" if more else None,
            remedy="--skip leaves them out",
        )
    for _, fault in loaded.faults:
        note(f"left out: {fault}")
    return loaded


def differences(loaded, task):
    """What is not what the session was made with, in sentences; reads network and data."""
    from viewer.session.locating import hash_of, mismatches

    opening = next((command for command in loaded.commands if command.kind == "open"), None)
    hashes = {}
    for role in ("network", "data"):
        path = opening and opening.args.get(role)
        if isinstance(path, str) and getattr(loaded.header, role).get("hash"):
            task.report(0, None, f"reading the {role}")
            hashes[role] = hash_of(role, path, loaded.header, task)
    return mismatches(loaded.header, hashes.get("network"), hashes.get("data"))


def places_of(arguments):
    """Where a person said that the session's network and data are, by role."""
    places = {role: getattr(arguments, f"{role}_place") for role in ("network", "data")}
    return {role: place for role, place in places.items() if place is not None}


def check_all_there(loaded):
    """Say in one sentence what of a session is not at hand."""
    if not loaded.missing:
        return
    first, *others = loaded.missing
    roles = {missing.role for missing in loaded.missing}
    options = " and ".join(f"--{role} PATH" for role in ("network", "data") if role in roles)
    remedy = f"say where with {options}" if options else "put it back beside the session"
    text = str(first) + "".join(f", and {other}" for other in others)
    raise InputError(text, where=loaded.path, remedy=remedy)


def recent_files():
    """What was opened lately, ``{network, data}``, the latest first."""
    from viewer.qt.settings import Settings

    return Settings().recent
