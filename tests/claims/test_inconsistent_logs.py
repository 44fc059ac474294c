"""Logs whose parts do not fit together: nobody who watched, no order of time, no such run. Never `upheld`."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from editing import attempt, verdict, with_attempt, with_control, with_coverage, with_session, with_witness, without

from showcase.claims.limits import PRIVILEGED
from showcase.claims.witnessing import strength
from showcase.evidence import NOTHING_SENT, Coverage, Endpoint, PhaseRun, Policy, Rule, Run
from showcase.witnesses.connections import merge

BOTH = ("hook", "sockets")
WITNESSED = ("egress", "telemetry")


def statuses(run: Run) -> set[str]:
    return {verdict(run, claim).status for claim in WITNESSED}


def level(run: Run) -> str | None:
    (found,) = {verdict(run, claim).level for claim in WITNESSED}
    return found


class TestMerge:
    def test_a_route_probe_covers_no_connection(self, unsealed: Run) -> None:
        leak = attempt(transport="tcp", witnesses=("syscalls",), outcome="begun")
        probe = attempt(transport="udp", witnesses=("syscalls",), outcome=NOTHING_SENT, first_seen_s=2.0)
        for rows in ((leak, probe), (probe, leak)):
            table = merge((*unsealed.connections, *rows))
            assert len(table) == len(unsealed.connections) + 2
            assert verdict(replace(unsealed, connections=table), "egress").status == "broken"

    def test_a_route_probe_covers_no_datagram(self) -> None:
        sent = attempt(transport="udp", witnesses=("syscalls",), outcome="sent to")
        probe = attempt(transport="udp", witnesses=("syscalls",), outcome=NOTHING_SENT)
        heard = attempt(transport="udp", witnesses=("hook",))
        assert [(row.outcome, row.witnesses) for row in merge((probe, heard, sent))] == [
            ("sent to", ("hook", "syscalls")),
            (NOTHING_SENT, ("syscalls",)),
        ]

    def test_a_probe_that_the_hook_saw_too_is_one_row(self) -> None:
        probe = attempt(transport="udp", witnesses=("syscalls",), outcome=NOTHING_SENT)
        (row,) = merge((attempt(transport="udp"), probe))
        assert (row.outcome, row.witnesses) == (NOTHING_SENT, ("hook", "syscalls"))

    def test_two_roles_are_two_rows_and_a_child_is_whoever_it_turns_out_to_be(self) -> None:
        rows = [attempt(role=role) for role in ("session 2", "session 3", "child of orchestrator")]
        assert sorted(row.role for row in merge(rows)) == ["session 2", "session 3"]


class TestWitnesses:
    @pytest.mark.parametrize("name", BOTH)
    @pytest.mark.parametrize(
        "window",
        [
            {"from_s": 0.0, "until_s": 0.0},
            {"from_s": None, "until_s": None},
            {"from_s": 1e9, "until_s": 0.0},
            {"until_s": float("nan")},
        ],
    )
    def test_a_window_that_leaves_most_of_a_session_out(self, unsealed: Run, name: str, window: dict[str, Any]) -> None:
        assert level(with_coverage(unsealed, name, "session 2", **window)) == level(without(unsealed, name))

    @pytest.mark.parametrize("name", BOTH)
    def test_a_window_of_the_last_moments(self, unsealed: Run, name: str) -> None:
        end = unsealed.sessions[1].ended_s
        assert end is not None
        late = with_coverage(unsealed, name, "session 2", from_s=end - 0.01)
        assert level(late) == level(without(unsealed, name))

    @pytest.mark.parametrize("name", BOTH)
    def test_an_incomplete_row_beside_a_complete_one(self, unsealed: Run, name: str) -> None:
        report = next(item for item in unsealed.witnesses if item.name == name)
        bad = Coverage(role="session 2", from_s=None, until_s=None, complete=False)
        twice = with_witness(unsealed, name, coverage=(bad, *report.coverage))
        assert level(twice) == level(without(unsealed, name))

    @pytest.mark.parametrize("name", BOTH)
    @pytest.mark.parametrize("span", [{"started_s": None, "ended_s": None}, {"ended_s": 1.0}, {"started_s": 5.0}])
    def test_a_witness_that_was_not_there_all_the_time(self, unsealed: Run, name: str, span: dict[str, Any]) -> None:
        assert level(with_witness(unsealed, name, **span)) == level(without(unsealed, name))

    def test_a_witness_without_a_look(self, unsealed: Run) -> None:
        assert level(with_witness(unsealed, "sockets", counts={"samples": 0})) == "self-reported"

    def test_rights_of_root_without_a_supervisor_who_takes_them_away(self, unsealed: Run) -> None:
        assert unsealed.engine is not None
        beside = replace(unsealed, engine=replace(unsealed.engine, kind="ollama", started=False))
        counts = next(report.counts for report in unsealed.witnesses if report.name == "sockets")
        assert strength(beside).level == ("sampled" if counts["privileged"] else "recorded")
        as_root = with_witness(beside, "sockets", counts={**counts, "privileged": 1})
        assert strength(as_root).level == "sampled"
        assert PRIVILEGED.of() in strength(as_root).limits

    @pytest.mark.parametrize("changes", [{"active": False}, {"control": None}])
    def test_two_reports_of_one_witness(self, unsealed: Run, changes: dict[str, Any]) -> None:
        for name in BOTH:
            report = next(item for item in unsealed.witnesses if item.name == name)
            twice = replace(unsealed, witnesses=(replace(report, **changes), *unsealed.witnesses))
            assert level(twice) == level(without(unsealed, name))

    def test_a_hook_is_no_seal(self, unsealed: Run) -> None:
        reports = tuple(item for item in unsealed.witnesses if item.name != "seal")
        renamed = tuple(replace(item, name="seal") if item.name == "hook" else item for item in reports)
        assert level(replace(unsealed, witnesses=renamed)) == "sampled"
        listed = replace(unsealed.options, witnesses=("sockets", "hook", "seal"))
        assert level(replace(unsealed, witnesses=renamed, options=listed)) == "sampled"

    def test_a_control_that_fired_and_was_missed(self, unsealed: Run) -> None:
        for name in BOTH:
            control = next(item.control for item in unsealed.witnesses if item.name == name)
            assert control is not None
            both = with_witness(unsealed, name, control=replace(control, detail="missed"))
            assert level(both) == level(without(unsealed, name))

    def test_a_witness_of_another_run(self, unsealed: Run) -> None:
        options = replace(unsealed.options, witnesses=("sockets",))
        assert level(replace(unsealed, options=options)) == level(without(unsealed, "hook"))


class TestEngine:
    def test_an_engine_that_was_looked_at_in_intervals_is_sampled(self, unsealed: Run) -> None:
        assert level(unsealed) == "sampled"
        assert any("native code" in limit for limit in verdict(unsealed, "egress").limits)

    def test_an_engine_that_nobody_watched_leaves_the_workers_own_word(self, unsealed: Run) -> None:
        blind = with_coverage(unsealed, "sockets", "engine", complete=False)
        assert level(blind) == "self-reported"
        assert any("nobody watched the engine" in limit for limit in verdict(blind, "egress").limits)

    def test_a_seal_around_the_sessions_says_nothing_of_an_engine_outside(self, log: Run) -> None:
        if verdict(log, "egress").level != "enforced":
            pytest.skip("no seal can be made here")
        outside = with_coverage(log, "seal", "engine", complete=False)
        assert level(outside) == "recorded"
        assert any("no whole seal of its own" in limit for limit in verdict(outside, "egress").limits)
        assert level(with_coverage(outside, "syscalls", "engine", until_s=3.0)) == "self-reported"

    def test_a_real_server_is_no_process_of_the_run(self, unsealed: Run) -> None:
        assert unsealed.engine is not None
        real = replace(unsealed, engine=replace(unsealed.engine, kind="ollama", started=False))
        assert level(real) == "recorded"

    def test_a_real_server_that_the_run_started_is_one(self, unsealed: Run) -> None:
        assert unsealed.engine is not None
        real = replace(unsealed, engine=replace(unsealed.engine, kind="ollama", started=True))
        assert level(real) == "sampled"


class TestTime:
    def test_sessions_in_another_order(self, log: Run) -> None:
        first, second, third = log.sessions
        assert third.ended_s is not None
        shift = third.ended_s - first.started_s + 0.001
        later = replace(
            first,
            started_s=first.started_s + shift,
            ended_s=first.ended_s + shift,  # type: ignore[operator]
            phases=tuple(replace(phase, at_s=phase.at_s + shift) for phase in first.phases),
        )
        moved = replace(log, sessions=(later, second, third), duration_s=log.duration_s + shift)
        for claim in ("processes", "persistence", "isolation", *WITNESSED):
            assert verdict(moved, claim).status != "upheld", claim

    @pytest.mark.parametrize("changes", [{"ended_s": 0.0}, {"started_s": -5.0}, {"ended_s": 1e9}, {"phases": ()}])
    def test_moments_that_cannot_be(self, log: Run, changes: dict[str, Any]) -> None:
        claims = WITNESSED if "phases" in changes else ("processes", "persistence", "isolation", *WITNESSED)
        for number in (1, 2, 3) if claims is WITNESSED else (1,):
            edited = with_session(log, number, **changes)
            for claim in claims:
                assert verdict(edited, claim).status != "upheld", (claim, number)

    @pytest.mark.parametrize("created", [0.0, -1.0, 1.0, 1e18, float("nan")])
    def test_a_process_of_another_age(self, log: Run, created: float) -> None:
        for number in (1, 2, 3):
            assert verdict(with_session(log, number, create_time=created), "processes").status == "inconclusive"

    def test_a_control_before_everything(self, log: Run) -> None:
        for scene in ("empty-store", "unfiltered-read"):
            early = with_control(log, scene, started_s=0.0, ended_s=0.01, phases=())
            assert verdict(early, "persistence").status == "inconclusive"


class TestIdentity:
    @pytest.mark.parametrize(("number", "exit_code"), [(4, 0), (9, -9), (0, 0)])
    def test_a_session_that_no_run_has(self, log: Run, number: int, exit_code: int) -> None:
        stranger = replace(log.sessions[2], number=number, exit_code=exit_code, pid=77, confirmed_pid=77)
        more = replace(log, sessions=(*log.sessions, stranger))
        for claim in ("processes", "persistence", "isolation", *WITNESSED):
            assert verdict(more, claim).status == "inconclusive", claim

    def test_a_reader_inside_session_1(self, log: Run) -> None:
        first = log.sessions[0]
        same = with_control(
            log, "unfiltered-read", pid=first.pid, confirmed_pid=first.confirmed_pid, create_time=first.create_time
        )
        assert verdict(same, "processes").status == "broken"
        assert verdict(same, "isolation").status == "inconclusive"
        assert verdict(same, "persistence").level == "self-reported"

    def test_a_phase_names_no_other_orchestrator(self, log: Run) -> None:
        phase = PhaseRun(session=2, orchestrator_pid=1, started_at=log.started_at, ended_at=log.ended_at)
        foreign = with_session(replace(log, phases=(phase,)), 2, ancestors=(1,))
        assert verdict(foreign, "processes").status == "inconclusive"


class TestEgress:
    @pytest.mark.parametrize(
        "policy",
        [
            Policy(allowed=(Endpoint(address="198.51.100.7", port=443),)),
            Policy(allowed=(), rules=(Rule(host="*"),)),
            Policy(allowed=(Endpoint(address="127.0.0.1", port=0),)),
        ],
    )
    def test_a_policy_that_allows_more_than_the_server(self, log: Run, policy: Policy) -> None:
        own = log.policy.allowed
        wider = replace(log, policy=replace(policy, allowed=(*own, *policy.allowed)))
        assert verdict(wider, "egress").status == "inconclusive"
        assert verdict(with_attempt(wider), "egress").status != "upheld"

    def test_a_table_with_nothing_in_it(self, log: Run) -> None:
        assert verdict(replace(log, connections=()), "egress").status == "inconclusive"

    def test_a_session_whose_connections_are_gone(self, log: Run) -> None:
        others = tuple(row for row in log.connections if row.role != "session 2")
        assert verdict(replace(log, connections=others), "egress").status == "inconclusive"

    @pytest.mark.parametrize("count", [0, -5])
    def test_a_row_that_counts_nothing(self, log: Run, count: int) -> None:
        rows = (replace(log.connections[0], count=count), *log.connections[1:])
        assert verdict(replace(log, connections=rows), "egress").status == "inconclusive"

    @pytest.mark.parametrize("family", ["unix", "netlink", "alg"])
    def test_an_address_of_the_internet_in_another_family(self, log: Run, family: str) -> None:
        assert verdict(with_attempt(log, family=family), "egress").status == "broken"

    def test_a_listener_that_came_later(self, log: Run) -> None:
        later = with_attempt(log, kind="listen", address="127.0.0.1", port=4242, first_seen_s=9.0, last_seen_s=9.5)
        contacted = with_attempt(later, address="127.0.0.1", port=4242, first_seen_s=3.0, last_seen_s=3.0)
        assert verdict(contacted, "egress").status == "broken"

    def test_a_visitor_who_is_no_process_of_the_run(self, unsealed: Run) -> None:
        waiting = with_attempt(unsealed, kind="listen", address="127.0.0.1", port=4242)
        assert any("could come in" in limit for limit in verdict(waiting, "egress").limits)
        visited = with_attempt(waiting, kind="accept", address="127.0.0.1", port=4242)
        assert verdict(visited, "egress").status == "inconclusive"
        ours = with_attempt(visited, pid=2, role="session 3", address="127.0.0.1", port=4242)
        assert verdict(ours, "egress").status == "upheld"
