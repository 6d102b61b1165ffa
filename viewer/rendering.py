"""Renders a session in a process of its own: `python -m viewer.rendering SESSION OUT W H FPS`.

The window starts it, so that drawing a movie neither holds up the window nor shares its OpenGL.
What it says is JSON, a line each: ``{done, total, what}`` on the way, and at last ``{frames,
notes}`` or ``{error, status}``. It stops, keeping finished frames, when its standard input ends.
"""

import json
import subprocess
import sys
import threading
from collections import deque

from engine.errors import Cancelled, InputError, LamellaError, MachineError
from engine.tasks import Task

LAST_LINES = 12
SECONDS_TO_END = 20.0


def render_in_child(session, out, size, fps, task):
    """Have a session file rendered by a child process.

    Parameters
    ----------
    session, out : path
        The session; a movie (``*.mp4``) or a folder for PNG frames.
    size : (int, int)
        Width and height, pixels.
    fps : float
    task : Task

    Returns
    -------
    frames : int
    notes : list of str
        What was left out.

    Raises
    ------
    Cancelled
        By the task; the child keeps finished frames.
    InputError, MachineError
        As the child says, or that it died.
    """
    words = [sys.executable, "-P", "-m", "viewer.rendering", session, out, *size, fps]
    child = subprocess.Popen(
        [str(word) for word in words],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        encoding="utf-8",
    )
    last_words = deque(maxlen=LAST_LINES)
    ear = threading.Thread(target=lambda: last_words.extend(child.stderr), daemon=True)
    ear.start()
    try:
        answer = _listen(child, task)
    finally:
        child.stdin.close()
        try:
            child.wait(SECONDS_TO_END)
        except subprocess.TimeoutExpired:
            child.kill()
            child.wait()
        ear.join(1.0)
        child.stdout.close()
        child.stderr.close()
    if answer is None:
        last = "".join(last_words).strip().splitlines()[-1:] or [f"status {child.returncode}"]
        raise MachineError("the process that renders ended early", where=out, got=last[0])
    if "error" in answer:
        kind = InputError if answer["status"] == InputError.exit_status else MachineError
        raise kind(answer["error"])
    return answer["frames"], answer["notes"]


def _listen(child, task):
    """Pass reports on until the last word; a cancelled task ends the child first."""
    answer = None
    for line in child.stdout:
        said = json.loads(line)
        if "done" not in said:
            answer = said
            continue
        if task.cancelled and not child.stdin.closed:
            child.stdin.close()
        if not task.cancelled:
            task.report(said["done"], said["total"], said["what"])
    if task.cancelled:
        raise Cancelled(where=task.title)
    return answer


def main(words):
    """The child: render, and say how it goes."""
    from viewer.record.performance import film
    from viewer.session.locating import load

    session, out, width, height, fps = words
    task = Task("Rendering", lambda progress: say(_report(progress)))
    threading.Thread(target=_cancel_at_end, args=(task,), daemon=True).start()
    try:
        loaded = load(session, task=task)
        frames, notes = film(
            loaded.commands,
            out,
            first=loaded.first,
            size=(int(width), int(height)),
            fps=float(fps),
            exact=loaded.header.window.get("exact") is not False,
            task=task,
        )
    except LamellaError as error:
        say({"error": str(error), "status": error.exit_status})
        return error.exit_status
    say({"frames": frames, "notes": notes})
    return 0


def _report(progress):
    return {"done": progress.done, "total": progress.total, "what": progress.what}


def say(content):
    """One line of JSON."""
    print(json.dumps(content), flush=True)


def _cancel_at_end(task):
    """Nobody listens any more, or nobody wants it: stop."""
    sys.stdin.read()
    task.cancel()


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
