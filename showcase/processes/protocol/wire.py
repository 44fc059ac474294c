"""How events and orders are written and read: strictly, by the adapter that reads the run log."""

from __future__ import annotations

import json
import math
import time
from dataclasses import asdict
from functools import cache
from typing import TYPE_CHECKING, Annotated, Any

from showcase import __version__
from showcase.documents.surrogates import without_surrogates
from showcase.errors import UsageError
from showcase.processes.protocol.events import Event, Garbled, Spawned
from showcase.processes.protocol.orders import Order

if TYPE_CHECKING:
    from pydantic import TypeAdapter

_MOST_PIDS, _PORTS, _SIXTY_THREE = 1 << 32, 1 << 16, 1 << 63


@cache
def _events() -> TypeAdapter[Event]:
    from pydantic import Field, TypeAdapter  # noqa: PLC0415 - heavy, and `--help` must not wait for it

    return TypeAdapter(Annotated[Event, Field(discriminator="event")])


@cache
def _orders() -> TypeAdapter[Order]:
    from pydantic import Field, TypeAdapter  # noqa: PLC0415 - likewise

    return TypeAdapter(Annotated[Order, Field(discriminator="order")])


def prepare() -> None:
    """Import and build what reads events, before a thread would that reads them."""
    from pydantic import ValidationError  # noqa: F401, PLC0415 - as above

    _events()


def document(event: Event) -> dict[str, Any]:
    """Return an event as the JSON object that is written.

    Without the adapter: a worker says that it is there before it imports anything that is not its own.
    """
    return asdict(event)


def read_event(line: bytes) -> Event:
    """Return what a line says; `Garbled` where it is no event of ours, or was said at no moment. Raises nothing."""
    from pydantic import ValidationError  # noqa: PLC0415 - heavy

    try:
        event = _events().validate_json(line)
    except ValidationError as error:
        return _of_another_form(line, error)
    if not math.isfinite(event.t):
        return Garbled(why="it was said at no moment")
    return event if _can_be(event) else Garbled(why="it holds a number that cannot be")


def _can_be(event: Event) -> bool:
    """Return whether the numbers of an event fit where they are written down: the log's are of 64 bits."""
    pid, port = getattr(event, "pid", None), getattr(event, "port", None)
    if not (pid is None or 0 < pid < _MOST_PIDS) or not (port is None or 0 <= port < _PORTS):
        return False
    left: list[Any] = [asdict(event)]
    while left:
        value = left.pop()
        if isinstance(value, dict):
            left += value.values()
        elif isinstance(value, (list, tuple)):
            left += value
        elif isinstance(value, int) and not -_SIXTY_THREE <= value < _SIXTY_THREE:
            return False
    return True


def _of_another_form(line: bytes, refused: Exception) -> Event:
    """Return the event without halves of surrogates, which JSON can spell and the adapter does not take; or why not."""
    why = str(refused).partition("\n")[0]
    try:
        said = without_surrogates(json.loads(line.decode()))
    except (ValueError, RecursionError):
        return Garbled(why=why)
    if isinstance(said, dict) and said.get("event") == "spawned" and said.get("version") != __version__:
        # Who is refused for that must be known, whatever else another version says.
        return Spawned(pid=-1, hook=False, version=str(said.get("version", "")), t=time.monotonic())
    whole = json.dumps(said).encode()
    return Garbled(why=why) if whole == line.strip() else read_event(whole)


def write_order(order: Order) -> str:
    """Return an order as a line without its end."""
    return _orders().dump_json(order).decode()


def read_order(line: bytes) -> Order:
    """Return what a worker is told.

    Raises:
        UsageError: It is no order of ours.
    """
    from pydantic import ValidationError  # noqa: PLC0415 - heavy

    try:
        return _orders().validate_json(line)
    except ValidationError as error:
        first = error.errors(include_url=False, include_input=False)[0]
        place = "/" + "/".join(map(str, first["loc"]))
        raise UsageError(
            f"this worker does not know its order: at {place}: {first['msg']}",
            hint="a worker is started by `showcase run`, of the same version; it takes no orders by hand",
        ) from error
