"""`python -m viewer` and the installed `lamella` start here."""

import sys


def main():
    """Run the command line on the words of this process and end it with their exit status."""
    from viewer.cli import main as run

    sys.exit(run())


if __name__ == "__main__":
    main()
