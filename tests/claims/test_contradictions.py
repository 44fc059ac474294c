"""A log that contradicts itself upholds nothing that rests on it: every field set to what another rules out.

The logs are real, and every field of every one of them is changed, so there is nothing random here. What may be
changed is written down in `free`, each with a reason; everything else must be found out.
"""

from __future__ import annotations

import json
import re
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from editing import attempt, with_attempt, with_control, with_witness
from free import FREE, OF_NO_WHOLE_LOG
from mutations import UNJUDGED, fields_of, mutations
from program import showcase

from showcase import claims, runlog
from showcase.claims.consistency import contradiction, contradiction_of
from showcase.errors import RunLogError
from showcase.evidence import Endpoint, Policy, Rule, Run
from showcase.report.redaction import redact

if TYPE_CHECKING:
    from collections.abc import Callable

LOGS = sorted((Path(__file__).parents[1] / "logs").glob("*/*.json"))
AUDITS = ("audit", "sealed-audit", "sunk-audit", "limited-audit", "outlived-audit")
RUNS = ("run", "unsealed-run", "inferring-run", "ollama-run", "phases", "forgetting-run", "store-run", "embedded-run")
WHOLE = (*AUDITS, *RUNS, "embedded-phases")
ONLY = {"phases": "phases", "embedded-phases": "phases", "forgetting-run": "forgetting"}
"""Of these logs the part is changed that no other has."""

pytestmark = pytest.mark.usefixtures("sealable")


def documented(log: Run) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(runlog.dump(replace(log, claims=(), written_as=None)))
    return found


def upholds_all(document: dict[str, Any]) -> bool:
    """Return whether a document is read and every claim upheld."""
    try:
        run = runlog.load(json.dumps(document).encode(), source="the log")
    except RunLogError:
        return False
    if contradiction(run) is not None:
        return False  # the reason of every verdict, as `PLANTED` shows; to hear all of them would cost half the time
    return {verdict.status for verdict in claims.judge(run)} == {"upheld"}


@pytest.mark.parametrize("name", WHOLE)
def test_an_honest_log_is_not_accused(upheld: Callable[[str], Run], name: str) -> None:
    log = upheld(name)
    assert contradiction(log) is None
    assert {verdict.id: verdict.reason for verdict in claims.judge(log) if verdict.status != "upheld"} == {}
    assert {claim.id: contradiction_of(log, claim.id) for claim in claims.CLAIMS} == dict.fromkeys(
        claim.id for claim in claims.CLAIMS
    )


@pytest.mark.parametrize("path", LOGS, ids=lambda path: path.stem)
def test_an_honest_log_of_an_earlier_version_is_not_accused(path: Path) -> None:
    log = runlog.read(path)
    assert contradiction(log) is None
    assert {contradiction_of(log, claim.id) for claim in claims.CLAIMS} == {None}


@pytest.mark.parametrize("name", WHOLE)
def test_a_redacted_log_contradicts_itself_no_more_than_the_whole_one(upheld: Callable[[str], Run], name: str) -> None:
    log = redact(upheld(name))
    assert contradiction(log) is None
    assert {contradiction_of(log, claim.id) for claim in claims.CLAIMS} == {None}


@pytest.mark.parametrize("name", WHOLE)
def test_whatever_a_field_is_set_to_is_found_out_or_free(upheld: Callable[[str], Run], name: str) -> None:
    document = documented(upheld(name))
    assert upholds_all(document)
    believed = [
        str(mutation)
        for mutation in mutations(document)
        if mutation.path[0] == ONLY.get(name, mutation.path[0])
        and not any(each.covers(document, mutation) for each in FREE)
        and upholds_all(mutation.of(document))
    ]
    assert not believed, "\n".join(believed)


def test_every_field_of_the_model_was_changed_in_some_log(upheld: Callable[[str], Run]) -> None:
    documents = [
        documented(upheld(name))
        for name in ("sealed-audit", "sunk-audit", "run", "ollama-run", "phases", "forgetting-run", "store-run")
    ]
    changed = {mutation.field for document in documents for mutation in mutations(document)}
    unchanged = set(fields_of()) - changed - UNJUDGED
    assert unchanged <= set(OF_NO_WHOLE_LOG), "a new field: see `free`"


def test_what_is_free_is_of_fields_that_there_are() -> None:
    known = set(fields_of())
    named = {".".join(name.split(".")[:2]) for each in FREE for name in each.fields}
    assert named <= known
    assert all(each.why for each in FREE)


def audited(log: Run, **changes: Any) -> Run:
    assert log.command is not None
    return replace(log, command=replace(log.command, **changes))


def on(log: Run, system: str) -> Run:
    return replace(log, platform=replace(log.platform, system=system))


def with_row(log: Run, **changes: Any) -> Run:
    """Return the log with one more row, which the counts know of."""
    row = {"role": "command" if log.command else "session 2", "first_seen_s": log.duration_s - 0.01, **changes}
    row = {"last_seen_s": row["first_seen_s"], "transport": "tcp", **row}
    more = with_attempt(log, **row)
    for name in row.get("witnesses", ("hook",)):
        report = next(each for each in more.witnesses if each.name == name)
        counts = {key: number + 1 for key, number in report.counts.items() if key in ("rows in the table", "attempts")}
        more = with_witness(more, name, counts={**report.counts, **counts})
    return more


