"""Output that nobody reads, or that cannot be written."""

from __future__ import annotations

import os
import subprocess
from typing import TYPE_CHECKING

import pytest
from planting import finish, verified

from showcase import runlog

if TYPE_CHECKING:
    from planting import Place

PHASE = ("--engine", "rehearsal", "--phase", "1")
pytestmark = pytest.mark.skipif(os.name == "nt", reason="a POSIX shell")


@pytest.mark.parametrize("pipe", ["| head -n 1", "2>&1 >/dev/null | head -n 1", "2>&1 | true"])
def test_a_reader_that_leaves(place: Place, pipe: str) -> None:
    """The run goes on to its end; its own status stands, and nothing complains."""
    script = f'{{ "$@"; echo $? > "$0"; }} {pipe}'
    status = place.directory / "status"
    done = subprocess.run(
        ["/bin/sh", "-c", script, str(status), *place.start_command(*PHASE)],
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
        env=place.environment(),
    )
    place.assert_clean()
    assert status.read_text().strip() == "3", done.stderr
    assert "Traceback" not in done.stderr
    assert "BrokenPipe" not in done.stderr
    assert runlog.read(place.out / "run-log.json").sessions[0].exit_code == 0
    assert verified(place.out) == 3


@pytest.mark.skipif(not os.path.exists("/dev/full"), reason="no /dev/full here")  # noqa: PTH110 - at import
def test_a_summary_that_finds_no_room(place: Place) -> None:
    with open("/dev/full", "w") as full:  # noqa: PTH123 - a device
        process = subprocess.Popen(
            place.start_command(*PHASE), stdout=full, stderr=subprocess.PIPE, text=True, env=place.environment()
        )
        ended = finish(process)
    assert ended.code == 4
    assert "error: the system refused: [Errno 28] No space left on device" in ended.stderr
    assert "Traceback" not in ended.stderr
    assert "Exception ignored" not in ended.stderr
    assert runlog.read(place.out / "run-log.json").sessions[0].planted, "the log is whole"
    place.assert_clean()


def test_a_terminal_that_is_not_utf_8(place: Place) -> None:
    ended = place.phase(1, PYTHONIOENCODING="latin-1")
    assert ended.code == 3, ended.stderr
    assert "+ upheld" in ended.stdout
