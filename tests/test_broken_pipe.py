"""A pipe that nobody reads is told from other errors, also where the system has another word for it."""

from __future__ import annotations

import errno
import os
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

from showcase.documents import broken_pipe

if TYPE_CHECKING:
    from program import Finished


def raised(system: str) -> OSError:
    """Return what writing to a pipe that nobody reads raises, as a system's C runtime says it."""
    read, write = os.pipe()
    os.close(read)
    try:
        with pytest.raises(BrokenPipeError) as caught:
            os.write(write, b"x")
    finally:
        os.close(write)
    return caught.value if system == "posix" else OSError(errno.EINVAL, os.strerror(errno.EINVAL))


@pytest.mark.parametrize("system", ["posix", "nt"])
def test_nobody_reads(system: str) -> None:
    assert broken_pipe.is_one(raised(system), system=system)


@pytest.mark.parametrize(
    ("system", "error"),
    [
        ("posix", OSError(errno.EINVAL, "Invalid argument")),
        ("nt", OSError(errno.EINVAL, "Invalid argument", "a?b")),
        ("nt", OSError(errno.ENOSPC, "No space left on device")),
    ],
)
def test_something_else_is_wrong(system: str, error: OSError) -> None:
    assert not broken_pipe.is_one(error, system=system)
    with pytest.raises(OSError, match=error.strerror), broken_pipe.ignored():
        raise error


COMMANDS = (("verify", "LOG"), ("verify", "LOG", "--json"), ("limits",), ("limits", "LOG"), ("glossary",), ("--help",))


@pytest.mark.skipif(os.name == "nt", reason="a POSIX pipe")
@pytest.mark.parametrize("unbuffered", ["", "1"], ids=["buffered", "python -u"])
@pytest.mark.parametrize("words", COMMANDS, ids=" ".join)
def test_a_reader_that_leaves_changes_no_exit_status(
    words: tuple[str, ...], unbuffered: str, finished: Finished
) -> None:
    """Status 1 means that a claim is broken: with `pipefail`, a log that is upheld would read so."""
    read, write = os.pipe()
    os.close(read)
    done = subprocess.run(
        [sys.executable, "-m", "showcase", *(str(finished.out) if word == "LOG" else word for word in words)],
        stdout=write,
        stderr=subprocess.PIPE,
        text=True,
        check=False,
        timeout=60,
        env={**os.environ, "PYTHONUNBUFFERED": unbuffered},
    )
    os.close(write)
    assert (done.returncode, done.stderr) == (0, "")
