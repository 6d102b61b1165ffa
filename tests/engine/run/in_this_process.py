"""An extraction without a child process, so that a test can look inside, slow it down or end it.

`python -m tests.engine.run.in_this_process MODEL DATA STUDY` does one that writes a part for each
block and takes its time, to be killed.
"""

import contextlib
import sys
import time
from unittest import mock

import engine
from engine.run import extract as asking
from engine.run import limits
from engine.study import writer

OPTIONS = {"keep": "pre,post", "policy": "full", "batch": 4}


class Conversation:
    """Stands for the pipe to the parent; calls `on_report` with every report."""

    def __init__(self, on_report=lambda *progress: None):
        self.report = on_report


def run(network, data, study, *, on_report=lambda *progress: None, **options):
    """`engine.extract`, without a child."""
    from engine.run.extraction import Extraction
    from engine.run.sessions import Runtime

    asked = mock.Mock()
    with mock.patch.object(asking, "_run", asked), mock.patch.object(limits, "limit_memory"):
        done = engine.extract(network, data, study, **options)
        if not asked.called:
            return done
        runtime = Runtime(network.path, "cpu", 2)
    request, arrays = asked.call_args.args[1:3]
    work = Extraction(runtime, Conversation(on_report), request, arrays)
    work.prepare()
    return asking.Report.from_json(work.run())


@contextlib.contextmanager
def a_part_for_each_block(samples=8):
    """Small blocks, and a part closed after each."""
    from engine.run.opening import Opening

    block = mock.patch.object(Opening, "_block", lambda self, layers, batch: samples)
    group = mock.patch.object(Opening, "_group", lambda self, batch: batch)
    due = mock.patch.object(writer, "_is_due", lambda *facts: True)
    with block, group, due:
        yield


if __name__ == "__main__":
    model, data, study = sys.argv[1:4]
    opened = engine.open_network(model, preprocess={"preset": "zero-one"})
    with a_part_for_each_block():
        run(opened, data, study, on_report=lambda *progress: time.sleep(0.01), **OPTIONS)
