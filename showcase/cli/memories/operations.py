"""`memories log`: what was done with the memories of a store, and whether what tells of it is whole."""

from __future__ import annotations

import re
from dataclasses import asdict, replace
from typing import TYPE_CHECKING

import click

from showcase.cli.everyday import maybe_user_option, store_option, surroundings
from showcase.cli.memories.there import json_option, print_json
from showcase.cli.words import fitted, one_line, printable
from showcase.errors import ExitCode, StoreError, UsageError
from showcase.shell.advice import quoted

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from showcase.memory.backends.opening import Kept
    from showcase.memory.operations.comparison import Compared
    from showcase.memory.operations.line import Line
    from showcase.memory.operations.names import Names
    from showcase.memory.operations.verification import Verified
    from showcase.settings.store_place import StoreNamed

_DIGEST = re.compile(r"[0-9a-f]{64}")
_EXIT = {"whole": ExitCode.UPHELD, "broken": ExitCode.BROKEN, "unknown": ExitCode.INCONCLUSIVE}
_UNKNOWN = "~"
_SHORT = 8
_LISTED = 10
_FIX = "showcase memories log --verify --head DIGEST"


@click.command()
@click.argument("memory_id", metavar="[ID]", required=False)
@maybe_user_option
@click.option("--last", type=click.IntRange(min=1), metavar="N", help="The last N lines alone.")
@click.option("--verify", "verifies", is_flag=True, help="Tell whether it is whole, and what it does not tell of.")
@click.option("--head", metavar="DIGEST", help="Of --verify: what an earlier --verify printed, and you kept elsewhere.")
@store_option
@json_option
def log(
    *,
    memory_id: str | None,
    user_id: str | None,
    last: int | None,
    verifies: bool,
    head: str | None,
    store: StoreNamed | None,
    as_json: bool,
) -> int:
    """Show what was done with memories: when, what, whose, which, by which process. No text is in it.

    Users and ids stand in it under a key that lies beside it; those that are in the store are told by name, others by
    the beginning of their pseudonym. With ID or --user-id the lines about it alone.

    \b
    Exit status of --verify: 0 it is whole; 1 a line was changed, taken out or put elsewhere; 3 there is no log, or
    it cannot be read; 2 and 4 as of every command.

    \b
    Examples:
      showcase memories log --user-id alice --last 20
      showcase memories log --verify
    """  # noqa: D301 - click reads the backspace
    if head is not None and not (verifies and _DIGEST.fullmatch(head)):
        raise UsageError("--head is of --verify, and takes the 64 digits that an earlier one printed", hint=_FIX)
    if verifies and (memory_id is not None or user_id is not None or last is not None):
        raise UsageError("--verify looks at the whole log", hint="showcase memories log --verify")
    from showcase.memory.operations import chain  # noqa: PLC0415 - `--help` must not wait
    from showcase.memory.presence import check_there  # noqa: PLC0415 - likewise

    with surroundings(store, finishes=False) as around:
        if not chain.is_kept(around.kept.place):
            check_there(around.kept)
        if verifies:
            return _verified(around.kept, head, as_json=as_json)
        return _shown(around.kept, memory_id, user_id, last, as_json=as_json)


def _verified(kept: Kept, earlier: str | None, *, as_json: bool) -> int:
    from showcase.memory.operations import verification  # noqa: PLC0415 - `--help` must not wait

    try:
        found = verification.verify(kept.place, earlier=earlier)
    except StoreError as error:
        if as_json:
            print_json({"exit_code": int(ExitCode.INCONCLUSIVE), "status": "unknown", "reason": error.message})
        else:
            click.echo(fitted(f"log inconclusive: {one_line(error.message)}"))
        return int(ExitCode.INCONCLUSIVE)
    compared, why = _compared(kept) if found.lines else (None, "there is no line")
    code = int(_EXIT[found.status])
    if as_json:
        rows = None if compared is None else asdict(compared)
        document = {"exit_code": code, "store": str(kept.place.named), **asdict(found)}
        print_json({**document, "rows": rows, "not_compared": why or None})
        return code
    lines = _of_chain(found, earlier)
    lines += [f"rows were not compared: {why}"] if compared is None else _of_rows(found, compared)
    for line in lines:
        click.echo(fitted(printable(line)))
    if found.head is not None:
        again = f"showcase memories log --store {quoted(kept.place.named)} --verify --head {found.head}"
        click.echo("keep this elsewhere; it shows later that no line before it was changed or taken out:")
        click.echo(f"  {printable(again)}")
    return code


def _of_chain(found: Verified, earlier: str | None) -> list[str]:
    many = "1 line" if found.lines == 1 else f"{found.lines:,} lines"
    if found.status == "whole":
        goes_on = "" if earlier is None else ", and it goes on from the digest that was named"
        lines = [f"log whole: {many}, each with the digest of the one before{goes_on}"]
    elif found.status == "broken":
        lines = [f"log broken: {found.flaws[0]}", *(f"  and {each}" for each in found.flaws[1:_LISTED])]
        lines += [f"  and {len(found.flaws) - _LISTED:,} more"] if len(found.flaws) > _LISTED else []
    else:
        lines = [f"log inconclusive: {found.remarks[0]}"]
    said = found.remarks[1:] if found.status == "unknown" else found.remarks
    lines += [f"  {each}" for each in said]
    if found.open:
        numbers = ", ".join(str(each) for each in found.open[:_LISTED])
        lines.append(f"  begun, and no end noted: line {numbers}{'…' if len(found.open) > _LISTED else ''}")
    return lines


