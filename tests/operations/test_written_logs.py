"""Writers beside each other, writers that are ended, and a disk that is full: no line is lost, none is made up."""

from __future__ import annotations

import errno
import os
import signal
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from kept_stores import OF_TWO, everything, made, typed
from logged import compared, events, path_of, raw, said, whole

from showcase.errors import StoreError
from showcase.memory import same_store
from showcase.memory.collections import Collections
from showcase.memory.operations import chain
from showcase.memory.operations.chain import Draft
from showcase.memory.operations.verification import verify
from showcase.memory.stored import PINNED

if TYPE_CHECKING:
    from showcase.settings.store_place import StorePlace

TESTS = Path(__file__).parents[1]
WRITER = Path(__file__).with_name("writer.py")
TURIN = OF_TWO[0].memory_id


def written(place: StorePlace, name: str, count: int, *how: str) -> int:
    """Let a process write to its end, and return how it ended."""
    with writer(place, name, count, *how) as one:
        one.communicate(timeout=200)
        return one.returncode


def writer(place: StorePlace, name: str, count: int, *how: str) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, str(WRITER), str(place.root), name, str(count), *how],
        stdout=subprocess.PIPE,
        text=True,
        env={**os.environ, "PYTHONPATH": str(TESTS)},
    )


def test_four_writers_at_once_lose_no_line(tmp_path: Path) -> None:
    place = made(tmp_path / "s")
    before = len(raw(place))
    with ThreadPoolExecutor(4) as four:
        assert [*four.map(lambda number: written(place, f"user{number}", 25), range(4))] == [0] * 4
    found = whole(place)
    assert found.lines == before + 4 * 25 * 2
    assert found.open == ()
    assert [each["number"] for each in said(place)] == list(range(1, found.lines + 1))
    assert len({each["process"]["pid"] for each in said(place)}) == 5
    rows = everything(place, "shared")
    assert len(rows) == len(OF_TWO) + 100
    there = compared(place, list(rows))
    assert (there.rows, there.not_logged, there.gone, there.undecided) == (len(rows), (), 0, 0)


def test_who_reads_at_once_and_holds_no_lock_of_the_store_loses_no_line(tmp_path: Path) -> None:
    place = made(tmp_path / "s")
    before = len(raw(place))
    with ThreadPoolExecutor(4) as four:
        how = [("a", 300, "read"), ("b", 300, "read"), ("c", 300, "read"), ("d", 30)]
        assert [*four.map(lambda each: written(place, *each), how)] == [0] * 4  # type: ignore[arg-type]
    assert whole(place).lines == before + 3 * 300 + 2 * 30


def test_writers_that_are_killed_leave_a_chain_that_the_next_goes_on_with(tmp_path: Path) -> None:
    place = made(tmp_path / "s")
    for delay in (0.0, 0.004, 0.009, 0.013, 0.02):
        with writer(place, f"after{delay}", 1000) as one:
            assert one.stdout is not None
            assert one.stdout.readline() == "0\n"
            time.sleep(delay)
            one.send_signal(signal.SIGKILL)
        assert verify(place).flaws == ()
    assert written(place, "last", 2) == 0
    found = whole(place)
    assert len(found.open) <= 5
    there = compared(place, list(everything(place, "shared")))
    assert there.not_logged == (), "what was stored was begun in the log before"
    assert there.gone == 0


def test_a_line_that_was_cut_off_is_told_and_the_next_writer_says_so(tmp_path: Path) -> None:
    place = made(tmp_path / "s")
    before = raw(place)
    assert written(place, "torn", 2, "half") == -signal.SIGKILL
    assert not path_of(place).read_bytes().endswith(b"\n")
    assert any("cut off" in each for each in whole(place).remarks)
    cut = raw(place)[-1]
    assert written(place, "next", 1) == 0
    found = whole(place)
    assert any("a line was cut off" in each for each in found.remarks), found.remarks
    assert raw(place)[: len(before)] == before
    assert cut in raw(place), "nothing is taken out"
    assert [each for each in raw(place) if b'"TORN"' in each]


def test_half_a_line_in_the_middle_that_no_line_tells_of_was_put_there(tmp_path: Path) -> None:
    place = made(tmp_path / "s")
    some = raw(place)
    path_of(place).write_bytes(b"\n".join([*some[:3], some[3][:40], *some[3:]]) + b"\n")
    assert verify(place).status == "broken"


def limited(limit: int) -> Any:
    import resource  # noqa: PLC0415 - not on Windows

    return lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (limit, limit))


