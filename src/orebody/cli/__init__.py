"""The command line. Heavy imports wait until a command runs, so that help comes at once."""

from orebody.cli.main import main

__all__ = ["main"]
