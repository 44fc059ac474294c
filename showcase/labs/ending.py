"""The end of a workshop: every store that the labs left is forgotten with a certificate, every file written over."""

from __future__ import annotations

import os
import re
import shutil
import sqlite3
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from showcase.documents import overwriting
from showcase.errors import StoreError, UsageError
from showcase.labs import checking_in, notebook, programs
from showcase.shell import here
from showcase.shell.advice import quoted

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

_DATABASE = "chroma.sqlite3"
_USERS = "SELECT DISTINCT string_value FROM embedding_metadata WHERE key = 'user_id' ORDER BY 1"
_OF_A_RUN = "mem0_chroma"
_LIMIT_S = 600.0

_OF_THE_LABS = re.compile(
    "|".join(
        (
            r"lab-\d{2,}",
            *map(re.escape, (notebook.FILE, f"{notebook.FILE}.damaged", notebook.LOCK, notebook.EARLIER)),
            re.escape(checking_in.RUN),
            r"\.DS_Store|Thumbs\.db|desktop\.ini",  # of systems
        )
    )
)
"""What labs put into a participant's directory, by name; anything else there is somebody's."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Kept:
    """A user of a store below the participant's directory.

    Attributes:
        store: What `--store` names it by.
        user: Whose rows are in it.
    """

    store: Path
    user: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Forgotten:
    """What came of forgetting one user of one store.

    Attributes:
        kept: Whose, and where it was.
        status: The exit status of `memories forget`; None where it took too long.
        certificate: Where the certificate lies, None where there is none.
        said: The last line that was said.
    """

    kept: Kept
    status: int | None
    certificate: Path | None
    said: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """What lies below a participant's directory.

    Attributes:
        users: Those of every store of Chroma's, those too that a reset put aside.
        unreadable: Databases that cannot be read: of them there is no certificate.
        shared: Stores with a file that is a link or has another name: what is forgotten there would be gone elsewhere.
    """

    users: tuple[Kept, ...]
    unreadable: tuple[Path, ...]
    shared: tuple[Path, ...]


def check(root: Path, certificates: Path) -> None:
    """Refuse a directory that is not of the labs alone: a notebook may lie among somebody's files.

    Raises:
        UsageError: It is a link, holds what no lab put there, another disk is mounted below it, or the certificates
            would go with it.
    """
    if certificates.resolve().is_relative_to(root.resolve()):
        raise UsageError(
            f"{certificates} lies in {root}, and would be erased with it",
            hint="name a directory elsewhere: showcase lab end --certificates DIR",
        )
    if root.is_symlink():
        raise UsageError(
            f"{root} is a link, and nothing is erased where it leads",
            hint=f"showcase lab end --dir {quoted(root.resolve())}",
        )
    others = sorted(path for path in root.iterdir() if not _OF_THE_LABS.fullmatch(path.name))
    if others:
        raise UsageError(
            f"{root} holds what no lab put there, and nothing is erased: {others[0]}",
            hint="move it elsewhere, or remove it yourself; then the same command",
        )
    mounted = next((path for path in sorted(root.rglob("*")) if os.path.ismount(path)), None)
    if mounted is not None:
        raise UsageError(
            f"another disk or directory is mounted at {mounted}, and nothing is erased",
            hint="take that away from there; then the same command",
        )


def look(root: Path) -> Found:
    """Return whose memories lie below a directory."""
    users: list[Kept] = []
    unreadable: list[Path] = []
    shared: list[Path] = []
    for database in sorted(root.rglob(_DATABASE)):
        chroma = database.parent
        store = chroma.parent if chroma.name == _OF_A_RUN else chroma
        if any(map(_leads_elsewhere, store.rglob("*"))):
            shared.append(store)
            continue
        try:
            users += [Kept(store=store, user=user) for user in _users(database)]
        except sqlite3.Error:
            unreadable.append(database)
    return Found(users=tuple(users), unreadable=tuple(unreadable), shared=tuple(dict.fromkeys(shared)))


def _leads_elsewhere(path: Path) -> bool:
    return path.is_symlink() or (path.is_file() and path.stat().st_nlink > 1)


def _users(database: Path) -> list[str]:
    with closing(sqlite3.connect(f"{database.absolute().as_uri()}?mode=ro", uri=True, timeout=5)) as opened:
        return [str(user) for (user,) in opened.execute(_USERS)]


def forget(users: Sequence[Kept], certificates: Path, tell: Callable[[str], None]) -> tuple[Forgotten, ...]:
    """Forget every user of every store, as `memories forget --all` does, each with a certificate.

    Args:
        users: Whose memories, and where they lie.
        certificates: A directory that is not there yet; it is made where there is somebody to forget.
        tell: Is told of each before it begins.

    Raises:
        UsageError: The directory for the certificates is there already.
        StoreError: It cannot be made.
    """
    if not users:
        return ()
    if os.path.lexists(certificates):
        raise UsageError(
            f"{certificates} is there already, and nothing is written over",
            hint=f"name another: showcase lab end --certificates {quoted(f'{certificates}-2')}",
        )
    try:
        certificates.mkdir(mode=0o700, parents=True)
    except OSError as error:
        raise StoreError(
            f"cannot make {certificates}: {error.strerror}", hint=here().who_may(certificates.parent)
        ) from error
    return tuple(_forgotten(each, certificates / f"{number:02}.json", tell) for number, each in enumerate(users, 1))


def _forgotten(kept: Kept, certificate: Path, tell: Callable[[str], None]) -> Forgotten:
    tell(f"forgetting {kept.user} in {kept.store}")
    ran = programs.run(
        (
            *(
                programs.PYTHON,
                "-m",
                "showcase",
                "memories",
                "forget",
                "--all",
                "--records",
                "--yes",
                "--engine",
                "rehearsal",
            ),
            *("--user-id", kept.user, "--store", str(kept.store.absolute())),
            *("--certificate", str(certificate.absolute())),
        ),
        programs.own(),
        kept.store,
        timeout_s=_LIMIT_S,
    )
    said = ran.trouble if ran.err.strip() else ran.last_line
    return Forgotten(
        kept=kept, status=ran.status, certificate=certificate if certificate.is_file() else None, said=said
    )


def remove(root: Path) -> overwriting.Cleared:
    """Write over every file below a directory, and remove it; of a file with another name, its name here alone.

    Raises:
        StoreError: A file cannot be written over, or is held open (Windows); what is left is named.
    """
    try:
        cleared = overwriting.clear(root)
        shutil.rmtree(root)
    except OSError as error:
        raise StoreError(
            f"cannot remove {error.filename or root}: {error.strerror}",
            hint=f"end what still uses it; see: {here().who_has_open(error.filename or root)}; then the same command",
        ) from error
    return cleared
