"""What it is worth that equal memories give equal bytes in the prompt."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Literal

from showcase.bench.prompt.asking import SHORT
from showcase.bench.prompt.samples import Pair
from showcase.conversation.conversation import Conversation, Manner
from showcase.documents.leftovers import temporary
from showcase.evidence import Message
from showcase.memory.backends import opening
from showcase.settings.store_place import store_place

if TYPE_CHECKING:
    from collections.abc import Sequence

    from showcase.bench.prompt.asking import Asker

Order = Literal["stored", "turned"]
ORDERS: dict[str, str] = {
    "stored": "a second turn whose memories stand as in the first, as our prompts have them",
    "turned": "a second turn whose memories are turned round, as an order by rank may have them",
}
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
_QUESTIONS = ("Where should I have dinner tonight?", "What should I not put into a cake for me?")


def pair(asker: Asker, order: Order, number: int, *, limit_s: float) -> Pair:
    """Return what two turns cost that recall the same memories.

    Each pair tells of another year, so that none finds its memories read already; what they share is the rules, which
    come before.

    Args:
        asker: Of a server with an embedding model.
        order: How the memories of the second turn stand.
        number: Of the pair.
        limit_s: How long a whole answer of the server may take.
    """
    year = 1900 + 2 * number + (order == "turned")
    with (
        temporary("showcase-bench-") as directory,
        opening.opened(
            opening.look(store_place(directory / "store")), asker.server, name="chroma", limit_s=limit_s
        ) as backend,
    ):
        for words in TOLD:
            said = f"In {year}, {words[0].lower()}{words[1:]}"
            backend.add("teller", [Message(role="user", content=said)], source="typed")
        manner = Manner(user_id="teller", top_k=len(TOLD), threshold=-1.0, saves=False)
        conversation = Conversation(backend, asker.server, manner, may_use=lambda *_: True)
        first, second = (conversation.prepare(words).messages for words in _QUESTIONS)
    asker.look_away()
    read = [
        asker.ask(messages, seed=number, num_predict=SHORT).read
        for messages in (first, turned(second) if order == "turned" else second)
    ]
    return Pair(first=read[0], second=read[1])


def turned(messages: Sequence[Message]) -> tuple[Message, ...]:
    """Return the same prompt with its memories the other way round."""
    system, *rest = messages
    lines = system.content.split("\n")
    places = [index for index, line in enumerate(lines) if line.startswith("- ")]
    for place, line in zip(places, [lines[index] for index in reversed(places)], strict=True):
        lines[place] = line
    return (replace(system, content="\n".join(lines)), *rest)
