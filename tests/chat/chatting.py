"""`showcase chat` as a process of its own: lines from a file, or one after the other while it runs."""

from __future__ import annotations

import hashlib
import os
import queue
import subprocess
import sys
import threading
import time
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

    from typing_extensions import Self

TIMEOUT_S = 120


def command(store: Path, server: str, *arguments: str, user: str = "alice") -> list[str]:
    """Return the command line of a chat on a store, with a server that is there; without mem0, in half the time."""
    there = ("--engine", "ollama", "--ollama-host", server, "--backend", "chroma")
    return ["chat", "--store", str(store), "--user-id", user, *there, *arguments]


def chat(
    store: Path,
    server: str,
    *lines: str | bytes,
    arguments: tuple[str, ...] = (),
    user: str = "alice",
    cwd: Path | None = None,
) -> subprocess.CompletedProcess[str]:
    """Say these lines, and let it end."""
    said = b"".join((line.encode() if isinstance(line, str) else line) + b"\n" for line in lines)
    done = subprocess.run(
        [sys.executable, "-m", "showcase", *command(store, server, *arguments, user=user)],
        input=said,
        capture_output=True,
        timeout=TIMEOUT_S,
        cwd=cwd,
        check=False,
    )
    return subprocess.CompletedProcess(done.args, done.returncode, done.stdout.decode(), done.stderr.decode())


class Talking:
    """A chat that goes on, to which lines are said one by one."""

    def __init__(self, store: Path, server: str, *arguments: str, user: str = "alice") -> None:
        self.process = subprocess.Popen(
            [sys.executable, "-m", "showcase", *command(store, server, *arguments, user=user)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
        )
        self._came: queue.SimpleQueue[bytes] = queue.SimpleQueue()
        self._thread = threading.Thread(target=self._read, daemon=True)
        self._thread.start()
        self.until("/help shows the commands")

    def _read(self) -> None:
        assert self.process.stdout is not None
        while data := os.read(self.process.stdout.fileno(), 65_536):
            self._came.put(data)
        self._came.put(b"")

    def until(self, words: str) -> str:
        """Read on until these words came; return what came."""
        came, deadline = b"", time.monotonic() + TIMEOUT_S
        while words.encode() not in came:
            assert time.monotonic() < deadline, f"{words!r} never came: {came!r}"
            try:
                data = self._came.get(timeout=1)
            except queue.Empty:
                continue
            assert data, f"{words!r} never came: {came!r}"
            came += data
        return came.decode()

    def say(self, line: str, until: str | None = None) -> str:
        """Say a line; return what comes, to these words, else to the end of what it does."""
        assert self.process.stdin is not None
        self.process.stdin.write(f"{line}\n".encode())
        if until is None:
            self.process.stdin.write(b"/user\n")  # says who speaks, once the line is done with
            until = "speaks; others"
        self.process.stdin.flush()
        return self.until(until)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        assert self.process.stdin is not None
        assert self.process.stdout is not None
        self.process.kill()
        self.process.wait()
        self._thread.join()
        self.process.stdin.close()
        self.process.stdout.close()


def listed(store: Path, server: str, user: str = "alice", *arguments: str) -> list[str]:
    """Return the memories of a user, as a chat of its own lists them."""
    said = chat(store, server, "/memory", user=user, arguments=arguments).stdout
    return [line.partition(". ")[2] for line in said.splitlines() if line.partition(". ")[0].strip().isdecimal()]


def digest(store: Path) -> str:
    """Return what changes with any byte of any file."""
    whole = hashlib.sha256()
    for path in sorted(path for path in store.rglob("*") if path.is_file()):
        whole.update(f"{path.relative_to(store)}\0{hashlib.sha256(path.read_bytes()).hexdigest()}\n".encode())
    return whole.hexdigest()


def files_with(store: Path, words: str) -> list[str]:
    """Return which files hold these bytes."""
    there = (path for path in store.rglob("*") if path.is_file())
    return sorted(str(path.relative_to(store)) for path in there if words.encode() in path.read_bytes())
