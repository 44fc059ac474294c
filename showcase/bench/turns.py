"""What it is worth that equal memories give equal bytes in the prompt."""

from __future__ import annotations

import statistics
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Literal

from showcase.conversation.conversation import Conversation, Manner
from showcase.documents.leftovers import temporary
from showcase.evidence import Message
from showcase.evidence.fact import Fact
from showcase.memory.backends import opening
from showcase.settings.store_place import store_place

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from showcase.conversation.turn import Prepared
    from showcase.engines.everyday import Opened

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

_QUESTIONS = ("Where should I have dinner tonight?", "What should I not put into a cake for me?")


@dataclass(frozen=True, slots=True, kw_only=True)
class PrefixCost(Fact):
    """How long the server read the prompt of a second turn that recalls the same memories as the first.

    Attributes:
        order: `stored` is how a prompt has them, the same bytes each time; `turned` has them the other way round in
            the second turn, as an order by rank may.
        pairs: How many pairs of turns.
        tokens: Tokens of a second prompt, the median.
        first_s: How long the first prompt of a pair was read, the median.
        second_s: How long the second was read.
    """

    order: Literal["stored", "turned"]
    pairs: int
    tokens: int
    first_s: float
    second_s: float


def prefix_costs(
    server: Opened, *, pairs: int, limit_s: float, on_pair: Callable[[int], None]
) -> tuple[PrefixCost, PrefixCost]:
    """Return what a second turn costs where its memories stand as in the first, and where they are turned round.

    The pairs of both alternate. Each tells of another year, so that no pair finds its memories read already; what they
    share is the rules, which come before.

    Args:
        server: The model server.
        pairs: How many pairs of each.
        limit_s: How long a whole answer of the server may take.
        on_pair: Told how many pairs are over.
    """
    taken: dict[Literal["stored", "turned"], list[tuple[float, float, int]]] = {"stored": [], "turned": []}
    with (
        temporary("showcase-bench-") as directory,
        opening.opened(
            opening.look(store_place(directory / "store")), server, name="chroma", limit_s=limit_s
        ) as backend,
    ):
        order: Literal["stored", "turned"]
        for number in range(pairs):
            for order in ("stored", "turned"):
                user_id = f"{order}-{number}"
                for words in TOLD:
                    said = f"In {1900 + 2 * number + (order == 'turned')}, {words[0].lower()}{words[1:]}"
                    backend.add(user_id, [Message(role="user", content=said)], source="typed")
                manner = Manner(user_id=user_id, top_k=len(TOLD), threshold=-1.0, saves=False)
                conversation = Conversation(backend, server, manner, may_use=lambda *_: True)
                first, second = (conversation.prepare(words) for words in _QUESTIONS)
                if order == "turned":
                    second = _turned(second)
                replies = [conversation.play(each, lambda _: None).reply for each in (first, second)]
                taken[order].append(
                    (replies[0].prompt_s or 0.0, replies[1].prompt_s or 0.0, replies[1].prompt_tokens or 0)
                )
                on_pair(sum(map(len, taken.values())))
    return _prefix_cost("stored", taken["stored"]), _prefix_cost("turned", taken["turned"])


def _prefix_cost(order: Literal["stored", "turned"], taken: Sequence[tuple[float, float, int]]) -> PrefixCost:
    return PrefixCost(
        order=order,
        pairs=len(taken),
        tokens=int(statistics.median(tokens for _, _, tokens in taken)),
        first_s=round(statistics.median(first for first, _, _ in taken), 4),
        second_s=round(statistics.median(second for _, second, _ in taken), 4),
    )


def _turned(prepared: Prepared) -> Prepared:
    """Return the same prompt with its memories the other way round."""
    system, *rest = prepared.messages
    lines = system.content.split("\n")
    places = [index for index, line in enumerate(lines) if line.startswith("- ")]
    for place, line in zip(places, [lines[index] for index in reversed(places)], strict=True):
        lines[place] = line
    return replace(prepared, messages=(replace(system, content="\n".join(lines)), *rest))
