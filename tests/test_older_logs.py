"""Logs of version 1, as they were written then, are read, and what follows from them is what followed then."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from program import showcase

from showcase import claims, runlog
from showcase.errors import RunLogError
from showcase.evidence import VERSION
from showcase.report import redact, render
from showcase.report.embed import embedded
from showcase.runlog import older_logs

LOGS = sorted((Path(__file__).parent / "logs" / "version-1").glob("*.json"))
"""Real logs of runs, phases and audits, with servers found and started, with and without a seal."""

UNFENCED = {"egress": ("upheld", "sampled")}
STRICTER: dict[str, dict[str, tuple[str, str | None]]] = {
    "audit": UNFENCED,
    "audit-http": UNFENCED,
    "audit-ollama": UNFENCED,
    "audit-ollama-cloud": UNFENCED,
    "audit-v6": {**UNFENCED, "daemon": ("inconclusive", None)},
}
"""What follows otherwise now, by log: a server on ::1 was not watched then, and its client upheld; and what was not
sealed could edit what was written down of it."""


UNFENCED_LOGS = [name for name, verdicts in STRICTER.items() if verdicts["egress"] == UNFENCED["egress"]]


def document(path: Path) -> dict[str, Any]:
    return dict(json.loads(path.read_text(encoding="utf-8")))


@pytest.mark.parametrize("path", LOGS, ids=lambda path: path.stem)
def test_it_is_read_and_judged_as_it_was(path: Path) -> None:
    before = document(path)
    assert before["version"] == 1
    run = runlog.read(path)
    assert run.version == VERSION
    stored = {each["id"]: (each["status"], each["level"]) for each in before["claims"]}
    assert {each.id: (each.status, each.level) for each in run.claims} == stored
    again = {each.id: (each.status, each.level) for each in claims.judge(run)}
    assert again == stored | STRICTER.get(path.stem, {})
    assert [each.endpoint.port for each in run.daemons] == [
        before["daemon"]["endpoint"]["port"] for _ in range(before["daemon"] is not None)
    ]
    assert [len(each.daemons) for each in run.phases] == [each["daemon"] is not None for each in before["phases"]]


def test_the_logs_hold_what_is_converted() -> None:
    kept = [document(path) for path in LOGS]
    assert any(each["daemon"] and not each["phases"] for each in kept)
    assert any(phase["daemon"] for each in kept for phase in each["phases"])
    assert any(each["command"] and each["daemon"] for each in kept)


@pytest.mark.parametrize("path", LOGS, ids=lambda path: path.stem)
def test_what_it_points_at_is_there(path: Path) -> None:
    run = runlog.read(path)
    now = json.loads(runlog.dump(run))
    for verdict in run.claims:
        for pointer in verdict.evidence:
            place = now
            for part in pointer.strip("/").split("/"):
                place = place[int(part)] if isinstance(place, list) else place[part]


@pytest.mark.parametrize("path", LOGS, ids=lambda path: path.stem)
def test_it_is_shown_and_redacted(path: Path) -> None:
    run = runlog.read(path)
    page = render(run)
    assert "was written in version 1, and is judged by the rules of now" in page
    assert "The stored verdicts are not the ones that this log gives" not in page
    assert ("The server behind the allowed port" in page) == (len(run.daemons) == 1 and not run.phases)
    assert [(each.id, each.status) for each in redact(run).claims] == [(each.id, each.status) for each in run.claims]


def test_a_refusal_that_may_be_the_last_of_several_attempts_says_nothing() -> None:
    rows = [{"outcome": "ECONNREFUSED", "count": number} for number in (1, 2)]
    converted = older_logs.converted({"version": 1, "connections": rows})
    assert [row["outcome"] for row in converted["connections"]] == ["ECONNREFUSED", None]


@pytest.mark.parametrize(
    ("witness", "count", "said", "forced"),
    [
        ("syscalls", "unfenced", 0, 1),
        ("syscalls", "unfenced", 7, 1),
        ("syscalls", "privileged", 3, 0),
        ("syscalls", "without rights", 3, 0),
        ("seal", "crossings refused", 3, 0),
        ("sockets", "privileged", 3, 0),
    ],
)
def test_a_count_that_was_not_kept_then_is_not_taken_from_the_log(
    witness: str, count: str, said: int, forced: int
) -> None:
    report = {"name": witness, "counts": {"outlived": 2, count: said}}
    (converted,) = older_logs.converted({"version": 1, "witnesses": [report]})["witnesses"]
    assert converted["counts"][count] == forced
    assert converted["counts"]["outlived"] == 2


@pytest.mark.parametrize("name", UNFENCED_LOGS)
def test_a_count_that_is_added_makes_no_stronger_evidence(name: str) -> None:
    added = document(next(path for path in LOGS if path.stem == name))
    for report in added["witnesses"]:
        if report["name"] == "syscalls":
            report["counts"]["unfenced"] = 0
    judged = claims.judge(runlog.load(json.dumps(added).encode(), source="a log"))
    assert {each.id: (each.status, each.level) for each in judged}["egress"] == UNFENCED["egress"]


@pytest.mark.parametrize(
    "damage",
    [
        {"daemon": 3},
        {"daemons": []},
        {"phases": 3, "daemons": 1},
        {"phases": [3]},
        {"claims": [{"evidence": [1]}]},
        {"connections": [None]},
    ],
)
def test_what_is_damaged_is_refused_with_its_place(damage: dict[str, Any]) -> None:
    damaged = document(LOGS[0]) | damage
    if damage == {"daemons": []}:  # a field of this version has no place in a log of that one
        damaged["daemon"] = {"endpoint": None}
    with pytest.raises(RunLogError, match="at /"):
        runlog.load(json.dumps(damaged).encode(), source="a log")


@pytest.mark.parametrize("path", LOGS, ids=lambda path: path.stem)
@pytest.mark.parametrize("redacted", [False, True])
def test_the_log_in_its_page_is_one_of_now(path: Path, *, redacted: bool) -> None:
    run = runlog.read(path)
    held = embedded(render(redact(run), redacted=True).encode() if redacted else render(run).encode())
    assert held is not None
    now = runlog.load(held, source="a page")
    assert now.written_as is None
    assert now.claims == claims.judge(now), "nothing in it departs"


def test_the_log_in_a_page_keeps_what_never_followed(tmp_path: Path) -> None:
    forged = document(next(path for path in LOGS if path.stem == "audit-ollama"))
    (egress, _) = forged["claims"]
    forged["claims"] = [egress, {**egress, "id": "daemon", "status": "broken", "level": "recorded"}]
    page = tmp_path / "page.html"
    page.write_text(render(runlog.load(json.dumps(forged).encode(), source="a log")))
    done = showcase("verify", "--json", str(page))
    assert (done.returncode, json.loads(done.stdout)["differing"]) == (1, ["daemon"]), "what is less now is no fault"


@pytest.mark.parametrize("version", [1, VERSION])
@pytest.mark.parametrize("said", [1, 2, 0, False, "1"])
def test_no_log_says_itself_that_it_is_older(version: int, said: object) -> None:
    older = document(LOGS[0])
    kept = older if version == 1 else json.loads(runlog.dump(runlog.read(LOGS[0])))
    kept = {**kept, "written_as": None}
    runlog.load(json.dumps(kept).encode(), source="a log")
    with pytest.raises(RunLogError, match="at /written_as"):
        runlog.load(json.dumps({**kept, "written_as": said}).encode(), source="a log")


def test_verify_tells_what_follows_otherwise_now_and_calls_nobody_a_forger(tmp_path: Path) -> None:
    logs = {path.stem: path for path in LOGS}
    same = showcase("verify", str(logs["run"]))
    assert (same.returncode, "The log's own verdicts are the same." in same.stdout) == (0, True), same.stdout
    stricter = showcase("verify", str(logs["audit-v6"]))
    assert stricter.returncode == 3, stricter.stdout
    assert "! daemon: the log says nothing" in stricter.stdout
    assert "version 1" in stricter.stdout
    assert json.loads(showcase("verify", "--json", str(logs["audit-v6"])).stdout)["differing"] == ["egress", "daemon"]
    forged = document(logs["audit-seal"])
    assert [each["status"] for each in forged["claims"]] == ["broken"]
    forged["claims"][0] |= {"status": "upheld", "level": "enforced"}
    place = tmp_path / "forged.json"
    place.write_text(json.dumps(forged))
    assert showcase("verify", str(place)).returncode == 1
    assert "The stored verdicts are not the ones that this log gives" in render(runlog.read(place))


OF_VERSION_3 = sorted((Path(__file__).parent / "logs" / "version-3").glob("*.json"))


@pytest.mark.parametrize("path", OF_VERSION_3, ids=lambda path: path.stem)
def test_one_of_version_3_is_read_and_judged_as_it_was(path: Path) -> None:
    before = document(path)
    assert before["version"] == 3
    run = runlog.read(path)
    assert (run.version, run.written_as, run.store) == (VERSION, 3, None)
    assert [claims.says(run, stored, found) for stored, found in zip(run.claims, claims.judge(run), strict=True)] == [
        True for _ in before["claims"]
    ]
    assert {each["id"] for each in before["claims"]} == {each.id for each in run.claims}


def test_the_logs_of_version_3_hold_what_that_one_brought() -> None:
    kept = [document(path) for path in OF_VERSION_3]
    assert any(each["forgetting"] for each in kept)
    assert any(each["phases"] for each in kept)
    assert any(each["command"] for each in kept)


@pytest.mark.parametrize("path", [path for path in OF_VERSION_3 if path.stem == "run"], ids=lambda path: path.stem)
def test_one_of_version_3_tells_of_no_store(path: Path) -> None:
    """What it would say of one was seen by nobody then: neither does it widen the policy, nor is it shown."""
    later = document(path)
    server = {"address": "192.0.2.7", "port": 5432}
    later["policy"]["rules"] = [{"host": server["address"], "port": server["port"], "addresses": []}]
    later["store"] = {"kind": "postgresql", "host": server["address"], "port": server["port"], "tls": True}
    later["store"] |= {"version": "PostgreSQL 18", "collection": "mem0", "addresses": []}
    run = runlog.load(json.dumps(later).encode(), source="a log")
    assert run.store is None
    assert next(each for each in claims.judge(run) if each.id == "egress").status == "inconclusive"


OF_VERSION_2 = sorted((Path(__file__).parent / "logs" / "version-2").glob("*.json"))


@pytest.mark.parametrize("path", OF_VERSION_2, ids=lambda path: path.stem)
def test_one_of_version_2_is_read_and_judged_as_it_was(path: Path) -> None:
    before = document(path)
    assert before["version"] == 2
    run = runlog.read(path)
    assert (run.version, run.written_as) == (VERSION, 2)
    assert run.forgetting is None
    assert run.options.forget is None
    assert [claims.says(run, stored, found) for stored, found in zip(run.claims, claims.judge(run), strict=True)] == [
        True for _ in before["claims"]
    ]
    assert {each["id"] for each in before["claims"]} == {each.id for each in run.claims}


@pytest.mark.parametrize("path", OF_VERSION_2, ids=lambda path: path.stem)
def test_one_of_version_2_that_says_who_was_forgotten_is_refused(path: Path) -> None:
    """A field of this version has no place in a log of that one; what it would say was seen by nobody then."""
    later = document(path)
    later["options"]["forget"] = "erase"
    verdicts = claims.judge(runlog.load(json.dumps(later).encode(), source="a log"))
    assert "upheld" not in {each.status for each in verdicts if each.id == "erasure"}
