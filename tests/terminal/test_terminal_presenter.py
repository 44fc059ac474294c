"""`run --step --presenter`: one statement a screen, and each fits one."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from showcase.cli import presenter
from showcase.cli.presenter import PresenterProgress, Statement, screen
from showcase.evidence import Endpoint, MemoryRow, Recall
from showcase.processes.protocol.events import Planted, Searched, Spawned
from showcase.progress import Pause

if TYPE_CHECKING:
    from showcase.evidence import Run


@pytest.fixture
def shown(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Each screen that somebody pressed Enter at."""
    screens: list[str] = []

    def said(text: str = "", **_: object) -> None:
        screens.append(text)

    monkeypatch.setattr(presenter.click, "echo", said)
    monkeypatch.setattr(presenter, "wait_for_enter", lambda: None)
    return screens


def pause(*, alive: bool) -> Pause:
    return Pause(
        role="session 1", user_id="alice", pid=4711, alive=alive, store=Path("out/mem0_chroma"),
        endpoint=Endpoint(address="127.0.0.1", port=1), sessions_left=2, took_s=1.0,
    )  # fmt: skip


def recall(text: str) -> Recall:
    return Recall(memory_id="1", text=text, user_id="alice", score=0.5, distance=1.0, cosine=0.5)


@pytest.mark.parametrize(("columns", "rows"), [(80, 24), (40, 10), (200, 60)])
@pytest.mark.parametrize("beneath", ["", "ps -p 1"])
def test_a_screen_fits_whatever_it_says(columns: int, rows: int, beneath: str) -> None:
    long = Statement(head="session 2 · alice", says="word " * 100, lines=("memory " * 90,) * 9, beneath=beneath)
    lines = screen(long, number=3, columns=columns, rows=rows).split("\n")
    assert len(lines) <= rows
    assert max(map(len, lines)) <= columns
    assert lines[-1].strip() == "3"
    assert "…" in "".join(lines), "what does not fit is told"


def test_nothing_from_outside_steers_the_terminal() -> None:
    hostile = Statement(head="session 1 · alice", says="\x1b[31mred", lines=("\x07bell\r",))
    assert "\x1b" not in screen(hostile, number=1)
    assert "\x07" not in screen(hostile, number=1)


def test_one_statement_a_screen_in_the_order_of_what_happened(shown: list[str]) -> None:
    progress = PresenterProgress()
    progress.begin({"session 1": "alice"}, dict)
    progress.event("session 1", Spawned(pid=4711, hook=True, version="1"))
    row = MemoryRow(memory_id="1", text="I like tea", user_id="alice")
    progress.event("session 1", Planted(rows=(row,)))
    progress.event("control empty-store", Spawned(pid=1, hook=True, version="1"))
    assert not shown, "nothing is shown before the run waits"
    progress.pause(pause(alive=True))
    progress.event("session 1", Planted(rows=(row,)))
    progress.event("session 1", Searched(question="tea?", rows=(recall("I like tea"),)))
    progress.pause(pause(alive=False))
    wanted = (
        "begins: 4711",
        "alice tells it:",
        "4711 is alive",
        "alice tells it:",
        "“tea?”",
        "recalls 1",
        "4711 has ended",
    )
    assert len(shown) == len(wanted)
    for text, words in zip(shown, wanted, strict=True):
        assert words in text


def test_each_verdict_has_a_screen_with_its_reason(log: Run, shown: list[str]) -> None:
    PresenterProgress().verdicts(log)
    assert len(shown) == len(log.claims)
    for text, verdict in zip(shown, log.claims, strict=True):
        assert verdict.id in text
        assert verdict.status in text
        assert verdict.reason.split()[0] in text
