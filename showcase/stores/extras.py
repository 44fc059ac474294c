"""The libraries of the engines, which an installation has only where somebody asked for them."""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING

from showcase.errors import UsageError
from showcase.shell.advice import install_extra

if TYPE_CHECKING:
    from types import ModuleType

    from showcase.settings.store_address import StoreKind


def imported(kind: StoreKind, name: str) -> ModuleType:
    """Return a library of an engine.

    Args:
        kind: Which engine; the extra has its name.
        name: The module.

    Raises:
        UsageError: It is not installed, or cannot be loaded.
    """
    try:
        return importlib.import_module(name)
    except ImportError as error:
        raise UsageError(
            f"a store of {kind} needs {name.partition('.')[0]}, which cannot be imported: {error}",
            hint=install_extra(kind, name.partition(".")[0].replace("_", "-")),
        ) from error
