"""`memories forget`, where the bytes go too: what is told of an erasure, and of the certificate."""

from __future__ import annotations

import secrets
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

import click

from showcase.cli.destinations import destinations
from showcase.cli.memories.there import print_json, progress
from showcase.cli.words import fitted, printable
from showcase.errors import ExitCode, UsageError
from showcase.shell.advice import quoted

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from pathlib import Path

    from showcase.cli.everyday import Surroundings
    from showcase.documents.destination import Destination
    from showcase.erasure.gathering import Gone
    from showcase.evidence.erasure import Finding
    from showcase.memory.backends.opening import Kept
    from showcase.memory.stored import Stored

_LISTED = 10

EXIT = {"upheld": ExitCode.UPHELD, "broken": ExitCode.BROKEN, "inconclusive": ExitCode.INCONCLUSIVE}


def told_progress() -> Callable[[str, int, int], None]:
    """Return what tells on standard error how far each part of an erasure is."""
    parts: dict[str, Callable[[int, int], None]] = {}

    def tell(doing: str, done: int, total: int) -> None:
        if doing not in parts:
            parts[doing] = progress(doing)
        parts[doing](done, total)

    return tell


def told_held(rows: Sequence[tuple[str, str]]) -> None:
    """Tell on standard error which rows that stay hold what is forgotten as well."""
    for user_id, memory_id in rows[:_LISTED]:
        click.echo(f"  {printable(user_id)} has it too, in the memory {printable(memory_id)}, which is left", err=True)
    if len(rows) > _LISTED:
        click.echo(f"  and {len(rows) - _LISTED:,} more", err=True)


def erased(
    around: Surroundings,
    user_id: str,
    some: Sequence[Stored],
    *,
    everything: bool,
    traces: bool,
    records: bool,
    also: Sequence[Path],
    certificate: Path | None,
    as_json: bool,
    listed: Any = None,  # noqa: ANN401 - what a document of JSON says of the rows
) -> int:
    """Erase rows of a user, write the certificate and say what follows; return the exit status."""
    key = secrets.token_bytes(32)
    copy = None if certificate is None else around.typed_from / certificate
    if certificate is not None and copy is not None:
        _check_copy(certificate, copy, around.kept)
    with destinations({"--certificate": copy}) as held:
        finding, path = erase(
            around.kept,
            user_id,
            [row.memory_id for row in some],
            key=key,
            everything=everything,
            traces=traces,
            records=records,
            also=[around.typed_from / each for each in also],
            copy=held.get("--certificate"),
        )
    if as_json:
        print_json(
            {
                "store": str(around.kept.place.named),
                "user_id": user_id,
                "forgotten": True,
                "dry_run": False,
                "memories": listed,
                "erasure": asdict(finding),
                "certificate": str(path),
                "key": key.hex(),
            }
        )
        return int(EXIT[finding.status])
    if some:
        click.echo(f"forgot {len(some):,}; no search and no list returns them")
    for line in lines(finding, path):
        click.echo(fitted(printable(line)))
    for line in _what_to_do(around, user_id, also, finding):
        click.echo(printable(line))
    click.echo("the key by which its pseudonym can be told, printed once and kept nowhere:")
    click.echo(f"  {key.hex()}")
    return int(EXIT[finding.status])


def _what_to_do(around: Surroundings, user_id: str, also: Sequence[Path], finding: Finding) -> list[str]:
    """Return where the files lie that a certificate has a number for, and the command that looks again."""
    from showcase.erasure import kinds, places  # noqa: PLC0415 - `--help` must not wait

    if finding.status == "upheld":
        return []
    place = around.kept.place
    listed = places.listing(place, [around.typed_from / each for each in also]).files
    found = [
        f"  {each.shown} is {each.path}"
        for each in listed
        if each.kind in (kinds.NAMED, kinds.TEMPORARY) and f"{each.shown} (" in finding.reason
    ]
    again = f"showcase memories forget --store {quoted(place.named)} --user-id {quoted(user_id)} --traces"
    return [*found, f"  what is not the store's is left as it is: remove it, then look again: {again}"]


def _check_copy(named: Path, path: Path, kept: Kept) -> None:
    """Refuse a place where the copy of a certificate would destroy what is there, before anything is forgotten."""
    from showcase.erasure.certificate import MAX_BYTES, is_one  # noqa: PLC0415 - `--help` must not wait
    from showcase.memory.export_place import check_outside  # noqa: PLC0415 - likewise

    check_outside(named, path, kept.place, what="the copy of a certificate")
    try:
        is_taken = path.is_file() and path.stat().st_size > 0
        with path.open("rb") as file:
            is_taken = is_taken and not is_one(file.read(MAX_BYTES))
    except (OSError, ValueError):
        return  # nothing is there, or writing says why it cannot be
    if is_taken:
        raise UsageError(
            f"{named} is there, and is no certificate: it would be gone", hint="name another file: --certificate FILE"
        )


def erase(
    kept: Kept,
    user_id: str,
    ids: Sequence[str],
    *,
    key: bytes,
    everything: bool = False,
    traces: bool = False,
    gone: Sequence[Gone] = (),
    records: bool = False,
    also: Sequence[Path] = (),
    copy: Destination | None = None,
) -> tuple[Finding, Path]:
    """Erase, and return what follows with where the certificate lies."""
    from showcase.erasure import certificate, erasing, verdict  # noqa: PLC0415 - `--help` must not wait
    from showcase.erasure.order import Order  # noqa: PLC0415 - likewise

    done = erasing.erase(
        Order(
            kept=kept,
            user_id=user_id,
            ids=tuple(ids),
            everything=everything,
            key=key,
            traces=traces,
            gone=tuple(gone),
            records=records,
            also=tuple(also),
            progress=told_progress(),
            held_too=told_held,
        )
    )
    finding = verdict.judge(done)
    return finding, certificate.issue(kept.place, done, finding, also_to=copy)


def lines(finding: Finding, path: Path) -> list[str]:
    """Return what is said of an erasure: what follows, what is known to stay, what a person can do."""
    found = [f"erasure {finding.status}: {finding.reason}"]
    stays = [each for each in finding.limits if each.startswith("it stays: ")]
    general = [each for each in finding.limits if each.startswith("not covered: ")]
    particular = [each for each in finding.limits if each not in stays and each not in general]
    found += [f"  {each}" for each in (*stays, *particular)]
    if "events/" in finding.reason or ".html" in finding.reason or "run-log" in finding.reason:
        found.append("  these are records of runs, which tell what was planted: to clear them too, --records")
    found.append(f"certificate: {path} ({len(general)} things that no scan of files sees are listed there)")
    return found
