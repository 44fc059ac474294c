"""The claim that nothing is left of who was forgotten: violations planted in a real log, and one that mem0 commits."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest
from program import run, showcase

from showcase import claims
from showcase.erasure.kinds import OF_RUNS, RUN_LOG
from showcase.evidence import MemoryRow, Recall, Run, Verdict
from showcase.evidence.erasure import Canary, Residue

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

pytestmark = pytest.mark.usefixtures("sealable")


@pytest.fixture
def forgot(upheld: Callable[[str], Run]) -> Run:
    return upheld("forgetting-run")


def verdict(log: Run) -> Verdict:
    return next(each for each in claims.judge(log) if each.id == "erasure")


def erased(log: Run, **changes: Any) -> Run:
    assert log.forgetting is not None
    return replace(log, forgetting=replace(log.forgetting, erasure=replace(log.forgetting.erasure, **changes)))


def scanned(log: Run, which: str, **changes: Any) -> Run:
    assert log.forgetting is not None
    scan = getattr(log.forgetting.erasure, which)
    return erased(log, **{which: replace(scan, **changes)})


def asked(log: Run, **changes: Any) -> Run:
    assert log.forgetting is not None
    assert log.forgetting.asked is not None
    return replace(log, forgetting=replace(log.forgetting, asked=replace(log.forgetting.asked, **changes)))


def session(log: Run, number: int, **changes: Any) -> Run:
    return replace(
        log, sessions=tuple(replace(each, **changes) if each.number == number else each for each in log.sessions)
    )


def residue(log: Run) -> Residue:
    assert log.forgetting is not None
    assert log.forgetting.erasure.verified is not None
    place = next(each for each in log.forgetting.erasure.verified.files if each.kind == "Chroma's database")
    return Residue(path=place.path, kind=place.kind, view="byte by byte", form="float32 BE", count=1)


def of_the_first(log: Run) -> MemoryRow:
    return log.sessions[0].planted[0]


def recalled(row: MemoryRow) -> Recall:
    return Recall(memory_id=row.memory_id, text=row.text, user_id=row.user_id, score=0.5, distance=1.0, cosine=0.5)


def test_it_is_upheld_by_two_processes_of_which_each_saw_its_controls(forgot: Run) -> None:
    found = verdict(forgot)
    assert (found.status, found.level) == ("upheld", "recorded")
    assert "clear, at the level of files" in found.reason
    assert "purge" not in found.reason
    assert any("swap" in each for each in found.limits)
    assert forgot.forgetting is not None
    before = forgot.forgetting.erasure.before
    assert before is not None
    forms = {each.form for each in before.residues if each.kind not in OF_RUNS}
    assert {"UTF-8", "float32 LE", "id", "word", "fragment"} <= forms


BROKEN: dict[str, Callable[[Run], Run]] = {
    "bytes that another process found": lambda log: scanned(log, "verified", residues=(residue(log),)),
    "bytes that the same process found": lambda log: scanned(log, "after", residues=(residue(log),)),
    "a row that stayed": lambda log: erased(log, removed=3),
    "a row that Chroma returned": lambda log: erased(log, rows_by_id_after=1),
    "a row that a search returned": lambda log: session(log, 5, recalled=(recalled(of_the_first(log)),)),
    "a row that a list returned": lambda log: session(log, 5, listed=(of_the_first(log),)),
    "a row that get returned": lambda log: asked(log, got=1),
    "a line of the history": lambda log: asked(log, history_lines=1),
    "a row for the user id *": lambda log: asked(log, wildcard=(of_the_first(log).memory_id,)),
    "another answer for the second user": lambda log: asked(log, second_recalled=()),
    "another cosine for the second user": lambda log: asked(
        log, second_recalled=tuple((each, cosine + 0.01) for each, cosine in _asked(log))
    ),
    "a row of the second user that is gone": lambda log: asked(log, second_listed=()),
    "a row of others that changed": lambda log: _bystanders(log, after="0" * 64),
    "a row of others that is gone": lambda log: _bystanders(log, rows_after=0),
    "a history of others that changed": lambda log: _bystanders(log, history_after="0" * 64),
}


def relabelled(log: Run) -> Run:
    """Return the log with what another process found called the run's own record."""
    return scanned(log, "verified", residues=(replace(residue(log), kind=RUN_LOG),))


def test_what_is_found_is_not_left_out_by_another_name_for_its_file(forgot: Run) -> None:
    assert verdict(relabelled(forgot)).status == "broken"


def test_what_both_processes_read_is_what_was_seen_from_outside(forgot: Run) -> None:
    """Whoever edits both scans in the same way has not seen the state of the store, which was taken by another."""

    def other(log: Run, which: str) -> Run:
        assert log.forgetting is not None
        scan = getattr(log.forgetting.erasure, which)
        files = tuple(
            replace(each, sha256="0" * 64) if each.kind == "Chroma's database" else each for each in scan.files
        )
        return scanned(log, which, files=files)

    edited = other(other(forgot, "after"), "verified")
    assert verdict(edited).status == "inconclusive"
    assert "read other files of the store than there were" in verdict(edited).reason


