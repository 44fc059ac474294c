"""`showcase inspect --residue`: what is left of a text in a store."""

from __future__ import annotations

import json
import sys
from collections import Counter
from dataclasses import asdict
from typing import TYPE_CHECKING

import click

from showcase.cli.memories.there import progress
from showcase.cli.words import fitted, printable
from showcase.errors import ExitCode, UsageError

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from showcase.erasure.residue import Looked
    from showcase.settings.store_place import StorePlace

_MIB = 1024 * 1024
_EXIT = {"upheld": ExitCode.UPHELD, "broken": ExitCode.BROKEN, "inconclusive": ExitCode.INCONCLUSIVE}
_LISTED = 50


def look(place: StorePlace, text: str, also: Sequence[Path], *, as_json: bool) -> int:
    """Look for a text in a store and say what was seen; return the exit status."""
    from showcase.erasure.residue import look_for  # noqa: PLC0415 - `--help` must not wait

    tell = progress("MiB looked through")
    found = look_for(place, text, also, progress=lambda done, total: tell(done // _MIB, total // _MIB))
    if as_json:
        click.echo(json.dumps(asdict(found), indent=2))
    else:
        for line in _lines(found):
            click.echo(fitted(printable(line)))
    return int(_EXIT[found.status])


def text_of(residue: str) -> str:
    """Return the text to look for: what was typed, or standard input, which no shell keeps a history of.

    Raises:
        UsageError: There is none, or it is no UTF-8.
    """
    text = residue
    if residue == "-":
        try:
            text = sys.stdin.buffer.read().decode("utf-8").rstrip("\r\n")
        except UnicodeDecodeError as error:
            raise UsageError("standard input is no UTF-8", hint="showcase inspect --residue TEXT") from error
    if not text.strip():
        raise UsageError(
            "there is no text to look for", hint="showcase inspect --residue TEXT, or - and standard input"
        )
    return text


def _lines(found: Looked) -> list[str]:
    counted: Counter[tuple[str, str, str]] = Counter()
    for each in found.scan.residues:
        counted[each.path, each.view, each.form] += each.count
    lines = [f"  {path}, {view}: {form}, {count} times" for (path, view, form), count in counted.items()]
    more = [f"  and {len(lines) - _LISTED} more"] if len(lines) > _LISTED else []
    planted = len(found.scan.canaries)
    seen = sum(each.found for each in found.scan.canaries)
    beside = [f"not looked into: {', '.join(found.beside[:5])}"] if found.beside else []
    return [
        f"{found.status}: {found.reason}",
        *lines[:_LISTED],
        *more,
        f"controls: {seen} of {planted} planted in copies were found, {found.scan.unplanted_found} not planted",
        *(f"not looked at: {each}" for each in found.scan.missed),
        *beside,
    ]