PLANTED: dict[str, tuple[str, Callable[[Run], Run]]] = {
    "enforced where nothing was sealed": ("sealed-audit", lambda log: audited(log, sealing="none", bridges=())),
    "enforced on Windows": ("sealed-audit", lambda log: on(log, "Windows")),
    "recorded calls on macOS": ("audit", lambda log: on(log, "Darwin")),
    "a run sealed on Windows": ("run", lambda log: on(log, "Windows")),
    "TCP of a Unix socket": (
        "audit",
        lambda log: with_row(log, family="unix", name="/x", address=None, port=None),
    ),
    "a negative duration": ("audit", lambda log: replace(log, duration_s=-1.0)),
    "no duration": ("run", lambda log: replace(log, duration_s=float("nan"))),
    "a bridge that no rule allows": ("sealed-audit", lambda log: audited(log, bridges=(4242,))),
    "a bridge of an audit without walls": ("audit", lambda log: audited(log, bridges=(4242,))),
    "counts without rows": ("audit", lambda log: replace(log, connections=())),
    "rows without counts": (
        "sealed-audit",
        lambda log: with_witness(log, "syscalls", counts={"unreadable": 0, "outlived": 0, "ended": 0, "as read": 0}),
    ),
    "a row that went missing": ("audit", lambda log: replace(log, connections=log.connections[:-1])),
    "what was said to a sink that was not there": ("sunk-audit", lambda log: audited(log, sealing="namespace")),
    "a witness who did not look": (
        "audit",
        lambda log: replace(log, connections=(replace(log.connections[0], witnesses=("seal",)), *log.connections[1:])),
    ),
    "a hook in the engine": ("run", lambda log: with_row(log, role="engine", **_of_the_engine(log))),
    "sockets that see lookups": (
        "unsealed-run",
        lambda log: with_row(log, kind="lookup", name="localhost", port=53, witnesses=("sockets",), outcome="NONE"),
    ),
    "a time that was up before it began": ("limited-audit", lambda log: audited(log, limit_s=1e6)),
    "a time that was never given": ("audit", lambda log: audited(log, ended_by="duration")),
    "an interruption by nobody": ("audit", lambda log: audited(log, ended_by="interruption")),
    "a session before everything": ("run", lambda log: with_control(log, "empty-store", started_at="yesterday")),
    "a memory of an audit": ("audit", lambda log: replace(log, options=replace(log.options, infer=True))),
    "an endpoint of an audit": (
        "audit",
        lambda log: replace(log, policy=replace(log.policy, allowed=(Endpoint(address="127.0.0.1", port=1),))),
    ),
    "a network with addresses": (
        "audit",
        lambda log: replace(
            log, policy=Policy(allowed=(), rules=(*log.policy.rules, Rule(host="10.0.0.0/8", addresses=("10.1.1.1",))))
        ),
    ),
}


def _of_the_engine(log: Run) -> dict[str, Any]:
    assert log.engine is not None
    return {"address": log.engine.endpoint.address, "port": log.engine.endpoint.port}


@pytest.mark.parametrize("planted", PLANTED)
def test_a_contradiction_is_the_reason_of_every_verdict(upheld: Callable[[str], Run], planted: str) -> None:
    name, edit = PLANTED[planted]
    verdicts = claims.judge(edit(upheld(name)))
    assert "upheld" not in {verdict.status for verdict in verdicts}
    assert contradiction(edit(upheld(name))) is not None


def test_what_breaks_stays_broken(upheld: Callable[[str], Run]) -> None:
    leak = with_attempt(upheld("run"), address="198.51.100.7")
    assert contradiction(leak) is not None
    found = {verdict.id: verdict.status for verdict in claims.judge(on(leak, "Windows"))}
    assert found["egress"] == "broken"
    assert "upheld" not in found.values()


def test_a_memory_that_loses_a_row_says_nothing_of_what_left_the_machine(upheld: Callable[[str], Run]) -> None:
    log = upheld("run")
    second = log.sessions[1]
    assert second.listed
    lost = replace(second, listed=second.listed[1:])
    found = {
        verdict.id: verdict.status
        for verdict in claims.judge(replace(log, sessions=(log.sessions[0], lost, log.sessions[2])))
    }
    assert found["persistence"] == "broken"
    assert found["egress"] == "upheld"


def test_a_row_of_another_day_is_accepted_where_the_counts_know_of_it(upheld: Callable[[str], Run]) -> None:
    """The helper of these tests plants whole rows, so that a test that fails does so for its own reason."""
    log = upheld("run")
    assert contradiction(with_row(log, **_of_the_engine(log), last_seen_s=log.duration_s)) is None
    assert contradiction(replace(log, connections=(*log.connections, attempt()))) is not None


def test_verify_says_what_contradicts_what(upheld: Callable[[str], Run], tmp_path: Path) -> None:
    path = tmp_path / "audit.json"
    edited = audited(upheld("sealed-audit"), sealing="none", bridges=())
    runlog.write(replace(edited, claims=claims.judge(edited)), path)
    done = showcase("verify", str(path))
    assert done.returncode == 3, done.stdout + done.stderr
    assert "the log contradicts itself: the command ran in 'none', and the witness seal testifies" in done.stdout


@pytest.mark.parametrize("name", ["sealed-audit", "sunk-audit"])
def test_what_is_missing_or_no_number_is_said_in_words(upheld: Callable[[str], Run], name: str) -> None:
    document = documented(upheld(name))
    said = set()
    for mutation in mutations(document):
        try:
            run = runlog.load(json.dumps(mutation.of(document)).encode(), source="the log")
        except RunLogError:
            continue
        said |= {contradiction(run) or ""}
    assert [reason for reason in said if re.search(r"\b(None|nan|inf)\b", reason)] == []
