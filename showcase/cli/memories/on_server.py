"""`memories forget` on a store with a URL: rows at once, what was noted here, and what nobody sees from here."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from showcase.cli.memories.taking_out import counted, show, tell_of_server
from showcase.cli.memories.there import agreed_to
from showcase.cli.words import printable
from showcase.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from showcase.cli.everyday import Surroundings
    from showcase.memory.stored import Found, Stored
    from showcase.stores.interface import Rows


def check(
    around: Surroundings, *, traces: bool, records: bool, also: Sequence[Path], certificate: Path | None
) -> None:  # fmt: skip
    """Refuse what needs the files of a store, where they are somebody else's.

    Raises:
        UsageError: It was asked for.
    """
    from showcase.stores.what_stays import way_out  # noqa: PLC0415 - only where one is used

    address = around.kept.place.address
    options = {"--traces": traces, "--records": records, "--also": bool(also), "--certificate": certificate is not None}
    asked = [name for name, given in options.items() if given]
    if address is None or not asked:
        return
    command = way_out(address)
    raise UsageError(
        f"{asked[0]} looks through the files of a store, and those of {address} are its engine's: none is looked at "
        "from here, and no certificate is made of what nobody saw",
        hint=f"leave {asked[0]} out: rows go, and it is said what stays"
        + ("" if command is None else f"; on the server: {command}"),
    )


def forget(
    around: Surroundings,
    rows: Rows,
    user_id: str,
    some: Sequence[Stored],
    *,
    near: Sequence[Found],
    everything: bool,
    agreed: bool,
    as_json: bool,
) -> None:
    """Show rows, ask, take them out, clear what this machine noted of them, and say what stays where."""
    from showcase.erasure.beside_server import forget_beside  # noqa: PLC0415 - `--help` must not wait

    place = around.kept.place
    assert place.address is not None  # noqa: S101 - whoever calls looked
    if not as_json or not agreed:
        show(user_id, some, near)
    if not agreed_to(f"Forget {counted(some)} of {printable(user_id)}?", agreed=agreed):
        click.echo("nothing was forgotten")
        return
    rows.delete(user_id, [row.memory_id for row in some])
    beside = forget_beside(place, user_id, {row.memory_id: row.text for row in some}, everything=everything)
    tell_of_server(
        place.address, user_id, some, near, done=True, dry_run=False, as_json=as_json, beside=beside
    )  # fmt: skip
