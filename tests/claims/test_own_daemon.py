"""A server that the run started: planted in the log of a real run, whose engine ran under the same witnesses."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest
from editing import verdict, with_attempt, with_coverage, with_witness, without

from showcase import claims
from showcase.engines import daemon_watch
from showcase.evidence import Daemon, DaemonSocket, Endpoint, PhaseRun, Run

if TYPE_CHECKING:
    from collections.abc import Callable


VERSION = "0.24.0"


def own(run: Run, **changes: Any) -> Run:
    """Return the log as that of a run whose engine was an Ollama that it started."""
    assert run.engine is not None
    daemon = daemon_watch.of_this_run(
        run.engine.endpoint,
        version=VERSION,
        cloud_disabled=True,
        connections=run.connections,
        from_s=engine_coverage(run, "from_s", max),
        until_s=engine_coverage(run, "until_s", min),
        unseen="",
    )
    engine = replace(run.engine, kind="ollama", started=True, version=VERSION)
    return replace(run, engine=engine, daemons=(replace(daemon, **changes),))


def engine_coverage(run: Run, field: str, of: Callable[[list[float]], float]) -> float:
    """Return when the last of the witnesses began to watch the engine, or when the first of them ended."""
    return of([getattr(item, field) for it in run.witnesses for item in it.coverage if item.role == "engine"])


def in_phases(run: Run) -> Run:
    """Return the log as that of three phases, each with such a server."""
    phase = PhaseRun(
        session=1, orchestrator_pid=run.orchestrator_pid, started_at="", ended_at="", engine_started=True,
        daemons=run.daemons,
    )  # fmt: skip
    return replace(run, phases=tuple(replace(phase, session=number) for number in (1, 2, 3)))


def judged(run: Run) -> tuple[str, str | None]:
    found = verdict(run, "daemon")
    return found.status, found.level


def sealed(log: Run) -> None:
    if verdict(log, "egress").level != "enforced":
        pytest.skip("no seal can be made here")


class TestLevel:
    def test_it_is_that_of_those_who_watched_the_server(self, log: Run, unsealed: Run) -> None:
        assert judged(own(unsealed)) == ("upheld", "sampled")
        assert any("looked at in intervals" in limit for limit in verdict(own(unsealed), "daemon").limits)
        sealed(log)
        assert judged(own(log)) == ("upheld", "enforced")
        without_seal = with_coverage(own(log), "seal", "engine", complete=False)
        assert judged(without_seal) == ("upheld", "recorded")
        assert any("a seal that does not count" in limit for limit in verdict(without_seal, "daemon").limits)
        assert any("without walls" in limit for limit in verdict(own(unsealed), "daemon").limits)

    def test_where_nobody_watched_it_there_is_none(self, log: Run, unsealed: Run) -> None:
        blind = with_coverage(own(unsealed), "sockets", "engine", complete=False)
        assert judged(blind) == ("inconclusive", None)
        assert judged(without(own(unsealed), "sockets")) == ("inconclusive", None), "the hook is not in it"
        sealed(log)
        for window in ({"until_s": 3.0}, {"from_s": 2.0}):
            late = with_coverage(own(log, from_s=1.5), "seal", "engine", **window)
            assert judged(with_coverage(late, "syscalls", "engine", **window)) == ("inconclusive", None)


class TestViolation:
    @pytest.mark.parametrize(
        ("row", "words"),
        [
            ({"kind": "lookup", "name": "ollama.com", "address": None, "port": None}, "looked up ollama.com"),
            ({"kind": "connect", "address": "192.0.2.10", "port": 443}, "tried to connect to 192.0.2.10:443"),
            ({"kind": "connect", "address": "2001:db8::1", "port": 443}, "[2001:db8::1]:443"),
            ({"kind": "send", "address": "192.0.2.10", "port": 9}, "sent to 192.0.2.10:9"),
            ({"kind": "listen", "address": "0.0.0.0", "port": 11434}, "anyone on the network"),  # noqa: S104 - planted
        ],
    )
    @pytest.mark.parametrize("role", ["engine", "child of engine"])
    def test_what_it_did_outside_is_broken(self, log: Run, row: dict[str, Any], words: str, role: str) -> None:
        planted = with_attempt(own(log), role=role, **row)
        found = verdict(planted, "daemon")
        assert (found.status, found.level) == ("broken", "recorded")
        assert words in found.reason
        assert found.evidence[1:] == (f"/connections/{len(planted.connections) - 1}",)

    def test_seen_by_looks_alone_it_is_sampled(self, unsealed: Run) -> None:
        planted = with_attempt(
            own(unsealed), role="engine", kind="connect", address="192.0.2.10", port=443, witnesses=("sockets",)
        )
        assert judged(planted) == ("broken", "sampled")

    def test_what_a_session_did_is_not_its_doing(self, log: Run) -> None:
        planted = with_attempt(own(log), role="session 1", kind="connect", address="192.0.2.10", port=443)
        assert judged(planted)[0] == "upheld"
        assert verdict(planted, "egress").status == "broken"

    def test_a_remote_model_is_broken(self, log: Run) -> None:
        run = own(log)
        assert run.engine is not None
        remote = replace(run.engine, chat_model=replace(run.engine.chat_model, remote=True))
        assert judged(replace(run, engine=remote))[0] == "broken"

    def test_over_phases_no_port_is_named_as_that_of_the_one_that_did_it(self, log: Run) -> None:
        planted = with_attempt(own(log), role="engine", kind="lookup", name="ollama.com", address=None, port=None)
        found = verdict(in_phases(planted), "daemon")
        assert found.status == "broken"
        assert found.reason.startswith("an Ollama that a phase started")


class TestPhases:
    def test_the_worst_that_follows_for_one_of_them_stands(self, log: Run) -> None:
        sealed(log)
        run = in_phases(own(log))
        assert judged(run) == ("upheld", "enforced")
        assert run.engine is not None
        seen = Daemon(
            endpoint=run.engine.endpoint,
            ollama="0.24.0",
            cloud_disabled=True,
            sight="processes",
            uid=0,
            processes=(),
            sockets=(
                DaemonSocket(kind="connect", address="192.0.2.1", port=443, pid=1, first_seen_s=1.0, last_seen_s=1.0),
            ),
            looks=9,
            longest_gap_s=0.1,
            from_s=0.0,
            until_s=run.duration_s,
        )
        outside = replace(run.phases[0], daemons=(seen,), engine_started=False)
        found = verdict(replace(run, phases=(outside, *run.phases[1:])), "daemon")
        assert found.status == "broken"
        assert "192.0.2.1:443" in found.reason
        assert found.evidence == ("/phases/0/daemons/0",)

    def test_a_server_of_an_earlier_phase_that_died_is_not_forgotten(self, log: Run) -> None:
        run = in_phases(own(log))
        died = replace(run.phases[0], daemons=own(log, unseen="it ended by itself").daemons)
        dead = replace(run, phases=(died, *run.phases[1:]))
        assert judged(dead)[0] == "inconclusive"
        assert verdict(dead, "egress").level == "self-reported"

    def test_a_phase_with_a_server_that_was_there_before_is_not_forgotten(self, log: Run) -> None:
        run = in_phases(own(log))
        outside = replace(run.phases[0], daemons=(), engine_started=False)
        mixed = replace(run, phases=(outside, *run.phases[1:]))
        assert judged(mixed)[0] == "inconclusive"
        assert any("not a process of this run" in limit for limit in verdict(mixed, "egress").limits)


class TestGap:
    def test_a_log_that_says_two_things_of_who_started_it(self, log: Run) -> None:
        run = own(log)
        assert run.engine is not None
        assert judged(replace(run, engine=replace(run.engine, started=False)))[0] == "inconclusive"
        elsewhere = Endpoint(address="127.0.0.1", port=run.engine.endpoint.port - 1)
        assert judged(own(log, endpoint=elsewhere))[0] == "inconclusive"

    def test_a_server_whose_own_processes_never_listened(self, log: Run) -> None:
        run = own(log)
        assert run.engine is not None
        port = run.engine.endpoint.port
        rows = tuple(row for row in run.connections if not (row.kind == "listen" and row.role == "engine"))
        assert len(rows) < len(run.connections)
        found = verdict(replace(run, connections=rows), "daemon")
        assert found.status == "inconclusive"
        assert str(port) in found.reason

    @pytest.mark.parametrize(
        "changes",
        [
            {"transport": "udp"},
            {"outcome": "EADDRINUSE"},
            {"witnesses": ()},
            {"witnesses": ("hook",)},
            {"first_seen_s": 9999.0},
            {"address": "127.0.0.2"},
        ],
    )
    def test_a_row_that_does_not_say_that_it_listened_there(self, log: Run, changes: dict[str, Any]) -> None:
        run = own(log)
        rows = tuple(
            replace(row, **changes) if row.kind == "listen" and row.role == "engine" else row for row in run.connections
        )
        assert judged(replace(run, connections=rows))[0] == "inconclusive"

    def test_a_unix_socket_whose_other_end_nobody_watched(self, log: Run) -> None:
        used = {"role": "engine", "kind": "connect", "family": "unix", "address": None, "port": None}
        for outcome, status in (("leads out of the seal", "inconclusive"), (None, "inconclusive"),
                                ("no such socket", "upheld"), ("inside the seal", "upheld")):  # fmt: skip
            run = with_attempt(own(log), name="/run/other.sock", outcome=outcome, witnesses=("syscalls",), **used)
            assert judged(run)[0] == status, outcome

    def test_an_orphan_that_did_it_where_no_kernel_told_whose_it_is(self, unsealed: Run) -> None:
        row = {"role": "child of orchestrator", "kind": "connect", "address": "192.0.2.10", "port": 443}
        assert judged(with_attempt(own(unsealed), witnesses=("sockets",), **row))[0] == "inconclusive"

    def test_rows_under_another_role_of_a_process_that_served(self, log: Run) -> None:
        run = own(log)
        pid = run.daemons[0].processes[0].pid
        planted = with_attempt(run, role="session 9", pid=pid, kind="connect", address="192.0.2.10", port=443)
        assert judged(planted)[0] == "broken"

    def test_a_server_that_died_or_lost_its_port(self, log: Run) -> None:
        run = own(log, unseen="ollama serve ended by itself (exit status 7)")
        assert judged(run)[0] == "inconclusive"
        assert verdict(run, "egress").level == "self-reported", "it may have been another server that answered"

    def test_sockets_that_nobody_looked_at_and_a_sight_that_does_not_fit(self, log: Run) -> None:
        foreign = DaemonSocket(kind="connect", address="192.0.2.1", port=443, pid=1, first_seen_s=1.0, last_seen_s=1.0)
        assert judged(own(log, sockets=(foreign,)))[0] == "inconclusive"
        where = own(log).daemons[0].endpoint
        listens = DaemonSocket(
            kind="listen", address=where.address, port=where.port, pid=1, first_seen_s=0.0, last_seen_s=log.duration_s
        )
        looked_at = {"sight": "processes", "looks": 5, "sockets": (listens,)}
        assert judged(own(log, **looked_at))[0] == "inconclusive", "the run started it itself"
        run = own(log, **looked_at)
        assert run.engine is not None
        beside = replace(run, engine=replace(run.engine, started=False))
        assert judged(beside)[0] == "upheld"
        short = replace(listens, last_seen_s=listens.first_seen_s + 0.1)
        unseen: tuple[dict[str, Any], ...] = ({"sockets": ()}, {"sockets": (short,)})
        for changes in ({"looks": 0}, {"looks": -1}, {"from_s": 99.0}, {"until_s": 0.1}, *unseen):
            assert judged(replace(beside, daemons=(replace(run.daemons[0], **changes),)))[0] == "inconclusive", changes

    @pytest.mark.parametrize("hole", ["crossings", "unexplained", "packets lost"])
    def test_a_seal_that_counted_a_hole(self, log: Run, hole: str) -> None:
        sealed(log)
        counts = next(item.counts for item in log.witnesses if item.name == "seal")
        holed = with_witness(own(log), "seal", counts={**counts, hole: 1})
        assert judged(holed) == ("upheld", "recorded")
        assert verdict(holed, "egress").level == "recorded"

    @pytest.mark.parametrize("changes", [{"ollama": None}])
    def test_a_server_that_is_no_ollama(self, log: Run, changes: dict[str, Any]) -> None:
        assert judged(own(log, **changes))[0] == "inconclusive"

    def test_a_server_that_waits_by_mptcp_is_one(self, log: Run) -> None:
        run = own(log)
        rows = tuple(replace(row, transport="mptcp") if row.kind == "listen" else row for row in run.connections)
        assert judged(replace(run, connections=rows))[0] == "upheld"

    def test_an_interruption_and_models_nobody_asked_about(self, log: Run) -> None:
        run = own(log)
        assert run.engine is not None
        assert judged(replace(run, interrupted="SIGINT"))[0] == "inconclusive"
        unknown = replace(run.engine, embed_model=replace(run.engine.embed_model, remote=None))
        assert judged(replace(run, engine=unknown))[0] == "inconclusive"

    def test_taking_the_server_out_of_the_log_leaves_the_question(self, log: Run) -> None:
        run = replace(own(log), daemons=())
        assert judged(run) == ("inconclusive", None)
        assert "daemon" not in {each.id for each in claims.judge(log)}, "a rehearsal engine is no server to judge"

    def test_a_cloud_part_that_is_on_or_unknown_is_a_limit(self, log: Run) -> None:
        for cloud in (False, None):
            found = verdict(own(log, cloud_disabled=cloud), "daemon")
            assert found.status == "upheld"
            assert "OLLAMA_NO_CLOUD=1" in found.limits[0]
