"""How a process ended, in words."""

from __future__ import annotations

_OF_WINDOWS = {
    0x40010004: "the user's session ended",
    0xC0000005: "access violation",
    0xC000001D: "illegal instruction",
    0xC0000094: "division by zero",
    0xC00000FD: "stack overflow",
    0xC0000135: "a library was not found",
    0xC0000139: "a library lacks what it needs",
    0xC000013A: "Ctrl-C or Ctrl-Break",
    0xC0000142: "a library could not begin",
    0xC0000374: "damaged heap",
    0xC0000409: "fail fast",
}
"""What Windows ends processes with, where it ends them itself. Source: NTSTATUS values, [MS-ERREF] 2.3.1."""

_MOST_ELSEWHERE = 255


def ending(code: int, *, status: str = "exit status", signal: str = "signal") -> str:
    """Return an exit status in words; negative for a signal.

    Args:
        code: As Python has it: on Windows 32 bits without a sign.
        status: What goes before a status.
        signal: What goes before a signal.
    """
    if code < 0:
        return f"{signal} {-code}"
    if code <= _MOST_ELSEWHERE:
        return f"{status} {code}"
    meaning = _OF_WINDOWS.get(code)
    return f"{status} {code} (0x{code:08X}{f': {meaning}' if meaning else ''})"
