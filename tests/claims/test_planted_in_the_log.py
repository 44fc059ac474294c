"""Each claim, its violation planted into the log of a real run: the verdict must be `broken`."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from editing import verdict, with_attempt, with_control, with_session

from showcase import claims
from showcase.evidence import Endpoint, Policy, Run, TelemetrySwitch


def test_a_whole_run_upholds_every_claim(log: Run) -> None:
    assert {item.id: item.status for item in claims.judge(log)} == {
        "processes": "upheld",
        "persistence": "upheld",
        "isolation": "upheld",
        "egress": "upheld",
        "engine-local": "upheld",
        "telemetry": "upheld",
        "context": "upheld",
    }


class TestProcesses:
    def test_two_sessions_in_one_process(self, log: Run) -> None:
        first = log.sessions[0]
        same = with_session(log, 2, pid=first.pid, confirmed_pid=first.confirmed_pid, create_time=first.create_time)
        assert verdict(same, "processes").status == "broken"

    def test_a_pid_that_came_again_later_is_another_process(self, log: Run) -> None:
        first, second = log.sessions[0], log.sessions[1]
        again = with_session(log, 2, pid=first.pid, confirmed_pid=first.confirmed_pid)
        assert second.create_time != first.create_time
        assert verdict(again, "processes").status == "upheld"

    def test_a_process_that_lies_about_its_pid(self, log: Run) -> None:
        assert verdict(with_session(log, 2, pid=1), "processes").status == "broken"

    def test_a_session_inside_the_orchestrator(self, log: Run) -> None:
        inside = with_session(log, 3, pid=log.orchestrator_pid, confirmed_pid=log.orchestrator_pid)
        assert verdict(inside, "processes").status == "broken"

    def test_a_process_that_we_did_not_spawn(self, log: Run) -> None:
        assert verdict(with_session(log, 2, ancestors=(1,)), "processes").status == "broken"

    def test_two_sessions_alive_at_once(self, log: Run) -> None:
        early = with_session(log, 2, started_s=log.sessions[0].started_s + 0.01)
        assert verdict(early, "processes").status == "broken"

    @pytest.mark.parametrize("missing", ["pid", "confirmed_pid", "create_time", "ended_s", "ancestors"])
    def test_what_was_not_seen_is_never_upheld(self, log: Run, missing: str) -> None:
        blind = with_session(log, 2, **{missing: () if missing == "ancestors" else None})
        assert verdict(blind, "processes").status == "inconclusive"


class TestPersistence:
    def test_a_row_that_nobody_planted(self, log: Run) -> None:
        stranger = replace(log.sessions[1].recalled[0], memory_id="another")  # type: ignore[index]
        assert verdict(with_session(log, 2, recalled=(stranger,)), "persistence").status == "broken"

    def test_nothing_recalled(self, log: Run) -> None:
        assert verdict(with_session(log, 2, recalled=()), "persistence").status == "broken"

    def test_a_row_that_came_back_changed(self, log: Run) -> None:
        recalled = log.sessions[1].recalled
        assert recalled
        changed = (replace(recalled[0], text="something else"), *recalled[1:])
        assert verdict(with_session(log, 2, recalled=changed), "persistence").status == "broken"

    def test_a_row_that_is_gone(self, log: Run) -> None:
        listed = log.sessions[1].listed
        assert listed
        assert verdict(with_session(log, 2, listed=listed[1:]), "persistence").status == "broken"

    def test_a_store_that_changed_in_between(self, log: Run) -> None:
        state = log.sessions[1].store_before
        assert state is not None
        touched = with_session(log, 2, store_before=replace(state, digest="0" * 64))
        assert verdict(touched, "persistence").status == "broken"

    def test_an_empty_store_that_recalls(self, log: Run) -> None:
        haunted = with_control(log, "empty-store", recalled=log.sessions[1].recalled)
        assert verdict(haunted, "persistence").status == "broken"

    def test_without_the_control_it_means_nothing(self, log: Run) -> None:
        alone = replace(log, controls=tuple(item for item in log.controls if item.scene != "empty-store"))
        assert verdict(alone, "persistence").status == "inconclusive"

    def test_nothing_planted(self, log: Run) -> None:
        assert verdict(with_session(log, 1, planted=()), "persistence").status == "inconclusive"

    def test_rows_of_an_earlier_run_count_when_they_were_inventoried(self, log: Run) -> None:
        recalled = log.sessions[1].recalled
        assert recalled
        older = replace(recalled[0], memory_id="older")
        mixed = with_session(log, 2, recalled=(*recalled, older))
        assert verdict(mixed, "persistence").status == "broken"
        assert verdict(with_session(mixed, 1, inventoried=("older",)), "persistence").status == "upheld"

    def test_only_rows_of_an_earlier_run_prove_nothing_of_this_one(self, log: Run) -> None:
        recalled = log.sessions[1].recalled
        assert recalled
        older = with_session(log, 2, recalled=(replace(recalled[0], memory_id="older"),))
        assert verdict(with_session(older, 1, inventoried=("older",)), "persistence").status == "broken"

    def test_without_an_independent_reader_the_level_is_lower(self, log: Run) -> None:
        alone = replace(log, controls=tuple(item for item in log.controls if item.scene != "unfiltered-read"))
        assert verdict(log, "persistence").level == "recorded"
        assert verdict(alone, "persistence").level == "self-reported"


class TestIsolation:
    def test_a_foreign_row_in_the_search(self, log: Run) -> None:
        third, second = log.sessions[2], log.sessions[1]
        assert third.recalled
        assert second.recalled
        leak = with_session(log, 3, recalled=(*third.recalled, second.recalled[0]))
        assert verdict(leak, "isolation").status == "broken"

    def test_a_foreign_row_in_the_list(self, log: Run) -> None:
        third = log.sessions[2]
        assert third.listed
        leak = with_session(log, 3, listed=(*third.listed, *log.sessions[0].planted))
        assert verdict(leak, "isolation").status == "broken"

    def test_a_foreign_text_in_the_prompt(self, log: Run) -> None:
        third = log.sessions[2]
        text = log.scenario.first.memories[0]
        system = replace(third.messages[0], content=third.messages[0].content + "\n- " + text)
        leak = with_session(log, 3, messages=(system, third.messages[1]))
        assert verdict(leak, "isolation").status == "broken"

    def test_a_foreign_text_in_the_reply(self, log: Run) -> None:
        reply = log.sessions[2].reply
        assert reply is not None
        leak = with_session(log, 3, reply=replace(reply, text=f"They say: {log.scenario.first.memories[1]}"))
        assert verdict(leak, "isolation").status == "broken"

    def test_own_row_not_recalled_proves_nothing(self, log: Run) -> None:
        assert verdict(with_session(log, 3, recalled=()), "isolation").status == "inconclusive"

    def test_a_reader_that_finds_nothing_proves_nothing(self, log: Run) -> None:
        assert verdict(with_control(log, "unfiltered-read", listed=()), "isolation").status == "inconclusive"

    def test_a_reply_that_broke_off_proves_nothing(self, log: Run) -> None:
        reply = log.sessions[2].reply
        assert reply is not None
        cut = with_session(log, 3, reply=replace(reply, done_reason=None))
        assert verdict(cut, "isolation").status == "inconclusive"


class TestEgress:
    @pytest.mark.parametrize(
        "leak",
        [
            {},
            {"address": "127.0.0.1", "port": 9},
            {"family": "inet6", "address": "::1", "port": 9},
            {"family": "inet6", "address": "::ffff:198.51.100.7"},
            {"kind": "lookup", "family": "name", "address": None, "port": 443, "name": "example.org"},
            {"kind": "lookup", "family": "name", "address": None, "port": 443, "name": "198.51.100.7.example"},
            {"kind": "send", "transport": "udp"},
            {"kind": "accept"},
            {"family": "family 40", "address": "(2, 1234)", "port": None},
            {"witnesses": ("sockets",)},
        ],
    )
    def test_anything_outside_the_policy(self, log: Run, leak: dict[str, Any]) -> None:
        found = verdict(with_attempt(log, **leak), "egress")
        assert found.status == "broken"
        assert f"/connections/{len(log.connections)}" in found.evidence

    def test_an_observation_breaks_it_even_when_the_run_was_cut_short(self, log: Run) -> None:
        cut = replace(with_attempt(log), interrupted="SIGINT", sessions=log.sessions[:1])
        assert verdict(cut, "egress").status == "broken"

    def test_a_listener_of_the_tree_is_internal(self, log: Run) -> None:
        listening = with_attempt(log, kind="listen", address="127.0.0.1", port=4242)
        assert verdict(with_attempt(listening, address="127.0.0.1", port=4242), "egress").status == "upheld"

    def test_who_looked_too_early_for_a_listener_of_the_tree_told_nobody_anything(self, log: Run) -> None:
        place = {"address": "127.0.0.1", "port": 4242, "witnesses": ("syscalls",), "transport": "tcp"}
        for outcome in ("ECONNREFUSED", "EINPROGRESS", "stayed inside the seal"):
            early = with_attempt(log, **place, peer="nobody", outcome=outcome)
            assert verdict(early, "egress").status == "broken", "nobody of the tree ever waited there"
            later = with_attempt(early, **place, kind="listen", first_seen_s=2.0, last_seen_s=2.0)
            assert verdict(later, "egress").status == "upheld"

    def test_waiting_for_other_machines_is_never_upheld(self, log: Run) -> None:
        exposed = with_attempt(log, kind="listen", address="0.0.0.0", port=4242)  # noqa: S104
        assert verdict(exposed, "egress").status == "inconclusive"

    def test_the_policy_is_the_log_s(self, log: Run) -> None:
        # Without the row of the rehearsal engine's listener, which is internal by itself.
        others = tuple(row for row in log.connections if row.kind != "listen")
        stricter = replace(log, policy=Policy(allowed=()), connections=others)
        assert verdict(stricter, "egress").status == "broken"

    @pytest.mark.parametrize(
        ("facts", "status"),
        [
            ({"peer": "unwatched"}, "inconclusive"),
            ({"peer": None}, "inconclusive"),
            ({"peer": "unwatched", "outcome": "ok"}, "inconclusive"),
            ({"peer": "unwatched", "outcome": "EINPROGRESS"}, "inconclusive"),
            ({"peer": "watched", "outcome": "ok"}, "upheld"),
            ({"peer": "nobody", "outcome": "ECONNREFUSED"}, "upheld"),
            ({"peer": None, "outcome": "no such socket"}, "upheld"),
            ({"peer": None, "outcome": "leads out of the seal, refused"}, "upheld"),
        ],
    )
    def test_a_unix_socket_whose_other_end_nobody_watched(self, log: Run, facts: dict[str, Any], status: str) -> None:
        row = {"family": "unix", "address": None, "port": None, "name": "/run/nscd/socket", "witnesses": ("syscalls",)}
        named = verdict(with_attempt(log, **row, **facts), "egress")
        assert named.status == status
        assert ("/run/nscd/socket" in named.reason) == (status == "inconclusive")

    @pytest.mark.parametrize(
        ("listener", "tried"),
        [
            ({"transport": "tcp"}, {"transport": "udp", "kind": "send"}),
            ({"transport": "udp"}, {"transport": "tcp"}),
            ({"first_seen_s": 2.0, "last_seen_s": 2.0}, {"last_seen_s": 3.0}),
            ({"transport": "tcp"}, {"transport": "tcp", "peer": "unwatched"}),
        ],
    )
    def test_a_listener_of_another_transport_moment_or_owner_is_none(
        self, log: Run, listener: dict[str, Any], tried: dict[str, Any]
    ) -> None:
        place = {"address": "127.0.0.1", "port": 4242, "witnesses": ("syscalls",)}
        waiting = with_attempt(log, **place, kind="listen", **listener)
        assert verdict(with_attempt(waiting, **place, **tried), "egress").status == "broken"


class TestEngineLocal:
    def test_a_server_elsewhere(self, log: Run) -> None:
        assert log.engine is not None
        far = replace(log, engine=replace(log.engine, endpoint=Endpoint(address="192.0.2.1", port=11434)))
        assert verdict(far, "engine-local").status == "broken"

    @pytest.mark.parametrize("which", ["chat_model", "embed_model"])
    def test_a_remote_model(self, log: Run, which: str) -> None:
        assert log.engine is not None
        model = replace(getattr(log.engine, which), remote=True, remote_host="https://example.org")
        assert verdict(replace(log, engine=replace(log.engine, **{which: model})), "engine-local").status == "broken"

    def test_a_remote_model_that_was_loaded_at_the_end(self, log: Run) -> None:
        assert log.engine is not None
        assert log.engine.loaded
        loaded = replace(log.engine.loaded[0], remote_host="https://example.org")
        assert verdict(replace(log, engine=replace(log.engine, loaded=(loaded,))), "engine-local").status == "broken"

    def test_what_the_server_did_not_say_is_never_upheld(self, log: Run) -> None:
        assert log.engine is not None
        for silent in (
            replace(log.engine, loaded=None),
            replace(log.engine, chat_model=replace(log.engine.chat_model, remote=None)),
        ):
            assert verdict(replace(log, engine=silent), "engine-local").status == "inconclusive"
        assert verdict(replace(log, engine=None), "engine-local").status == "inconclusive"


class TestTelemetry:
    def test_a_switch_that_was_on(self, log: Run) -> None:
        on = TelemetrySwitch(library="mem0", switch="MEM0_TELEMETRY", value="True", off=False, read_from="there")
        assert verdict(with_session(log, 2, telemetry=(on,)), "telemetry").status == "broken"

    @pytest.mark.parametrize("host", ["us.i.posthog.com", "raw.githubusercontent.com.", "HuggingFace.co"])
    def test_a_telemetry_host_looked_up(self, log: Run, host: str) -> None:
        asked = with_attempt(log, kind="lookup", family="name", address=None, name=host)
        assert verdict(asked, "telemetry").status == "broken"

    def test_a_host_that_only_looks_like_one(self, log: Run) -> None:
        asked = with_attempt(log, kind="lookup", family="name", address=None, name="notposthog.com")
        assert verdict(asked, "telemetry").status == "upheld"
        assert verdict(asked, "egress").status == "broken"

    def test_a_worker_that_did_not_report_its_switches(self, log: Run) -> None:
        assert verdict(with_session(log, 3, telemetry=()), "telemetry").status == "inconclusive"
