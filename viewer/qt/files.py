"""What a path is (network, study, data), dialogs that ask for paths, and drops."""

from pathlib import Path

from PySide6.QtWidgets import QFileDialog

PICTURES = (
    "Pictures, archives and videos (*.png *.jpg *.jpeg *.bmp *.gif *.tif *.tiff *.webp *.npz *.npy"
    " *.h5 *.hdf5 *.gz *-ubyte *.mp4 *.avi *.mov *.mkv *.txt *.csv *.json);;All files (*)"
)


def sorted_paths(paths):
    """Which of some paths is the network, the study and the data.

    Returns
    -------
    dict
        Some of ``network``, ``study``, ``data``: text.
    """
    found = {}
    for path in map(Path, paths):
        if path.suffix.lower() == ".onnx":
            found.setdefault("network", str(path))
        elif (path / "study.json").is_file():
            found.setdefault("study", str(path))
        else:
            found.setdefault("data", str(path))
    return found


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
    return QFileDialog.getExistingDirectory(parent, "Open Folder of Pictures")


def ask_study_destination(parent, name):
    """Where to save a study, or empty text."""
    return QFileDialog.getSaveFileName(parent, "Save Study As", name, "Studies (*.study)")[0]


def ask_picture_destination(parent):
    """Where to save a picture, or empty text."""
    return QFileDialog.getSaveFileName(
        parent, "Save Picture of the Stack", "stack.png", "PNG (*.png)"
    )[0]
