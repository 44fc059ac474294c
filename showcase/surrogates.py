"""Lone surrogates: JSON may spell them, and no UTF-8 document can hold them."""

from __future__ import annotations

from typing import Any


def without_surrogates(value: Any) -> Any:  # noqa: ANN401 - any JSON value
    """Return a JSON value in which half a surrogate pair became the replacement character, also in keys."""
    if isinstance(value, str):
        return value.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
    if isinstance(value, list):
        return [without_surrogates(item) for item in value]
    if isinstance(value, dict):
        return {without_surrogates(key): without_surrogates(item) for key, item in value.items()}
    return value
