"""Real runs, made once and shared: every test that needs a run log takes it from a run of the program."""

from __future__ import annotations

import os
import signal
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from program import Finished, run
from shared import finished_once

from showcase.memory.heavy_import import without_collecting

if TYPE_CHECKING:
    from collections.abc import Generator

    from showcase.evidence import Run

# Those run a Windows from beside it, with a terminal and locks of POSIX.
collect_ignore = ["windows"] if sys.platform == "win32" else []

LONGEST = (
    "faults/test_faults_servers.py",
    "labs/test_course.py",
    "report/test_commands_for_a_new_run.py",
    "terminal/test_terminal_phases.py",
    "faults/test_faults_slow.py",
    "faults/test_faults_scenario.py",
    "claims/test_contradictions.py",
    "erasure/test_killed_erasures.py",
    "terminal/test_terminal_live.py",
    "audit/test_forged_control.py",
    "audit/test_stopping.py",
    "report/test_print.py",
    "report/test_report_browser.py",
    "inspection/test_inspected_hostile.py",
    "memory/test_memories_process.py",
    "examples/test_init.py",
)
"""Files with a test that takes a quarter of a minute and more, or with many that wait (measured folder by folder).

They come first. At the end one process would be at work on such a test and the others would wait for it; and while
these wait, for a server that hangs or a browser, others compute.
"""

# Some containers forbid Python to keep what it compiles: each of the suite's thousands would compile all anew.
os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
sys.dont_write_bytecode = False

# A shell starts what runs in its background with Ctrl-C ignored, and whoever we start would inherit that.
signal.signal(signal.SIGINT, signal.default_int_handler)


@pytest.fixture(scope="session")
def finished(tmp_path_factory: pytest.TempPathFactory) -> Finished:
    """One whole run of the shipped scenario."""
    return finished_once(tmp_path_factory, "run", run)


@pytest.fixture(scope="session")
def log(finished: Finished) -> Run:
    """The log of that run."""
    return finished.log


@pytest.fixture(scope="session")
def hooked(tmp_path_factory: pytest.TempPathFactory) -> Finished:
    """One whole run that the hook alone watched, in a folder with the mark that Nextcloud's client leaves."""

    def in_a_carried_folder(out: Path) -> Finished:
        (out.parent / ".sync_9af3c1.db").write_text("")
        return run(out, "--witness", "hook", "--no-drill")

    return finished_once(tmp_path_factory, "hooked", in_a_carried_folder)


@pytest.fixture(scope="session")
def unsealed(tmp_path_factory: pytest.TempPathFactory) -> Run:
    """The log of a run that the two witnesses of every system watched, and no other."""
    witnesses = ("--witness", "hook", "--witness", "sockets")
    return finished_once(tmp_path_factory, "unsealed", lambda out: run(out, *witnesses)).log


def pytest_xdist_auto_num_workers(config: pytest.Config) -> int:  # noqa: ARG001 - the hook's own
    """Let four processes work on two cores: a test waits for half of its time, for processes and for sockets."""
    return (os.cpu_count() or 2) * 2


@pytest.hookimpl(wrapper=True)
def pytest_collection() -> Generator[None, object, object]:
    """Let the collector of garbage rest meanwhile: each process collects all tests, in two thirds of the time."""
    with without_collecting():
        return (yield)


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Put the files of `LONGEST` first, in its order; all others stay in theirs."""
    first = {Path(__file__).parent / name: place for place, name in enumerate(LONGEST)}
    gone = [path.name for path in first if not path.is_file()]
    if gone:
        raise pytest.UsageError(f"tests/conftest.py: LONGEST names files that are not there: {', '.join(gone)}")
    items.sort(key=lambda item: first.get(item.path, len(first)))
