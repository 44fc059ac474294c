"""A signal that asks for the end is heard, wherever in the program it comes."""

from __future__ import annotations

import os
import signal
import sys
from typing import TYPE_CHECKING

import pytest

from showcase.processes.interruption import Interrupted, interruption

if TYPE_CHECKING:
    from collections.abc import Callable


class Finalised:
    """Gets the signal where nothing that is raised goes any further."""

    def __del__(self) -> None:
        os.kill(os.getpid(), signal.SIGTERM)
        for _ in range(100):  # a handler runs between two statements
            pass


@pytest.mark.skipif(sys.platform == "win32", reason="a process there is ended by SIGTERM, and not told")
def test_one_that_comes_in_a_finaliser_ends_the_run_all_the_same(monkeypatch: pytest.MonkeyPatch) -> None:
    swallowed: list[object] = []
    keep: Callable[[object], None] = lambda held: swallowed.append(type(getattr(held, "exc_value", None)))  # noqa: E731 - one line
    monkeypatch.setattr(sys, "unraisablehook", keep)
    with pytest.raises(Interrupted, match="SIGTERM"), interruption() as held, held.raised():
        Finalised()
    assert swallowed == [Interrupted], "else this test shows nothing"


def test_one_that_never_came_ends_nothing() -> None:
    with interruption() as held, held.raised():
        pass
