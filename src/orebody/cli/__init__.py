"""The command line. Heavy imports wait until a command runs, so that help comes at once."""

import sys

try:
    from orebody.cli.main import main
except KeyboardInterrupt:  # while click and its like are imported, before anything is there to answer it
    sys.stderr.write("orebody: interrupted; every file that is there is whole\n")
    raise SystemExit(130) from None

__all__ = ["main"]
