"""What it means that fields of a log are free: nothing else in it can hold what is written into them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from mutations import Mutation

TEXT = ("empty", "other", "none")


@dataclass(frozen=True)
class Free:
    """Fields, what may be done to them (empty: anything), and why; `where` says of which places that holds."""

    fields: tuple[str, ...]
    why: str
    kinds: tuple[str, ...] = ()
    where: Callable[[dict[str, Any], Mutation], bool] | None = None

    def covers(self, document: dict[str, Any], mutation: Mutation) -> bool:
        if mutation.field not in self.fields or (self.kinds and mutation.kind not in self.kinds):
            return False
        return self.where is None or self.where(document, mutation)
