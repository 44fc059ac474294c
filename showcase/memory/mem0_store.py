"""Stock mem0 on a Chroma store: how it is configured, and what its answers mean.

`open_memory` returns mem0's own `Memory`; whoever calls it calls mem0. Nothing here stands between them.
"""

from __future__ import annotations

import logging
import warnings
from pathlib import Path
from typing import TYPE_CHECKING, Any

from showcase.errors import StoreError
from showcase.evidence import Endpoint, MemoryRow, Recall
from showcase.memory.heavy_import import without_collecting
from showcase.memory.store_errors import as_store_error, check_databases, check_dimensions
from showcase.stores.told import told

if TYPE_CHECKING:
    from collections.abc import Mapping

    from showcase.settings.store_address import StoreAddress

COLLECTION = "mem0"
EVERYTHING = 1_000_000
"""`top_k` of a listing that must not leave a row out; mem0's default is 20."""

_TOLD_AS_ERRORS = ("mem0.vector_stores", "psycopg.pool")
"""What these log, with a traceback, they raise as well, and then a person is told in words."""

REPLY_BUDGET = 2000
"""Tokens that mem0 lets the model write in an extraction; its own default."""


def configuration(
    *,
    store: Path,
    home: Path,
    endpoint: Endpoint,
    chat_model: str,
    embed_model: str,
    dimensions: int,
    collection: str = COLLECTION,
    vector_store: Mapping[str, Any] | None = None,
) -> dict[str, Any]:
    """Return the configuration for `Memory.from_config`.

    Model and embedder are both named: what is left out, mem0 takes from OpenAI.

    Args:
        store: Chroma's directory, for a store that has one.
        home: mem0's own directory.
        endpoint: Where the model server listens.
        chat_model: The model that extracts.
        embed_model: The model that embeds.
        dimensions: Numbers of its vectors.
        collection: Name of the collection in an embedded Chroma.
        vector_store: The store where it is another one; see `stores.provider`.
    """
    url = f"http://{endpoint}"
    return {
        "vector_store": dict(
            vector_store or {"provider": "chroma", "config": {"collection_name": collection, "path": str(store)}}
        ),
        "llm": {
            "provider": "ollama",
            "config": {
                "model": chat_model,
                "ollama_base_url": url,
                "temperature": 0.1,
                "max_tokens": REPLY_BUDGET,
            },
        },
        "embedder": {
            "provider": "ollama",
            "config": {"model": embed_model, "ollama_base_url": url, "embedding_dims": dimensions},
        },
        "history_db_path": str(home / "history.db"),
    }


def import_mem0() -> None:
    """Import mem0, which takes a second; separate, so that the moment can be shown."""
    # It warns that Chroma has no keyword search and that spaCy is missing: both are as intended.
    logging.getLogger("mem0").setLevel(logging.ERROR)
    for name in _TOLD_AS_ERRORS:
        logging.getLogger(name).setLevel(logging.CRITICAL)
    with without_collecting():
        import mem0  # noqa: F401, PLC0415 - heavy, and to be imported under the eyes of the witnesses


def open_memory(config: Mapping[str, Any], *, limit_s: float, address: StoreAddress | None = None) -> Any:  # noqa: ANN401 - mem0's own class, which ships no types
    """Return stock mem0 on `config`.

    mem0 lets nobody give it a client of the model server, and its own would read an answer without end. So the clients
    that it makes here get limits; they send and receive what they always do.

    Args:
        config: See `configuration`.
        limit_s: How long a whole answer of the model server may take.
        address: The URL of the store, None for an embedded Chroma.

    Raises:
        StoreError: The store is locked, damaged, read-only or of another dimension than the embedding model.
    """
    from mem0 import Memory  # noqa: PLC0415 - heavy

    from showcase.engines.answers import REPLY_BYTES, in_every_client, limits_of_work  # noqa: PLC0415 - with it

    store, home = Path(config["vector_store"]["config"].get("path", "")), Path(config["history_db_path"]).parent
    try:
        if address is None:
            check_databases(store, home)
        # mem0 imports the clients that the configuration names only here.
        with (
            without_collecting(),
            in_every_client(limits_of_work(limit_s, REPLY_BYTES)),
            warnings.catch_warnings(),
        ):
            warnings.simplefilter("ignore", DeprecationWarning)  # of one vendor to another
            memory = Memory.from_config(dict(config))
        if address is None:
            check_dimensions(memory, config["embedder"]["config"]["embedding_dims"], store)
    except StoreError:
        raise
    except Exception as error:
        translated = told(address, error) if address else as_store_error(error, store, home)
        if translated is None:
            raise
        raise translated from error
    return memory


def memory_rows(answer: Mapping[str, Any], *, user_id: str | None = None) -> tuple[MemoryRow, ...]:
    """Return the rows of what `add` or `get_all` answered; `add` does not repeat the user id."""
    return tuple(
        MemoryRow(memory_id=str(row["id"]), text=str(row.get("memory", "")), user_id=row.get("user_id") or user_id)
        for row in answer.get("results", ())
        if row.get("event", "ADD") == "ADD"
    )


def recalls(answer: Mapping[str, Any], *, by_cosine: bool = False) -> tuple[Recall, ...]:
    """Return the rows of what `search(…, explain=True)` answered, with a true cosine.

    mem0's Chroma adapter scores 1/(1+d), d being the squared L2 distance (Chroma's default space). For unit
    vectors d = 2 - 2 cos, thus cos = 1 - d/2. mem0 may add to its score; the semantic part is in the details.

    Args:
        answer: What mem0 answered.
        by_cosine: Whether the adapter scores by the cosine itself, as those of all other engines do here; pgvector's
            and Redis's make 0 of a negative one.
    """
    rows = []
    for row in answer.get("results", ()):
        details = row.get("score_details") or {}
        semantic = float(details.get("semantic_score", row["score"]))
        distance = 2 - 2 * semantic if by_cosine else 1 / semantic - 1
        rows.append(
            Recall(
                memory_id=str(row["id"]),
                text=str(row.get("memory", "")),
                user_id=row.get("user_id"),
                score=float(row["score"]),
                distance=round(distance, 6),
                cosine=round(1 - distance / 2, 6),
            )
        )
    return tuple(rows)
