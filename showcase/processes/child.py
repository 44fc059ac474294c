"""Child processes: spawned, drained, timed out, reaped.

A child gets orders on stdin and says lines on stdout, which is a pipe of their own: the child moves its file
descriptor 1 to stderr before it imports anything. Both pipes are drained by threads, so that no child ever blocks on a
full one.
"""

from __future__ import annotations

import contextlib
import json
import os
import queue
import signal
import subprocess
import sys
import threading
import time
from collections import deque
from typing import IO, TYPE_CHECKING, Any, Generic, TypeVar

from showcase.documents.surrogates import without_surrogates
from showcase.errors import ShowcaseError
from showcase.processes import job_object
from showcase.processes.table import UNTOLD, descendants
from showcase.shell import here

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence
    from pathlib import Path

STDERR_LINES = 200
"""Lines of a child's stderr that are kept for a diagnosis."""

TERM_GRACE_S = 2.0
"""Time between a polite end and a kill."""

LONGEST_WAIT_S = 0.1 if sys.platform == "win32" else float("inf")
"""How long a thread waits at a stretch. On Windows no signal's handler runs before a wait is over."""

Document = dict[str, Any]

S = TypeVar("S")
"""What a line says, as it is read."""


def read_document(line: bytes) -> Document:
    """Return the JSON object that a line is; an empty one where it is none."""
    try:
        document = json.loads(line)
    except (ValueError, RecursionError):
        return {}
    return without_surrogates(document) if isinstance(document, dict) else {}


class Child(Generic[S]):
    """A spawned process, its pipes and its end.

    Args:
        command: Program and arguments; no shell.
        environment: The whole environment of the child.
        cwd: Its working directory.
        read: Reads a line that it says; raises nothing.
        on_event: Called with all that it says, from a thread of this child's own.

    Raises:
        ShowcaseError: It could not be started.
    """

    def __init__(
        self,
        command: Sequence[str],
        *,
        environment: Mapping[str, str],
        cwd: Path,
        read: Callable[[bytes], S],
        on_event: Callable[[S], None] | None = None,
    ) -> None:
        self.events: queue.Queue[S | None] = queue.Queue()
        self._read = read
        self.stderr: deque[str] = deque(maxlen=STDERR_LINES)
        self.silent = threading.Event()
        self._on_event = on_event
        isolation: dict[str, Any] = {}
        if sys.platform == "win32":
            isolation["creationflags"] = subprocess.CREATE_NEW_PROCESS_GROUP
        else:
            # A session of its own: Ctrl-C in the terminal reaches the orchestrator alone, which ends its
            # children.
            isolation.update(start_new_session=True, umask=0o077)
        try:
            self._popen, self._job = job_object.start(
                command,
                env=dict(environment),
                cwd=cwd,
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.PIPE,
                **isolation,
            )
        except OSError as error:
            raise ShowcaseError(
                f"cannot start a process: {error.strerror or error}",
                hint=f"look at the limits of processes and memory: {here().limits()}",
            ) from error
        self.pid = self._popen.pid
        self.ended_at: float | None = None
        """When it ended, a reading of `time.monotonic`. Known at once, however late anybody asks for its status."""
        self._waiter = threading.Thread(target=self._note_end, daemon=True)
        self._readers = [
            threading.Thread(target=self._drain_events, args=(self._popen.stdout,), daemon=True),
            threading.Thread(target=self._drain_stderr, args=(self._popen.stderr,), daemon=True),
        ]
        for thread in (self._waiter, *self._readers):
            thread.start()

    def order(self, line: str) -> bool:
        """Write a line to the child's stdin; False where it no longer reads."""
        stdin = self._popen.stdin
        if stdin is None:
            return False
        try:
            stdin.write(line.encode() + b"\n")
            stdin.flush()
        except (OSError, ValueError):
            return False
        return True

    def close_stdin(self) -> None:
        """Tell the child that no more orders come."""
        if self._popen.stdin is not None:
            with contextlib.suppress(OSError):
                self._popen.stdin.close()

    def next_event(self, timeout_s: float) -> S | None:
        """Return the next event, None where the child closed its pipe.

        Raises:
            TimeoutError: Nothing came in time.
        """
        for wait_s in _stretches(timeout_s):
            with contextlib.suppress(queue.Empty):
                event = self.events.get(timeout=wait_s)
                if event is None:
                    self.events.put(None)  # for the next one who asks
                return event
        raise TimeoutError

    @property
    def exit_code(self) -> int | None:
        """Exit status, negative for a signal, None while it lives."""
        return self._popen.poll()

    def reap(self, timeout_s: float) -> int | None:
        """Wait for the end and for everything it wrote; None where it did not end in time."""
        for wait_s in _stretches(timeout_s):
            with contextlib.suppress(subprocess.TimeoutExpired):
                code = self._popen.wait(timeout=wait_s)
                self._waiter.join()
                # A grandchild may hold the pipes open: what it writes later is not waited for.
                self._close_pipes()
                return code
        return None

    def end(self, grace_s: float = TERM_GRACE_S) -> int:
        """End the child and all its descendants, politely, then not; return its exit status."""
        family = descendants(self.pid)
        if self._popen.poll() is None:
            # Before its stdin closes, so that the exit status tells who ended it.
            with contextlib.suppress(OSError):
                self._popen.terminate()
        self.close_stdin()
        if self.reap(grace_s) is None:
            self._kill_group()
            with contextlib.suppress(OSError):
                self._popen.kill()
        code = self._popen.wait()
        self._waiter.join()
        for process in family:
            with contextlib.suppress(*UNTOLD):
                process.kill()
        self._kill_group()
        self._close_pipes()
        return code

    def end_left_behind(self) -> None:
        """End what it started and left, where the system keeps account of that (Windows); it has ended itself."""
        if self._job is not None:
            self._job.end()

    def _close_pipes(self) -> None:
        self.close_stdin()
        for reader, pipe in zip(self._readers, (self._popen.stdout, self._popen.stderr), strict=True):
            reader.join(timeout=TERM_GRACE_S)
            # A reader that still waits holds its pipe; closing it here would wait with it.
            if pipe is not None and not reader.is_alive():
                pipe.close()

    def _kill_group(self) -> None:
        self.end_left_behind()
        if sys.platform != "win32":
            with contextlib.suppress(OSError):
                os.killpg(self.pid, signal.SIGKILL)

    def _note_end(self) -> None:
        self._popen.wait()
        self.ended_at = time.monotonic()

    def _drain_events(self, pipe: IO[bytes]) -> None:
        for line in pipe:
            event = self._read(line)
            if self._on_event is not None:
                self._on_event(event)
            self.events.put(event)
        self.silent.set()
        self.events.put(None)

    def _drain_stderr(self, pipe: IO[bytes]) -> None:
        for line in pipe:
            self.stderr.append(line.decode("utf-8", "replace").rstrip("\n"))


def _stretches(timeout_s: float) -> Iterator[float]:
    """Yield how long to wait at a stretch, until the time is up; once at least."""
    until = time.monotonic() + timeout_s
    while True:
        left_s = max(0.0, until - time.monotonic())
        yield min(left_s, LONGEST_WAIT_S)
        if time.monotonic() >= until:
            return
