"""No observation, a witness that could not look, a child that died: never `upheld`."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from editing import alone

from showcase import claims
from showcase.errors import ExitCode
from showcase.evidence import Control, Run, Session, WitnessReport

WITNESSED = ("egress", "telemetry")


def statuses(run: Run) -> dict[str, str]:
    return {verdict.id: verdict.status for verdict in alone(run)}


def levels(run: Run) -> dict[str, str | None]:
    return {verdict.id: verdict.level for verdict in alone(run)}


def with_witness(run: Run, name: str, **changes: Any) -> Run:
    witnesses = tuple(replace(item, **changes) if item.name == name else item for item in run.witnesses)
    return replace(run, witnesses=witnesses)


def off(run: Run, *names: str) -> Run:
    for name in names:
        run = with_witness(run, name, active=False, reason="not asked for", control=None, coverage=())
    return run


def broken_off(report: WitnessReport) -> WitnessReport:
    coverage = tuple(
        replace(item, complete=False, note="not looked at for 2.00 s") if item.role == "session 2" else item
        for item in report.coverage
    )
    return replace(report, coverage=coverage)


def test_every_verdict_of_a_run_without_sessions_is_inconclusive(log: Run) -> None:
    empty = replace(log, sessions=(), controls=(), engine=None)
    assert set(statuses(empty).values()) == {"inconclusive"}


def test_each_witness_off_gives_the_lower_level_and_none_gives_no_verdict(unsealed: Run) -> None:
    for claim in WITNESSED:
        assert levels(unsealed)[claim] == "sampled", "the hook is not in the engine"
        assert levels(off(unsealed, "hook"))[claim] == "sampled"
        assert levels(off(unsealed, "sockets"))[claim] == "self-reported"
        assert statuses(off(unsealed, "hook", "sockets"))[claim] == "inconclusive"


def test_behind_the_seal_the_levels_go_down_in_the_same_way(log: Run) -> None:
    if not any(report.name == "seal" and report.active for report in log.witnesses):
        pytest.skip("no seal can be made here")
    for claim in WITNESSED:
        assert levels(log)[claim] == "enforced"
        assert levels(off(log, "seal"))[claim] == "recorded"
        assert levels(off(log, "seal", "syscalls"))[claim] == "self-reported", "sockets cannot look behind the seal"
        assert statuses(off(log, "seal", "syscalls", "hook"))[claim] == "inconclusive"


@pytest.mark.parametrize("name", ["hook", "sockets"])
def test_a_witness_whose_control_did_not_fire_does_not_count(unsealed: Run, name: str) -> None:
    missed = Control(planted="a connection", fired=False, detail="missed")
    for control in (missed, None):
        deaf = with_witness(unsealed, name, control=control)
        assert [levels(deaf)[claim] for claim in WITNESSED] == [
            levels(off(unsealed, name))[claim] for claim in WITNESSED
        ]


@pytest.mark.parametrize("name", ["hook", "sockets"])
def test_a_witness_that_did_not_watch_all_of_a_session_does_not_count(unsealed: Run, name: str) -> None:
    witnesses = tuple(broken_off(item) if item.name == name else item for item in unsealed.witnesses)
    gap = replace(unsealed, witnesses=witnesses)
    assert [levels(gap)[claim] for claim in WITNESSED] == [levels(off(unsealed, name))[claim] for claim in WITNESSED]


def test_a_session_that_nobody_covers_voids_the_silence(log: Run) -> None:
    reports = tuple(
        replace(item, coverage=tuple(part for part in item.coverage if part.role != "session 3"))
        for item in log.witnesses
    )
    assert [statuses(replace(log, witnesses=reports))[claim] for claim in WITNESSED] == ["inconclusive"] * 2


@pytest.mark.parametrize("exit_code", [-9, 1, None])
@pytest.mark.parametrize("number", [1, 2, 3])
def test_a_session_that_died_upholds_nothing_that_rests_on_it(log: Run, number: int, exit_code: int | None) -> None:
    dead = replace(
        log,
        sessions=tuple(replace(item, exit_code=exit_code) if item.number == number else item for item in log.sessions),
    )
    rests: dict[int, set[str]] = {
        1: {"processes", "persistence", "isolation", "context", *WITNESSED},
        2: {"processes", "persistence", "context", *WITNESSED},
        3: {"processes", "isolation", "context", *WITNESSED},
    }
    for claim in rests[number]:
        assert statuses(dead)[claim] == "inconclusive", claim


def test_an_interrupted_run_claims_no_absence(log: Run) -> None:
    cut = replace(log, interrupted="SIGINT", sessions=log.sessions[:2], controls=())
    assert {statuses(cut)[claim] for claim in (*WITNESSED, "processes", "isolation")} == {"inconclusive"}


def test_a_session_that_is_there_twice_is_no_session(log: Run) -> None:
    twice = replace(log, sessions=(*log.sessions, log.sessions[0]))
    assert statuses(twice)["persistence"] == "inconclusive"


def test_a_session_that_played_another_scene_is_no_session(log: Run) -> None:
    def relabelled(item: Session) -> Session:
        return replace(item, scene="plant") if item.number == 2 else item

    other = replace(log, sessions=tuple(relabelled(item) for item in log.sessions))
    assert statuses(other)["persistence"] == "inconclusive"


def test_stored_verdicts_do_not_sway_the_judge(log: Run) -> None:
    forged = tuple(replace(item, status="broken") for item in log.claims)
    assert claims.judge(replace(log, claims=forged)) == claims.judge(log)


def test_exit_status_follows_the_worst_verdict(log: Run) -> None:
    verdicts = claims.judge(log)
    one = replace(verdicts[0], status="inconclusive")
    two = replace(verdicts[1], status="broken")
    assert claims.exit_code(verdicts) is ExitCode.UPHELD
    assert claims.exit_code((one, *verdicts[1:])) is ExitCode.INCONCLUSIVE
    assert claims.exit_code((one, two, *verdicts[2:])) is ExitCode.BROKEN
    assert claims.exit_code(()) is ExitCode.INCONCLUSIVE


def test_every_upheld_verdict_names_level_evidence_and_limits(log: Run) -> None:
    for verdict in claims.judge(log):
        assert verdict.level is not None
        assert verdict.evidence
        assert verdict.limits
