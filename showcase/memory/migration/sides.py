"""The side of a store, whichever engine it has."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING

from showcase.errors import UsageError
from showcase.memory.collections import Collections
from showcase.memory.migration.chroma_side import ChromaSide
from showcase.memory.migration.table_side import TableSide
from showcase.shell.advice import quoted

if TYPE_CHECKING:
    from collections.abc import Iterator

    from showcase.memory.backends.opening import Kept
    from showcase.memory.migration.interface import Side
    from showcase.memory.same_store import Tell
    from showcase.settings.store_place import StorePlace


@contextmanager
def opened(kept: Kept, *, tell: Tell) -> Iterator[Side]:
    """Open a store as a side of a migration, and let go of it.

    Args:
        kept: See `opening.look`.
        tell: Told where a write waits for another process.
    """
    with kept.rows() as rows:
        rows.same.tell = tell
        yield ChromaSide(kept, rows) if isinstance(rows, Collections) else TableSide(kept, rows)


def check_two(source: StorePlace, target: StorePlace) -> None:
    """Refuse to copy a store into itself.

    Raises:
        UsageError: Both are one.
    """
    same = (
        source.chroma.resolve() == target.chroma.resolve()
        if source.address is None and target.address is None
        else source.address is not None and source.address == target.address
    )
    if same:
        raise UsageError(
            f"{target.named} is the store itself that is copied",
            hint="name another one: --to DIR|URL; to convert it in place: showcase memories move --layout per-user "
            f"--store {quoted(source.named)}",
        )
