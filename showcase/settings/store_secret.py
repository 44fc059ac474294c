"""The password or key of a store's server: from the environment or a private file, and from nowhere else."""

from __future__ import annotations

import os
import stat
from typing import TYPE_CHECKING

from showcase.errors import UsageError
from showcase.shell import here

if TYPE_CHECKING:
    from collections.abc import Mapping

SECRET = "SHOWCASE_STORE_SECRET"  # noqa: S105 - the name of a variable
SECRET_FILE = "SHOWCASE_STORE_SECRET_FILE"  # noqa: S105 - likewise
SECRET_TO = "SHOWCASE_STORE_SECRET_TO"  # noqa: S105 - likewise
SECRET_TO_FILE = "SHOWCASE_STORE_SECRET_TO_FILE"  # noqa: S105 - likewise
VARIABLES = (SECRET, SECRET_FILE, SECRET_TO, SECRET_TO_FILE)
_MOST_BYTES = 65_536


def find(environ: Mapping[str, str], *, of_target: bool = False) -> str | None:
    """Return the password or key that the environment holds or names the file of, None where it does neither.

    A line's end at the end of the file is none of it. The file has to be its owner's alone: what a group may read, or
    write, is no secret.

    Args:
        environ: The user's own environment.
        of_target: That of the store that memories are copied to, for a command that has two stores open.

    Raises:
        UsageError: The file cannot be read, is empty, is somebody else's, or others may read or write it.
    """
    held, named = (SECRET_TO, SECRET_TO_FILE) if of_target else (SECRET, SECRET_FILE)
    if environ.get(held):
        return environ[held]
    name = environ.get(named)
    if not name:
        return None
    hint = f"{here().set_variables({named: 'FILE'})}, of mode 0600"
    try:
        descriptor = os.open(name, os.O_RDONLY | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_CLOEXEC", 0))
    except (OSError, ValueError) as error:
        why = getattr(error, "strerror", None) or error
        raise UsageError(f"{named}: {name} cannot be read: {why}", hint=hint) from error
    seen = os.fstat(descriptor)
    if not stat.S_ISREG(seen.st_mode):
        os.close(descriptor)
        raise UsageError(f"{named}: {name} is no file", hint=hint)
    with os.fdopen(descriptor, "rb") as file:
        if os.name == "posix":
            _check_private(named, name, seen)
        data = file.read(_MOST_BYTES + 1)
    try:
        secret = data.decode().removesuffix("\n").removesuffix("\r")
    except UnicodeDecodeError as error:
        raise UsageError(f"{named}: {name} is not UTF-8", hint=hint) from error
    if not secret or len(data) > _MOST_BYTES:
        raise UsageError(f"{named}: {name} {'is empty' if not secret else 'is no password: too long'}", hint=hint)
    return secret


def _check_private(named: str, name: str, seen: os.stat_result) -> None:
    if seen.st_uid not in (os.geteuid(), 0):
        raise UsageError(
            f"{named}: {name} belongs to user {seen.st_uid}, who may change it", hint="name a file of your own"
        )
    if stat.S_IMODE(seen.st_mode) & 0o077:
        raise UsageError(
            f"{named}: {name} has mode {stat.S_IMODE(seen.st_mode):04o}: others may read or write it",
            hint=here().only_for_its_owner(name),
        )
