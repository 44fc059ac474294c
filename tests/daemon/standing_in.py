"""Programs that stand in for `ollama`: they serve Ollama's protocol where they are told to, well-behaved or not."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

PROGRAM = """#!{python}
import os, sys
if sys.argv[1:] != ["serve"]:
    sys.exit("there is nothing but serve")
port = int(os.environ["OLLAMA_HOST"].rpartition(":")[2])
{first}
from showcase.engines.rehearsal import server
server.serve(port=port, pace=None, standalone=True)
"""


def ollama(directory: Path, first: str = "") -> str:
    """Write a program that does `first` and then serves; return its path."""
    program = directory / "ollama"
    program.write_text(PROGRAM.format(python=sys.executable, first=first))
    program.chmod(0o755)
    return str(program)


def models(directory: Path) -> str:
    """Make a directory that looks like one of models; the programs here bring their own."""
    manifest = directory / "models" / "manifests" / "registry.example" / "library" / "some" / "latest"
    manifest.parent.mkdir(parents=True)
    manifest.write_text("{}")
    return str(directory / "models")