def _of_rows(found: Verified, compared: Compared) -> list[str]:
    rows = "1 row" if compared.rows == 1 else f"{compared.rows:,} rows"
    lines = []
    if compared.not_logged:
        ids = ", ".join(compared.not_logged[:_LISTED]) + ("…" if len(compared.not_logged) > _LISTED else "")
        unless = ", or by an operation without an end" if found.open else ""
        lines.append(f"{len(compared.not_logged):,} of {rows} were added not by this program{unless}: {ids}")
    if compared.gone and compared.part:
        lines.append(
            f"{compared.gone:,} that the log tells of are not seen: the table's policies show this login a part of its "
            "rows, so that nothing is known of whether they are gone"
        )
    elif compared.gone:
        lines.append(f"{compared.gone:,} that the log tells of are gone, taken out not by this program")
    if compared.undecided:
        lines.append(f"{compared.undecided:,} belong to operations that failed or have no end: not judged")
    return lines or [f"{rows} there, by their ids those that the log tells of; their words and owners are not compared"]


def _compared(kept: Kept) -> tuple[Compared | None, str]:
    from showcase.memory.moving import ids_of  # noqa: PLC0415 - `--help` must not wait
    from showcase.memory.operations import names, verification  # noqa: PLC0415 - likewise
    from showcase.memory.operations.comparison import compare  # noqa: PLC0415 - likewise
    from showcase.stores.table_rows import TableRows  # noqa: PLC0415 - likewise
    from showcase.stores.view import shows_part  # noqa: PLC0415 - likewise

    try:
        known = names.read(kept.place)
        if known is None:
            return None, "the key by which ids stand in the log is not there"
        if kept.place.address is None:
            ids, part = ids_of(kept.place, kept.layout), False
        else:
            with kept.rows() as rows:
                ids, part = rows.ids(), isinstance(rows, TableRows) and shows_part(rows.table)
        compared = compare(verification.lines(kept.place), known, ids)
        compared = compared and replace(compared, part=part)
    except StoreError as error:
        return None, error.message
    return compared, "" if compared else "the key was lost once, and older lines do not tell which rows they mean"


def _shown(kept: Kept, memory_id: str | None, user_id: str | None, last: int | None, *, as_json: bool) -> int:
    from showcase.memory.operations import names, verification  # noqa: PLC0415 - `--help` must not wait

    lines = list(verification.lines(kept.place))
    known = names.read(kept.place)
    told = {} if known is None else _told(kept, known)
    if user_id is not None:
        wanted = frozenset() if known is None else known.all_of("user", user_id)
        lines = [line for line in lines if line.user in wanted]
    if memory_id is not None:
        some = {each for each, name in told.items() if name.startswith(memory_id)}
        some |= set() if known is None else known.all_of("memory", memory_id)
        lines = [line for line in lines if some & set(line.memories)]
    if as_json:
        shown = lines if last is None else lines[-last:]
        document = [
            {**asdict(line), "user_id": told.get(line.user or ""), "ids": [told.get(each) for each in line.memories]}
            for line in shown
        ]
        print_json({"store": str(kept.place.named), "lines": document})
        return 0
    from showcase.cli.memories.lines import table  # noqa: PLC0415 - heavy

    ended = {line.operation for line in lines if line.step in ("done", "failed")}
    lines = [line for line in lines if line.step != "begun" or line.number not in ended]
    cells = [_cells(line, told) for line in (lines if last is None else lines[-last:])]
    if not cells:
        about = "" if user_id is None and memory_id is None else " about it"
        click.echo(f"no line{about}: a log begins with what this program writes next")
        return 0
    click.echo("\n".join(table(("line", "when", "what", "whose", "which", "by"), cells)))
    if any(_UNKNOWN in (whose[0], which[0]) for _, _, _, whose, which, _ in cells):
        click.echo(f"  {_UNKNOWN} the beginning of a pseudonym: nothing that can be seen in the store has it")
    return 0


def _told(kept: Kept, known: Names) -> dict[str, str]:
    """Return by their pseudonyms the names of users and memories that are in the store."""
    try:
        with kept.rows() as rows:
            users = [each for each in rows.users() if each is not None]
            ids = rows.ids()
    except StoreError:
        return {}
    found = {each: user_id for user_id in users for each in known.all_of("user", user_id)}
    return {**found, **{each: memory_id for memory_id in ids for each in known.all_of("memory", memory_id)}}


def _cells(line: Line, told: Mapping[str, str]) -> Sequence[str]:
    which = _name(line.memories[0], told, _SHORT) if line.count == 1 and line.memories else f"{line.count:,}"
    step = {"begun": " (no end noted)", "failed": " (failed)"}.get(line.step, "")
    by = line.process
    who = f"{by.command}, pid {by.pid}" + ("" if by.uid is None else f", uid {by.uid}")
    whose = "-" if line.user is None else _name(line.user, told)
    return [str(line.number), line.at[:19].replace("T", " "), f"{line.event}{step}", whose, which, one_line(who)]


def _name(pseudonym: str, told: Mapping[str, str], most: int | None = None) -> str:
    """Return a name, or the beginning of a pseudonym that nothing in the store has."""
    return one_line(told[pseudonym][:most]) if pseudonym in told else f"{_UNKNOWN}{pseudonym[:_SHORT]}"
