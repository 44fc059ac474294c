"""Ctrl-C and the polite signals: they end a run early, never halfway through a spawn or through its clean-up."""

from __future__ import annotations

import signal
import threading
from contextlib import contextmanager
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator
    from types import FrameType

_SIGNALS = ("SIGINT", "SIGTERM", "SIGHUP", "SIGBREAK")


class Interrupted(Exception):  # noqa: N818 - it is no error; somebody wanted the end
    """The run was told to end; the message is the signal's name."""


class Interruption:
    """What the signals that ask for the end do: raise `Interrupted` where that is safe, else wait until it is.

    One instance holds them from before the first child is spawned to after the last is reaped, so that there is
    no moment in between at which a signal has its default effect.
    """

    def __init__(self) -> None:
        self._open = False
        self._pending: str | None = None

    def _on_signal(self, number: int, _frame: FrameType | None) -> None:
        self._pending = signal.Signals(number).name
        self._raise_pending()

    def _raise_pending(self) -> None:
        if self._open and self._pending is not None:
            # Once only: a second Ctrl-C must not hit what cleans up after the first.
            self._open = False
            raise Interrupted(self._pending)

    @contextmanager
    def raised(self) -> Iterator[None]:
        """Let a signal, also one that came before, raise `Interrupted`; at the end where nobody heard it.

        What is raised in a finaliser, or in a callback of the garbage collector, goes no further: Python says so on
        standard error and goes on.
        """
        self._open = True
        try:
            self._raise_pending()
            yield
        finally:
            self._open = False
        if self._pending is not None:
            raise Interrupted(self._pending)

    @contextmanager
    def deferred(self) -> Iterator[None]:
        """Let a signal wait for the end of a few statements that belong together."""
        was_open, self._open = self._open, False
        try:
            yield
        finally:
            self._open = was_open
        self._raise_pending()


@contextmanager
def ends_as_ctrl_c() -> Iterator[None]:
    """Let the polite signals raise `KeyboardInterrupt` as Ctrl-C does.

    Once only: a second one must not hit what cleans up after the first. One that was ignored stays so.
    """
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    known = [getattr(signal, name) for name in _SIGNALS[1:] if hasattr(signal, name)]
    before = {number: signal.getsignal(number) for number in known}
    asked = [number for number in known if before[number] is not signal.SIG_IGN]

    def end(number: int, _frame: FrameType | None) -> None:
        for each in asked:
            signal.signal(each, signal.SIG_IGN)
        raise KeyboardInterrupt(signal.Signals(number).name)

    try:
        for number in asked:
            signal.signal(number, end)
        yield
    finally:
        for number in asked:
            signal.signal(number, before[number])


@contextmanager
def interruption() -> Iterator[Interruption]:
    """Hold the signals that ask for the end; one that the caller had ignored (`nohup`, `&`) stays ignored."""
    held = Interruption()
    if threading.current_thread() is not threading.main_thread():
        yield held
        return
    known = [getattr(signal, name) for name in _SIGNALS if hasattr(signal, name)]
    before = {number: signal.getsignal(number) for number in known}
    asked = [number for number in known if before[number] is not signal.SIG_IGN]
    try:
        for number in asked:
            signal.signal(number, held._on_signal)  # noqa: SLF001 - the handler is no part of what callers see
        yield held
    finally:
        for number in asked:
            signal.signal(number, before[number])
