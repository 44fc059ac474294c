"""The output directory: ours by a mark in it, used by one run at a time, and what it lies on."""

from __future__ import annotations

from showcase.orchestrator.output_directory.access import readers, remarks
from showcase.orchestrator.output_directory.claiming import claim, keep_earlier, name_by_time, new_events, obstacle
from showcase.orchestrator.output_directory.storage import storage_of

__all__ = ["claim", "keep_earlier", "name_by_time", "new_events", "obstacle", "readers", "remarks", "storage_of"]
