"""Looks for one user's memories in what another user got: whole ones, and runs of their words.

Words are compared as `wording` levels them out; where they have twelve letters together also letter by letter, so that
words that were joined, split or written from right to left are found too.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING

from showcase.claims.readings import readings
from showcase.claims.wording import (
    WORD,
    as_written,
    is_ending,
    seen,
    spellings,
    telling,
    to_the_reader,
    weight,
    words,
)
from showcase.languages import tell
from showcase.languages.function_words import WORDS

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from showcase.claims.readings import Reading

RUN_WORDS = 4
"""Words in a row that are one user's where nobody else says them; fewer may be said by chance."""

TELLING_WORDS = ((RUN_WORDS, 3), (RUN_WORDS + 1, 2))
"""Words in a row, and how many of them have to say something by themselves: anybody says `place by the river`. In
Japanese anybody says `ことにしています`: of hiragana alone, which endings are written in, more are needed."""

FOREIGN = 2
"""Likewise, of a language whose words that say little are known but for a few verbs."""

ENDINGS = 2 * RUN_WORDS
"""Words of hiragana alone, in a text that has more than hiragana."""

LETTERS = 12
"""Letters in a row that are compared without regard to where words begin."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """What a text holds of a memory.

    Attributes:
        memory: The memory.
        words: The words of it that stand there in a row.
        whole: Whether this, with what else was found, is all of the memory, and more than chance would say.
        text: The number of the text; where the words go on in the next one, of the last.
    """

    memory: str
    words: str
    whole: bool
    text: int


@dataclass(frozen=True, slots=True)
class _Run:
    """Words `begin` to `end` of one form of a memory: as it was written, or as said to the one who said it."""

    memory: int
    form: tuple[str, ...]
    begin: int
    end: int

    @property
    def words(self) -> tuple[str, ...]:
        return self.form[self.begin : self.end]

    @property
    def letters(self) -> str:
        return "".join(self.words)


def held(memories: Iterable[str], text: str) -> list[str]:
    """Return which memories a text holds whole, in whatever case, persons or punctuation."""
    said = _Own((text,))
    return [memory for memory in memories if said.says(memory)]


class Memories:
    """Memories of one user, to be looked for.

    Args:
        texts: The memories.
        own: What may be said anyway: texts of the other user, the question, the program's own prompt. A memory that
            they hold is none to look for, and a run of words that they hold is not that of one user alone.

    Attributes:
        texts: The memories that are looked for.
        shared: Those that are not, because `own` holds them.
    """

    def __init__(self, texts: Iterable[str], own: Sequence[str]) -> None:
        given = [text for text in dict.fromkeys(texts) if text.strip()]
        self._own = _Own(own)
        self.texts = tuple(text for text in given if not self._own.says(text))
        self.shared = tuple(text for text in given if text not in set(self.texts))
        self._written = [words(text) for text in self.texts]
        self._by_letters: dict[str, list[tuple[str, _Run]]] = defaultdict(list)
        self._by_words: dict[int, dict[tuple[str, ...], list[_Run]]] = defaultdict(lambda: defaultdict(list))
        for number, written in enumerate(self._written):
            little = _little(self.texts[number])
            both = ((to_the_reader(row), row) for row in spellings(self.texts[number]))
            for form in dict.fromkeys(tuple(row) for rows in both for row in rows):
                for run in _runs(number, form, written, little):
                    self._by_words[len(run.words)][run.words].append(run)
                    if len(run.letters) >= LETTERS:
                        self._by_letters[run.letters[:LETTERS]].append((run.letters, run))

    def look(self, texts: Sequence[str]) -> list[Found]:
        """Return what the texts hold, whole memories first; they are read one after the other, too."""
        told: dict[tuple[int, tuple[str, ...]], set[int]] = defaultdict(set)
        places: dict[tuple[int, int, int], int] = {}
        for run, text in self._hits(texts):
            told[run.memory, run.form].update(range(run.begin, run.end))
            places.setdefault((run.memory, run.begin, run.end), text)
        complete = {memory for (memory, form), covered in told.items() if len(covered) == len(form)}
        wholes = {memory for memory in complete if self._certain(memory, texts)}
        rows = [
            Found(
                memory=self.texts[memory],
                words=" ".join(self._written[memory][begin:end]),
                whole=memory in wholes,
                text=text,
            )
            for (memory, begin, end), text in places.items()
        ]
        return sorted([*_longest(rows), *self._without_words(texts)], key=lambda each: not each.whole)

    def _certain(self, number: int, texts: Sequence[str]) -> bool:
        """Return whether a memory is too long to be said by chance; a short one has to be there to the letter."""
        written = self._written[number]
        heavy = sum(map(weight, written))
        if heavy >= RUN_WORDS * WORD or any(words(text) == written for text in texts):
            return True
        if heavy <= WORD:
            return False
        exact = as_written(self.texts[number])
        return len("".join(written)) >= LETTERS or any(f" {exact} " in f" {as_written(text)} " for text in texts)

    def _without_words(self, texts: Sequence[str]) -> Iterator[Found]:
        """Yield the memories that have signs alone, such as emoji, and were found as they are."""
        signs = [memory for memory, written in zip(self.texts, self._written, strict=True) if not written]
        for memory in signs:
            place = next((number for number, text in enumerate(texts) if seen(memory).strip() in seen(text)), None)
            if place is not None:
                whole = any(text.strip() == memory.strip() for text in texts)
                yield Found(memory=memory, words=memory, whole=whole, text=place)

    def _hits(self, texts: Sequence[str]) -> Iterator[tuple[_Run, int]]:
        for text in readings(texts):
            yield from self._in_words(text)
            if self._by_letters:
                yield from self._in_letters(text)

    def _in_words(self, text: Reading) -> Iterator[tuple[_Run, int]]:
        for length, rows in self._by_words.items():
            done: dict[tuple[int, tuple[str, ...]], int] = {}
            for at in range(len(text.words) - length + 1):
                for run in rows.get(text.words[at : at + length], ()):
                    key = (run.memory, run.form)
                    if done.get(key, 0) < at + length and not self._own.holds(run):
                        longer = _extended(run, text.words, at)
                        done[key] = at - run.begin + longer.end
                        yield longer, text.number[done[key] - 1]

    def _in_letters(self, text: Reading) -> Iterator[tuple[_Run, int]]:
        done: dict[tuple[int, tuple[str, ...]], int] = {}
        for at in range(len(text.letters) - LETTERS + 1):
            for letters, run in self._by_letters.get(text.letters[at : at + LETTERS], ()):
                key = (run.memory, run.form)
                if done.get(key, 0) >= at + len(letters) or not text.letters.startswith(letters, at):
                    continue
                if not self._own.holds(run):
                    longer = _extended_by_letters(run, text.letters, at)
                    done[key] = at + len("".join(run.form[run.begin : longer.end]))
                    yield longer, text.of_letter(done[key] - 1)


def _little(text: str) -> frozenset[str]:
    """Return what says little in a memory that is not English: words that hold its language together."""
    return frozenset(part for word in WORDS.get(tell(text) or "en", WORDS["en"]) - WORDS["en"] for part in words(word))


def _runs(number: int, form: tuple[str, ...], written: Sequence[str], little: frozenset[str]) -> Iterator[_Run]:
    """Yield the least runs that count, from each word on; of a memory without any, the whole."""
    ends = [_least(form, written, little, begin) for begin in range(len(form))]
    least = [_Run(number, form, begin, end) for begin, end in enumerate(ends) if end is not None]
    yield from least or ([_Run(number, form, 0, len(form))] if form else [])


def _least(form: Sequence[str], written: Sequence[str], little: frozenset[str], begin: int) -> int | None:
    """Return the end of the shortest run from a word on that counts.

    What says something is told from the words as they were written, whatever `form` has made of them.
    """
    end, heavy = begin, 0
    all_endings = is_ending("".join(written))  # who writes no ideograph has nothing else to be told by
    for several, telling_words in TELLING_WORDS:
        while end < len(form) and heavy < several * WORD:
            heavy += weight(form[end])
            end += 1
        own = written[begin:end]
        says = sum(telling(word) and each not in little for word, each in zip(form[begin:end], own, strict=True))
        if (
            heavy >= several * WORD
            and says >= (FOREIGN if little else telling_words)
            and (all_endings or not is_ending("".join(own)))
        ):
            return end
    while end < len(form) and heavy < ENDINGS * WORD and is_ending("".join(written[begin : end + 1])):
        heavy += weight(form[end])
        end += 1
    return end if heavy >= ENDINGS * WORD and is_ending("".join(written[begin:end])) else None


def _extended(run: _Run, said: Sequence[str], at: int) -> _Run:
    """Return the run, found at a word, with the words before and after it that stand there too."""
    first, last, shift = run.begin, run.end, at - run.begin
    while last < len(run.form) and last + shift < len(said) and said[last + shift] == run.form[last]:
        last += 1
    while first > 0 and first + shift > 0 and said[first + shift - 1] == run.form[first - 1]:
        first -= 1
    return _Run(run.memory, run.form, first, last)


def _extended_by_letters(run: _Run, letters: str, at: int) -> _Run:
    """Return the run, found at a letter, with the words before and after it that stand there too."""
    first, last, end = run.begin, run.end, at + len(run.letters)
    while last < len(run.form) and letters.startswith(run.form[last], end):
        end += len(run.form[last])
        last += 1
    while first > 0 and letters.endswith(run.form[first - 1], 0, at):
        first -= 1
        at -= len(run.form[first])
    return _Run(run.memory, run.form, first, last)


def _longest(found: Iterable[Found]) -> list[Found]:
    """Return the finds that are no part of another one of the same memory."""
    kept: dict[str, list[Found]] = defaultdict(list)
    for each in sorted(found, key=lambda each: -len(each.words)):
        if not any(f" {each.words} " in f" {other.words} " for other in kept[each.memory]):
            kept[each.memory].append(each)
    return [each for rows in kept.values() for each in rows]


class _Own:
    """What may be said anyway."""

    def __init__(self, texts: Sequence[str]) -> None:
        rows = [list(row) for text in texts for row in dict.fromkeys(map(tuple, spellings(text)))]
        both = [*rows, *(to_the_reader(row) for row in rows)]
        self._signs = "\n".join(map(seen, texts))
        self._words = "\n".join(f" {' '.join(row)} " for row in both)
        self._letters = "\n".join("".join(row) for row in both)
        self.holds = lru_cache(maxsize=65_536)(self._holds)

    def says(self, text: str) -> bool:
        """Return whether all of a text is in there."""
        said = to_the_reader(words(text))
        return f" {' '.join(said)} " in self._words if said else seen(text).strip() in self._signs

    def _holds(self, run: _Run) -> bool:
        letters = run.letters
        return f" {' '.join(run.words)} " in self._words or (len(letters) >= LETTERS and letters in self._letters)
