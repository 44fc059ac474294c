"""The bytes in which a forgotten text, its id or its vector may be written somewhere."""

from __future__ import annotations

import base64
import html
import json
import re
import unicodedata
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from urllib.parse import quote, quote_plus

import numpy as np

from showcase.erasure.search import LONGEST_RUN, SHORTEST, Pattern, distinctive_places, words_at_every_byte
from showcase.erasure.subject import folded
from showcase.evidence.fact import Fact

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from showcase.erasure.subject import Subject
    from showcase.evidence.erasure import Form

FRAGMENT_BYTES = 24
"""A run of a text as long says that it was there: SQLite cuts a text where a page ends, an editor where it likes."""

FRAGMENT_BASE64 = 32
"""Characters of base64 that hold as much."""

WORD_BYTES = 6
"""Of the shortest word that is looked for by itself: shorter ones stand in noise by chance, and mean little."""

RUN_NUMBERS = 8
"""Numbers of a vector in a row: eight of single precision, or of half, are told from chance by 128 bits and more."""

_RUN_OF_BYTES = 16
"""Of a vector in int8, which has eight bits a number."""

WORD = re.compile(r"\w+")


@dataclass(frozen=True, slots=True, kw_only=True)
class Patterns(Fact):
    """What is looked for.

    Attributes:
        raw: In the bytes of a file as they are.
        folded: In what of a file is text, without case.
        not_distinctive: How many texts have nothing left that others do not hold too, or are too short.
        kept: All that stays, folded: a run that is in it is no residue.
        shared: Those of the texts that what stays holds as a whole.
    """

    raw: tuple[Pattern, ...]
    folded: tuple[Pattern, ...]
    not_distinctive: int
    kept: bytes
    shared: tuple[str, ...]

    def counts(self) -> dict[str, int]:
        """Return how many there are of each form."""
        found: dict[str, int] = {}
        for each in (*self.raw, *self.folded):
            found[each.form] = found.get(each.form, 0) + 1
        return dict(sorted(found.items()))


def patterns(subject: Subject) -> Patterns:
    """Return what to look for, without what stays as well."""
    kept = "\n".join(folded(text) for text in (*subject.kept, *subject.plain))
    known = set(WORD.findall(kept))
    common = words_at_every_byte("\n".join((*subject.kept, *subject.plain)).encode(errors="replace"))
    raw: list[Pattern] = []
    in_text: list[Pattern] = []
    shared: list[str] = []
    not_distinctive = 0
    for text in dict.fromkeys(subject.texts):
        bare = folded(text)
        words = [word for word in dict.fromkeys(WORD.findall(bare)) if _counts(word) and word not in known]
        in_text += [
            Pattern(form="word", data=word.encode(), least=len(word.encode()), whole_word=True) for word in words
        ]
        is_shared = bool(bare) and bare in kept
        shared += [text] if is_shared else []
        too_short = len(text.encode(errors="replace")) < SHORTEST
        if is_shared or too_short:
            not_distinctive += not words
            continue
        raw += _written(text, common)
        in_text.append(_whole("case and accents folded", bare.encode(errors="replace")))
    raw += [_whole("id", each.encode(errors="replace")) for each in subject.ids]
    for vector in dict.fromkeys(subject.vectors):
        if vector not in subject.kept_vectors:
            raw += _numbers(vector)
    return Patterns(
        raw=_each_once(raw),
        folded=_each_once(in_text),
        not_distinctive=not_distinctive,
        kept=kept.encode(errors="replace"),
        shared=tuple(shared),
    )


def _each_once(some: list[Pattern]) -> tuple[Pattern, ...]:
    return tuple({(each.form, each.data): each for each in some}.values())


def _counts(word: str) -> bool:
    return len(word.encode(errors="replace")) >= WORD_BYTES


def _whole(form: Form, data: bytes) -> Pattern:
    return Pattern(form=form, data=data, least=min(len(data), LONGEST_RUN))


