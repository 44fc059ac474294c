"""Which user ids are accepted: refused, never repaired, and before mem0 sees them.

mem0's Chroma adapter drops the filter for `*` and then returns everybody's rows; mem0 trims outer whitespace.
Ids that look alike are refused because a reader of the report could not tell whose rows are whose.
"""

from __future__ import annotations

import unicodedata
from typing import TYPE_CHECKING

from showcase.errors import UsageError
from showcase.shell.advice import printable

if TYPE_CHECKING:
    from collections.abc import Iterable

MAX_LENGTH = 64

# Cc control, Cf format (bidi, zero width), Cs surrogate, Co private use, Cn unassigned, Z* separators.
_REFUSED_CATEGORIES = {"Cc", "Cf", "Cs", "Co", "Cn", "Zs", "Zl", "Zp"}


def check_user_id(user_id: str, *, others: Iterable[str] = ()) -> str:
    """Return `user_id` where it is acceptable.

    Args:
        user_id: 1 to 64 printable characters without whitespace, in NFKC form.
        others: Ids of the same scenario or store, of which none may equal it when case is folded.

    Raises:
        UsageError: It is not acceptable; the hint gives a spelling that is.
    """
    shown = _as_typed(user_id if len(user_id) <= MAX_LENGTH else f"{user_id[:MAX_LENGTH]}…")
    reason = _refusal(user_id)
    if reason is None:
        folded = user_id.casefold()
        twin = next((other for other in others if other.casefold() == folded), None)
        if twin is not None:
            reason = f"it cannot be told from {_as_typed(twin)}"
            if twin == user_id:
                reason = "it is there already"
    if reason is not None:
        raise UsageError(
            f"user id {shown} is refused: {reason}",
            hint=f"write it as {_as_typed(_accepted_spelling(user_id, others))}",
        )
    return user_id


def _refusal(user_id: str) -> str | None:
    if not user_id:
        return "it is empty"
    if len(user_id) > MAX_LENGTH:
        return f"it has {len(user_id)} characters, at most {MAX_LENGTH} are accepted"
    if "*" in user_id:
        return "mem0 and Chroma read '*' as everybody"
    for character in user_id:
        if unicodedata.category(character) in _REFUSED_CATEGORIES:
            return f"it holds {_named(character)}, {_why_not(character)}"
    if unicodedata.normalize("NFKC", user_id) != user_id:
        odd = next((each for each in user_id if unicodedata.normalize("NFKC", each) != each), None)
        held = f" (it holds {_named(odd)})" if odd else ""
        return f"it is not in the normal form NFKC{held}, so that it looks like another id"
    return None


def _named(character: str) -> str:
    return f"U+{ord(character):04X} ({unicodedata.name(character, 'an unnamed character').lower()})"


def _why_not(character: str) -> str:
    """Return why a character is refused. For white space see `_validate_and_trim_entity_id` of mem0 2.2.1."""
    if character.isspace():
        return "and mem0 cuts white space off at the ends of an id and accepts none inside: write - or _ instead"
    return "which nobody sees, so that two ids could look alike"


def _as_typed(text: str) -> str:
    """Return it in quotes, as it was typed, but for what a terminal must not get."""
    return f"'{printable(text)}'" if "\n" not in text else ascii(text)


def _accepted_spelling(user_id: str, others: Iterable[str]) -> str:
    """Return an id near `user_id` that passes; only ever shown, never used."""
    kept = "".join(
        character
        for character in "-".join(unicodedata.normalize("NFKC", user_id).split())
        if character != "*" and unicodedata.category(character) not in _REFUSED_CATEGORIES
    )
    base = kept[: MAX_LENGTH - 3] or "user"
    taken = {other.casefold() for other in others}
    candidates = [base, *(f"{base}-{number}" for number in range(2, 100))]
    return next(name for name in candidates if name.casefold() not in taken and _refusal(name) is None)
