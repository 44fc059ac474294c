"""`showcase bench recall`."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click

from showcase.cli.bench.measured import measured_options
from showcase.cli.everyday_options import embedding_options
from showcase.errors import UsageError

if TYPE_CHECKING:
    from showcase.bench.recall.asked import RecallSet
    from showcase.cli.bench.measured import Measured
    from showcase.cli.everyday_options import EngineAsked

_FILE = click.Path(path_type=Path, readable=False)
