"""The error door: every exception that nobody handles reaches the person here, once.

Three hooks lead to it: the interpreter's (which PySide6 also calls for exceptions in slots and
event handlers), the threads', and the unraisable ones'. What a person can act on is one sentence;
the traceback is behind *Details* and always on standard error for what was not foreseen. The same
sentence again is counted, not shown again.
"""

import sys
import threading
import traceback
from dataclasses import dataclass, replace

from psygnal import EmitLoopError, Signal

from engine.errors import Cancelled
from viewer.studio.jobs import sentence


@dataclass(frozen=True)
class Notice:
    """Something a person should read.

    Attributes
    ----------
    text : str
        One sentence.
    details : str
        A traceback, or empty.
    count : int
        How often it happened.
    grave : bool
        True for errors, False for news.
    """

    text: str
    details: str = ""
    count: int = 1
    grave: bool = True


class ErrorDoor:
    """Collects notices; the window shows them.

    Attributes
    ----------
    changed : Signal
        The list of notices changed; may be emitted in any thread.
    """

    changed = Signal()

    def __init__(self):
        self._lock = threading.Lock()
        self._notices = []
        self._hooks = None

    @property
    def notices(self):
        """Tuple of `Notice`, the latest first."""
        with self._lock:
            return tuple(reversed(self._notices))

    def tell(self, text, details="", grave=True):
        """Show a sentence."""
        with self._lock:
            for at, notice in enumerate(self._notices):
                if notice.text == text:
                    counted = replace(notice, count=notice.count + 1, details=details)
                    del self._notices[at]
                    self._notices.append(counted)
                    break
            else:
                self._notices.append(Notice(text, details, grave=grave))
        self.changed.emit()

    def tell_error(self, title, error):
        """Show an exception; `Cancelled` is no error."""
        while isinstance(error, EmitLoopError) and error.__cause__ is not None:
            error = error.__cause__
        if isinstance(error, Cancelled):
            return
        text, foreseen = sentence(error)
        details = "" if foreseen else "".join(traceback.format_exception(error))
        if not foreseen:
            print(f"lamella: {title}\n{details}", file=sys.stderr)
        self.tell(text, details)

    def dismiss(self, notice):
        """The person has read it."""
        with self._lock:
            self._notices = [other for other in self._notices if other.text != notice.text]
        self.changed.emit()

    def install(self):
        """Lead all uncaught exceptions here."""
        self._hooks = (sys.excepthook, threading.excepthook, sys.unraisablehook)
        sys.excepthook = self._uncaught
        threading.excepthook = lambda args: self._uncaught(
            args.exc_type, args.exc_value, args.exc_traceback
        )
        sys.unraisablehook = lambda args: self._uncaught(
            args.exc_type, args.exc_value, args.exc_traceback
        )

    def uninstall(self):
        """Give the hooks back."""
        if self._hooks is not None:
            sys.excepthook, threading.excepthook, sys.unraisablehook = self._hooks
            self._hooks = None

    def _uncaught(self, kind, error, trace):
        if issubclass(kind, (KeyboardInterrupt, SystemExit)):
            sys.__excepthook__(kind, error, trace)
            return
        self.tell_error("unforeseen", error if error is not None else kind())
