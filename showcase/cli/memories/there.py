"""What the commands of a store begin with: it is there, the user is known, and somebody agrees to what destroys."""

from __future__ import annotations

import json
import sys
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import click

from showcase.cli.everyday import say, surroundings
from showcase.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from showcase.cli.everyday import Surroundings
    from showcase.settings.store_place import StoreNamed
    from showcase.stores.interface import Rows

json_option = click.option("--json", "as_json", is_flag=True, help="Print JSON.")
dry_run_option = click.option("--dry-run", is_flag=True, help="Say what would be done, and do nothing.")
yes_option = click.option("--yes", "-y", "agreed", is_flag=True, help="Do not ask: for scripts.")


@contextmanager
def store_there(
    store: StoreNamed | None, user_id: str | None = None, *, looks: bool = False
) -> Iterator[tuple[Surroundings, Rows]]:
    """Open the rows of a store that is there, where no model is asked; with `looks` nothing is to change.

    Raises:
        UsageError: There is no store, or the user has no memory in it.
    """
    from showcase.memory.presence import check_there  # noqa: PLC0415 - `--help` must not wait
    from showcase.memory.row_ids import check_known  # noqa: PLC0415 - likewise

    with surroundings(store, finishes=not looks) as around:
        check_there(around.kept)
        with around.kept.rows() as rows:
            rows.same.tell = say
            if user_id is not None:
                check_known(rows, user_id)
            yield around, rows


def agreed_to(question: str, *, agreed: bool) -> bool:
    """Tell whether a person agrees.

    Raises:
        UsageError: Nobody can be asked.
    """
    if agreed:
        return True
    check_somebody_there(agreed=agreed)
    return click.confirm(question, err=True)


def check_somebody_there(*, agreed: bool) -> None:
    """Refuse where a question would be put to nobody.

    Raises:
        UsageError: Standard input is no terminal.
    """
    if agreed or sys.stdin.isatty():
        return
    raise UsageError(
        "this destroys memories, and nobody can be asked: standard input is no terminal",
        hint=f"{_again('--yes')}; see what it would destroy: {_again('--dry-run')}",
    )


def print_json(document: Any) -> None:  # noqa: ANN401 - any JSON value
    """Print a document; no character of it can steer a terminal."""
    click.echo(json.dumps(document, indent=2, ensure_ascii=True))


def progress(doing: str) -> Callable[[int, int], None]:
    """Return what tells on standard error how far something is, at each tenth of what is not done at once."""
    last = -1

    def tell(done: int, total: int) -> None:
        nonlocal last
        tenth = done * 10 // total if total else 10
        if total > _AT_ONCE and tenth > last:
            click.echo(f"  {doing}: {done:,} of {total:,}", err=True)
        last = max(last, tenth)

    return tell


_AT_ONCE = 1000


def _again(option: str) -> str:
    """Return the command that was typed, with one more option."""
    from showcase.shell import here  # noqa: PLC0415 - `--help` must not wait

    typed = [*(click.get_current_context().find_object(dict) or {}).get("arguments", ("memories", "..."))]
    place = typed.index("--") if "--" in typed else len(typed)
    return f"showcase {here().joined([*typed[:place], option, *typed[place:]])}"
