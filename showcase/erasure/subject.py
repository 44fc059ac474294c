"""What is to be forgotten and what is to stay, as far as a scan has to know it."""

from __future__ import annotations

import hashlib
import hmac
import re
import unicodedata
from dataclasses import dataclass, field

from showcase.evidence.fact import Fact

_MARKED = re.compile("(?s:.)[\u0300-\u036f\u0590-\u1aff\u1dc0-\u1dff\u20d0-\u20ff\u3099\u309a]+")
"""A character and what may be composed with it: marks of all scripts, and the letters of those that have many."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Subject(Fact):
    """What a scan looks for, and what it must not take for it.

    Attributes:
        texts: The forgotten memories, and older wordings of them.
        ids: Their ids.
        vectors: Their vectors, each as little-endian single precision, as bytes.
        kept: Texts of what stays: memories, what lies beside them, the history.
        kept_vectors: Their vectors, where they are known.
        plain: Words that a store holds which nobody ever wrote to, and names that stay.
    """

    texts: tuple[str, ...]
    ids: tuple[str, ...] = ()
    vectors: tuple[bytes, ...] = field(default=(), repr=False)
    kept: tuple[str, ...] = ()
    kept_vectors: frozenset[bytes] = field(default=frozenset(), repr=False)
    plain: tuple[str, ...] = ()


def folded(text: str) -> str:
    """Return a text without case, and with its accents composed in one way.

    Caseless matching and composition (https://www.unicode.org/versions/Unicode16.0.0/core-spec/chapter-3/, D144 and
    D117). Not decomposed first, as D145 has it for one Greek sign, and composed only where a mark follows a letter:
    most of what is scanned is noise, and to normalise all of it takes half of the time of a scan.
    """
    bare = text.casefold()
    return bare if bare.isascii() else _MARKED.sub(_composed, bare)


def _composed(found: re.Match[str]) -> str:
    return unicodedata.normalize("NFC", found[0])


def pseudonym(key: bytes, user_id: str, ids: tuple[str, ...]) -> str:
    """Return the keyed pseudonym of a subject: without the key, no list of likely names tells whose it is.

    HMAC-SHA-256 (RFC 2104) of the user id and the sorted ids, each with its length before it.
    """
    parts = [user_id, *sorted(ids)]
    held = b"".join(
        len(part.encode(errors="surrogatepass")).to_bytes(8, "big") + part.encode(errors="surrogatepass")
        for part in parts
    )
    return hmac.new(key, held, hashlib.sha256).hexdigest()
