"""The ``argus`` command, installed with the package."""

import signal
import sys

from argus import _native


def main() -> int:
    """Runs the command line and returns its exit code."""
    # Ctrl-C ends it at once: there is no Python code under way that could be told.
    signal.signal(signal.SIGINT, signal.SIG_DFL)
    return _native.cli_main(["argus", *sys.argv[1:]])


if __name__ == "__main__":
    sys.exit(main())