def test_an_erasure_that_wrote_over_nothing_contradicts_itself(forgot: Run) -> None:
    assert verdict(erased(forgot, overwritten=0)).status == "inconclusive"


def _asked(log: Run) -> tuple[tuple[str, float], ...]:
    assert log.forgetting is not None
    assert log.forgetting.asked is not None
    return log.forgetting.asked.second_recalled


def _bystanders(log: Run, **changes: Any) -> Run:
    assert log.forgetting is not None
    return erased(log, bystanders=replace(log.forgetting.erasure.bystanders, **changes))


@pytest.mark.parametrize("planted", BROKEN)
def test_what_is_left_breaks_it(forgot: Run, planted: str) -> None:
    assert verdict(BROKEN[planted](forgot)).status == "broken"


OPEN: dict[str, Callable[[Run], Run]] = {
    "nobody verified": lambda log: erased(log, verified=None),
    "nobody looked before": lambda log: erased(log, before=None),
    "nothing was said": lambda log: replace(log, forgetting=None),
    "nobody asked mem0": lambda log: replace(log, forgetting=log.forgetting and replace(log.forgetting, asked=None)),
    "session 5 did not run": lambda log: replace(log, sessions=log.sessions[:4]),
    "session 4 failed": lambda log: session(log, 4, exit_code=1),
    "session 5 was killed": lambda log: session(log, 5, exit_code=-9),
    "no control": lambda log: scanned(log, "verified", canaries=()),
    "a control that did not fire": lambda log: scanned(
        log, "verified", canaries=(Canary(kind="Chroma's database", form="UTF-8", found=False), *_canaries(log)[1:])
    ),
    "a scanner that finds what is not there": lambda log: scanned(log, "verified", unplanted_found=1),
    "a scanner that did not see what was there": lambda log: scanned(log, "before", residues=()),
    "a scan of session 4 by session 5": lambda log: scanned(log, "verified", pid=log.sessions[3].pid),
    "fewer files than there are": lambda log: scanned(log, "verified", files=_files(log)[1:]),
    "a file that was not read": lambda log: scanned(log, "verified", files=()),
    "fewer patterns": lambda log: scanned(log, "verified", patterns={"UTF-8": 1}),
    "something that could not be looked at": lambda log: scanned(log, "verified", missed=("a link",)),
    "a store that changed between": lambda log: session(log, 5, store_before=log.sessions[0].store_after),
    "fewer rows than were planted": lambda log: erased(log, asked=3, found=3, removed=3),
    "another user": lambda log: session(log, 4, user_id="bob"),
    "another question": lambda log: session(log, 5, question="And what else?"),
    "nothing planted": lambda log: session(log, 1, planted=()),
}


def _canaries(log: Run) -> tuple[Canary, ...]:
    assert log.forgetting is not None
    assert log.forgetting.erasure.verified is not None
    return log.forgetting.erasure.verified.canaries


def _files(log: Run) -> tuple[Any, ...]:
    assert log.forgetting is not None
    assert log.forgetting.erasure.verified is not None
    return tuple(sorted(log.forgetting.erasure.verified.files, key=lambda each: each.kind != "Chroma's database"))


@pytest.mark.parametrize("planted", OPEN)
def test_what_was_not_seen_leaves_it_open(forgot: Run, planted: str) -> None:
    assert verdict(OPEN[planted](forgot)).status == "inconclusive"


def test_it_is_nobody_s_claim_where_nobody_was_to_be_forgotten(upheld: Callable[[str], Run]) -> None:
    assert "erasure" not in {each.id for each in claims.judge(upheld("run"))}


def test_mem0_s_own_delete_all_breaks_it_and_file_and_form_are_named(tmp_path: Path) -> None:
    """The violation is committed, not written into a log: the bytes are there for anybody to find."""
    done = run(tmp_path / "out", "--forget=stock", "--no-drill")
    assert done.exit_code == 1
    found = verdict(done.log)
    assert found.status == "broken"
    assert "chroma.sqlite3" in found.reason
    assert "UTF-8" in found.reason
    text = done.log.sessions[0].planted[0].text.encode()
    assert text in (tmp_path / "out" / "mem0_chroma" / "chroma.sqlite3").read_bytes()
    again = showcase("verify", str(tmp_path / "out"))
    assert again.returncode == 1
    assert "The log's own verdicts are the same." in again.stdout


def test_it_belongs_to_a_whole_run() -> None:
    said = showcase("run", "--forget", "--phase", "1")
    assert said.returncode == 2
    assert "leave --phase out" in said.stderr
