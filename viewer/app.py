"""Starting the window, in this order: GL attributes, application, error door, settings, window.

On Wayland the X11 platform is preferred unless the person chose otherwise: docks float and dock
again reliably there.
"""

import os
import signal
import sys

from PySide6.QtCore import QCoreApplication, Qt, QTimer
from PySide6.QtGui import QSurfaceFormat
from PySide6.QtWidgets import QApplication

from viewer.qt.collecting import Collector


def prepare_gl():
    """What Qt must know before there is an application: OpenGL 3.3 core, shared contexts."""
    if sys.platform.startswith("linux") and os.environ.get("WAYLAND_DISPLAY"):
        if os.environ.get("DISPLAY"):
            os.environ.setdefault("QT_QPA_PLATFORM", "xcb")
    QCoreApplication.setAttribute(Qt.ApplicationAttribute.AA_ShareOpenGLContexts, True)
    wanted = QSurfaceFormat()
    wanted.setRenderableType(QSurfaceFormat.RenderableType.OpenGL)
    wanted.setVersion(3, 3)
    wanted.setProfile(QSurfaceFormat.OpenGLContextProfile.CoreProfile)
    wanted.setAlphaBufferSize(8)
    wanted.setSwapInterval(1)
    QSurfaceFormat.setDefaultFormat(wanted)


def make_application(arguments=("lamella",)):
    """The one QApplication of this process; made once."""
    present = QApplication.instance()
    if present is not None:
        return present
    prepare_gl()
    application = QApplication(list(arguments))
    application.setApplicationName("Lamella")
    application.setStyle("Fusion")
    Collector(application)
    return application


def make_window(settings=None, state=None):
    """The window with all that belongs to it, not yet shown.

    Parameters
    ----------
    settings : Settings, optional
        By default the user's.
    state : State, optional
        By default theme and panes as they were left.

    Returns
    -------
    MainWindow
        Its ``session`` and ``studio`` are those that it shows.
    """
    from viewer.qt.errors import ErrorDoor
    from viewer.qt.post import Postman
    from viewer.qt.settings import Settings
    from viewer.qt.window import MainWindow
    from viewer.session.session import Session
    from viewer.state.tree import StateHolder
    from viewer.studio.studio import Studio

    door = ErrorDoor()
    settings = settings or Settings()
    session = Session(StateHolder(state or remembered(settings)))
    studio = Studio(session)
    window = MainWindow(session, studio, door, settings)
    window.postman = Postman(studio.inbox, window)
    if settings.unreadable:
        door.tell(settings.unreadable)
    return window


def remembered(settings):
    """The state with theme and panes as they were left."""
    from dataclasses import replace

    from engine.errors import InputError
    from viewer.state.layout import STANDARD, from_json
    from viewer.state.tree import State, as_json
    from viewer.state.window import THEMES, WindowSettings

    theme = settings.get("theme", "dark")
    try:
        layout = from_json(settings.get("layout", as_json(STANDARD)))
    except InputError:  # of another version: the standard one
        layout = STANDARD
    window = WindowSettings(theme=theme if theme in THEMES else "dark", layout=layout)
    return replace(State(), window=window)


def run(**what):
    """Open the window and return when it is closed.

    Parameters
    ----------
    **what
        Arguments of the command ``open``: ``network``, ``data``, ``study``, ``labels``,
        ``classes``, ``limit``, ``scores``, ``preprocessing``; or ``session`` with ``answers``
        (where its files are). Nothing: an empty window.
    """
    application = make_application()
    window = make_window()
    window.door.install()
    let_interrupts_in(application, window)
    window.show()
    if "session" in what:
        window.sessions.open_session_file(what["session"], what["answers"])
    elif what:
        window.command("open", what)
    try:
        application.exec()
    finally:
        window.close_window()
        window.door.uninstall()


def let_interrupts_in(application, window):
    """Ctrl-C in the terminal closes the window: Python must run now and then to hear it."""
    signal.signal(signal.SIGINT, lambda *_: window.close())
    timer = QTimer(application)
    timer.timeout.connect(lambda: None)
    timer.start(300)
