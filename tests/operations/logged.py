"""Looks at a log of operations by its bytes and as JSON, beside what the program itself says of it."""

from __future__ import annotations

import hashlib
import json
from typing import TYPE_CHECKING, Any

from showcase.memory.operations import chain, names
from showcase.memory.operations.comparison import Compared, compare
from showcase.memory.operations.verification import Verified, lines, verify

if TYPE_CHECKING:
    from pathlib import Path

    from showcase.memory.operations.names import Names
    from showcase.settings.store_place import StorePlace

OWN = (chain.LOG, chain.HEAD, chain.LOCK, names.KEY)


def path_of(place: StorePlace) -> Path:
    return place.home / "showcase-operations.jsonl"


def raw(place: StorePlace) -> list[bytes]:
    """Return the lines as bytes, without their ends."""
    return path_of(place).read_bytes().splitlines()


def said(place: StorePlace) -> list[dict[str, Any]]:
    return [json.loads(each) for each in raw(place)]


def events(place: StorePlace) -> list[str]:
    """Return what was done, without what was only begun."""
    return [each["event"] for each in said(place) if each["step"] != "begun"]


def write(place: StorePlace, some: list[bytes]) -> None:
    path_of(place).write_bytes(b"".join(each + b"\n" for each in some))


def rechained(some: list[dict[str, Any]]) -> list[bytes]:
    """Return lines as somebody writes them who makes the whole chain anew."""
    previous, made = None, []
    for number, each in enumerate(some, start=1):
        data = json.dumps({**each, "number": number, "previous": previous}, separators=(",", ":")).encode()
        previous = hashlib.sha256(data).hexdigest()
        made.append(data)
    return made


def put_head(place: StorePlace) -> None:
    """Let the head be that of what is there, as whoever can write the files can."""
    last = raw(place)[-1]
    head = {"number": json.loads(last)["number"], "sha256": hashlib.sha256(last).hexdigest()}
    size = path_of(place).stat().st_size
    (place.home / "showcase-operations-head.json").write_text(json.dumps({**head, "bytes": size}))


def without_log(place: StorePlace) -> StorePlace:
    """Let a store be as an older version left it."""
    for name in OWN:
        (place.home / name).unlink(missing_ok=True)
    return place


def whole(place: StorePlace) -> Verified:
    """Return what is said of a log that has to be whole."""
    found = verify(place)
    assert found.flaws == ()
    assert found.status == "whole"
    return found


def known(place: StorePlace) -> Names:
    found = names.read(place)
    assert found is not None
    return found


def compared(place: StorePlace, ids: list[str]) -> Compared:
    found = compare(lines(place), known(place), ids)
    assert found is not None
    return found
