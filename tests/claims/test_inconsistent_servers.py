"""Logs whose server, models or telemetry switches say two things at once: never `upheld`."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest
from editing import verdict, with_attempt, with_engine, with_session

from showcase.evidence import Endpoint, Policy, TelemetrySwitch

if TYPE_CHECKING:
    from showcase.evidence import LoadedModel, Run


def loaded(run: Run) -> tuple[LoadedModel, ...]:
    assert run.engine is not None
    assert run.engine.loaded
    return run.engine.loaded


class TestEngineLocal:
    @pytest.mark.parametrize("which", ["chat_model", "embed_model"])
    @pytest.mark.parametrize("name", ["gpt-oss:120b-cloud", "kimi:cloud"])
    def test_a_name_of_the_cloud(self, log: Run, which: str, name: str) -> None:
        assert log.engine is not None
        cloud = replace(getattr(log.engine, which), name=name)
        assert verdict(with_engine(log, **{which: cloud}), "engine-local").status == "broken"

    def test_a_cloud_model_that_was_loaded_at_the_end(self, log: Run) -> None:
        rows = loaded(log)
        cloud = replace(rows[0], name="gpt-oss:120b-cloud")
        assert verdict(with_engine(log, loaded=(*rows, cloud)), "engine-local").status == "broken"

    def test_a_remote_host_of_a_model_that_says_it_is_local(self, log: Run) -> None:
        assert log.engine is not None
        model = replace(log.engine.chat_model, remote=False, remote_host="https://example.org")
        assert verdict(with_engine(log, chat_model=model), "engine-local").status == "broken"

    def test_a_server_that_did_not_run_the_model(self, log: Run) -> None:
        other = replace(loaded(log)[0], name="another:latest")
        for rows in ((), (other,)):
            assert verdict(with_engine(log, loaded=rows), "engine-local").status == "inconclusive"

    def test_a_port_that_nobody_can_have(self, log: Run) -> None:
        nowhere = Endpoint(address="127.0.0.1", port=0)
        edited = with_engine(replace(log, policy=Policy(allowed=(nowhere,))), endpoint=nowhere)
        assert verdict(edited, "engine-local").status == "inconclusive"

    def test_a_server_that_the_policy_does_not_know(self, log: Run) -> None:
        moved = with_engine(log, endpoint=Endpoint(address="127.0.0.1", port=1))
        assert verdict(moved, "engine-local").status == "inconclusive"

    def test_a_server_that_nobody_used(self, log: Run) -> None:
        assert verdict(replace(log, sessions=()), "engine-local").status == "inconclusive"

    def test_loopback_in_the_form_of_ipv6_is_loopback(self, log: Run) -> None:
        assert log.engine is not None
        mapped = Endpoint(address="::ffff:127.0.0.1", port=log.engine.endpoint.port)
        edited = with_engine(replace(log, policy=Policy(allowed=(mapped,))), endpoint=mapped)
        assert verdict(edited, "engine-local").status == "upheld"

    def test_the_limits_say_who_watched_the_engine(self, unsealed: Run) -> None:
        assert any("watched by sockets" in limit for limit in verdict(unsealed, "engine-local").limits)
        alone = replace(unsealed, witnesses=())
        assert any("nobody watched it" in limit for limit in verdict(alone, "engine-local").limits)


class TestTelemetry:
    @pytest.mark.parametrize(
        ("library", "value"), [("mem0", "True"), ("posthog", "a client"), ("chromadb", "'http://127.0.0.1:9'")]
    )
    def test_a_value_that_says_on_where_the_switch_says_off(self, log: Run, library: str, value: str) -> None:
        switches = tuple(
            replace(switch, value=value) if switch.library == library else switch
            for switch in log.sessions[1].telemetry
        )
        assert switches != log.sessions[1].telemetry
        assert verdict(with_session(log, 2, telemetry=switches), "telemetry").status == "broken"

    @pytest.mark.parametrize("library", ["mem0", "posthog", "chromadb"])
    def test_a_library_that_said_nothing(self, log: Run, library: str) -> None:
        others = tuple(switch for switch in log.sessions[1].telemetry if switch.library != library)
        assert verdict(with_session(log, 2, telemetry=others), "telemetry").status == "inconclusive"

    def test_a_switch_without_a_name(self, log: Run) -> None:
        blank = TelemetrySwitch(library="", switch="", value="", off=True, read_from="")
        more = (*log.sessions[1].telemetry, blank)
        assert verdict(with_session(log, 2, telemetry=more), "telemetry").status == "inconclusive"

    @pytest.mark.parametrize("value", ["true", "True", "1", "yes"])
    def test_an_environment_that_turns_it_on(self, log: Run, value: str) -> None:
        forced = {**log.environment.forced, "MEM0_TELEMETRY": value}
        edited = replace(log, environment=replace(log.environment, forced=forced))
        assert verdict(edited, "telemetry").status == "inconclusive"

    @pytest.mark.parametrize("scene", ["empty-store", "unfiltered-read"])
    def test_a_control_that_is_not_there(self, log: Run, scene: str) -> None:
        others = tuple(item for item in log.controls if item.scene != scene)
        assert verdict(replace(log, controls=others), "telemetry").status == "inconclusive"

    @pytest.mark.parametrize("claim", ["telemetry", "egress", "persistence"])
    def test_a_scene_that_no_run_has(self, log: Run, claim: str) -> None:
        singing = tuple(replace(item, scene="sing") for item in log.controls if item.scene == "unfiltered-read")
        edited = replace(log, controls=(*log.controls, *singing))
        assert verdict(edited, claim).status == "inconclusive"

    @pytest.mark.parametrize(
        "place",
        [
            {"address": "us.i.posthog.com"},
            {"kind": "lookup", "family": "name", "address": None, "name": "api.segment.com"},
        ],
    )
    def test_a_telemetry_host(self, log: Run, place: dict[str, Any]) -> None:
        assert verdict(with_attempt(log, **place), "telemetry").status == "broken"

    def test_the_limits_say_when_the_switches_were_read(self, log: Run) -> None:
        assert any("after it had opened" in limit for limit in verdict(log, "telemetry").limits)
