"""Every field of a log set to other values, by its type: what an editor could write without thinking of the rest."""

from __future__ import annotations

import dataclasses
import types
import typing
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from showcase.evidence import Run

if TYPE_CHECKING:
    from collections.abc import Iterator

HUGE = 10**15
MOST = 6
"""Of a longer list the first ones, one in the middle and the last are changed: the others are of the same kind."""

UNJUDGED = frozenset({"Run.claims", "Run.schema", "Run.version"})
"""Fields that no verdict looks at, or that the reader refuses."""

Path = tuple[str | int, ...]


@dataclass(frozen=True)
class Mutation:
    """A field, what is done to it, where in the document, and the new value."""

    field: str
    kind: str
    path: Path
    value: Any

    def __str__(self) -> str:
        return f"{self.field} {self.kind}: /{'/'.join(map(str, self.path))} = {str(self.value)[:60]!r}"

    def of(self, document: dict[str, Any]) -> dict[str, Any]:
        """Return the document with this change; what is not changed is shared."""
        changed = here = dict(document)
        for step, part in enumerate(self.path[:-1]):
            below = here[part]
            here[part] = dict(below) if isinstance(below, dict) else list(below)
            here = here[part]
            assert step < len(self.path)
        here[self.path[-1]] = self.value  # type: ignore[index]
        return changed


def old(document: Any, path: Path) -> Any:
    """Return what a document holds at a place."""
    for part in path:
        document = document[part]
    return document


def fields_of(model: Any = Run) -> Iterator[str]:
    """Yield every field of the model that is no class itself, as `Class.field`, those of classes below with them."""
    seen: set[Any] = set()
    left = [model]
    while left:
        kind = left.pop()
        if dataclasses.is_dataclass(kind) and kind not in seen:
            seen.add(kind)
            for name, below in _hints(kind).items():
                if not dataclasses.is_dataclass(below):
                    yield f"{kind.__name__}.{name}"
                left.append(below)
        left += [each for each in typing.get_args(kind) if each is not Ellipsis]


def mutations(document: dict[str, Any]) -> Iterator[Mutation]:
    """Yield every change of every field of a log."""
    yield from _walk(Run, document, (), "Run")


def _hints(model: Any) -> dict[str, Any]:
    names = {each.name for each in dataclasses.fields(model)}
    return {name: kind for name, kind in typing.get_type_hints(model).items() if name in names}


def _walk(kind: Any, value: Any, path: Path, field: str) -> Iterator[Mutation]:
    if field in UNJUDGED:
        return
    origin, inner = typing.get_origin(kind), typing.get_args(kind)
    if origin in (typing.Union, types.UnionType):
        (one,) = (each for each in inner if each is not types.NoneType)
        if value is not None:
            yield Mutation(field, "none", path, None)
        nested = dataclasses.is_dataclass(one) or typing.get_origin(one) in (tuple, dict)
        if value is not None or not nested:
            yield from _walk(one, value, path, field)
    elif dataclasses.is_dataclass(kind):
        for name, below in _hints(kind).items():
            yield from _walk(below, value[name], (*path, name), f"{kind.__name__}.{name}")
    elif origin is dict:
        yield from _table(inner[1], value, path, field)
    elif origin is tuple:
        yield from _tuple(inner, value, path, field)
    else:
        yield from (Mutation(field, name, path, new) for name, new in _leaf(kind, value) if new != value)


def _tuple(inner: tuple[Any, ...], value: list[Any], path: Path, field: str) -> Iterator[Mutation]:
    if inner[1:] == (Ellipsis,):
        yield from _list(inner[0], value, path, field)
        return
    for number, below in enumerate(inner):
        yield from _walk(below, value[number], (*path, number), field)


def _leaf(kind: Any, value: Any) -> Iterator[tuple[str, Any]]:
    if typing.get_origin(kind) is typing.Literal:
        yield from (("literal", each) for each in typing.get_args(kind))
    elif kind is bool:
        yield from (("flipped", each) for each in (True, False))
    elif kind is int:
        yield from (("negative", -1), ("zero", 0), ("huge", HUGE))
    elif kind is float:
        yield from (("negative", -1.0), ("zero", 0.0), ("huge", float(HUGE)))
        yield from (("not a number", float("nan")), ("infinite", float("inf")))
    elif kind is str:
        yield from (("empty", ""), ("other", "something else"))
    else:
        raise NotImplementedError(kind, value)


def _list(kind: Any, value: list[Any], path: Path, field: str) -> Iterator[Mutation]:
    if not value:
        new = {str: "something else", int: 7}.get(kind)
        if new is not None:
            yield Mutation(field, "added", path, [new])
        return
    chosen = range(len(value))
    if len(value) > 2 * MOST and field != "Run.connections":
        chosen = sorted({*range(MOST), len(value) // 2, len(value) - 1})  # type: ignore[assignment]
    yield Mutation(field, "emptied", path, [])
    yield from (Mutation(field, "doubled", path, new) for new in ([*value, value[-1]], [value[0], *value]))
    if len(value) > 1:
        yield Mutation(field, "swapped", path, value[::-1])
        yield from (Mutation(field, "removed", path, value[:n] + value[n + 1 :]) for n in chosen)
    for number in chosen:
        yield from _walk(kind, value[number], (*path, number), field)


def _table(kind: Any, value: dict[str, Any], path: Path, field: str) -> Iterator[Mutation]:
    yield Mutation(field, "added", path, {**value, "something else": {str: "x", int: 7}[kind]})
    if value:
        yield Mutation(field, "emptied", path, {})
    for key, each in value.items():
        # Counts have a meaning each, so each is a field of its own.
        own = f"{field}.{key}" if kind is int else field
        yield Mutation(own, "removed", path, {name: it for name, it in value.items() if name != key})
        yield from (Mutation(own, name, (*path, key), new) for name, new in _leaf(kind, each) if new != each)
