"""A class is judged by what is there: planted leaks, losses and deaths have to show, each in its own figure."""

from __future__ import annotations

import os
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from showcase.bench.classroom import conducting, figures
from showcase.bench.classroom.conducting import Class, judge
from showcase.bench.classroom.measurement import Classroom
from showcase.bench.classroom.sample import Participant, Taught
from showcase.bench.classroom.told import memory, question, user_id
from showcase.bench.results.result import EngineUsed
from showcase.engines import everyday
from showcase.errors import ShowcaseError, UsageError
from showcase.evidence import MemoryRow
from showcase.settings import OLLAMA
from showcase.settings.store_place import StorePlace

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from showcase.bench.results.result import Cell
    from showcase.engines.everyday import Opened

ONE = Participant(
    number=0, pid=1, opened_s=1.0, add_ms=(10.0, 20.0), search_ms=(1.0, 2.0, 3.0), embed_ms=(1.0,) * 5, found=3, own=2,
    foreign=0, memory_bytes=2**27,
)  # fmt: skip
TAUGHT = Taught(
    size=1, memories=2, searches=3, participants=(ONE,), at_once=1, planting_s=0.5, asking_s=0.1, whole=2, lost=0,
    strange=0, size_before=1000, size_after=5000,
)  # fmt: skip


@pytest.fixture(scope="module")
def server() -> Iterator[Opened]:
    wanted = everyday.Wanted(engine="rehearsal", ollama=OLLAMA, limit_s=60, environment=os.environ)
    with everyday.opened(wanted, note=lambda _: None) as opened:
        yield opened


def taught(server: Opened, tmp_path: Path, size: int) -> Taught:
    data = tmp_path / "store"
    data.mkdir()
    place = StorePlace(root=data, chroma=data, home=tmp_path / "home")
    return Class(place, None, server, memories=3, searches=4).teach(size, tmp_path / "homes", lambda _: None)


def planted(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, words: str) -> None:
    """Let participants begin with a line of somebody else's."""
    script = tmp_path / "participant.py"
    script.write_text(f"{words}\nfrom showcase.bench.classroom import participant\nparticipant.main()\n")
    monkeypatch.setattr(conducting, "ENTRY", (str(script),))


def cells(samples: list[Taught], table: str) -> list[dict[str, Cell]]:
    made = figures.sections("chroma", samples)
    return [row.cells for section in made for each in section.tables if each.key == table for row in each.rows]


def test_nobody_tells_what_another_tells() -> None:
    told = [memory(number, at) for number in range(200) for at in range(30)]
    assert len(set(told)) == len(told)
    assert all(user_id(7) in each(7, 2) for each in (memory, question))


def test_what_is_lost_and_what_nobody_planted_is_counted() -> None:
    rows = [
        MemoryRow(memory_id=f"{number}/{at}", text=memory(number, at), user_id=user_id(number))
        for number in range(3)
        for at in range(2)
    ]
    all_told = [2, 2, 2]
    assert judge(rows, all_told) == (6, 0, 0)
    assert judge(rows[1:], all_told) == (5, 1, 0)
    assert judge([*rows, replace(rows[0], memory_id="twice")], all_told) == (6, 0, 1)
    assert judge([replace(rows[0], user_id=user_id(1)), *rows[1:]], all_told) == (5, 1, 1), "it went to somebody else"
    assert judge([replace(rows[0], text=rows[0].text.upper()), *rows[1:]], all_told) == (5, 1, 1)
    assert judge([], all_told) == (0, 6, 0)
    assert judge(rows, [2, 1, 2]) == (5, 0, 0), "stored, and its participant was not told"
    assert judge(rows, [2, 0, 2]) == (4, 0, 1), "nobody began two at once"
    assert judge(rows[:2] + rows[4:], [2, 0, 2]) == (4, 0, 0), "who failed before planting lost nothing"


