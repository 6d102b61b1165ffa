"""Named selections as they lie in a study: ``selections.json``, read checked, replaced whole.

::

    {"format": "lamella-selections", "version": 1,
     "selections": {"slanted ones": [["replace", {"kind": "lasso", ...}], ...]}}

Samples are numbered as in the data set.
"""

import json
from pathlib import Path

from engine.errors import InputError
from engine.selections.describing import steps_as_json, steps_from_json
from engine.study.layout import replace_text

FILE = "selections.json"
FORMAT = "lamella-selections"
VERSION = 1
LARGEST_BYTES = 256 << 20
LONGEST_NAME = 200


def read_selections(study):
    """The named selections of a study.

    Parameters
    ----------
    study : path
        Its folder.

    Returns
    -------
    dict of str to steps
        By name, sorted; empty where there is no file.

    Raises
    ------
    InputError
        The file is damaged, too large, or comes from a newer program.
    """
    path = Path(study) / FILE
    try:
        if path.stat().st_size > LARGEST_BYTES:
            raise InputError("too large for named selections", where=path)
        content = json.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        return {}
    except (OSError, ValueError, RecursionError) as error:
        raise _damaged(path, error) from error
    if not isinstance(content, dict) or content.get("format") != FORMAT:
        raise InputError("these are no named selections", where=path)
    if content.get("version") != VERSION:
        raise InputError(
            "the named selections come from a newer version of Lamella",
            where=path,
            expected=f"version {VERSION}",
            got=content.get("version"),
        )
    entries = content.get("selections")
    if not isinstance(entries, dict):
        raise _damaged(path, "no selections in it")
    try:
        return {name: steps_from_json(entries[name]) for name in sorted(entries)}
    except InputError as error:
        raise _damaged(path, error) from error


def write_selections(study, selections):
    """Replace the named selections of a study: after a crash they are the old or the new ones.

    Parameters
    ----------
    study : path
        Its folder.
    selections : dict of str to steps

    Raises
    ------
    MachineError
        The disk is full, or the folder cannot be written.
    """
    entries = {name: steps_as_json(selections[name]) for name in sorted(selections)}
    content = {"format": FORMAT, "version": VERSION, "selections": entries}
    text = json.dumps(content, ensure_ascii=False, allow_nan=False)
    replace_text(Path(study) / FILE, text)


def change_selections(study, changes):
    """Change some named selections of a study; others, of another window perhaps, stay.

    Parameters
    ----------
    study : path
    changes : dict of str to steps or None
        None: forgotten.

    Raises
    ------
    InputError, MachineError
        As `read_selections` and `write_selections`.
    """
    kept = {**read_selections(study), **changes}
    write_selections(study, {name: steps for name, steps in kept.items() if steps is not None})


def _damaged(path, error):
    return InputError(
        f"the named selections are damaged ({error})", where=path, remedy="remove this file"
    )
