"""`showcase report` as a user types it."""

from __future__ import annotations

import base64
import gzip
import hashlib
import json
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest
from run_builder import whole_run

from showcase import runlog


def report(directory: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "showcase", "report", *arguments],
        cwd=directory,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


@pytest.fixture
def logs(tmp_path: Path) -> Path:
    for name in ("anna", "ben"):
        (tmp_path / name).mkdir()
        runlog.write(whole_run(), tmp_path / name / "run-log.json")
    return tmp_path


def embedded(page: Path) -> bytes:
    packed = re.search(r"data:application/gzip;base64,([^\"]+)", page.read_text(encoding="utf-8"))
    assert packed is not None
    return gzip.decompress(base64.b64decode(packed.group(1)))


def test_page_is_written_beside_the_log_and_holds_it(logs: Path) -> None:
    done = report(logs, "anna/run-log.json")
    assert (done.returncode, done.stderr) == (0, "")
    page = logs / "anna" / "mem0-cross-session-showcase.html"
    assert done.stdout.strip() == "anna/mem0-cross-session-showcase.html"
    assert embedded(page) == (logs / "anna" / "run-log.json").read_bytes()
    if os.name == "posix":
        assert page.stat().st_mode & 0o777 == 0o600


def test_page_opens_in_the_view_for_a_projector_where_that_was_asked_for(logs: Path) -> None:
    page = logs / "anna" / "mem0-cross-session-showcase.html"
    box = '<input type="checkbox" id="presenter" autocomplete="off"'
    assert report(logs, "anna/run-log.json").returncode == 0
    assert f"{box}>" in page.read_text(encoding="utf-8")
    assert report(logs, "anna/run-log.json", "--presenter").returncode == 0
    assert f"{box} checked>" in page.read_text(encoding="utf-8")


