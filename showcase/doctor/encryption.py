"""Whether what memories are kept in is encrypted at rest."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING

from showcase.doctor.finding import Circumstances, Finding, ok, warning
from showcase.doctor.machine import nearest_directory
from showcase.documents.encryption.look import encryption_of
from showcase.errors import UsageError
from showcase.settings.store_place import VARIABLE, default_store
from showcase.shell import here
from showcase.shell.advice import another_directory
from showcase.stores import at_rest as engines

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from showcase.documents.encryption.answer import Encryption

READ = 'docs/scale-out.md, "Encryption at rest"'


def at_rest(circumstances: Circumstances) -> Iterator[Finding]:
    """Look where a run writes and where the store of every day lies; a store on a server is told by its engine."""
    out = circumstances.settings.out
    found = {f"{out}, where a run writes": (out, _looked_at(out))}
    try:
        kind, path = store_of_every_day(circumstances.environ)
    except UsageError as error:  # there is no home, or it is no store
        kind, path = "directory", None
        if circumstances.environ.get(VARIABLE):
            yield warning("encryption", f"{VARIABLE} names no store: {error.message}", error.hint)
    if path is None and kind != "directory":
        said = f"the store of every day is on a server: {engines.at_rest(kind)}"
        yield warning("encryption", said, f"look on the machine that has its disk; {READ}")
    elif path is not None:
        found[f"{path}, the store of every day"] = (path, _looked_at(path))
    answers = list(dict.fromkeys(answer for _, answer in found.values()))
    for answer in answers:
        named = [name for name, (_, each) in found.items() if each == answer]
        yield _told("; ".join(named), next(where for where, each in found.values() if each == answer), answer)


def store_of_every_day(environ: Mapping[str, str]) -> tuple[str, Path | None]:
    """Return the kind of the store of every day, and the path of one that lies on this machine.

    Raises:
        UsageError: There is no home to keep one in, or what the environment names is none.
    """
    named = default_store(environ)
    return ("directory", named) if isinstance(named, Path) else (named.kind, named.path)


def _looked_at(path: Path) -> Encryption:
    return encryption_of(nearest_directory(path).resolve())


def _told(named: str, path: Path, found: Encryption) -> Finding:
    if found.state in ("encrypted", "in memory"):
        return ok("encryption", f"{named}: {found.told()} (known by {found.known_by})")
    said = f"{named}: {found.told()}; Chroma and mem0 encrypt nothing themselves"
    if found.state == "unknown":
        return warning("encryption", said, f"ask for it: {found.known_by}; {READ}")
    still = f"; {found.open}" if found.open else ""
    return warning("encryption", f"{said}{still} (known by {found.known_by})", f"{way_to_encrypt(path)}; {READ}")


def way_to_encrypt(path: Path, system: str = sys.platform) -> str:
    """Return how to have what lies in a directory encrypted, on a system as `sys.platform` names it."""
    if system == "darwin":
        return "turn FileVault on, as an administrator: fdesetup enable"
    if system != "linux":
        return "encrypt the disk by the system's own means"
    shell, plain = here(), another_directory(path)
    cipher = plain.with_name(f"{plain.name}.cipher")
    made = shell.then(
        *(shell.make_directory(each) for each in (cipher, plain)),
        shell.joined(("gocryptfs", "-init", cipher)),
        shell.joined(("gocryptfs", cipher, plain)),
    )
    return f"encrypt the disk (LUKS), or a directory, and keep there what nobody else is to read: {made}"
