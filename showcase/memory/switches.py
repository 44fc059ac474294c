"""The telemetry switches that are in force in this process, as the libraries themselves read them.

A variable in the environment proves little: each library reads others, its own way, some only at import.
So this asks the modules that are loaded, and says where it asked.
"""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

from showcase.evidence import TelemetrySwitch

if TYPE_CHECKING:
    from collections.abc import Callable
    from types import ModuleType


def in_force() -> tuple[TelemetrySwitch, ...]:
    """Return one fact for each switch of the libraries that this process has loaded."""
    found = []
    for module_name, read in _READERS:
        module = sys.modules.get(module_name)
        if module is not None:
            found.extend(read(module))
    return tuple(found)


def _mem0(module: ModuleType) -> list[TelemetrySwitch]:
    value = module.MEM0_TELEMETRY
    client = module.client_telemetry.posthog
    return [
        TelemetrySwitch(
            library="mem0",
            switch="MEM0_TELEMETRY",
            value=repr(value),
            off=value is False,
            read_from="mem0.memory.telemetry.MEM0_TELEMETRY",
        ),
        TelemetrySwitch(
            library="posthog",
            switch="mem0's client",
            value="none" if client is None else "a client",
            off=client is None,
            read_from="mem0.memory.telemetry.client_telemetry.posthog",
        ),
    ]


def _chromadb(module: ModuleType) -> list[TelemetrySwitch]:
    settings = module.Settings()
    endpoint = settings.chroma_otel_collection_endpoint or ""
    return [
        TelemetrySwitch(
            library="chromadb",
            switch="CHROMA_OTEL_COLLECTION_ENDPOINT",
            value=repr(endpoint),
            off=endpoint == "",
            read_from="chromadb.config.Settings().chroma_otel_collection_endpoint",
        )
    ]


def _hub(module: ModuleType) -> list[TelemetrySwitch]:
    return [
        TelemetrySwitch(
            library="huggingface_hub",
            switch=name,
            value=repr(getattr(module, name)),
            off=bool(getattr(module, name)),
            read_from=f"huggingface_hub.constants.{name}",
        )
        for name in ("HF_HUB_DISABLE_TELEMETRY", "HF_HUB_OFFLINE")
    ]


_READERS: tuple[tuple[str, Callable[[ModuleType], list[TelemetrySwitch]]], ...] = (
    ("mem0.memory.telemetry", _mem0),
    ("chromadb.config", _chromadb),
    ("huggingface_hub.constants", _hub),
)
