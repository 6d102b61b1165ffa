"""`lamella info MODEL`: what a network is, and with `--check IMAGE` what it says of a picture."""

from viewer.verbs import options
from viewer.verbs.terminal import console, print_json, shown_task, table

USAGE = "MODEL [--check IMAGE] [options]"
TOP = 5


def add_arguments(parser):
    """MODEL, a picture to check, and the options for data."""
    options.add_model(parser)
    check = parser.add_argument(
        "--check", metavar="IMAGE", help=f"show the top {TOP} classes of this picture"
    )
    check.complete = options.FILES
    options.add_device(parser)
    options.add_json(parser)
    options.add_data_options(parser)
