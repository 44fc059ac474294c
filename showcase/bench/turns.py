"""What a turn costs with each backend."""

from __future__ import annotations

import statistics
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from showcase.conversation.conversation import Conversation, Manner
from showcase.documents.leftovers import temporary
from showcase.evidence.fact import Fact
from showcase.memory.backends import opening
from showcase.settings.store_place import store_place

if TYPE_CHECKING:
    from collections.abc import Callable

    from showcase.engines.everyday import Opened
    from showcase.memory.backends.interface import BackendName

Arm = Literal["mem0", "mem0-infer", "chroma"]
ARMS: tuple[Arm, ...] = ("mem0", "mem0-infer", "chroma")

TOLD = (
    "I live in an old flat above a bakery in Bergen.",
    "My sister Ingrid repairs wooden boats.",
    "I am allergic to hazelnuts and I drink no milk.",
    "On Tuesdays I play the cello in a quartet.",
    "My favourite restaurant is a small place called Havn.",
    "I am writing a thesis about the drift of sea ice.",
    "My dog is a whippet and his name is Knut.",
    "I take the first ferry at six every morning.",
)
"""What somebody tells, a sentence a turn."""


@dataclass(frozen=True, slots=True, kw_only=True)
class BackendCost(Fact):
    """What the turns with one backend cost.

    Attributes:
        arm: The backend, and whether mem0 extracts.
        turns: How many were played.
        chat_calls: Requests of the backend to the chat model, all turns together; the reply itself is none of them.
        embed_calls: Its requests to the embedding model.
        search_s: Median time of a search, in seconds.
        save_s: Median time of storing a turn, in seconds.
        save_most_s: The longest.
        rows: Rows that lay in the store at the end.
    """

    arm: Arm
    turns: int
    chat_calls: int
    embed_calls: int
    search_s: float
    save_s: float
    save_most_s: float
    rows: int


def backend_cost(
    server: Opened, arm: Arm, *, turns: int, limit_s: float, on_turn: Callable[[int], None]
) -> BackendCost:
    """Play turns of somebody who tells things, in a store of its own.

    Args:
        server: The model server.
        arm: Which backend.
        turns: How many; at most as many as there are sentences.
        limit_s: How long a whole answer of the server may take.
        on_turn: Told each turn's number when it is over.
    """
    name: BackendName = "chroma" if arm == "chroma" else "mem0"
    with (
        temporary("showcase-bench-") as directory,
        opening.opened(
            opening.look(store_place(directory / "store")),
            server,
            name=name,
            infer=arm == "mem0-infer",
            limit_s=limit_s,
        ) as backend,
    ):
        manner = Manner(user_id="teller", top_k=5, threshold=0.3)
        conversation = Conversation(backend, server, manner, may_use=lambda *_: True)
        played = []
        for number, words in enumerate(TOLD[:turns], start=1):
            played.append(conversation.play(conversation.prepare(words), lambda _: None))
            on_turn(number)
        calls = backend.calls()
        return BackendCost(
            arm=arm,
            turns=len(played),
            chat_calls=calls.chat,
            embed_calls=calls.embed,
            search_s=round(statistics.median(turn.search_s for turn in played), 4),
            save_s=round(statistics.median(turn.save_s for turn in played), 4),
            save_most_s=round(max(turn.save_s for turn in played), 4),
            rows=backend.rows.count("teller"),
        )
