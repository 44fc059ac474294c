"""`memories move --to`: the memories of one store into another, of whatever engine, compared to the last bit."""

from __future__ import annotations

import os
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING

import click

from showcase.cli.everyday import check_name, say, surroundings
from showcase.cli.memories.there import print_json, progress
from showcase.cli.store_named import check_allowed
from showcase.cli.words import fitted, printable
from showcase.settings import store_secret
from showcase.settings.store_place import default_store, place_of
from showcase.shell.advice import quoted
from showcase.stores.unfit_rows import ROUNDING

if TYPE_CHECKING:
    from collections.abc import Callable

    from showcase.memory.migration.copying import Copied
    from showcase.memory.migration.planning import Plan
    from showcase.memory.store_record import Layout
    from showcase.settings.store_place import StoreNamed, StorePlace

_NAMED = 5
"""Users whose command is told one by one."""


def copy_to(
    to: StoreNamed,
    *,
    store: StoreNamed | None,
    layout: Layout | None,
    user_id: str | None,
    embed_model: str | None,
    replaces: bool,
    dry_run: bool,
    as_json: bool,
) -> None:
    """Copy the memories of a store into the one that `--to` names, and say what came of it.

    Raises:
        ShowcaseError: See `migration.planning` and `migration.copying`.
    """
    from showcase.memory.backends.opening import look  # noqa: PLC0415 - `--help` must not wait
    from showcase.memory.migration import copying, planning, sides  # noqa: PLC0415 - likewise
    from showcase.memory.presence import check_begins, check_there  # noqa: PLC0415 - likewise

    place = _place(to)
    secret = _secret(to, default_store() if store is None else store)
    with surroundings(store, finishes=not dry_run) as around:
        sides.check_two(around.kept.place, place)
        check_there(around.kept)
        if place.address is None:
            check_begins(place)
        kept = look(place, layout, finishes=not dry_run, secret=secret)
        copied = None
        with sides.opened(around.kept, tell=say) as source, sides.opened(kept, tell=say) as target:
            made = planning.plan(
                source,
                target,
                user_id=user_id,
                embed_model=embed_model,
                replaces=replaces,
                progress=progress("looked at"),
            )
            if not dry_run:
                try:
                    copied = copying.copy(source, target, made, begun=progress)
                except KeyboardInterrupt:
                    say("the source is as it was, and what came is whole: the same command again copies the rest")
                    raise
        _tell(around.kept.place, place, made, copied, as_json=as_json)


def _place(to: StoreNamed) -> StorePlace:
    """Return where the target is, which lies beyond this machine only where that was allowed."""
    if isinstance(to, Path):
        check_name(to, "--to")
    else:
        check_allowed(to)
    return place_of(to)


def _secret(to: StoreNamed, store: StoreNamed) -> str | None:
    """Return the password or key of the target's server.

    That of the source is taken for it where the source has no server, or the same one: no server is shown the password
    of another.
    """
    if isinstance(to, Path):
        return None
    found = store_secret.find(os.environ, of_target=True)
    if found is not None:
        return found
    others = not isinstance(store, Path) and bool(store.host)
    is_one = not isinstance(store, Path) and (store.kind, store.where) == (to.kind, to.where)
    return store_secret.find(os.environ) if is_one or not others else None


def _tell(source: StorePlace, target: StorePlace, made: Plan, copied: Copied | None, *, as_json: bool) -> None:
    forget = _forget(source, made)
    if as_json:
        said = {name: value for name, value in asdict(made).items() if name != "users"}
        users = [{"user_id": user_id, "memories": count} for user_id, count in made.users.items()]
        came = {"copied": None if copied is None else asdict(copied), "dry_run": copied is None, "forget": forget}
        print_json({"store": str(source.named), "to": str(target.named), "users": users, **said, **came})
        return
    whose = _counted(len(made.users.keys() - {None}), "user", "users")
    of = f"{_counted(made.rows, 'memory', 'memories')} of {whose}"
    if None in made.users:
        of += f" and {made.users[None]:,} of nobody"
    there = made.same + made.used + made.behind
    tell: Callable[[str], None] = lambda text: click.echo(fitted(printable(text)))  # noqa: E731 - of this function alone
    if copied is None:
        tell(f"would copy {of} from {source.named} to {target.named}: {made.new:,} new, {made.replaced:,} replaced")
        tell(f"  {there:,} are there already; every one can be held there as it is")
        return
    tell(f"copied {of} from {source.named} to {target.named}")
    tell(
        f"  {copied.written:,} written, {made.same + made.used:,} were there already, {copied.events:,} of the history"
    )
    if copied.changed:
        tell(f"  {copied.changed:,} changed in the source meanwhile, and were copied again")
    if made.used:
        tell(f"  {made.used:,} were recalled there since they came, and keep their counts")
    tell(f"  all {copied.compared:,} read back and compared: every field, and every vector{_to_what(copied)}")
    tell("the source is as it was; when it is needed no more, forget it there:")
    for each in forget[:_NAMED]:
        click.echo(f"  {each}")
    if len(forget) > _NAMED:
        tell(f"  and so for {len(forget) - _NAMED:,} more users")


def _to_what(copied: Copied) -> str:
    if not copied.rounded:
        return " to the last bit"
    return f"; {copied.rounded:,} of them the engine rounded, bringing each to length 1, by {ROUNDING:g} at most"


def _forget(source: StorePlace, made: Plan) -> list[str]:
    """Return the commands by which all that was copied is forgotten in the source, one a user."""
    return [
        f"showcase memories forget --store {quoted(source.named)} --user-id {quoted(user_id)} --all"
        for user_id in made.users
        if user_id is not None
    ]


def _counted(count: int, one: str, many: str) -> str:
    return f"{count:,} {one if count == 1 else many}"
