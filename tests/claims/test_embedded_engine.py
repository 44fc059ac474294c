"""An engine that runs a file in a process of the run: what its silence and its counts are worth, planted and seen.

The logs are of real runs with a small model: sealed, without a seal, and phase by phase.
"""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from editing import verdict, with_attempt, with_coverage, with_engine, with_witness, without

from showcase import claims, runlog
from showcase.claims import limits
from showcase.evidence import Endpoint, ModelPlan, RungTried

if TYPE_CHECKING:
    from collections.abc import Callable

    from showcase.evidence import PromptRead, Run

LOGS = Path(__file__).parents[1] / "logs" / "version-5"
OURS = ("engine-local", "context", "daemon")


@pytest.fixture(scope="module")
def sealed() -> Run:
    return runlog.read(LOGS / "run-embedded.json")


@pytest.fixture(scope="module")
def watched() -> Run:
    """Return the log of a run without a seal, with every other witness."""
    return runlog.read(LOGS / "run-embedded-unsealed.json")


@pytest.fixture(scope="module")
def phases() -> Run:
    return runlog.read(LOGS / "phases-embedded.json")


def levels(run: Run) -> tuple[str | None, ...]:
    return tuple(verdict(run, claim).level for claim in OURS)


def statuses(run: Run) -> dict[str, str]:
    return {each.id: each.status for each in claims.judge(run)}


def read_as(run: Run, edit: Callable[[PromptRead], PromptRead]) -> Run:
    """Return the log with every prompt of it read otherwise."""
    return replace(
        run,
        sessions=tuple(replace(each, prompts=tuple(map(edit, each.prompts))) for each in run.sessions),
        controls=tuple(replace(each, prompts=tuple(map(edit, each.prompts))) for each in run.controls),
    )


def with_daemon(run: Run, **changes: Any) -> Run:
    return replace(run, daemons=(replace(run.daemons[0], **changes),))


def with_plan(run: Run, **changes: Any) -> Run:
    assert run.engine is not None
    assert run.engine.plan is not None
    return with_engine(run, plan=replace(run.engine.plan, **changes))


def with_chat(run: Run, **changes: Any) -> Run:
    assert run.engine is not None
    return with_engine(run, chat_model=replace(run.engine.chat_model, **changes))


class TestLevel:
    def test_it_is_that_of_those_who_watched_the_engine(self, sealed: Run, watched: Run) -> None:
        assert levels(sealed) == ("enforced", "recorded", "enforced"), "counts are recorded, by whoever stands around"
        assert levels(watched) == ("recorded", "recorded", "recorded")
        assert levels(with_coverage(sealed, "seal", "engine", complete=False)) == ("recorded", "recorded", "recorded")

    def test_looked_at_in_intervals_alone_it_is_sampled(self, watched: Run) -> None:
        looked_at = without(without(watched, "syscalls"), "hook")
        assert levels(looked_at) == ("sampled", "sampled", "sampled"), "another may have answered between two looks"

    def test_where_nobody_watched_it_it_is_its_own_word(self, watched: Run) -> None:
        blind = without(without(watched, "syscalls"), "sockets")
        assert levels(blind) == ("self-reported", "self-reported", None)
        assert verdict(blind, "daemon").status == "inconclusive"
        assert any("own word that it passes nothing on" in limit for limit in verdict(blind, "engine-local").limits)
        assert limits.COUNTS.text in verdict(blind, "context").limits
        assert limits.EXACT.text in verdict(watched, "context").limits

    def test_calls_that_the_kernel_may_have_made_beside_them_are_sampled(self, watched: Run) -> None:
        counts = next(each.counts for each in watched.witnesses if each.name == "syscalls")
        weakened = with_witness(watched, "syscalls", counts={**counts, "privileged": 1})
        assert levels(weakened) == ("sampled", "sampled", "sampled")

    @pytest.mark.parametrize(
        "changes",
        [
            {"unseen": "the embedded engine ended by itself (signal 9)"},
            {"endpoint": Endpoint(address="127.0.0.1", port=9)},
            {"sight": "processes"},
            {"sight": "none"},
            {"ollama": None},
        ],
    )
    def test_who_may_have_been_another_vouches_for_nothing(self, sealed: Run, changes: dict[str, Any]) -> None:
        found = with_daemon(sealed, **changes)
        assert levels(found) == ("self-reported", "self-reported", None)
        assert statuses(found)["daemon"] == "inconclusive"

    def test_nothing_written_of_its_process_is_nothing_known(self, sealed: Run) -> None:
        assert levels(replace(sealed, daemons=())) == ("self-reported", "self-reported", None)

    def test_another_server_beside_it_may_have_answered(self, sealed: Run) -> None:
        other = replace(sealed.daemons[0], endpoint=Endpoint(address="127.0.0.1", port=9))
        assert levels(replace(sealed, daemons=(*sealed.daemons, other))) == ("self-reported", "self-reported", None)

    def test_who_was_never_seen_to_listen_may_not_have_answered(self, sealed: Run) -> None:
        rows = tuple(row for row in sealed.connections if not (row.kind == "listen" and row.role == "engine"))
        assert levels(replace(sealed, connections=rows)) == ("self-reported", "self-reported", None)

    def test_any_other_engine_is_taken_at_its_word(self, log: Run, sealed: Run) -> None:
        assert [verdict(log, claim).level for claim in ("engine-local", "context")] == ["self-reported"] * 2
        assert levels(with_engine(sealed, kind="ollama"))[:2] == ("self-reported", "self-reported")


