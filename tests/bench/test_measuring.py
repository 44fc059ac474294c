"""What was measured is kept, resumed by the same measurement alone, and never mistaken for the whole."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
import time
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from counting_bench import Counting, Quiet

from showcase.bench.results import document, measuring, wording
from showcase.bench.results.document import PAGE, RESULT, SAMPLES
from showcase.bench.results.measuring import Measuring
from showcase.bench.results.place import Asked, claimed
from showcase.bench.results.result import EngineUsed
from showcase.cli.bench.measured import Measured
from showcase.errors import EngineError, ShowcaseError, StoreError, UsageError

if TYPE_CHECKING:
    from collections.abc import Callable

ROOT = Path(__file__).resolve().parents[2]
ENGINE = EngineUsed(kind="rehearsal", version="1", chat_model=None, embed_model=None)


def asked(place: Path, **changes: Any) -> Asked:
    return replace(Asked(place=place, resume=False, quick=False), **changes)


def fails_at(step: str, error: BaseException) -> Callable[[str], None]:
    def before(now: str) -> None:
        if now == step:
            raise error

    return before


def interrupted(place: Path, step: str = "up/1") -> Measuring:
    with claimed(asked(place)):
        begun = Measuring(Counting(before=fails_at(step, KeyboardInterrupt())), asked(place))
        with pytest.raises(KeyboardInterrupt):
            begun.take_all(Quiet())
        return begun


def test_what_was_taken_before_an_interruption_is_gone_on_with(tmp_path: Path) -> None:
    begun = interrupted(tmp_path).result()
    assert (begun.taken, begun.planned, begun.finished) == (2, 6, False)
    taken: list[str] = []
    again = asked(tmp_path, resume=True)
    with claimed(again):
        resumed = Measuring(Counting(before=taken.append), again)
        resumed.take_all(Quiet())
    assert taken == ["warm up", "up/1", "down/1", "up/2", "down/2"]
    whole = resumed.result()
    assert whole.finished
    assert [each.taken for each in whole.sittings] == [2, 4]
    assert whole.sections[0].tables[0].rows[0].cells["number"].of == 3


def test_a_last_line_that_was_cut_off_is_taken_again_and_no_other(tmp_path: Path) -> None:
    interrupted(tmp_path)
    path = tmp_path / SAMPLES
    whole = path.read_bytes()
    path.write_bytes(whole[: whole.rindex(b"\n", 0, -1) + 20])  # in the middle of the line that ended the sitting
    assert Measuring(Counting(), asked(tmp_path, resume=True)).result().taken == 2
    lines = path.read_bytes().splitlines(keepends=True)
    path.write_bytes(b"".join([lines[0], lines[1], b'{"step": "up/0", "at"\n', *lines[3:]]))
    with pytest.raises(StoreError, match="damaged in line 3"):
        Measuring(Counting(), asked(tmp_path, resume=True))


@pytest.mark.parametrize(
    "sample", ['{"arm": "up"}', '{"arm": "up", "number": "0"}', '{"arm": "up", "number": 0, "x": 1}']
)
def test_a_sample_of_another_kind_is_damage(tmp_path: Path, sample: str) -> None:
    interrupted(tmp_path)
    path = tmp_path / SAMPLES
    path.write_text(path.read_text() + f'{{"step": "down/2", "at": "2026-01-01T00:00:00Z", "sample": {sample}}}\n')
    with pytest.raises(StoreError, match="damaged"):
        Measuring(Counting(), asked(tmp_path, resume=True))


@pytest.mark.parametrize(
    "other",
    [
        lambda place: (Counting(rounds=4), asked(place, resume=True)),
        lambda place: (Counting(bench="other"), asked(place, resume=True)),
        lambda place: (Counting(engine=ENGINE), asked(place, resume=True)),
        lambda place: (Counting(), asked(place, resume=True, quick=True)),
    ],
    ids=["settings", "bench", "engine", "quick"],
)
def test_another_measurement_is_not_gone_on_with(
    tmp_path: Path, other: Callable[[Path], tuple[Counting, Asked]]
) -> None:
    interrupted(tmp_path)
    before = (tmp_path / SAMPLES).read_bytes()
    with pytest.raises(UsageError, match="another measurement") as refused:
        Measuring(*other(tmp_path))
    assert "--out" in refused.value.hint
    assert (tmp_path / SAMPLES).read_bytes() == before


def test_samples_are_replaced_by_nothing(tmp_path: Path) -> None:
    place = tmp_path / "bench"
    place.mkdir()
    interrupted(place)
    with pytest.raises(UsageError, match="earlier measurement") as refused, claimed(asked(place)):
        pass
    assert "--resume" in refused.value.hint
    assert "bench-2" in refused.value.hint
    with pytest.raises(UsageError, match="no samples"), claimed(asked(tmp_path / "new", resume=True)):
        pass
    (tmp_path / "full").mkdir()
    (tmp_path / "full" / "letter.txt").write_text("mine")
    with pytest.raises(UsageError, match="no benchmark wrote"), claimed(asked(tmp_path / "full")):
        pass


def test_two_do_not_measure_into_one_directory(tmp_path: Path) -> None:
    with (
        claimed(asked(tmp_path)),
        pytest.raises(StoreError, match="at work"),
        claimed(asked(tmp_path)),
    ):
        pass


def test_a_server_that_is_not_there_leaves_nothing_to_clear_away(tmp_path: Path) -> None:
    begun = Measuring(Counting(before=fails_at("warm up", EngineError("gone"))), asked(tmp_path))
    with pytest.raises(EngineError):
        begun.take_all(Quiet())
    assert not (tmp_path / SAMPLES).exists()


def test_a_glance_ends_with_its_minute_and_says_so(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    now = [0.0]
    monkeypatch.setattr(measuring.time, "monotonic", lambda: now[0])

    def long(_: str) -> None:
        now[0] += 20

    glance = asked(tmp_path, quick=True)
    begun = Measuring(Counting(before=long, engine=ENGINE), glance)
    begun.take_all(Quiet())
    result = begun.result()
    assert (result.taken, result.finished) == (1, False)
    assert "too short for the next sample: 1 of 6 samples were taken" in result.cannot_tell[0]
    assert wording.QUICK in result.cannot_tell
    assert wording.REHEARSAL in result.cannot_tell
    assert now[0] <= measuring.QUICK_S


def test_a_sample_that_the_minute_ends_in_is_none(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    now = [0.0]
    monkeypatch.setattr(measuring.time, "monotonic", lambda: now[0])

    def late(step: str) -> None:
        now[0] += 70 if step == "down/0" else 0

    begun = Measuring(Counting(before=late), asked(tmp_path, quick=True))
    begun.take_all(Quiet())
    assert (begun.result().taken, begun.result().finished) == (1, False)
    again = Measuring(Counting(), asked(tmp_path, quick=True, resume=True))
    again.take_all(Quiet())
    assert again.result().finished
    assert measuring.SITTINGS in again.result().cannot_tell


def test_what_ends_before_its_first_sample_leaves_nothing_to_clear_away(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    how = Measured(bench="counting", out=tmp_path / "out", resume=False, quick=False, as_json=False)
    with pytest.raises(KeyboardInterrupt):
        how.run(Counting(before=fails_at("up/0", KeyboardInterrupt())))
    assert "no sample was taken, and nothing was written" in capsys.readouterr().err
    assert list((tmp_path / "out").iterdir()) == []
    how.run(Counting())
    assert document.read(tmp_path / "out").finished


def test_a_glance_without_a_sample_is_none(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    now = [0.0]
    monkeypatch.setattr(measuring.time, "monotonic", lambda: now[0])

    def slow(_: str) -> None:
        now[0] += 70

    how = Measured(bench="counting", out=tmp_path / "out", resume=False, quick=True, as_json=False)
    with pytest.raises(ShowcaseError, match="minute of --quick was over") as told:
        how.run(Counting(before=slow))
    assert "without --quick" in told.value.hint
    assert list((tmp_path / "out").iterdir()) == []
    assert capsys.readouterr().out == ""


def test_a_server_that_is_too_slow_for_a_glance_is_told_and_no_other_failure_is(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    now = [0.0]
    monkeypatch.setattr(measuring.time, "monotonic", lambda: now[0])
    begun = Measuring(Counting(before=fails_at("up/0", EngineError("refused"))), asked(tmp_path, quick=True))
    with pytest.raises(EngineError):
        begun.take_all(Quiet())

    def slow(step: str) -> None:
        now[0] += 58 if step == "up/0" else 0
        if step == "up/0":
            raise EngineError("no answer")

    begun = Measuring(Counting(before=slow), asked(tmp_path / "b", quick=True))
    (tmp_path / "b").mkdir()
    begun.take_all(Quiet())
    assert begun.result().taken == 0
    assert "did not answer" in begun.result().cannot_tell[0]


def test_a_result_is_read_as_it_was_written_and_nothing_else_is(tmp_path: Path) -> None:
    result = interrupted(tmp_path).result()
    data = document.dump(result)
    assert document.load(data, source="it") == result
    edited = json.loads(data)
    for change in ({"schema": "x"}, {"version": 99}, {"taken": "2"}, {"more": 1}):
        with pytest.raises(UsageError):
            document.load(json.dumps(edited | change).encode(), source="it")
    with pytest.raises(UsageError):
        document.load(data.replace(b'"taken": 2', b'"taken": NaN'), source="it")


def test_an_interruption_leaves_the_figures_and_says_how_to_go_on(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    how = Measured(bench="counting", out=tmp_path / "out", resume=False, quick=False, as_json=False)
    with pytest.raises(KeyboardInterrupt):
        how.run(Counting(before=fails_at("up/1", KeyboardInterrupt())))
    said = capsys.readouterr()
    assert "2 of 6 samples were taken; go on with: showcase" in said.err
    assert "--resume" in said.err
    assert "counts" in said.out.lower()
    assert document.read(tmp_path / "out").taken == 2
    assert "unfinished" in (tmp_path / "out" / PAGE).read_text().lower()
    replace(how, resume=True).run(Counting())
    assert document.read(tmp_path / "out" / RESULT).finished
    assert not {path.name for path in (tmp_path / "out").iterdir()} - {SAMPLES, RESULT, PAGE}


@pytest.mark.skipif(sys.platform == "win32", reason="no process gets SIGTERM there")
@pytest.mark.parametrize("number", ["SIGTERM", "SIGHUP"])
def test_a_polite_signal_leaves_the_figures_as_an_interruption_does(tmp_path: Path, number: str) -> None:
    how = Measured(bench="counting", out=tmp_path / "out", resume=False, quick=False, as_json=False)
    sent = getattr(signal, number)
    before = signal.getsignal(sent)

    def told(step: str) -> None:
        if step == "up/1":
            signal.raise_signal(sent)

    with pytest.raises(KeyboardInterrupt):
        how.run(Counting(before=told))
    assert document.read(tmp_path / "out").taken == 2
    assert not (tmp_path / "out" / ".lock").exists()
    assert signal.getsignal(sent) == before


@pytest.mark.skipif(sys.platform == "win32", reason="there is no SIGKILL")
def test_a_kill_leaves_every_sample_that_was_taken(tmp_path: Path) -> None:
    program = (
        "import sys, time; from pathlib import Path; from counting_bench import Counting, Quiet\n"
        "from showcase.bench.results.measuring import Measuring\nfrom showcase.bench.results.place import Asked\n"
        "what = Counting(before=lambda step: time.sleep(60 if step == 'down/1' else 0))\n"
        "Measuring(what, Asked(place=Path(sys.argv[1]), resume=False, quick=False)).take_all(Quiet())\n"
    )
    with subprocess.Popen([sys.executable, "-c", program, str(tmp_path)], cwd=ROOT / "tests") as child:
        until = time.monotonic() + 60
        while time.monotonic() < until and b"up/1" not in _bytes(tmp_path / SAMPLES):
            time.sleep(0.05)
        child.send_signal(signal.SIGKILL)
    assert Measuring(Counting(), asked(tmp_path, resume=True)).result().taken == 3


def _bytes(path: Path) -> bytes:
    return path.read_bytes() if path.exists() else b""
