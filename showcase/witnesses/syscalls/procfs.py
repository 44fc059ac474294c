"""`/proc`, read with plain `os` calls: importing pathlib would cost a supervisor a sixth of its start."""
# ruff: noqa: PTH110, PTH115, PTH123, PTH208

from __future__ import annotations

import os


def read(path: str) -> bytes:
    """Return the contents of `/proc/<path>`.

    Raises:
        OSError: The process is gone, or it may not be looked at.
    """
    with open(f"/proc/{path}", "rb") as file:
        return file.read()


def link(path: str) -> str | None:
    """Return where the link `/proc/<path>` leads, None where that cannot be read."""
    try:
        return os.readlink(f"/proc/{path}")
    except OSError:
        return None


def exists(path: str) -> bool:
    """Return whether `/proc/<path>` is there."""
    return os.path.exists(f"/proc/{path}")


def pids() -> list[int]:
    """Return the number of every process that can be seen."""
    return [int(entry) for entry in os.listdir("/proc") if entry.isdigit()]


def field(path: str, name: bytes) -> int:
    """Return the number behind `name:` in a file of one field a line.

    Raises:
        OSError: The process is gone, or the file has no such field.
    """
    for line in read(path).splitlines():
        if line.startswith(name + b":"):
            return int(line.split()[1])
    raise ProcessLookupError(path)


def capabilities(tid: int) -> int:
    """Return which capabilities a thread has in effect, a bit for each.

    Raises:
        OSError: It is gone.
    """
    return int(text(tid, b"CapEff"), 16)


def identity(tid: int) -> tuple[bytes, bytes]:
    """Return a thread's user and group ids (real, effective, saved, of the file system), as they are written.

    Raises:
        OSError: It is gone.
    """
    return text(tid, b"Uid"), text(tid, b"Gid")


def text(tid: int, name: bytes) -> bytes:
    """Return what stands behind `name:` in a thread's status.

    Raises:
        OSError: It is gone, or there is no such field.
    """
    for line in read(f"{tid}/status").splitlines():
        if line.startswith(name + b":"):
            return line.partition(b":")[2].strip()
    raise ProcessLookupError(name)


def state_and_parent(pid: int) -> tuple[str, int]:
    """Return a process's state letter and its parent's pid.

    Raises:
        OSError: The process is gone.
    """
    # The name stands in parentheses and may hold any character; what follows the last one is numbers.
    state, ppid = read(f"{pid}/stat").rpartition(b")")[2].split()[:2]
    return state.decode(), int(ppid)
