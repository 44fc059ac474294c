"""What was typed in chats, without the entries that hold what is forgotten."""

from __future__ import annotations

from typing import TYPE_CHECKING

from showcase.erasure.patterns import WORD
from showcase.erasure.subject import folded

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence


def without(data: bytes, texts: Sequence[str], words: Collection[str] = ()) -> tuple[bytes, int]:
    """Return a history of typed lines without the entries that hold one of these texts or words, and how many went.

    An entry is a line that begins with `#` and names its time, then lines that begin with `+`: the form of
    prompt_toolkit's `FileHistory`.
    """
    wanted = [bare for text in texts if (bare := folded(text).strip())]
    telling = set(words)
    kept: list[str] = []
    gone = 0
    for entry in _entries(data.decode("utf-8", errors="surrogateescape")):
        said = folded("\n".join(line[1:] for line in entry if line.startswith("+")))
        if any(bare in said for bare in wanted) or not telling.isdisjoint(WORD.findall(said)):
            gone += 1
        else:
            kept += entry
    return "\n".join(kept).encode("utf-8", errors="surrogateescape"), gone


def _entries(text: str) -> list[list[str]]:
    found: list[list[str]] = [[]]
    for line in text.split("\n"):
        if line.startswith("#"):
            found.append([])
        found[-1].append(line)
    return found


def said_in(data: bytes) -> str:
    """Return what was typed, without marks and times."""
    lines = data.decode("utf-8", errors="replace").split("\n")
    return "\n".join(line[1:] for line in lines if line.startswith("+"))
