"""The ways in which texts can be read: as written, otherwise spelled, from right to left, in characters nobody sees."""

from __future__ import annotations

import unicodedata
from bisect import bisect_right
from dataclasses import dataclass
from typing import TYPE_CHECKING

from showcase.claims.wording import hidden, spellings, to_the_reader, words

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence


@dataclass(frozen=True, slots=True)
class Reading:
    """Texts read one after the other: their words, their letters without a gap, and which text each is of."""

    words: tuple[str, ...]
    number: tuple[int, ...]
    letters: str
    starts: tuple[int, ...]

    def of_letter(self, place: int) -> int:
        """Return the number of the text that has a letter."""
        return self.number[bisect_right(self.starts, place) - 1]


def readings(texts: Sequence[str]) -> Iterator[Reading]:
    """Yield the texts in each spelling, as said to the reader, from right to left, and in tag characters."""
    spelled = [list(rows) for rows in zip(*map(spellings, texts), strict=True)]
    different = [rows for number, rows in enumerate(spelled) if rows not in spelled[:number]]
    for written in different:
        yield _reading(written)
        said = [to_the_reader(row) for row in written]
        if said != written:
            yield _reading(said)
    # Before they are levelled out: a syllable of Korean is its letters then, which stand in their order still.
    backwards = [words(unicodedata.normalize("NFC", text)[::-1]) for text in texts]
    # Without the ends of words of Latin script; the characters of a script without spaces stay one by one.
    yield _reading([words("".join(row)) for row in backwards])
    unseen = [words(hidden(text)) for text in texts]
    if any(unseen):
        yield _reading(unseen)


def _reading(rows: Sequence[Sequence[str]]) -> Reading:
    flat = [(word, number) for number, row in enumerate(rows) for word in row]
    starts, length = [], 0
    for word, _ in flat:
        starts.append(length)
        length += len(word)
    return Reading(
        tuple(word for word, _ in flat),
        tuple(number for _, number in flat),
        "".join(word for word, _ in flat),
        tuple(starts),
    )