def test_redacted_page_never_replaces_the_whole_one(logs: Path) -> None:
    assert report(logs, "anna/run-log.json", "--redact").returncode == 0
    assert not (logs / "anna" / "mem0-cross-session-showcase.html").exists()
    page = logs / "anna" / "mem0-cross-session-showcase-redacted.html"
    assert "alice" not in page.read_text(encoding="utf-8")
    (logs / "redacted.json").write_bytes(embedded(page))
    verified = subprocess.run(
        [sys.executable, "-m", "showcase", "verify", "redacted.json"],
        cwd=logs,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert verified.returncode == 0
    assert "The log's own verdicts are the same." in verified.stdout


def test_two_logs_are_compared(logs: Path) -> None:
    done = report(logs, "anna/run-log.json", "ben/run-log.json", "-o", "both.html")
    assert done.stdout.strip() == "both.html"
    assert "<h1>2 runs compared</h1>" in (logs / "both.html").read_text(encoding="utf-8")


def test_class_page_counts_what_it_cannot_read(logs: Path) -> None:
    (logs / "cleo").mkdir()
    (logs / "cleo" / "run-log.json").write_text("{}")
    (logs / "ben" / "run-log.20261121T035115Z.json").write_text("an earlier run's, not this one's")
    done = report(logs, "--class", ".")
    assert (done.returncode, done.stdout.strip()) == (2, "class.html"), "as any file that is no run log"
    page = (logs / "class.html").read_text(encoding="utf-8")
    assert "<h1>1 of 3 logs could not be read.</h1>" in page
    assert "Every claim is upheld in 2 of 3." in page
    assert page.count("is not a run log") == 1
    assert "20261121" not in page
    assert "error: cleo/run-log.json is not a run log" in done.stderr
    assert done.stderr.count("error: ") == 1


def test_class_page_says_which_json_files_it_did_not_read(logs: Path) -> None:
    (logs / "tim.json").write_bytes((logs / "anna" / "run-log.json").read_bytes())
    (logs / "ben" / "run-log.20261121T035115Z.json").write_text("an earlier run's, not this one's")
    (logs / "notes.txt").write_text("no log")
    words = "1 other .json file was not read: tim.json; name it …run-log.json or …lab-record.json"
    done = report(logs, "--class", ".")
    assert (done.returncode, done.stderr) == (0, f"note: {words}\n")
    page = (logs / "class.html").read_text(encoding="utf-8")
    assert f"{words}." in page
    assert "2 logs: every claim is upheld in all of them." in page
    for number in range(6):
        (logs / "ben" / f"Tom {number}.JSON").write_text("{}")
    done = report(logs, "--class", ".", "--redact")
    assert "7 other .json files were not read: ben/Tom 0.JSON, " in done.stderr
    assert "ben/Tom 4.JSON, 2 more; name them …run-log.json or …lab-record.json" in done.stderr
    page = (logs / "class.html").read_text(encoding="utf-8")
    assert "7 other .json files were not read; name them …run-log.json or …lab-record.json." in page
    assert "Tom" not in page
    (logs / "tim.json").rename(logs / "tim-run-log.json")
    report(logs, "--class", ".")
    assert "3 logs: every claim is upheld in all of them." in (logs / "class.html").read_text(encoding="utf-8")


def test_class_without_a_log_names_the_json_files_that_are_there(logs: Path) -> None:
    (logs / "handed-in").mkdir()
    (logs / "handed-in" / "tim.json").write_text("{}")
    done = report(logs, "--class", "handed-in")
    assert done.returncode == 2
    assert (
        "no *run-log*.json and no *lab-record*.json below handed-in; 1 other .json file was not read: tim.json; name it"
        in done.stderr
    )


def test_help_and_documentation_name_what_a_class_reads(logs: Path) -> None:
    documented = (Path(__file__).parents[2] / "docs" / "report.md").read_text(encoding="utf-8")
    assert "*run-log*.json and *lab-record*.json below" in " ".join(report(logs, "--help").stdout.split())
    assert documented.count("every `*run-log*.json` and `*lab-record*.json` below") == 2
    assert "`run-log.json` below" not in documented


@pytest.mark.skipif(os.name != "posix" or os.geteuid() == 0, reason="nobody is kept out of a folder here")
def test_folder_that_nobody_may_look_into_is_named_too(logs: Path) -> None:
    (logs / "dan").mkdir(mode=0o000)
    done = report(logs, "--class", ".")
    assert done.returncode == 2
    assert "error: cannot look into dan: Permission denied" in done.stderr
    page = (logs / "class.html").read_text(encoding="utf-8")
    assert "<h1>1 of 3 logs could not be read.</h1>" in page
    assert "cannot look into dan" in page


def test_class_of_whole_logs_says_nothing_on_stderr(logs: Path) -> None:
    done = report(logs, "--class", ".")
    assert (done.returncode, done.stderr) == (0, "")


def test_redacted_class_page_withholds_what_a_reason_may_quote(logs: Path) -> None:
    (logs / "cleo").mkdir()
    (logs / "cleo" / "run-log.json").write_text('{"schema": "showcase/run-log", "version": "cleo likes tea"}')
    done = report(logs, "--class", ".", "--redact")
    assert done.returncode == 2
    assert "cleo/run-log.json has version 'cleo likes tea'" in done.stderr
    page = (logs / "class.html").read_text(encoding="utf-8")
    assert "cleo" not in page
    assert "participant 3" in page
    assert "the reason is withheld here" in page


def test_finding_names_the_digest_of_the_log_as_it_was_read(logs: Path) -> None:
    path = logs / "anna" / "run-log.json"
    path.write_bytes(json.dumps(json.loads(path.read_bytes())).encode())  # the same log, other bytes
    digest = hashlib.sha256(path.read_bytes()).hexdigest()
    for options in ((), ("--redact",)):
        assert report(logs, "anna/run-log.json", "-o", "page.html", *options).returncode == 0
        page = (logs / "page.html").read_text(encoding="utf-8")
        finding = page[page.index('class="finding') :]
        assert f"{digest}</code> of the log as it was read" in finding
        assert hashlib.sha256(embedded(logs / "page.html")).hexdigest() in finding


def test_redacted_class_page_does_not_name_folders(logs: Path) -> None:
    assert report(logs, "--class", ".", "--redact").returncode == 0
    page = (logs / "class.html").read_text(encoding="utf-8")
    assert "anna" not in page
    assert "participant 2" in page


@pytest.mark.parametrize(
    ("arguments", "status", "words"),
    [
        ((), 2, "--class DIR"),
        (("anna/run-log.json", "--class", "."), 2, "not both"),
        (("anna/run-log.json", "ben/run-log.json", "--presenter"), 2, "a view of the page of one run"),
        (("--class", ".", "--presenter"), 2, "a view of the page of one run"),
        (("missing.json",), 2, "cannot read missing.json"),
        (("anna/run-log.json", "-o", "anna/run-log.json"), 2, "would be overwritten"),
        (("anna/run-log.json", "-o", "nowhere/page.html"), 4, "cannot write nowhere/page.html"),
        (("--class", "anna/run-log.json"), 2, "no *run-log*.json and no *lab-record*.json below"),
    ],
)
def test_error_is_one_line_with_its_fix(logs: Path, arguments: tuple[str, ...], status: int, words: str) -> None:
    before = (logs / "anna" / "run-log.json").read_bytes()
    done = report(logs, *arguments)
    assert (done.returncode, done.stdout) == (status, "")
    assert words in done.stderr
    assert "Traceback" not in done.stderr
    assert done.stderr.count("\n  fix: ") == 1
    assert (logs / "anna" / "run-log.json").read_bytes() == before
