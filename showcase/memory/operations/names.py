"""How users and memories stand in the log: by keyed pseudonyms, and how they are forgotten there.

The key lies beside the log. Whoever holds the store can so ask for a user or an id that they know, or guess: an id of
the backend `chroma` is a digest of its text. An erasure therefore makes a new key. What stays is carried over, by old
pseudonyms beside the new; the old key is written over with the store's old files. Then no guess leads to what was
forgotten, and no line of the log had to change.
"""

from __future__ import annotations

import hashlib
import hmac
import json
import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal

from showcase.documents import new_file, regular_file, strict_json
from showcase.errors import StoreError
from showcase.evidence.fact import Fact
from showcase.shell import here

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

    from showcase.settings.store_place import StorePlace

    Kind = Literal["user", "memory"]

KEY = "showcase-operations.key"
FORMAT = "local-memory-showcase key of a log"
VERSION = 1

_KEY_BYTES = 32
_DIGITS = 32
"""Of a pseudonym: half of an HMAC-SHA-256, which RFC 2104 (section 5) takes for enough."""

_MOST_BYTES = 1024 * 1024 * 1024


@dataclass(frozen=True, slots=True, kw_only=True)
class Names(Fact):
    """The key, and by current pseudonyms those that the same user or memory had under keys that are gone."""

    key: bytes = field(repr=False)
    earlier: Mapping[str, tuple[str, ...]] = field(default_factory=dict)

    def pseudonym(self, kind: Kind, name: str) -> str:
        """Return how a user or a memory stands in the log now."""
        data = kind.encode() + b"\0" + name.encode(errors="surrogatepass")
        return hmac.new(self.key, data, hashlib.sha256).hexdigest()[:_DIGITS]

    def all_of(self, kind: Kind, name: str) -> frozenset[str]:
        """Return every pseudonym by which a user or a memory stands in the log."""
        now = self.pseudonym(kind, name)
        return frozenset((now, *self.earlier.get(now, ())))

    def renewed(self, users: Iterable[str], memories: Iterable[str]) -> Names:
        """Return names under a new key, which tell of these users and memories alone."""
        after = Names(key=secrets.token_bytes(_KEY_BYTES))
        some: list[tuple[Kind, str]] = [("user", each) for each in users]
        some += [("memory", each) for each in memories]
        earlier = {after.pseudonym(kind, name): tuple(sorted(self.all_of(kind, name))) for kind, name in some}
        return Names(key=after.key, earlier=earlier)


def path_of(place: StorePlace) -> Path:
    """Return where the key lies."""
    return place.home / KEY


def read(place: StorePlace) -> Names | None:
    """Return the names of a store's log, None where there is no key.

    Raises:
        StoreError: It cannot be read.
    """
    path = path_of(place)
    try:
        # As long as it is, and no longer: room for the whole limit is taken at once.
        size = min(path.lstat().st_size, _MOST_BYTES)
        document = strict_json.parse(regular_file.read(path, limit=size, own=True))
        if not isinstance(document, dict) or (document.get("format"), document.get("version")) != (FORMAT, VERSION):
            raise ValueError("it is none that this version knows")  # noqa: TRY301 - one place says what it is not
        return Names(
            key=bytes.fromhex(document["key"]),
            earlier={str(now): tuple(map(str, before)) for now, before in document["earlier"].items()},
        )
    except FileNotFoundError:
        return None
    except OSError as error:
        raise _unusable(path, error.strerror or str(error)) from error
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise _unusable(path, f"it is no key of a log: {error}") from error


def begin(place: StorePlace) -> Names:
    """Make a key where there is none, and return its names.

    Raises:
        OSError: It cannot be written.
    """
    made = Names(key=secrets.token_bytes(_KEY_BYTES))
    new_file.create(path_of(place), dump(made))
    return made


def dump(names: Names) -> bytes:
    """Return the document in which names are kept."""
    held = {"format": FORMAT, "version": VERSION, "key": names.key.hex(), "earlier": dict(names.earlier)}
    return json.dumps(held).encode() + b"\n"


def _unusable(path: Path, why: str) -> StoreError:
    return StoreError(
        f"{path} cannot be used: {why}",
        hint=f"put it aside, and lines from now on have new pseudonyms: {here().move(path, f'{path}-aside')}",
    )