def _written(text: str, common: Any) -> Iterator[Pattern]:  # noqa: ANN401 - an array
    """Yield a text in each encoding and escape, with accents composed and not."""
    for each in dict.fromkeys((text, unicodedata.normalize("NFC", text), unicodedata.normalize("NFD", text))):
        plain = each.encode(errors="replace")
        yield _whole("UTF-8", plain)
        if len(plain) > FRAGMENT_BYTES:
            places = distinctive_places(plain, common)
            if places:
                yield Pattern(form="fragment", data=plain, least=FRAGMENT_BYTES, places=places)
        yield _whole("UTF-16-LE", each.encode("utf-16-le", errors="replace"))
        yield _whole("UTF-16-BE", each.encode("utf-16-be", errors="replace"))
        for form, written in _escaped(each):
            if written != each:
                yield _whole(form, written.encode(errors="replace"))
        for piece in _base64(plain):
            # Mail and PEM break it after 76 and 64 characters: a line of it, or half a line, is a run.
            yield Pattern(form="base64", data=piece, least=min(len(piece), FRAGMENT_BASE64))


def _escaped(text: str) -> Iterator[tuple[Form, str]]:
    in_json = json.dumps(text)[1:-1]
    yield "JSON escapes", in_json
    yield "JSON escapes", json.dumps(text, ensure_ascii=False)[1:-1]
    yield "JSON escapes", in_json.replace("/", "\\/")
    yield "JSON escapes", re.sub(r"\\u[0-9a-f]{4}", lambda found: "\\u" + found[0][2:].upper(), in_json)
    in_html = html.escape(text)
    yield "HTML escapes", in_html
    yield "HTML escapes", html.escape(text, quote=False)
    yield "HTML escapes", in_html.replace("&#x27;", "&#39;").replace("&quot;", "&#34;")  # as markupsafe has it
    yield "HTML escapes", in_html.encode("ascii", "xmlcharrefreplace").decode()
    for whole in (
        quote(text, errors="replace"),
        quote(text, safe="", errors="replace"),
        quote_plus(text, errors="replace"),
    ):
        yield "URL escapes", whole
        yield "URL escapes", re.sub(r"%[0-9A-F]{2}", lambda found: found[0].lower(), whole)


def _base64(plain: bytes) -> Iterator[bytes]:
    """Yield what base64 makes of a text at each of the three offsets in a group, without what neighbours share."""
    for before in range(3):
        coded = base64.b64encode(b"\0" * before + plain)
        begin = (0, 2, 3)[before]  # characters that hold bits of what comes before
        left = (before + len(plain)) % 3
        end = len(coded) - (0, 3, 2)[left]  # and those that hold bits of what comes behind, or fill up
        if end - begin >= SHORTEST:
            yield coded[begin:end]
            url = coded[begin:end].translate(bytes.maketrans(b"+/", b"-_"))
            if url != coded[begin:end]:
                yield url


def _numbers(vector: bytes) -> Iterable[Pattern]:
    """Yield the forms of a vector. int8 as it is usually made: the greatest number, or one, becomes 127."""
    numbers = np.frombuffer(vector, "<f4")
    if len(numbers) < RUN_NUMBERS or not np.isfinite(numbers).all():
        return
    greatest = float(np.abs(numbers).max())
    yield Pattern(form="float32 LE", data=vector, least=RUN_NUMBERS * 4, unit=4)
    yield Pattern(form="float32 BE", data=numbers.astype(">f4").tobytes(), least=RUN_NUMBERS * 4, unit=4)
    if greatest < float(np.finfo(np.float16).max):
        for kind in ("<f2", ">f2"):
            yield Pattern(form="float16", data=numbers.astype(kind).tobytes(), least=RUN_NUMBERS * 2, unit=2)
    if len(numbers) >= _RUN_OF_BYTES:
        for scale in dict.fromkeys((greatest, 1.0)):
            if greatest <= scale and scale > 0:
                whole = np.rint(numbers / np.float32(scale) * 127).astype(np.int8).tobytes()
                yield Pattern(form="int8", data=whole, least=_RUN_OF_BYTES)
