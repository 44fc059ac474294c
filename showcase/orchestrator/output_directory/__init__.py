"""The output directory: ours by a mark in it, used by one run at a time, and what it lies on."""

from __future__ import annotations

from showcase.documents.storage import storage_of
from showcase.orchestrator.output_directory.access import readers, remarks
from showcase.orchestrator.output_directory.claiming import (
    MARK,
    claim,
    keep_earlier,
    name_by_time,
    new_events,
    obstacle,
)

__all__ = [
    "MARK",
    "claim",
    "keep_earlier",
    "name_by_time",
    "new_events",
    "obstacle",
    "readers",
    "remarks",
    "storage_of",
]
