"""The run log: what is written is read again, and what is not a whole log is refused with the place named."""

from __future__ import annotations

import json
import os
import stat
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import jsonschema
import pytest

import showcase
from showcase import runlog
from showcase.errors import ExitCode, RunLogError, StoreError

if TYPE_CHECKING:
    from collections.abc import Callable

    from program import Finished

    from showcase.evidence import Run

SCHEMA_FILE = Path(showcase.__file__).parent / "runlog" / "run-log.schema.json"


def test_what_is_written_is_read_again(log: Run) -> None:
    assert runlog.load(runlog.dump(log), source="a log") == log


def test_the_shipped_schema_is_the_model_s() -> None:
    """To renew it: python -c "import json; from showcase import runlog; print(json.dumps(runlog.json_schema(), …))"."""
    shipped = json.loads(SCHEMA_FILE.read_text(encoding="utf-8"))
    assert shipped == runlog.json_schema()


def test_the_schema_accepts_a_real_log_and_refuses_a_damaged_one(finished: Finished) -> None:
    document = json.loads((finished.out / "run-log.json").read_text(encoding="utf-8"))
    validator = jsonschema.Draft202012Validator(runlog.json_schema())
    validator.validate(document)
    document["sessions"][0]["number"] = "one"
    with pytest.raises(jsonschema.ValidationError):
        validator.validate(document)


def _set(document: Any, path: tuple[Any, ...], value: Any) -> None:
    for part in path[:-1]:
        document = document[part]
    document[path[-1]] = value


def _drop(document: Any, path: tuple[Any, ...]) -> None:
    for part in path[:-1]:
        document = document[part]
    del document[path[-1]]


@pytest.mark.parametrize(
    ("damage", "place"),
    [
        (lambda d: _drop(d, ("sessions", 0, "scene")), "/sessions/0/scene"),
        (lambda d: _set(d, ("sessions", 0, "number"), "1"), "/sessions/0/number"),
        (lambda d: _set(d, ("sessions", 1, "recalled", 0, "cosine"), "0.5"), "/sessions/1/recalled/0/cosine"),
        (lambda d: _set(d, ("witnesses", 0, "active"), 1), "/witnesses/0/active"),
        (lambda d: _set(d, ("claims", 0, "status"), "fine"), "/claims/0/status"),
        (lambda d: _set(d, ("surplus",), 1), "/surplus"),
        (lambda d: _set(d, ("engine", "kind"), "cloud"), "/engine/kind"),
    ],
)
def test_a_damaged_log_is_refused_with_its_place(log: Run, damage: Callable[[Any], None], place: str) -> None:
    document = json.loads(runlog.dump(log))
    damage(document)
    with pytest.raises(RunLogError, match=place) as caught:
        runlog.load(json.dumps(document).encode(), source="a log")
    assert caught.value.exit_code is ExitCode.USAGE


@pytest.mark.parametrize("version", [0, 6, "1", True, None, 1.5])
def test_an_unknown_version_is_refused(log: Run, version: object) -> None:
    document = json.loads(runlog.dump(log))
    document["version"] = version
    with pytest.raises(RunLogError, match="version"):
        runlog.load(json.dumps(document).encode(), source="a log")


@pytest.mark.parametrize("data", [b"", b"{", b"[]", b"null", b'{"schema": "other"}', b"\xff\xfe", b"[" * 100_000])
def test_what_is_no_log_is_refused(data: bytes) -> None:
    with pytest.raises(RunLogError):
        runlog.load(data, source="something")


def test_hostile_text_survives(log: Run) -> None:
    text = "</script>\u202e{{ x }}\0\x1b[31m" + "x" * 100_000
    hostile = replace(log, scenario=replace(log.scenario, title=text))
    assert runlog.load(runlog.dump(hostile), source="a log").scenario.title == text


@pytest.mark.skipif(os.name == "nt", reason="modes of POSIX")
def test_a_log_is_private(log: Run, tmp_path: Path) -> None:
    path = tmp_path / "run-log.json"
    path.write_text("before")
    path.chmod(0o644)
    runlog.write(log, path)
    assert stat.S_IMODE(path.stat().st_mode) == stat.S_IRUSR | stat.S_IWUSR


def test_a_log_that_cannot_be_written_leaves_the_earlier_one(log: Run, tmp_path: Path) -> None:
    target = tmp_path / "run-log.json"
    target.mkdir()
    (target / "kept").write_text("before")
    with pytest.raises(StoreError, match=r"run-log\.json"):
        runlog.write(log, target)
    assert (target / "kept").read_text() == "before"
    assert [path.name for path in tmp_path.iterdir()] == ["run-log.json"], "no temporary file is left"
