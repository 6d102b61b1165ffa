"""What a path is (network, data, labels, study, session), dialogs that ask for paths, and drops."""

from pathlib import Path

from PySide6.QtWidgets import QFileDialog

KINDS = ("session", "study", "network", "data", "labels", "classes")
SESSION = ".lamella"
LABELS = (".csv", ".json")
PICTURES = (
    "Pictures, archives and videos (*.png *.jpg *.jpeg *.bmp *.gif *.tif *.tiff *.webp *.npz *.npy"
    " *.h5 *.hdf5 *.gz *-ubyte *.mp4 *.avi *.mov *.mkv *.txt *.csv *.json);;All files (*)"
)
NAMES = {
    "session": "session",
    "study": "study",
    "network": "network",
    "data": "data set",
    "labels": "file of labels",
    "classes": "file of class names",
}


class Unfit(Exception):
    """Paths that cannot be opened together; its text is a sentence for the person."""


def sorted_paths(paths, has_data=False):
    """Which of some paths is the network, the data, its labels, the study, the session.

    Parameters
    ----------
    paths : sequence of path
    has_data : bool
        Whether data are open, so that a table alone is taken for their labels.

    Returns
    -------
    dict
        Some of `KINDS`: text.

    Raises
    ------
    Unfit
        Two of one kind, or kinds that exclude each other.
    """
    paths = [Path(path) for path in paths]
    others = has_data or any(_kind(path) == "data" for path in paths)
    found = {}
    for path in paths:
        kind = _kind(path)
        if kind == "table":
            kind = "data" if not others else "classes" if "class" in path.stem else "labels"
        if kind in found:
            remedy = " Pictures are opened together as a folder." if kind == "data" else ""
            raise Unfit(
                f"Two of a kind cannot be opened together: {Path(found[kind]).name} and"
                f" {path.name} are each taken for a {NAMES[kind]}.{remedy}"
            )
        found[kind] = str(path)
    if "session" in found and len(found) > 1:
        name = Path(found["session"]).name
        raise Unfit(f"{name} is a session and names the files it needs: open it by itself.")
    return found


def _kind(path):
    if path.suffix.lower() == ".onnx":
        return "network"
    if path.suffix.lower() == SESSION or (path / f"session{SESSION}").is_file():
        return "session"
    if (path / "study.json").is_file():
        return "study"
    if path.suffix.lower() in LABELS or (path.suffix.lower() == ".txt" and _has(path, "class")):
        return "table"
    return "table" if "idx1" in path.name or _has(path, "label") and path.is_file() else "data"


def _has(path, word):
    return word in path.stem.lower()


def dropped_paths(mime):
    """Local paths of a drag and drop."""
    return [url.toLocalFile() for url in mime.urls() if url.isLocalFile()]


def ask_network(parent):
    """A network's path, or empty text."""
    return QFileDialog.getOpenFileName(
        parent, "Open Network", "", "ONNX networks (*.onnx);;All files (*)"
    )[0]


def ask_data(parent):
    """A file of pictures, or empty text."""
    return QFileDialog.getOpenFileName(parent, "Open Pictures", "", PICTURES)[0]


def ask_folder(parent):
    """A folder of pictures (or a study), or empty text."""
    return QFileDialog.getExistingDirectory(parent, "Open Folder of Pictures, or Study")


def ask_session(parent):
    """A session's path, or empty text."""
    return QFileDialog.getOpenFileName(
        parent, "Open Session", "", f"Sessions (*{SESSION});;All files (*)"
    )[0]


def ask_missing(parent, role, path):
    """Where a session's file is now; empty text when a person does not know."""
    title = f"Where is the {role} {path}?"
    if role == "study" or (role == "data" and not Path(path).suffix):
        return QFileDialog.getExistingDirectory(parent, title)
    kinds = "ONNX networks (*.onnx);;All files (*)" if role == "network" else PICTURES
    return QFileDialog.getOpenFileName(parent, title, "", kinds)[0]


def ask_destination(parent, title, name, kinds):
    """Where to save something, or empty text; the suffix of the first kind is added."""
    path = QFileDialog.getSaveFileName(parent, title, name, kinds)[0]
    if path and not Path(path).suffix:
        path += kinds.partition("*")[2].partition(")")[0].split(" ")[0]
    return path


def ask_study_destination(parent, name):
    """Where to save a study, or empty text."""
    return ask_destination(parent, "Save Study As", name, "Studies (*.study)")
