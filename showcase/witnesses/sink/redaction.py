"""Takes keys out of a request before anything of it is written down."""

from __future__ import annotations

import re

REDACTED = "[redacted]"

_NAME = r"[\w.-]*(?:auth|cookie|key|token|secret|passw|signature|credential|session)[\w.-]*"
_NAMED = re.compile(_NAME, re.IGNORECASE)
_PARAMETER = re.compile(rf"((?:^|[?&;])(?:{_NAME})=)[^&;\s]*", re.IGNORECASE)
_MEMBER = re.compile(rf'("(?:{_NAME})"\s*:\s*)"(?:[^"\\]|\\.)*"', re.IGNORECASE)
_KEYS = re.compile(
    r"\b(?:sk|pk|rk|hf|gh[pousr]|github_pat|glpat|xox[abp]|phc|phx)[-_][\w-]{8,}"
    r"|\beyJ[\w-]{8,}\.[\w-]+\.[\w-]*"
    r"|\bAKIA[0-9A-Z]{12,}"
    r"|\b(?:ssh-\w+|ecdsa-[\w-]+) [A-Za-z0-9+/=]{16,}"
    r"|\b(?:Bearer|Basic) [\w.~+/=-]{8,}"
)


def header(name: str, value: str) -> str:
    """Return a header's value, or that it was taken out."""
    return REDACTED if _NAMED.fullmatch(name) else text(value)


def text(said: str) -> str:
    """Return a text without what looks like a key, and without the values of parameters and members named like one."""
    said = _PARAMETER.sub(rf"\1{REDACTED}", said)
    said = _MEMBER.sub(rf'\1"{REDACTED}"', said)
    return _KEYS.sub(REDACTED, said)
