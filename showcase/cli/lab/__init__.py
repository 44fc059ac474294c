"""`showcase lab`: labs that teach by breaking things."""

from __future__ import annotations

import click

from showcase.cli.lab.checking_in import check_in
from showcase.cli.lab.ending import end
from showcase.cli.lab.helping import hint, solution
from showcase.cli.lab.listing import list_
from showcase.cli.lab.resetting import reset
from showcase.cli.lab.starting import start
from showcase.cli.lab.verifying import verify
from showcase.cli.nearest import NearestGroup

EPILOG = """\b
Examples:
  showcase lab check-in --name Anna    one line to read aloud
  showcase lab start 1                 a question, two minutes of reading, what to type
  showcase lab hint
  showcase lab verify                  looks at what is really there
  showcase lab start 2

\b
When nothing seems to happen:
  A command that works says so within 10 seconds.
  One that waits for you ends in a colon, or has said what it waits for.
  Ctrl-C ends any of them, and nothing is lost: type the same one again.
  What would go wrong on this machine, and how to fix it: showcase doctor
"""


@click.group(cls=NearestGroup, epilog=EPILOG, context_settings={"help_option_names": ["-h", "--help"]})
def command() -> None:
    """Labs: predict, break something by hand, and let the program look at what is really there.

    Your work lies in showcase-labs, in the directory that you are in. No lab needs the internet or a model server.
    """


for each in (list_, start, hint, verify, solution, reset, check_in, end):
    command.add_command(each)
