"""`showcase bench`: figures of this machine, each from one command."""

from __future__ import annotations

import click

from showcase.cli.bench.answers import answers
from showcase.cli.bench.audit import audit
from showcase.cli.bench.classroom import classroom
from showcase.cli.bench.erasure import erasure
from showcase.cli.bench.memory import memory
from showcase.cli.bench.prompt import prompt
from showcase.cli.bench.recall import recall
from showcase.cli.bench.scale import scale
from showcase.cli.bench.show import show
from showcase.cli.bench.stores import stores
from showcase.cli.bench.threshold import threshold
from showcase.cli.nearest import NearestGroup


@click.group(cls=NearestGroup)
def command() -> None:
    """Measure, on this machine and now. Nothing here is a test: figures depend on the machine."""


for _each in (answers, audit, threshold, scale, erasure, memory, prompt, recall, classroom, stores, show):
    command.add_command(_each)
