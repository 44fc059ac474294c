"""Where there are no settings of a terminal to change, as on Windows, nothing is changed and nothing fails."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

from showcase.cli.echo import no_echo

if TYPE_CHECKING:
    import pytest


def test_there_is_nothing_to_change_where_there_are_no_such_terminals(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "termios", None)
    with no_echo():
        pass
