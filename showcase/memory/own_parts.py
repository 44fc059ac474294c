"""Parts of a stock mem0 that it keeps to itself: looked at, never replaced."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from showcase.evidence import Message
from showcase.memory.extraction_prompt import LAST_MESSAGES

if TYPE_CHECKING:
    import httpx


def http_clients(memory: Any) -> tuple[httpx.Client, ...]:  # noqa: ANN401 - mem0's own class, which ships no types
    """Return the HTTP clients through which mem0 speaks with its chat model and its embedding model.

    Neither mem0 nor Ollama's client hands them out, and there is no other place where one sees what mem0 itself
    sent and got without standing in between.
    """
    return tuple(part.client._client for part in (memory.llm, memory.embedding_model))  # noqa: SLF001 - see above


def last_messages(memory: Any, user_id: str) -> tuple[Message, ...]:  # noqa: ANN401 - likewise
    """Return the messages of a user that mem0 would repeat in its next extraction prompt, oldest first."""
    from mem0.memory.main import _build_session_scope  # noqa: PLC0415 - heavy

    rows = memory.db.get_last_messages(_build_session_scope({"user_id": user_id}), limit=LAST_MESSAGES)
    return tuple(Message(role=str(row["role"]), content=str(row["content"])) for row in rows)


def close_store(vector_store: Any) -> None:  # noqa: ANN401 - likewise
    """Let go of the connections that mem0's adapter holds to its engine; mem0's own `close` leaves them open."""
    pool = getattr(vector_store, "connection_pool", None)
    holder = pool if pool is not None else vector_store.client
    holder.close()
    # A Chroma server's client is two with a session each, and closes neither.
    for part in (holder, getattr(holder, "_admin_client", None)):
        session = getattr(getattr(part, "_server", None), "_session", None)
        if session is not None:
            session.close()


def renew_connections(vector_store: Any) -> None:  # noqa: ANN401 - likewise
    """Put new connections in the place of those that a server has ended meanwhile; mem0 would use them and fail."""
    pool = getattr(vector_store, "connection_pool", None)
    if pool is not None:
        pool.check()
