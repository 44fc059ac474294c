"""A page that somebody hands on is verified by itself: the log is in it."""

from __future__ import annotations

import base64
import gzip
import hashlib
import re
from typing import TYPE_CHECKING

import pytest
from program import Finished, showcase

from showcase import runlog
from showcase.report import redact, render
from showcase.report.embed import embedded

if TYPE_CHECKING:
    from pathlib import Path

LINK = re.compile(r"data:application/gzip;base64,[^\"]+")


@pytest.mark.parametrize("redacted", [False, True])
def test_the_verdicts_of_a_page_follow_from_the_log_that_it_holds(
    finished: Finished, tmp_path: Path, redacted: bool
) -> None:
    run = redact(finished.log) if redacted else finished.log
    page = tmp_path / "page.html"
    page.write_text(render(run, redacted=redacted), encoding="utf-8")
    done = showcase("verify", str(page))
    assert done.returncode == 0, done.stderr
    assert hashlib.sha256(runlog.dump(run)).hexdigest() in done.stdout
    assert done.stdout.count("✓ upheld") == len(run.claims)


def test_an_edited_log_in_a_page_is_found(finished: Finished, tmp_path: Path) -> None:
    document = runlog.dump(finished.log).replace(b'"level":"enforced"', b'"level":"recorded"', 1)
    document = document.replace(b'"level": "enforced"', b'"level": "recorded"', 1)
    packed = base64.b64encode(gzip.compress(document)).decode()
    page = tmp_path / "page.html"
    page.write_text(LINK.sub(f"data:application/gzip;base64,{packed}", render(finished.log)), encoding="utf-8")
    done = showcase("verify", str(page))
    assert done.returncode == 1
    assert f"The log's own verdicts are not these: 1 of {len(finished.log.claims)} differ." in done.stdout


@pytest.mark.parametrize(
    ("link", "words"),
    [
        ("", "is a page without a run log"),
        ("data:application/gzip;base64,AAAA", "the log in the page is damaged"),
        (
            "data:application/gzip;base64," + base64.b64encode(gzip.compress(b"x" * 99, mtime=0)[:-9]).decode(),
            "is cut off",
        ),
    ],
)
def test_a_page_without_a_whole_log_is_refused(tmp_path: Path, link: str, words: str) -> None:
    page = tmp_path / "page.html"
    page.write_text(f'<!doctype html><a href="{link}">log</a>', encoding="utf-8")
    done = showcase("verify", str(page))
    assert done.returncode == 2
    assert words in done.stderr


def test_a_bomb_in_a_page_is_no_log(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(runlog, "MAX_BYTES", 1000)
    bomb = base64.b64encode(gzip.compress(bytes(100_000))).decode()
    with pytest.raises(ValueError, match="larger than a log may be"):
        embedded(f'<a href="data:application/gzip;base64,{bomb}">'.encode())


def test_pages_of_several_audits_lie_beside_each_other(finished: Finished, tmp_path: Path) -> None:
    for name in ("home", "away"):
        runlog.write(finished.log, tmp_path / f"{name}.json")
        assert showcase("report", "--redact", str(tmp_path / f"{name}.json")).returncode == 0
        assert showcase("report", str(tmp_path / f"{name}.json")).returncode == 0
    pages = sorted(path.name for path in tmp_path.glob("*.html"))
    assert pages == ["away-redacted.html", "away.html", "home-redacted.html", "home.html"]