class TestPhases:
    def test_each_had_an_engine_of_its_own(self, phases: Run) -> None:
        assert levels(phases) == ("enforced", "recorded", "enforced")
        for claim in OURS:
            assert limits.PHASES.of() in verdict(phases, claim).limits, claim

    @pytest.mark.parametrize("number", [0, 1, 2])
    def test_one_of_which_nothing_is_written_weakens_all(self, phases: Run, number: int) -> None:
        changed = [replace(each, daemons=()) if at == number else each for at, each in enumerate(phases.phases)]
        assert levels(replace(phases, phases=tuple(changed))) == ("self-reported", "self-reported", None)

    def test_one_that_died_weakens_all(self, phases: Run) -> None:
        first = replace(phases.phases[0], daemons=(replace(phases.phases[0].daemons[0], unseen="it ended by itself"),))
        dead = replace(phases, phases=(first, *phases.phases[1:]))
        assert levels(dead) == ("self-reported", "self-reported", None)

    def test_one_that_says_that_it_is_another(self, phases: Run) -> None:
        first = replace(phases.phases[0], daemons=(replace(phases.phases[0].daemons[0], ollama="0.24.0"),))
        found = statuses(replace(phases, phases=(first, *phases.phases[1:])))
        assert "upheld" not in found.values()


class TestViolation:
    @pytest.mark.parametrize("role", ["engine", "child of engine"])
    @pytest.mark.parametrize(
        ("row", "words"),
        [
            ({"kind": "connect", "address": "198.51.100.7", "port": 443}, "tried to connect to 198.51.100.7:443"),
            ({"kind": "connect", "address": "127.0.0.1", "port": 9}, "tried to connect to 127.0.0.1:9"),
            ({"kind": "send", "address": "192.0.2.10", "port": 9}, "sent to 192.0.2.10:9"),
            ({"kind": "lookup", "name": "ollama.com", "address": None, "port": None}, "looked up ollama.com"),
        ],
    )
    def test_an_engine_that_reached_somebody_is_not_called_local(
        self, sealed: Run, role: str, row: dict[str, Any], words: str
    ) -> None:
        planted = with_attempt(sealed, role=role, witnesses=("syscalls",), **row)
        found = {each.id: each for each in claims.judge(planted)}
        assert (found["egress"].status, found["daemon"].status) == ("broken", "broken")
        assert found["engine-local"].status == "inconclusive"
        assert words in found["engine-local"].reason
        assert verdict(planted, "context").level == "self-reported"

    def test_a_cut_prompt_is_as_strong_as_the_counts_that_show_it(self, sealed: Run, watched: Run) -> None:
        def cut(read: PromptRead) -> PromptRead:
            return replace(read, evaluated_tokens=(read.own_tokens or 0) - 1, outcome="cut")

        def refused(read: PromptRead) -> PromptRead:
            return replace(read, own_tokens=None, refused=True, outcome="cut")

        for edit in (cut, refused):
            found = verdict(read_as(sealed, edit), "context")
            assert (found.status, found.level) == ("broken", "recorded")
        looked_at = without(without(watched, "syscalls"), "hook")
        assert verdict(read_as(looked_at, cut), "context").level == "sampled"

    def test_a_remote_model_is_broken_whatever_was_seen(self, sealed: Run) -> None:
        for changes in ({"remote": True}, {"remote_host": "https://example.org"}, {"name": "gpt-oss:120b-cloud"}):
            assert verdict(with_chat(sealed, **changes), "engine-local").status == "broken"
        assert verdict(with_chat(sealed, remote=None), "engine-local").status == "inconclusive"


def _exactly(**changes: int) -> Callable[[Run], Run]:
    """Return an edit that adds to the counts of every prompt."""

    def edit(read: PromptRead) -> PromptRead:
        return replace(read, **{name: getattr(read, name) + more for name, more in changes.items()})

    return lambda run: read_as(run, edit)


