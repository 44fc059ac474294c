"""`report --class` says who is where, from what each participant's `lab verify --json` printed."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest
from program import showcase

from showcase.evidence.lab import LabProgress, LabRecord
from showcase.labs import record as records
from showcase.report import render_class

if TYPE_CHECKING:
    from pathlib import Path


def record(name: str | None, *labs: LabProgress) -> LabRecord:
    return LabRecord(program="1", name=name, checked_in=None, written_at="2026-11-28T10:00:00.000+00:00", labs=labs)


def lab(status: Any, **more: Any) -> LabProgress:
    return LabProgress(number=1, title="A process forgets", status=status, checks=4, **more)


def written(record: LabRecord) -> str:
    return records.dump(record)


def test_who_is_stuck_comes_first_with_what_was_seen() -> None:
    done = record("Zoe", lab("verified", met=4, predicted=False))
    stuck = record("Anna", lab("started", met=2, hints=3, unmet="emptied: 4 of the 4 are in the store"))
    page = render_class([], records=[("Zoe", done), ("Anna", stuck)])
    assert page.index(">Anna<") < page.index(">Zoe<")
    assert "emptied: 4 of the 4 are in the store" in page
    assert "2 participants: 1 of 2 labs started are verified." in page
    assert "predicted otherwise" in page
    assert "3 hints" in page
    assert "Self-reported" in page
    assert "upheld" not in page[page.index('class="verdict') :][:60], "of the two, one is not done"


def test_without_a_lab_that_was_started_nothing_is_complete() -> None:
    page = render_class([], records=[("Anna", record("Anna", lab("not started")))])
    assert 'class="verdict inconclusive"' in page


def test_what_people_wrote_is_text() -> None:
    hostile = "<script>alert(1)</script>"
    page = render_class([], records=[(hostile, record(hostile, lab("started", unmet=hostile, met=1)))])
    assert hostile not in page


@pytest.mark.parametrize("redacted", [False, True])
def test_records_are_found_by_their_names_and_a_damaged_one_is_named(tmp_path: Path, *, redacted: bool) -> None:
    (tmp_path / "anna").mkdir()
    (tmp_path / "anna" / "anna-lab-record.json").write_text(written(record("Anna Secret", lab("verified", met=4))))
    (tmp_path / "bert-lab-record.json").write_text('{"schema": "showcase/lab-record", "version": 9}')
    (tmp_path / "other.json").write_text("{}")
    done = showcase("report", "--class", str(tmp_path), *(["--redact"] if redacted else []))
    assert done.returncode == 2
    assert "bert-lab-record.json" in done.stderr
    assert "other.json" in done.stderr
    page = (tmp_path / "class.html").read_text("utf-8")
    assert ("Anna Secret" in page) is not redacted
    assert "could not be read" in page


@pytest.mark.parametrize("encoding", ["utf-16", "utf-8-sig"])
def test_a_record_that_powershell_redirected_is_read(tmp_path: Path, encoding: str) -> None:
    printed = written(record("Anna", lab("verified", met=4)))
    (tmp_path / "anna-lab-record.json").write_text(printed, encoding)
    done = showcase("report", "--class", str(tmp_path))
    assert done.returncode == 0, done.stderr
    assert ">Anna<" in (tmp_path / "class.html").read_text("utf-8")


@pytest.mark.parametrize("cut", [b"\xff\xfe{", b"\xff\xfe\x00\xd8", b"\xff\xfe\x00\x00{\x00\x00\x00"])
def test_half_a_record_of_powershell_is_refused(tmp_path: Path, cut: bytes) -> None:
    (tmp_path / "anna-lab-record.json").write_bytes(cut)
    done = showcase("report", "--class", str(tmp_path))
    assert done.returncode == 2
    assert "is not JSON" in done.stderr


def test_a_record_with_a_key_too_many_is_refused(tmp_path: Path) -> None:
    document = json.loads(written(record("Anna", lab("verified"))))
    document["labs"][0]["grade"] = 1
    path = tmp_path / "lab-record.json"
    path.write_text(json.dumps(document))
    done = showcase("report", "--class", str(tmp_path))
    assert done.returncode == 2
    assert "/labs/0/grade" in done.stderr
