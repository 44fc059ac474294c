"""The one tree of errors that a user sees.

Tree::

    ShowcaseError            exit 4   the environment: server, model, store, disk
    ├── UsageError           exit 2   what was typed, or a file that was given
    ├── EngineError          exit 4   the model server
    │   └── NoServerError    exit 4   nobody listens there
    ├── ModelError           exit 4   a model of it
    ├── StoreError           exit 4   the output directory and what lies in it
    └── RunLogError          exit 2   a document that is no run log

Each is caught once, at the edge of the program, and printed as message and hint.
"""

from __future__ import annotations

from enum import IntEnum


class ExitCode(IntEnum):
    """Exit status of every command; the README's table is checked against it."""

    UPHELD = 0
    BROKEN = 1
    USAGE = 2
    INCONCLUSIVE = 3
    ENVIRONMENT = 4
    NOT_KNOWN = 5


class ShowcaseError(Exception):
    """Something the user can act on.

    Args:
        message: What happened and why, one sentence.
        hint: What to do about it; where a command fixes it, that exact command.
    """

    exit_code: ExitCode = ExitCode.ENVIRONMENT

    def __init__(self, message: str, *, hint: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint


class UsageError(ShowcaseError):
    """What was typed, or a file that was given, cannot be used."""

    exit_code = ExitCode.USAGE


class EngineError(ShowcaseError):
    """The model server is absent, not what it should be, or answered with an error."""


class NoServerError(EngineError):
    """Nobody listens where the model server should be: there is none to wait for, to ask again or to mend."""


class ModelError(EngineError):
    """A model is missing, remote or of the wrong kind."""


class StoreError(ShowcaseError):
    """The output directory or the store in it cannot be used."""


def nowhere() -> ShowcaseError:
    """Return what a user sees whose shell stands in a directory that was deleted."""
    return ShowcaseError(
        "the directory that you are in was deleted",
        hint="change to a directory that is there, then the same command again",
    )


class RunLogError(UsageError):
    """A document is not a run log that this version can read."""
