"""`lamella replay SESSION [--json]`: give a session's commands again and say where they lead."""

from engine.errors import InputError
from viewer.verbs.options import add_json
from viewer.verbs.sessions import add_session, differences, load_session
from viewer.verbs.terminal import console, print_json, shown_task, table

USAGE = "SESSION [--json] [--network MODEL] [--data DATA] [--skip]"


def add_arguments(parser):
    """SESSION and how its report is printed."""
    add_session(parser)
    add_json(parser)


def run(arguments):
    """Replay and report.

    Raises
    ------
    InputError
        Also, after the report, when something did not match and ``--skip`` was not given.
    """
    from viewer.session.replay import replay

    with shown_task("Replaying") as task:
        loaded = load_session(arguments, task, refuses=False)
        outcome = replay(loaded.commands, loaded.first)
        told = differences(loaded, task)
    report = outcome.as_json()
    report["mismatches"] = told + report["mismatches"]
    if arguments.json:
        print_json(report)
    else:
        _show(report)
    if report["mismatches"] and not arguments.skip:
        count = len(report["mismatches"])
        raise InputError(
            f"{count} thing{'' if count == 1 else 's'} did not match",
            where=loaded.path,
            got=report["mismatches"][0].rstrip("."),
            remedy="--skip takes it as it is",
        )


def _show(report):
    made = table(["", ""])
    made.show_header = False
    made.add_row("commands", f"{report['commands']:,}")
    made.add_row("state", report["state_hash"])
    made.add_row("selection", report["selection_hash"])
    for text in report["mismatches"]:
        made.add_row("mismatch", text)
    console().print(made)
