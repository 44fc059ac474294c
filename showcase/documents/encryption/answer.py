"""What is told of a directory: encrypted and by what, not encrypted, in memory alone, or not known and why."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

State = Literal["encrypted", "not encrypted", "in memory", "unknown"]

BELOW = (
    "what the device itself does (a drive that encrypts, the host of a virtual machine) is not seen from this system"
)
"""What stays open wherever the system itself encrypts nothing."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Encryption:
    """Whether bytes that are written there lie on a disk in clear.

    Attributes:
        state: `in memory` where nothing is written to a disk at all, which is neither of the others.
        by: What encrypts, or what the bytes lie on in clear; for `unknown` why that cannot be told.
        known_by: What was read to know it, or what a person could ask instead.
        open: What stays unknown beside the answer; empty where nothing does.
    """

    state: State
    by: str
    known_by: str
    open: str = ""

    def told(self) -> str:
        """Return the answer as part of a sentence."""
        words = {"encrypted": "encrypted by ", "not encrypted": "not encrypted: ", "in memory": "in memory alone: "}
        return f"{words.get(self.state, 'not known to be encrypted: ')}{self.by}"


def encrypted(by: str, known_by: str) -> Encryption:
    """Return that something encrypts."""
    return Encryption(state="encrypted", by=by, known_by=known_by)


def clear(on: str, known_by: str, *, still_open: str = BELOW) -> Encryption:
    """Return that nothing of this system encrypts."""
    return Encryption(state="not encrypted", by=on, known_by=known_by, open=still_open)


def unknown(why: str, ask: str) -> Encryption:
    """Return that it cannot be told, and what would tell."""
    return Encryption(state="unknown", by=why, known_by=ask)