@pytest.mark.skipif(sys.platform == "win32", reason="a limit of POSIX stands for the disk")
def test_what_cannot_be_noted_is_not_done(tmp_path: Path) -> None:
    """The log is made longer than anything else of the store; then no file may get longer than it is."""
    place = made(tmp_path / "s")
    chain.append(place, [Draft(event="NOTE", ids=tuple(map(str, range(900))))] * 60, there=tuple)
    limit = path_of(place).stat().st_size + 30
    assert limit > max(each.stat().st_size for each in place.chroma.rglob("*"))
    before, rows = path_of(place).read_bytes(), everything(place, "shared")
    words = [sys.executable, "-m", "showcase", "memories", "pin", TURIN, "--user-id", "alice", "--store", place.root]
    done = subprocess.run(
        words, capture_output=True, text=True, check=False, timeout=100, preexec_fn=limited(limit)
    )  # fmt: skip
    assert done.returncode == 4, done.stderr
    assert "what cannot be noted there is not done" in done.stderr
    assert path_of(place).read_bytes() == before, "nor is half a line left"
    assert everything(place, "shared") == rows
    whole(place)
    assert subprocess.run(words, capture_output=True, check=False, timeout=100).returncode == 0, "there is room again"
    assert everything(place, "shared")[TURIN][0].pinned


def test_an_end_that_cannot_be_noted_is_said_and_its_beginning_stays(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    place = made(tmp_path / "s")
    real, calls = chain._write, [0]

    def full(descriptor: int, size: int, data: bytes, *, syncs: bool) -> None:
        calls[0] += 1
        if calls[0] > 1:
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        real(descriptor, size, data, syncs=syncs)

    monkeypatch.setattr(chain, "_write", full)
    with Collections(place, "shared") as rows, pytest.raises(StoreError, match=r"it was done \(PIN\)") as told:
        rows.note("alice", {TURIN: {PINNED: True}})
    assert "free" in told.value.hint or "df" in told.value.hint
    assert len(whole(place).open) == 1


def test_what_fails_is_noted_as_failed(tmp_path: Path) -> None:
    place = made(tmp_path / "s")
    with Collections(place, "shared") as rows, pytest.raises(StoreError):
        rows.put("alice", {"odd": ({"data": "x", "user_id": "alice"}, [1.0, 0.0])})  # of another dimension
    assert said(place)[-1]["step"] == "failed"
    assert whole(place).open == ()


def test_a_write_that_waits_in_vain_for_the_lock_begins_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    place = made(tmp_path / "s")
    before = path_of(place).read_bytes()
    code = (
        "import sys; from filelock import FileLock; lock = FileLock(sys.argv[1]); lock.acquire(); print(1, flush=True)"
    )
    with (
        subprocess.Popen(
            [sys.executable, "-c", f"{code}; print(1, flush=True); input()", str(place.home / same_store.LOCK)],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE,
        ) as holder,
        closing(Collections(place, "shared")) as rows,
    ):  # fmt: skip
        assert holder.stdout is not None
        holder.stdout.readline()
        monkeypatch.setattr(same_store, "PATIENCE_S", 0.2)
        with pytest.raises(StoreError, match="another process has been writing"):
            rows.note("alice", {TURIN: {PINNED: True}})
        assert path_of(place).read_bytes() == before
        rows.same.reading("LIST", "alice", count=3)  # who reads waits for no writer
        holder.kill()
    assert events(place)[-1] == "LIST"


@pytest.mark.skipif(sys.platform == "win32", reason="modes are of POSIX")
def test_a_reading_that_cannot_be_noted_is_done_and_that_is_said(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    place = made(tmp_path / "s")
    path_of(place).chmod(0o400)
    try:
        done = typed(capsys, "list", "--user-id", "alice", "--store", place.root)
    finally:
        path_of(place).chmod(0o600)
    assert done.status == 0
    assert "I live in Turin" in done.out
    assert "this reading is not noted" in done.err


def test_a_log_that_is_a_link_is_not_written_through(tmp_path: Path) -> None:
    place = made(tmp_path / "s")
    (tmp_path / "somebodys").write_text("theirs")
    path_of(place).unlink()
    path_of(place).symlink_to(tmp_path / "somebodys")
    with Collections(place, "shared") as rows, pytest.raises(StoreError, match="not done"):
        rows.note("alice", {TURIN: {PINNED: True}})
    assert (tmp_path / "somebodys").read_text() == "theirs"
