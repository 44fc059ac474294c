"""The two layouts of a store, and how the collections of each are named.

`shared` is mem0's own: one collection for everybody, and a filter. `per-user` has one collection a user, where another
user's rows are not there to be found, and a query does not get slower with them.
"""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING, Any

from showcase.memory.mem0_store import COLLECTION

if TYPE_CHECKING:
    from collections.abc import Mapping

    from showcase.memory.store_record import Layout

PREFIX = "user-"
"""How the name of one user's collection begins. What follows is a digest, because a user id may hold what a name of
Chroma's may not (3 to 512 characters of `[a-zA-Z0-9._-]`); the id itself stands in the collection's metadata."""

USER = "user_id"


def collection_name(layout: Layout, user_id: str) -> str:
    """Return the name of the collection that holds a user's rows."""
    if layout == "shared":
        return COLLECTION
    return PREFIX + hashlib.sha256(user_id.encode(errors="surrogatepass")).hexdigest()[:32]


def is_a_users(name: str, marks: Mapping[str, Any]) -> bool:
    """Tell whether a collection is one of `per-user`: the id beside it is the one that its name is the digest of.

    A name alone is anybody's: another program may have its `user-profiles` in the same database.
    """
    user_id = marks.get(USER)
    return isinstance(user_id, str) and name == collection_name("per-user", user_id)