PLAN = ModelPlan(free_bytes=1, free_source="x", chosen="x", num_ctx=1, needed_bytes=1, reason="x")
RUNG = RungTried(tag="x", outcome="loaded", reason="x")

CONTRADICTIONS: dict[str, tuple[tuple[str, ...], str, Callable[[Run], Run]]] = {
    "exact counts of an Ollama": (
        ("context",), "counted by the embedded engine", lambda run: with_engine(run, kind="ollama"),
    ),
    "counts that nobody made exactly": (
        ("context",), "nobody asked it", lambda run: read_as(run, lambda read: replace(read, exact=False)),
    ),
    "more tokens than were read": (("context",), "do not show", _exactly(own_tokens=1)),
    "fewer tokens than were read": (("context",), "of exactly", _exactly(own_tokens=-1)),
    "a count that is none": (
        ("context",), "there is no count", lambda run: read_as(run, lambda read: replace(read, own_tokens=None)),
    ),
    "another context than the engine's": (("context",), "and the engine has one of", _exactly(context_length=-1)),
    "the version of an Ollama": (
        OURS,
        "what answered says that it is '0.24.0'",
        lambda run: with_daemon(with_engine(run, version="0.24.0"), ollama="0.24.0"),
    ),
    "the version of the rehearsal engine": (
        OURS,
        "started its embedded engine",
        lambda run: with_daemon(with_engine(run, version="0.24.0-rehearsal"), ollama="0.24.0-rehearsal"),
    ),
    "one version here and one there": (OURS, "the other says", lambda run: with_engine(run, version="1-embedded")),
    "a chat model of the rehearsal engine": (OURS, "embedded engine", lambda run: with_chat(run, family="rehearsal")),
    "a rehearsal engine that says it embeds": (
        ("engine-local", "context"),
        "started its rehearsal engine",
        lambda run: read_as(
            replace(with_engine(run, kind="rehearsal", plan=None), daemons=()), lambda read: replace(read, exact=False)
        ),
    ),
    "an engine of its own that was there": (OURS, "process of the run", lambda run: with_engine(run, started=False)),
    "a cloud part of it": (OURS, "or its cloud part", lambda run: with_engine(run, cloud_disabled=False)),
    "a log of a version without it": (OURS, "did not have", lambda run: replace(run, written_as=4)),
    "a plan for another model": (OURS, "was started for x", lambda run: with_plan(run, chosen="x")),
    "a plan for none": (OURS, "was started for no model", lambda run: with_plan(run, chosen=None)),
    "a plan of another context": (OURS, "was started with a context of 4096", lambda run: with_plan(run, num_ctx=4096)),
    "rungs of a ladder": (OURS, "those of another server", lambda run: with_engine(run, rungs_tried=(RUNG,))),
    "no digest": (OURS, "which is none", lambda run: with_chat(run, digest="0" * 63)),
    "a licence without a word": (OURS, "is nothing", lambda run: with_chat(run, license="")),
    "the server twice": (OURS, "a server twice", lambda run: replace(run, daemons=run.daemons * 2)),
}  # fmt: skip


@pytest.mark.parametrize("planted", CONTRADICTIONS)
def test_a_log_that_says_two_things_of_it_upholds_nothing_that_rests_on_it(sealed: Run, planted: str) -> None:
    which, words, edit = CONTRADICTIONS[planted]
    assert set(statuses(sealed).values()) == {"upheld"}
    found = {each.id: each for each in claims.judge(edit(sealed)) if each.id in which}
    assert {each.status for each in found.values()} == {"inconclusive"}
    assert any(re.search(re.escape(words), each.reason) for each in found.values()), found


def test_a_rehearsal_engine_has_no_plan(log: Run) -> None:
    assert statuses(log)["engine-local"] == "upheld"
    assert statuses(with_engine(log, plan=PLAN))["engine-local"] == "inconclusive"


def test_a_rehearsal_that_is_passed_off_as_a_language_model(log: Run) -> None:
    """No single edit does it; whoever changes every place that tells of it is not found out by a log alone."""
    assert log.engine is not None
    exact = read_as(log, lambda read: replace(read, exact=True, own_tokens=read.evaluated_tokens))
    for edited in (with_engine(exact, kind="embedded"), with_engine(exact, kind="embedded", version="1-embedded")):
        found = statuses(edited)
        assert "upheld" not in {found[claim] for claim in OURS}


def test_what_is_said_of_its_walls_is_not_what_is_said_of_an_ollama(watched: Run) -> None:
    said = verdict(watched, "daemon").limits
    assert limits.OWN_UNWALLED.text in said
    assert not any("pull" in limit for limit in said)