def test_two_at_once_find_all_that_is_theirs_and_nothing_else(server: Opened, tmp_path: Path) -> None:
    found = taught(server, tmp_path, 2)
    assert found.faults == ()
    assert (found.at_once, found.whole, found.lost, found.strange, found.foreign) == (2, 6, 0, 0, 0)
    assert len({each.pid for each in found.participants} | {os.getpid()}) == 3, "a process each"
    assert all((len(each.add_ms), len(each.search_ms), each.own) == (3, 4, 3) for each in found.participants)
    assert all(
        0 < waited < took
        for each in found.participants
        for waited, took in zip(each.embed_ms, (*each.add_ms, *each.search_ms), strict=True)
    ), "what the model server took is a part of each operation"
    assert found.grown_bytes is not None
    assert found.grown_bytes > 0


def test_a_filter_that_is_ignored_shows_as_rows_of_others(
    server: Opened, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    leak = (
        "from mem0.vector_stores.chroma import ChromaDB as it\nit._generate_where_clause = staticmethod(lambda _: None)"
    )
    planted(tmp_path, monkeypatch, leak)
    found = taught(server, tmp_path, 2)
    assert found.faults == ()
    assert found.foreign > 0
    assert cells([found], "keeping")[0]["foreign"].value == found.foreign


def test_a_memory_that_is_not_written_shows_as_lost(
    server: Opened, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    loss = (
        "from mem0.vector_stores.chroma import ChromaDB\nkeep = ChromaDB.insert\n"
        "ChromaDB.insert = lambda self, *a, **k: None if 'participant-001' in repr((a, k)) else keep(self, *a, **k)"
    )
    planted(tmp_path, monkeypatch, loss)
    found = taught(server, tmp_path, 2)
    assert (found.whole, found.lost) == (3, 3)
    assert [each.own for each in found.participants] == [3, 0]


def test_a_participant_that_dies_is_named_and_the_others_go_on(
    server: Opened, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    death = (
        "from showcase.bench.classroom.participant import _Participant\nplay = _Participant.play\n"
        "def dies(self):\n    if self._number == 1:\n        raise RuntimeError('no seat left')\n"
        "    return play(self)\n"
        "_Participant.play = dies"
    )
    planted(tmp_path, monkeypatch, death)
    found = taught(server, tmp_path, 2)
    assert found.faults == ("RuntimeError: no seat left",)
    assert (found.at_once, found.whole, found.lost) == (1, 3, 0)
    assert cells([found], "keeping")[0]["failed"].value == 1
    monkeypatch.setattr(conducting, "ENTRY", ("-c", "raise SystemExit('closed')"))
    again = tmp_path / "again"
    again.mkdir()
    with pytest.raises(ShowcaseError, match="closed"):
        taught(server, again, 1)


def test_what_is_calculated_follows_from_the_largest_class_and_is_nothing_without_one() -> None:
    paper = figures.on_paper(TAUGHT, 200)
    assert paper is not None
    assert paper.asked_s == pytest.approx(200 / figures.PAUSE_S)
    assert paper.used == pytest.approx(paper.asked_s / 30), "three searches in a tenth of a second"
    assert paper.size_bytes == 2000 * 200 * figures.TOLD
    assert figures.on_paper(replace(TAUGHT, participants=()), 200) is None
    silent = figures.on_paper(replace(TAUGHT, size_after=None), 200)
    assert silent is not None
    assert silent.size_bytes is None
    rows = cells([TAUGHT, replace(TAUGHT, size=2, asking_s=0.2)], "calculated")
    assert rows[0]["used"].value == pytest.approx(paper.used * 2), "the largest counts"
    assert cells([], "calculated") == []


def test_what_was_not_observed_is_no_figure() -> None:
    nothing = replace(ONE, add_ms=(), search_ms=(), embed_ms=(), found=0, own=0, fault="gone")
    row = cells([replace(TAUGHT, participants=(nothing,), whole=0, lost=2)], "waiting")[0]
    assert {name for name, cell in row.items() if cell.value is None} == set(row) - {"at_once"}


def test_a_size_that_is_there_twice_is_refused(server: Opened) -> None:
    engine = EngineUsed(kind="rehearsal", version="1", chat_model=None, embed_model=None)
    with pytest.raises(UsageError, match="twice"):
        Classroom(address=None, secret=None, server=server, engine=engine, users=(2, 2))
