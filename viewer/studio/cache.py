"""Where the studies that opening makes lie: the user's cache folder, bounded in bytes.

Above the cap the least recently opened study goes first, and is told; one that is open never goes,
and saved ones lie elsewhere.
"""

import hashlib
import os
import re
import shutil
from pathlib import Path

from platformdirs import user_cache_path

CAP_BYTES = 20 * 10**9


def studies_folder():
    """The folder of the studies that opening makes; it need not exist."""
    return user_cache_path("lamella", appauthor=False) / "studies"


def study_path(network, data, preprocessing, layer="", folder=None):
    """Where the study of a network, data and preprocessing lies: the same for the same.

    With a ``layer``: the study that keeps this layer in full.

    Returns
    -------
    pathlib.Path
        ``FOLDER/NETWORK-DATA-KEY.study``.
    """
    facts = (network.sha256, data.hash, str(len(data)), preprocessing.digest(), layer)
    key = hashlib.sha256("\n".join(facts).encode()).hexdigest()[:10]
    parts = (Path(network.path).stem, data.name, *([layer] if layer else []))
    name = "-".join(_plain(part) for part in parts)
    return (folder or studies_folder()) / f"{name}-{key}.study"


def _plain(text):
    return re.sub(r"[^A-Za-z0-9_.-]+", "_", Path(str(text)).stem)[:40].strip("_.") or "data"


def mark_opened(path):
    """Remember that a study was opened now."""
    if Path(path).exists():
        os.utime(path)


def size_of(path):
    """Bytes of all files of a study; those that vanish meanwhile count nothing."""
    total = 0
    for folder, _, names in os.walk(path):
        for name in names:
            try:
                total += os.stat(os.path.join(folder, name)).st_size
            except FileNotFoundError:
                continue
    return total


def make_room(keep, is_open, folder=None, cap=CAP_BYTES):
    """Remove the least recently opened studies above the cap.

    Parameters
    ----------
    keep : Path or None
        The study in use now; never removed.
    is_open : callable(Path) -> bool
        Whether somebody writes the study.
    folder : Path, optional
    cap : int
        Bytes.

    Returns
    -------
    list of (str, int)
        Names and bytes of what was removed.
    """
    folder = Path(folder or studies_folder())
    if not folder.is_dir():
        return []
    studies = [path for path in folder.iterdir() if path.suffix == ".study" and path.is_dir()]
    sizes = {path: size_of(path) for path in studies}
    total = sum(sizes.values())
    removed = []
    for path in sorted(studies, key=lambda path: path.stat().st_mtime):
        if total <= cap:
            break
        if path == keep or is_open(path):
            continue
        shutil.rmtree(path)
        total -= sizes[path]
        removed.append((path.name, sizes[path]))
    return removed
