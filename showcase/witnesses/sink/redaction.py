"""Takes keys out of a request before anything of it is written down."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

REDACTED = "[redacted]"

_NAME = r"[\w.-]*(?:auth|cookie|key|token|secret|passw|passphrase|signature|credential|session)[\w.-]*"
_NAMED = re.compile(_NAME, re.IGNORECASE)
_ALONE = r"pass|pwd|pw|pin|otp"
_PARAMETER = re.compile(rf"((?:^|[?&;])(?:{_NAME}|{_ALONE})=)[^&;\s]*", re.IGNORECASE)
_MEMBER = re.compile(rf'("(?:{_NAME}|{_ALONE})"\s*:\s*)"(?:[^"\\]|\\.)*"', re.IGNORECASE)
_PART = re.compile(rf'(name="(?:{_NAME}|{_ALONE})"[^\r\n]*(?:\r?\n[^\r\n]+)*\r?\n\r?\n)[^\r\n]*', re.IGNORECASE)
"""A part of a form of the type multipart/form-data (RFC 7578)."""
_PRIVATE_KEY = re.compile(r"-----BEGIN [A-Z ]*PRIVATE KEY-----.*?(?:-----END [A-Z ]*PRIVATE KEY-----|$)", re.DOTALL)
_LOGIN = re.compile(r"(://)[^/\s@?#]+@")
"""User and password in a URL (RFC 3986, userinfo)."""
_OPTION = re.compile(rf"--?(?:{_NAME}|{_ALONE})", re.IGNORECASE)
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
    said = _LOGIN.sub(rf"\1{REDACTED}@", said)
    said = _PARAMETER.sub(rf"\1{REDACTED}", said)
    said = _MEMBER.sub(rf'\1"{REDACTED}"', said)
    said = _PART.sub(rf"\1{REDACTED}", said)
    said = _PRIVATE_KEY.sub(REDACTED, said)
    return _KEYS.sub(REDACTED, said)


def arguments(given: Iterable[str]) -> tuple[str, ...]:
    """Return a command line without what looks like a key, and without what follows an option named like one."""
    shown: list[str] = []
    follows = False
    for argument in given:
        option, equals, _ = argument.partition("=")
        named = bool(_OPTION.fullmatch(option))
        if follows and not argument.startswith("-"):
            shown.append(REDACTED)
        elif named and equals:
            shown.append(f"{option}={REDACTED}")
        else:
            shown.append(text(argument))
        follows = named and not equals
    return tuple(shown)
