"""Lone surrogates: JSON may spell them, Python reads bytes that are not UTF-8 as them; UTF-8 documents hold none."""

from __future__ import annotations

from dataclasses import fields, is_dataclass, replace
from typing import Any, TypeVar

_T = TypeVar("_T")

_BYTE = 0xDC00
"""What `surrogateescape` adds to a byte: https://peps.python.org/pep-0383/"""


def without_surrogates(value: Any) -> Any:  # noqa: ANN401 - any JSON value
    """Return a JSON value in which half a surrogate pair became the replacement character, also in keys."""
    if isinstance(value, str):
        return value.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
    if isinstance(value, list):
        return [without_surrogates(item) for item in value]
    if isinstance(value, dict):
        return {without_surrogates(key): without_surrogates(item) for key, item in value.items()}
    return value


def escaped(value: _T) -> _T:
    r"""Return a fact in which bytes that are not UTF-8 are spelled, `\xff`: nothing that was seen is lost.

    In a text with such bytes a backslash is spelled as two, so that it can be told from them.

    Args:
        value: A text, or tuples, dictionaries and dataclasses that hold texts.
    """
    found: Any = value
    if isinstance(found, str):
        found = found if _is_utf_8(found) else "".join(map(_spelled, found))
    elif isinstance(found, tuple):
        parts = tuple(map(escaped, found))
        found = found if all(one is other for one, other in zip(parts, found, strict=True)) else parts
    elif isinstance(found, dict):
        found = {escaped(key): escaped(item) for key, item in found.items()}
    elif is_dataclass(found) and not isinstance(found, type):
        texts = {each.name: getattr(found, each.name) for each in fields(found)}
        changed = {name: new for name, old in texts.items() if (new := escaped(old)) is not old}
        found = replace(found, **changed) if changed else found
    return found  # type: ignore[no-any-return]  # of the type that was given


def _is_utf_8(text: str) -> bool:
    if text.isascii():
        return True
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True


def _spelled(character: str) -> str:
    if "\udc80" <= character <= "\udcff":
        return f"\\x{ord(character) - _BYTE:02x}"
    if "\ud800" <= character <= "\udfff":
        return f"\\u{ord(character):04x}"
    return "\\\\" if character == "\\" else character
