"""What mem0 warns of at each run: not in the example, whose errors are told all the same."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

from trying import MEM0

if TYPE_CHECKING:
    from trying import Project

QUIET = 'logging.getLogger("mem0").setLevel(logging.ERROR)'


def test_without_the_line_it_warns_and_recommends_what_downloads(project: Project) -> None:
    project.without(MEM0, QUIET)
    done = project.run(sys.executable, MEM0, "alice", "Hello.")
    assert "does not support keyword search" in done.stderr
    assert "pip install mem0ai[nlp]" in done.stderr


def test_errors_of_mem0_are_told_with_the_line_too(project: Project) -> None:
    project.change(MEM0, QUIET, f"{QUIET}; logging.getLogger('mem0.memory.main').error('planted')")
    done = project.run(sys.executable, MEM0, "alice", "Hello.")
    assert done.stderr == "planted\n"
