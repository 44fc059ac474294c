"""Fields of a model server's answers, of which any may be missing or of another type."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from showcase.engines.model_names import is_cloud_name
from showcase.evidence import Model

if TYPE_CHECKING:
    from collections.abc import Mapping

NANOSECOND = 1e-9


def model_of(row: Mapping[str, Any]) -> Model:
    """Return what a row of `/api/tags` says of a model."""
    details = row.get("details")
    details = details if isinstance(details, dict) else {}
    name = str(row.get("name") or row.get("model") or "")
    remote_host = text_of(row.get("remote_host"))
    return Model(
        name=name,
        digest=text_of(row.get("digest")),
        size_bytes=whole_of(row.get("size")),
        family=text_of(details.get("family")),
        parameter_size=text_of(details.get("parameter_size")),
        quantization=text_of(details.get("quantization_level")),
        remote=bool(remote_host or row.get("remote_model") or is_cloud_name(name)),
        remote_host=remote_host,
    )


def text_of(value: object) -> str | None:
    """Return a text that is not empty, None for anything else."""
    return value if isinstance(value, str) and value else None


def whole_of(value: object) -> int | None:
    """Return a whole number, None for anything else."""
    return value if isinstance(value, int) and not isinstance(value, bool) else None


def seconds_of(nanoseconds: int | None) -> float | None:
    """Return the seconds of a duration as the server gives it."""
    return None if nanoseconds is None else round(nanoseconds * NANOSECOND, 6)
