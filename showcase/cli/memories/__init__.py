"""`showcase memories`: what a store holds, and everything that is done with it outside of a chat."""

from __future__ import annotations

import click

from showcase.cli.memories.adding import add
from showcase.cli.memories.converting import move, reembed
from showcase.cli.memories.expiring import expire
from showcase.cli.memories.forgetting import forget
from showcase.cli.memories.looking import history, list_, show
from showcase.cli.memories.operations import log
from showcase.cli.memories.pinning import pin, unpin
from showcase.cli.memories.searching import search
from showcase.cli.memories.transferring import export, import_
from showcase.cli.nearest import NearestGroup

EPILOG = """\b
Examples:
  showcase memories add "My home is Turin" --user-id alice
  showcase memories list --user-id alice
  showcase memories search "where is my home?" --user-id alice --explain
  showcase memories list --store showcase-output        the store of a run
  showcase memories forget --matching "my old job" --user-id alice
  showcase memories export --vectors backup.jsonl
"""


@click.group(cls=NearestGroup, epilog=EPILOG, context_settings={"help_option_names": ["-h", "--help"]})
def command() -> None:
    """List, search, add, forget, move, export and import the memories of a store, and tell what was done with them.

    It is the one of every day, or what --store names: one of your own, or the output directory of a run. Nothing
    leaves this machine, and nothing is downloaded. Only add, search, reembed, forget --matching and an import that
    needs vectors ask a model server; the others start none.
    """


for each in (list_, search, show, history, add, forget, expire, pin, unpin, export, import_, move, reembed, log):
    command.add_command(each)
