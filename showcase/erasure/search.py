"""Looks for many byte patterns at once, at every byte of what it is given, by numpy.

A pattern is found by an anchor: some bytes of it as one number. All numbers that begin at any byte of the data are
looked up in a table of bits (a Bloom filter of one hash, https://doi.org/10.1145/362686.362692), and what is left is
compared byte by byte. Runs are what a search for words cannot do: a vector that was cut anywhere is told by any eight
numbers of it, without a pattern for each place at which it may be cut.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from showcase.evidence.erasure import Form

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence


LONGEST_RUN = 256
"""Bytes after which a run is taken for found: what overlaps between two pieces of a file is as long."""

SHORTEST = 4
"""Bytes below which a pattern turns up by chance: in ten megabytes of noise, one of three does about once."""

_WIDE, _NARROW = 8, 4
_MOST_ALIKE = 2
"""Patterns of runs that begin with one anchor; more of them find the same runs."""

_MOST_VERIFIED = 200
"""Places in a piece of a file at which one pattern of runs is compared: a text that repeats itself fits itself at each
place, and each comparison is as long as the text. Found two hundred times, it is found."""

_MULTIPLIER = 0x9E3779B97F4A7C15
"""2**64 divided by the golden ratio, made odd: Knuth, The Art of Computer Programming 3, section 6.4."""

_FEWEST_BITS, _MOST_BITS = 16, 26


@dataclass(frozen=True, slots=True, kw_only=True)
class Pattern:
    """Bytes to look for.

    Attributes:
        form: How it is told.
        data: The bytes.
        least: How many of them, in a row, are enough; all where it is their length.
        unit: Of how many bytes a number of a vector is; runs begin at its multiples.
        whole_word: Whether a letter or digit before or behind makes it another word.
        places: Of a pattern of runs: where the eight bytes begin by which runs of it are found, for one of which what
            stays is no match; None for as many as the shortest run needs.
    """

    form: Form
    data: bytes
    least: int
    unit: int = 1
    whole_word: bool = False
    places: tuple[int, ...] | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Hit:
    """Where a pattern, or a run of it, was found."""

    pattern: Pattern
    begin: int
    end: int


class Searcher:
    """Looks for patterns; equal ones are one.

    Args:
        patterns: Each of at least `SHORTEST` bytes; shorter ones are never found.
    """

    def __init__(self, patterns: Sequence[Pattern]) -> None:
        unique = list({(each.form, each.data): each for each in patterns if len(each.data) >= SHORTEST}.values())
        self._tables = [
            _Table([each for each in unique if min(each.least, len(each.data)) >= _WIDE], _WIDE),
            _Table([each for each in unique if min(each.least, len(each.data)) < _WIDE], _NARROW),
        ]

    def search(self, data: bytes) -> Iterator[Hit]:
        """Yield every place at which a pattern is, each once."""
        for table in self._tables:
            yield from table.search(data)


class _Table:
    def __init__(self, patterns: list[Pattern], width: int) -> None:
        self._patterns = patterns
        self._width = width
        self._word = np.dtype(f"<u{width}")
        words, owners, offsets = _anchors(patterns, width)
        order = np.argsort(words, kind="stable")
        self._words, self._owners, self._offsets = words[order], owners[order], offsets[order]
        bits = min(_MOST_BITS, max(_FEWEST_BITS, len(words).bit_length() + 5))
        self._shift = np.uint64(64 - bits)
        self._filter = np.zeros(1 << bits, dtype=bool)
        self._filter[self._hashed(self._words)] = True

    def _hashed(self, words: Any) -> Any:  # noqa: ANN401 - an array
        return (words.astype(np.uint64) * np.uint64(_MULTIPLIER)) >> self._shift

    def search(self, data: bytes) -> Iterator[Hit]:
        if not self._patterns:
            return
        found = [self._candidates(data, begin) for begin in range(self._width)]
        places = np.concatenate([np.zeros((0, 2), np.int64), *found])
        # One occurrence has many anchors: where it begins and whose it is tell it.
        verified: dict[int, int] = {}
        for owner, begin in np.unique(places, axis=0):
            pattern = self._patterns[owner]
            if pattern.least < len(pattern.data):
                verified[owner] = verified.get(owner, 0) + 1
                if verified[owner] > _MOST_VERIFIED:
                    continue
            yield from self._verified(data, pattern, int(begin))

    def _candidates(self, data: bytes, begin: int) -> Any:  # noqa: ANN401 - an array
        """Return owner and place of the whole pattern for each anchor at `begin` and each `width` bytes after."""
        count = (len(data) - begin) // self._width
        if count <= 0:
            return np.zeros((0, 2), np.int64)
        words = np.frombuffer(data, self._word, offset=begin, count=count)
        likely = np.flatnonzero(self._filter[self._hashed(words)])
        if not len(likely):
            return np.zeros((0, 2), np.int64)
        first = np.searchsorted(self._words, words[likely], side="left")
        last = np.searchsorted(self._words, words[likely], side="right")
        counts = last - first
        rows = np.repeat(first, counts) + _ranges(counts)
        at = np.repeat(likely * self._width + begin, counts)
        return np.stack([self._owners[rows], at - self._offsets[rows]], axis=1).astype(np.int64)

    def _verified(self, data: bytes, pattern: Pattern, begin: int) -> Iterator[Hit]:
        if pattern.least >= len(pattern.data):
            end = begin + len(pattern.data)
            if (
                begin >= 0
                and data[begin:end] == pattern.data
                and not (pattern.whole_word and _inside(data, begin, end))
            ):
                yield Hit(pattern=pattern, begin=begin, end=end)
            return
        low, high = max(0, begin), min(len(data), begin + len(pattern.data))
        there = np.frombuffer(data, np.uint8, offset=low, count=max(0, high - low))
        alike = there == np.frombuffer(pattern.data, np.uint8, offset=low - begin, count=len(there))
        edges = np.flatnonzero(np.diff(np.concatenate(([0], alike.view(np.int8), [0]))))
        for start, end in zip(edges[::2], edges[1::2], strict=True):
            if end - start >= pattern.least and _says_something(data[low + start : low + end], pattern.unit):
                yield Hit(pattern=pattern, begin=int(low + start), end=int(low + end))


def _anchors(patterns: list[Pattern], width: int) -> tuple[Any, Any, Any]:
    """Return words, owners and offsets of all anchors."""
    whole = [number for number, each in enumerate(patterns) if each.least >= len(each.data)]
    runs = [number for number, each in enumerate(patterns) if each.least < len(each.data)]
    parts = [_of_whole(patterns, whole, width), _of_runs(patterns, runs, width)]
    words, owners, offsets = (np.concatenate(each) for each in zip(*parts, strict=True))
    return words, owners, offsets


def _of_whole(patterns: list[Pattern], numbers: list[int], width: int) -> tuple[Any, Any, Any]:
    """Return one anchor for each pattern that counts as a whole: the bytes of it that the fewest others have.

    Texts that begin alike would all be compared wherever one begins.
    """
    tried = [_words(patterns[number].data, _tried(len(patterns[number].data), width), width) for number in numbers]
    often: dict[int, int] = {}
    for some in tried:
        for word in set(some.tolist()):
            often[word] = often.get(word, 0) + 1
    chosen = [min((often[word], at) for at, word in enumerate(some.tolist()))[1] for some in tried]
    return (
        np.array([int(some[at]) for some, at in zip(tried, chosen, strict=True)], f"<u{width}"),
        np.array(numbers, np.int64),
        np.array(
            [_tried(len(patterns[number].data), width)[at] for number, at in zip(numbers, chosen, strict=True)],
            np.int64,
        ),
    )


def _of_runs(patterns: list[Pattern], numbers: list[int], width: int) -> tuple[Any, Any, Any]:
    """Return as many anchors for each pattern of runs that the shortest run holds one of them whole."""
    words, owners, offsets = [np.zeros(0, f"<u{width}")], [np.zeros(0, np.int64)], [np.zeros(0, np.int64)]
    for number in numbers:
        each = patterns[number]
        spread = range(0, len(each.data) - width + 1, each.least - width + each.unit)
        places = spread if each.places is None else each.places
        words.append(_words(each.data, places, width))
        owners.append(np.full(len(places), number, np.int64))
        offsets.append(np.array(places, np.int64))
    all_words, all_owners, all_offsets = np.concatenate(words), np.concatenate(owners), np.concatenate(offsets)
    order = np.argsort(all_words, kind="stable")
    ranked = all_words[order]
    first = np.searchsorted(ranked, ranked, side="left")
    # One byte, repeated, is filling.
    filling = ranked == (ranked & ranked.dtype.type(0xFF)) * ranked.dtype.type(int("01" * width, 16))
    counts = (np.arange(len(ranked)) - first < _MOST_ALIKE) & ~filling
    return ranked[counts], all_owners[order][counts], all_offsets[order][counts]


def _words(data: bytes, places: Sequence[int], width: int) -> Any:  # noqa: ANN401 - an array
    """Return the numbers that begin at these places."""
    held = np.frombuffer(data, np.uint8)
    at = np.array(places, np.int64)[:, None] + np.arange(width)
    return np.ascontiguousarray(held[at]).view(f"<u{width}")[:, 0]


def words_at_every_byte(data: bytes) -> Any:  # noqa: ANN401 - an array
    """Return the numbers of eight bytes that begin at each byte of some data, sorted, each once."""
    count = len(data) - _WIDE + 1
    if count <= 0:
        return np.zeros(0, np.uint64)
    return np.unique(np.ndarray((count,), "<u8", data, strides=(1,)))


def distinctive_places(data: bytes, known: Any) -> tuple[int, ...]:  # noqa: ANN401 - an array
    """Return at which bytes of some data eight bytes begin that are not known; see `words_at_every_byte`."""
    count = len(data) - _WIDE + 1
    if count <= 0:
        return ()
    words = np.ndarray((count,), "<u8", data, strides=(1,))
    if not len(known):
        return tuple(range(count))
    at = np.minimum(np.searchsorted(known, words), len(known) - 1)
    return tuple(np.flatnonzero(known[at] != words).tolist())


def _tried(length: int, width: int) -> range:
    """Return at which offsets of a pattern an anchor is tried: sixteen of them, from the first to about the last."""
    most = length - width
    return range(0, most + 1, max(1, most // 15))


def _ranges(counts: Any) -> Any:  # noqa: ANN401 - an array
    """Return 0, 1, … up to each count, one after the other."""
    ends = np.cumsum(counts)
    return np.arange(ends[-1] if len(ends) else 0) - np.repeat(ends - counts, counts)


def _says_something(run: bytes, unit: int) -> bool:
    """Tell whether a run is more than filling: four different numbers at least, or bytes of a text."""
    if unit == 1:
        return len(set(run)) >= 4  # noqa: PLR2004 - see above
    return len({run[at : at + unit] for at in range(0, len(run) - unit + 1, unit)}) >= 4  # noqa: PLR2004 - see above


def _inside(data: bytes, begin: int, end: int) -> bool:
    """Tell whether what was found is a part of a longer word."""
    return (begin > 0 and _is_of_a_word(data[begin - 1])) or (end < len(data) and _is_of_a_word(data[end]))


def _is_of_a_word(byte: int) -> bool:
    return byte >= 0x80 or chr(byte).isalnum() or byte == ord("_")  # noqa: PLR2004 - the bytes of UTF-8 beyond ASCII
