"""`memories expire`: what did not change for long is taken out."""

from __future__ import annotations

import re
from datetime import datetime, timedelta, timezone
from typing import TYPE_CHECKING

import click

from showcase.cli.everyday import store_option, user_option
from showcase.cli.memories.taking_out import take_out
from showcase.cli.memories.there import check_somebody_there, dry_run_option, json_option, store_there, yes_option
from showcase.cli.words import printable
from showcase.errors import UsageError

if TYPE_CHECKING:
    from showcase.settings.store_place import StoreNamed

_AGE = re.compile(r"(?P<number>[0-9]{1,6}(?:\.[0-9]{1,6})?)(?P<unit>[hdwy])")
_DAYS = {"h": 1 / 24, "d": 1.0, "w": 7.0, "y": 365.25}


@click.command()
@click.option("--older-than", required=True, metavar="AGE", help="Since the last change: 36h, 90d, 12w, 1y.")
@click.option("--pinned", "with_pinned", is_flag=True, help="Those that are pinned too.")
@user_option
@store_option
@dry_run_option
@yes_option
@json_option
def expire(
    *,
    older_than: str,
    with_pinned: bool,
    user_id: str,
    store: StoreNamed | None,
    dry_run: bool,
    agreed: bool,
    as_json: bool,
) -> None:
    """Forget the memories of a user that did not change for so long; pinned ones stay.

    One that does not say when it was stored stays too. The bytes stay until `memories forget --traces`.

    \b
    Examples:
      showcase memories expire --user-id alice --older-than 90d --dry-run
      showcase memories expire --user-id alice --older-than 1y --yes
    """  # noqa: D301 - click reads the backspace
    from showcase.memory.stored import moment  # noqa: PLC0415 - `--help` must not wait

    before = _before(older_than)
    check_somebody_there(agreed=agreed or dry_run)
    with store_there(store, user_id, looks=dry_run) as (around, rows):
        everything = tuple(rows.rows(user_id))
        dated = [(row, moment(row.updated_at or row.created_at)) for row in everything]
        old = [row for row, at in dated if at is not None and at < before]
        some = tuple(row for row in old if with_pinned or not row.pinned)
        pinned, undated = len(old) - len(some), sum(at is None for _, at in dated)
        stay = [*([f"{pinned} pinned"] if pinned else []), *([f"{undated} without a time"] if undated else [])]
        if stay and not as_json:
            click.echo(f"kept, whatever their age: {', '.join(stay)}", err=True)
        take_out(around, rows, user_id, some, near=(), dry_run=dry_run, agreed=agreed, as_json=as_json)


def _before(age: str) -> datetime:
    """Return the time of so long ago.

    Raises:
        UsageError: It is no age, or there was no such time.
    """
    found = _AGE.fullmatch(age)
    if found is None or not float(found["number"]):
        raise UsageError(f"{printable(age)[:40]!r} is no age: a number and h, d, w or y", hint="--older-than 90d")
    try:
        return datetime.now(timezone.utc) - timedelta(days=float(found["number"]) * _DAYS[found["unit"]])
    except OverflowError as error:
        raise UsageError(f"{age} ago there was no time that can be told", hint="--older-than 90d") from error
