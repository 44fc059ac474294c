"""Whether a reply is right: by words, by the same rule for every engine and arm.

By the kind of question, a reply is right where it

- told: holds the answer by the set's key (patterns such as `pixel`, or `^no` for what is answered by yes or no), and
  uses no fact but those that bear on the question;
- not told: says that it does not know, and uses no fact;
- general, small talk: is not empty, and uses no fact.

A fact is used as `claims.reply_use` has it, the product's own judgement of what a reply uses: by two words that say
something, or by all where there are fewer. Words of the question and of the facts that bear on it count for none. That
judgement is not taken for the answer itself, and stands beside it: it wants two words, and to "What is my cat called?"
one is enough; and it takes "You prefer coffee to tea." for the contrary, which it shares all words with.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from showcase.claims.reply_use import reply_use

if TYPE_CHECKING:
    from collections.abc import Sequence

    from showcase.bench.answers.samples import Answer
    from showcase.bench.questions.questionnaire import Case

_SENTENCE = re.compile(r"[.!?\n]+")
_NEGATION = re.compile(r"\b(?:not?|nothing|none|never|cannot|without)\b|n['\u2019]t\b", re.IGNORECASE)
_KNOWING = re.compile(
    r"\b(?:know|sure|aware|told|tell|said|say|mention|provid|specif|inform|list|stat|given|record|contain|includ|"
    r"access|find|found|answer|determin|detail|available|hold|kind)",
    re.IGNORECASE,
)
_UNKNOWN = re.compile(r"\b(?:unknown|unable|unclear|unspecified)\b", re.IGNORECASE)
_CUT = "length"


@dataclass(frozen=True, slots=True, kw_only=True)
class Judgement:
    """What is observed of a reply.

    Attributes:
        right: See the module.
        in_prompt: Whether the answer stood among the memories of its prompt; None where the question has no key.
        lacks: Whether it says that it does not know.
        uses: Whether it uses every fact that a right answer rests on, as `claims.reply_use` has it; None likewise.
        others: Facts it uses that have nothing to do with the question.
        new_words: How many of its words say something and were given by nobody.
        cut: Whether it met the limit of tokens.
    """

    right: bool
    in_prompt: bool | None
    lacks: bool
    uses: bool | None
    others: tuple[str, ...]
    new_words: int
    cut: bool


def judge(case: Case, answer: Answer) -> Judgement:
    """Judge a reply."""
    reply = answer.reply
    others = used(case.others, reply, beside=(case.ask, *case.near))
    lacks = does_not_know(reply)
    if case.kind == "told":
        holds = case.answered(reply)
    elif case.kind == "not told":
        holds = lacks
    else:
        holds = bool(reply.strip())
    use = reply_use(answer.memories, reply, question=case.ask, prompt=answer.prompt)
    return Judgement(
        right=holds and not others,
        in_prompt=case.answered("\n".join(answer.memories)) if case.answer else None,
        lacks=lacks,
        uses=used(case.needed, reply, beside=(case.ask,)) == case.needed if case.needs else None,
        others=others,
        new_words=len(use.new_words),
        cut=answer.done_reason == _CUT,
    )


def used(facts: Sequence[str], text: str, *, beside: Sequence[str] = ()) -> tuple[str, ...]:
    """Return the facts that a text uses.

    Args:
        facts: Those that are looked for.
        text: A reply, or a memory.
        beside: Texts whose words tell nothing.
    """
    return tuple(each.memory for each in reply_use(facts, text, question=" ".join(beside)).used)


def does_not_know(reply: str) -> bool:
    """Tell whether a reply says that it does not know: a sentence that denies and speaks of knowing or telling."""
    return any(
        _UNKNOWN.search(sentence) or (_NEGATION.search(sentence) and _KNOWING.search(sentence))
        for sentence in _SENTENCE.split(reply)
    )
