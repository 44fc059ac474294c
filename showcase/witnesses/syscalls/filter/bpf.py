"""Classic BPF: the little programs that the kernel runs before a call, or for every packet.

Assembled from labels so that no jump is counted by hand.
"""

from __future__ import annotations

import struct
from typing import NamedTuple

LOAD, LOAD_HALF, LOAD_BYTE, LOAD_BYTE_INDEXED, LOAD_IP_HEADER_LENGTH = 0x20, 0x28, 0x30, 0x50, 0xB1
AND, RETURN = 0x54, 0x06
EQUAL, ABOVE, AT_LEAST = 0x15, 0x25, 0x35


class Instruction(NamedTuple):
    """One BPF instruction as the kernel takes it."""

    code: int
    if_true: int
    if_false: int
    value: int


class _Jump(NamedTuple):
    code: int
    value: int
    if_true: str | None
    if_false: str | None


class Assembler:
    """Instructions with labels. Jumps go forward only, which is all that the kernel allows."""

    def __init__(self) -> None:
        self._lines: list[_Jump] = []
        self._labels: dict[str, int] = {}

    def label(self, name: str) -> None:
        """Give the next instruction a name to jump to."""
        self._labels[name] = len(self._lines)

    def load(self, offset: int, code: int = LOAD) -> None:
        """Load a word, or what `code` says, from what the program looks at."""
        self._lines.append(_Jump(code, offset, None, None))

    def mask(self, bits: int) -> None:
        """Keep these bits of what was loaded."""
        self._lines.append(_Jump(AND, bits, None, None))

    def jump(self, code: int, value: int, *, to: str | None = None, otherwise: str | None = None) -> None:
        """Compare and jump; None falls through to the next instruction."""
        self._lines.append(_Jump(code, value, to, otherwise))

    def answer(self, value: int) -> None:
        """End the program."""
        self._lines.append(_Jump(RETURN, value, None, None))

    def assemble(self) -> list[Instruction]:
        """Return the program."""

        def distance(here: int, label: str | None) -> int:
            return 0 if label is None else self._labels[label] - here - 1

        return [
            Instruction(line.code, distance(at, line.if_true), distance(at, line.if_false), line.value)
            for at, line in enumerate(self._lines)
        ]


def packed(program: list[Instruction]) -> bytes:
    """Return a program as an array of the kernel's `struct sock_filter`."""
    return b"".join(struct.pack("=HBBI", *instruction) for instruction in program)
