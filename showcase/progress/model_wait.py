"""What a process waits for from the model server, by its own events: in the same words wherever that is told.

Three events tell of it: `Reading` when a prompt or a text leaves for the server, `Streamed` for each piece of a reply
that streams, and `Read` when all of the answer is there, with the server's own figures.
"""

from __future__ import annotations

import time
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Literal

from showcase.processes.protocol.events import Exit, Faulted, Purpose, Read, Reading, Streamed
from showcase.progress.reminder import FIRST_S

if TYPE_CHECKING:
    from showcase.processes.protocol.events import Event

CHARACTERS_A_TOKEN = 33_653 / 7_671
"""Of mem0's extraction prompt, of which nearly all is the same each time: mem0 2.2.1's system prompt, counted with
cl100k. Taken until the server has counted one itself."""

WHAT: dict[Purpose, str] = {
    "preflight": "mem0's extraction prompt, to see whether it fits",
    "add": "mem0's extraction prompt",
    "chat": "its question with what was recalled",
    "count": "its prompt once more, to count it",
    "embed": "a text, to embed it",
}
"""By the purpose that a `Reading` names."""

EXTRACTS = ("preflight", "add")


@dataclass(slots=True)
class ModelWait:
    """Hears the events of one process.

    Attributes:
        told: The server's figures for the last answer, where it was waited for as long as `FIRST_S`; else "".
        purpose: What is waited for, a key of `WHAT`; "" for nothing.
        tokens_read: Of what is being read in pieces, as far as the server has counted.
    """

    told: str = ""
    purpose: Purpose | Literal[""] = ""
    tokens_read: int = 0
    _read_s: float = 0.0
    _characters: int = 0
    _of: int = 0
    _began: float = 0.0
    _first_token: float | None = None
    _pieces: int = 0
    _tokens_a_character: float | None = None

    def hear(self, event: Event) -> None:
        """Take note of an event, whichever it is."""
        match event:
            case Reading():
                if event.purpose != self.purpose:  # else it is the next piece of the same
                    self._began, self._first_token, self._pieces = time.monotonic(), None, 0
                    self.tokens_read, self._read_s = 0, 0.0
                self.purpose, self._characters, self._of = event.purpose, event.characters, event.of
            case Streamed():
                self._pieces += 1
                self._first_token = self._first_token or time.monotonic()
            case Read():
                self._read(event)
            case Faulted() | Exit():
                self.purpose = ""
            case _:
                pass

    def _read(self, event: Read) -> None:
        tokens = event.tokens
        if tokens and self.purpose in EXTRACTS:
            self.tokens_read = max(self.tokens_read, tokens)
        self._read_s += event.read_s or 0.0
        if self._characters < self._of:
            return  # the next piece follows
        if tokens and self.purpose in EXTRACTS and self._of:
            self._tokens_a_character = tokens / self._of
        waited_s, said = self.since_s, figures(replace(event, read_s=self._read_s or None))
        self.told = f"{said}; {waited_s:.0f} s in all" if said and waited_s >= FIRST_S else ""
        self.purpose = ""

    @property
    def since_s(self) -> float:
        """Seconds for which the answer is waited for."""
        return time.monotonic() - self._began

    def doing(self) -> str:
        """Return what the model server does for this process now, and for how long; "" where that is nothing."""
        if not self.purpose:
            return ""
        if self._first_token is not None:
            reading_s = self._first_token - self._began
            writing_s = self.since_s - reading_s
            begun = f"begun after {reading_s:.0f} s"
            return f"the model writes its reply: {self._pieces:,} tokens in {writing_s:.0f} s so far, {begun}"
        then = " and writes what it extracts" if self.purpose == "add" else ""
        far = f"{self.tokens_read:,} tokens read, " if self.tokens_read else ""
        return f"the model reads {self.what}{then}: {far}{self.since_s:.0f} s so far"

    @property
    def what(self) -> str:
        """What is being read, and how much of it there is."""
        return f"{WHAT[self.purpose] if self.purpose else 'nothing'} ({self.size})"

    @property
    def size(self) -> str:
        """Characters, and tokens where they can be told."""
        characters = f"{self._of:,} characters"
        if self.purpose not in EXTRACTS:
            return characters
        if self._tokens_a_character is None:
            return f"{characters}, some {round(self._of / CHARACTERS_A_TOKEN, -2):,.0f} tokens"
        return f"{characters}, about {self._of * self._tokens_a_character:,.0f} tokens as the server counts"


def figures(event: Read) -> str:
    """Return what the server says of an answer; "" where it says nothing.

    What its cache still held counts among the tokens that it read, so that tokens a second are many where that was
    most of them.
    """
    said = []
    if event.load_s is not None and event.load_s >= 1:
        said.append(f"loaded the model in {event.load_s:.1f} s")
    said += _pace("read", event.tokens, event.read_s)
    said += _pace("wrote", event.reply_tokens, event.reply_s)
    return f"the server {', '.join(said)}" if said else ""


def _pace(verb: str, tokens: int | None, took_s: float | None) -> list[str]:
    if not tokens or took_s is None:
        return []
    pace = f" ({tokens / took_s:,.0f} a second)" if took_s > 0 else ""
    return [f"{verb} {tokens:,} tokens in {took_s:.1f} s{pace}"]
