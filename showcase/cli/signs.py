"""Signs that a stream cannot carry, in plain ones: nothing is lost, and nothing becomes a question mark.

A code page is a guess. On Windows, what a program writes into a pipe in one (1252), the console or the next program
reads in another (437 or 850), so that a quotation mark arrives as a letter, although both have one. Hence in any
encoding but Unicode's own the signs of our sentences are plain ones, which all code pages have in one place. Letters
stay what they are where the encoding has them; what it has not is spelled as in a Python string.
"""

from __future__ import annotations

import codecs
from io import TextIOWrapper
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from typing import TextIO

ERRORS = "showcase-plain"
"""The name of the error handler."""

_PREFIX = "showcase_"
"""What the name of an encoding begins with in which signs are plain; the name of the encoding itself follows."""

PLAIN = {
    "✓": "+", "✔": "+", "✗": "x", "✕": "x", "✘": "x", "\N{MULTIPLICATION SIGN}": "x",
    "“": '"', "”": '"', "„": '"', "«": '"', "»": '"',
    "\N{LEFT SINGLE QUOTATION MARK}": "'", "\N{RIGHT SINGLE QUOTATION MARK}": "'",
    "\N{SINGLE LOW-9 QUOTATION MARK}": "'", "\N{SINGLE HIGH-REVERSED-9 QUOTATION MARK}": "'",
    "\N{MINUS SIGN}": "-", "\N{EN DASH}": "-", "—": "-", "\N{HYPHEN}": "-", "\N{NON-BREAKING HYPHEN}": "-",
    "…": "...", "·": "-", "•": "-", "‣": "-",
    "→": "->", "←": "<-", "↔": "<->", "⇒": "=>", "⏎": "/", "≤": "<=", "≥": ">=", "≠": "!=", "≈": "~",
    "━": "#", "█": "#", "─": "-", "╌": "-", "│": "|", "├": "|", "└": "`",
    "●": "*", "○": "o", "◦": "o", "■": "#", "□": "o", "▲": "^", "◆": "*", "∅": "0",
    "µ": "u", "μ": "u", "ﬁ": "fi", "ﬂ": "fl",
}  # fmt: skip
"""Each sign with what stands for it in ASCII."""

_ALWAYS = str.maketrans({sign: plain for sign, plain in PLAIN.items() if not sign.isalpha()})
"""Letters among them are plain only where an encoding lacks them: they may be a person's own."""


def settle(stream: TextIO) -> None:
    """Let a stream write any text: what its encoding cannot carry in plain signs, or spelled."""
    if not isinstance(stream, TextIOWrapper):  # somebody's stand-in
        return
    name = codecs.lookup(stream.encoding).name
    if name.startswith(("utf", _PREFIX)):
        stream.reconfigure(errors=ERRORS)  # lone surrogates are what Unicode's own encodings cannot carry
    else:
        # ASCII too: click takes it for an oversight, and writes UTF-8 where it finds its name.
        stream.reconfigure(encoding=_PREFIX + name, errors=ERRORS)


def _in_plain(error: UnicodeError) -> tuple[str, int]:
    """Return what is written instead of what cannot be encoded; see codecs.register_error."""
    if not isinstance(error, UnicodeEncodeError):
        raise error
    lost = error.object[error.start : error.end]
    written = (PLAIN.get(sign) or sign.encode("ascii", "backslashreplace").decode("ascii") for sign in lost)
    return "".join(written), error.end


def _search(name: str) -> codecs.CodecInfo | None:
    if not name.startswith(_PREFIX):
        return None
    inner = codecs.lookup(name.removeprefix(_PREFIX))

    def encode(text: str, errors: str = "strict") -> tuple[bytes, int]:
        return inner.encode(text.translate(_ALWAYS), errors)[0], len(text)

    class Encoder(codecs.IncrementalEncoder):
        """The encoding's own, told plain signs."""

        def __init__(self, errors: str = "strict") -> None:
            super().__init__(errors)
            self._inner = codecs.getincrementalencoder(inner.name)(errors)

        def encode(self, text: str, final: bool = False) -> bytes:
            return self._inner.encode(text.translate(_ALWAYS), final)

        def reset(self) -> None:
            self._inner.reset()

        def getstate(self) -> int | str:
            return self._inner.getstate()

        def setstate(self, state: int | str) -> None:
            self._inner.setstate(state)

    return codecs.CodecInfo(
        name=name,
        encode=encode,
        decode=inner.decode,
        incrementalencoder=Encoder,
        incrementaldecoder=inner.incrementaldecoder,
        streamreader=inner.streamreader,
        streamwriter=inner.streamwriter,
    )


codecs.register_error(ERRORS, _in_plain)
codecs.register(_search)
