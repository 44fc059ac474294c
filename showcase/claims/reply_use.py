"""What a reply has to do with the memories that were recalled for it: an observation by its words, and no verdict."""

from __future__ import annotations

import re
from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING

from showcase.claims.wording import WORD, is_ending, telling, to_the_reader, weight, words
from showcase.languages import tell
from showcase.languages.function_words import WORDS

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from showcase.evidence import Reply, Session

SHARED_WORDS = 2
"""Words that a reply and a memory share, beyond those of the question, where the reply is said to use it: one alone,
such as `allergic`, may be said of anything. A memory that has fewer is used where the reply has all."""

_SHOWN = 6
_MARKS = re.compile(r"[^\w]+")
_SPELLED = re.compile(r"[^\W_]+")
_END = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class MemoryUse:
    """A memory that a reply uses, and the words by which that was told."""

    memory: str
    words: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class ReplyUse:
    """What a reply uses, and what it says besides.

    Attributes:
        recalled: How many memories were recalled.
        used: Those of them that the reply uses.
        new_words: Its words that say something and that no memory, question or prompt holds.
        empty: Whether it says nothing at all.
    """

    recalled: int
    used: tuple[MemoryUse, ...]
    new_words: tuple[str, ...]
    empty: bool = False

    @property
    def sentence(self) -> str:
        """What was observed, for a person."""
        if self.empty:
            return "is empty: it has nothing to compare"
        memories = "1 recalled memory" if self.recalled == 1 else f"{self.recalled} recalled memories"
        if not self.new_words:
            return f"uses {len(self.used)} of {memories}, and no word that they, the question or the prompt lack"
        more = f" and {len(self.new_words) - _SHOWN} more" if len(self.new_words) > _SHOWN else ""
        count = "1 word" if len(self.new_words) == 1 else f"{len(self.new_words)} words"
        shown = ", ".join(self.new_words[:_SHOWN])
        return f"uses {len(self.used)} of {memories}; {count} that neither they nor the question hold: {shown}{more}"


REHEARSED = "the rehearsal engine quotes what is near to the question, and found none of it near enough"


def unused(item: Session, *, rehearsed: bool) -> str | None:
    """Return in words that a reply uses nothing of what was recalled for it, None where it does, or nothing was."""
    use = of_session(item)
    if use is None or use.used:
        return None
    if use.empty and item.reply is not None:
        return silence(item.reply)
    if not use.recalled:
        return None
    return f"The answer uses nothing of what was recalled{f': {REHEARSED}' if rehearsed else ''}."


def silence(reply: Reply) -> str:
    """Return in words that a reply holds no text, and what that comes of."""
    tokens = reply.reply_tokens
    spent = "" if tokens is None else " of its 1 token" if tokens == 1 else f" of its {tokens} tokens"
    if reply.done_reason == "length":
        return "The model's reply is empty: its limit came before any text. It may have thought all the time."
    if spent:
        return f"The model's reply is empty: none{spent} is text. It called a tool, thought, or has no chat template."
    return "The model's reply is empty."


def of_session(item: Session) -> ReplyUse | None:
    """Return what the reply of a session uses, None where it did not search, or got no reply."""
    if item.recalled is None or item.reply is None:
        return None
    given = [message.content for message in item.messages]
    return reply_use([row.text for row in item.recalled], item.reply.text, question=item.question or "", prompt=given)


def reply_use(memories: Sequence[str], reply: str, *, question: str, prompt: Iterable[str] = ()) -> ReplyUse:
    """Compare the words of a reply with those of the memories that were recalled.

    Args:
        memories: The texts that were recalled.
        reply: What was replied.
        question: What was asked.
        prompt: The messages that were sent, which the memories may be part of.
    """
    # Words that hold a sentence together: those of English `telling` leaves out already.
    foreign = WORDS.get(tell(reply) or "en", frozenset()) - WORDS["en"]
    little = {part for word in foreign for part in words(word)}
    asked = set(_terms(question)) | little
    said = set(_terms(reply)) - asked
    used = []
    for memory in memories:
        own = [term for term in dict.fromkeys(_terms(memory)) if term not in asked]
        own = [term for term in own if not is_ending(term)] or own
        shared = tuple(term for term in own if term in said)
        if shared and len(shared) >= min(SHARED_WORDS, len(own)):
            used.append(MemoryUse(memory=memory, words=shared))
    known = {term for text in (question, *memories, *prompt) for term in _terms(text)}
    new = [word for word in dict.fromkeys(_words(reply)) if _singular(word) not in known and word not in little]
    spelled = {part: word.lower() for word in _SPELLED.findall(reply) if len(words(word)) == 1 for part in words(word)}
    new = [spelled.get(word, word) for word in new]
    new += dict.fromkeys(_new_runs(reply, known))
    return ReplyUse(recalled=len(memories), used=tuple(used), new_words=tuple(new), empty=not reply.strip())


def _new_runs(text: str, known: set[str]) -> Iterator[str]:
    """Yield what a text has in scripts without spaces that is not known: runs of characters, no two of them known.

    Hiragana alone are endings and particles, which say little by themselves.
    """
    for part in _MARKS.split(text):
        run = ""
        for one, other in pairwise([*words(part), _END]):
            if other != _END and weight(one) < WORD and weight(other) < WORD and f"{one}{other}" not in known:
                run += other if run else one + other
                continue
            if run and not is_ending(run):
                yield run
            run = ""


def _words(text: str) -> list[str]:
    """Return the words that say something; scripts without spaces have none that could be told apart."""
    return [word for word in to_the_reader(words(text)) if telling(word) and weight(word) == WORD]


def _terms(text: str) -> list[str]:
    """Return what is compared: words without the `s` of a plural, and pairs of characters where there are no spaces."""
    found = words(text)
    pairs = [f"{one}{other}" for one, other in pairwise(found) if weight(one) < WORD and weight(other) < WORD]
    return [*map(_singular, _words(text)), *pairs]


def _singular(word: str) -> str:
    return word[:-1] if len(word) > len("gas") and word.endswith("s") else word
