"""The store of a log: whoever edits where it was, who served it, or what it held, is found out or breaks a claim."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from editing import verdict, with_session

from showcase import claims, runlog
from showcase.claims.consistency import contradiction, contradiction_of
from showcase.evidence import VERSION, DaemonSocket, Endpoint, Rule, Run, Store
from showcase.report import render
from showcase.report.plain_words import plain_words
from showcase.report.redaction import redact
from showcase.report.titles import title

LOGS = Path(__file__).parents[1] / "logs" / "version-4"


@pytest.fixture(scope="module")
def here() -> Run:
    """A sealed run on PostgreSQL, on this machine."""
    return runlog.read(LOGS / "run-postgresql.json")


@pytest.fixture(scope="module")
def away() -> Run:
    """A run whose store was a Chroma server on another address than loopback."""
    return runlog.read(LOGS / "run-away.json")


def stored(log: Run) -> Store:
    assert log.store is not None
    return log.store


def with_store(log: Run, **changes: Any) -> Run:
    return replace(log, store=replace(stored(log), **changes))


def with_socket(log: Run, **changes: Any) -> Run:
    """Return the log with one more socket of the store's server."""
    (server,) = log.daemons
    facts = {"pid": server.processes[0].pid, "first_seen_s": server.from_s, "last_seen_s": server.until_s, **changes}
    return replace(log, daemons=(replace(server, sockets=(*server.sockets, DaemonSocket(**facts))),))


def test_the_kept_logs_are_honest(here: Run, away: Run) -> None:
    for log in (here, away):
        assert contradiction(log) is None
        assert {contradiction_of(log, each.id) for each in log.claims} == {None}
        assert claims.judge(log) == log.claims
    assert {each.status for each in here.claims} == {"upheld"}
    assert {each.id for each in away.claims if each.status != "upheld"} == {"daemon"}


class TestTheStoresServer:
    def test_one_that_anybody_on_the_network_can_come_to_is_broken(self, here: Run) -> None:
        found = verdict(with_socket(here, kind="listen", address="0.0.0.0", port=15432), "daemon")  # noqa: S104 - told
        assert (found.status, found.level) == ("broken", "sampled")
        assert "the store's server (PostgreSQL" in found.reason
        assert "listens at 0.0.0.0:15432: anyone on the network can use it" in found.reason

    def test_one_that_is_connected_elsewhere_is_broken(self, here: Run) -> None:
        found = verdict(with_socket(here, kind="connect", address="198.51.100.7", port=5432), "daemon")
        assert found.status == "broken"
        assert "was connected to 198.51.100.7:5432" in found.reason

    @pytest.mark.parametrize(
        "changes",
        [
            {"kind": "datagram", "address": "0.0.0.0", "port": 0},  # noqa: S104 - told
            {"kind": "unix", "address": "/run/elsewhere.sock", "port": 0},
            {"kind": "other", "address": "VSOCK", "port": 0},
            {"kind": "connect", "address": "127.0.0.1", "port": 9},
        ],
    )
    def test_what_it_may_have_passed_on_unseen_leaves_the_claim_open(self, here: Run, changes: dict[str, Any]) -> None:
        assert verdict(with_socket(here, **changes), "daemon").status == "inconclusive"

    def test_one_that_nobody_looked_at_leaves_the_claim_open(self, here: Run) -> None:
        found = verdict(replace(here, daemons=()), "daemon")
        assert (found.status, "was not looked at" in found.reason) == ("inconclusive", True)

    def test_one_that_was_seen_by_its_user_alone_leaves_the_claim_open(self, here: Run) -> None:
        (server,) = here.daemons
        sockets = tuple(replace(each, pid=None) for each in server.sockets)
        by_user = replace(here, daemons=(replace(server, sight="user", processes=(), sockets=sockets),))
        assert verdict(by_user, "daemon").status == "inconclusive"

    def test_one_elsewhere_is_never_upheld(self, away: Run) -> None:
        found = verdict(away, "daemon")
        assert (found.status, "is on another machine" in found.reason) == ("inconclusive", True)


class TestBesideAnOllama:
    """A run that had two servers of other programs: its model server, and that of its store."""

    @pytest.fixture
    def both(self, here: Run) -> Run:
        assert here.engine is not None
        (server,) = here.daemons
        asked = replace(here.engine, kind="ollama", started=False, version="0.24.0")
        asked = replace(asked, chat_model=replace(asked.chat_model, family="llama"))
        (listens,) = server.sockets
        ollama = replace(
            server,
            endpoint=asked.endpoint,
            ollama="0.24.0",
            cloud_disabled=True,
            sockets=(replace(listens, port=asked.endpoint.port),),
        )
        return replace(here, engine=asked, daemons=(ollama, server))

    def test_both_are_judged(self, both: Run) -> None:
        found = verdict(both, "daemon")
        assert found.status == "upheld", found.reason
        assert "Ollama 0.24.0 at" in found.reason
        assert "the store's server (PostgreSQL" in found.reason
        assert title("daemon", "upheld", both) == "The model server and the store's server sent nothing away"

    @pytest.mark.parametrize("which", [0, 1])
    def test_the_worse_of_them_is_the_verdict(self, both: Run, which: int) -> None:
        away = DaemonSocket(
            kind="connect",
            address="198.51.100.7",
            port=443,
            pid=both.daemons[which].processes[0].pid,
            first_seen_s=both.daemons[which].from_s,
            last_seen_s=both.daemons[which].until_s,
        )
        daemons = list(both.daemons)
        daemons[which] = replace(daemons[which], sockets=(*daemons[which].sockets, away))
        assert verdict(replace(both, daemons=tuple(daemons)), "daemon").status == "broken"

    @pytest.mark.parametrize("which", [0, 1])
    def test_one_of_which_nothing_is_said_leaves_it_open(self, both: Run, which: int) -> None:
        left = tuple(each for number, each in enumerate(both.daemons) if number != which)
        assert verdict(replace(both, daemons=left), "daemon").status == "inconclusive"

    def test_a_remote_model_is_no_matter_of_the_store(self, both: Run) -> None:
        assert both.engine is not None
        remote = replace(both.engine, chat_model=replace(both.engine.chat_model, remote=True))
        found = verdict(replace(both, engine=remote), "daemon")
        assert (found.status, found.evidence) == ("broken", ("/daemons/0",))


class TestThePolicy:
    def test_it_grows_by_that_endpoint_and_no_other(self, here: Run) -> None:
        wider = replace(here.policy, allowed=(*here.policy.allowed, Endpoint(address="127.0.0.1", port=5433)))
        assert verdict(replace(here, policy=wider), "egress").status == "inconclusive"
        narrower = replace(here.policy, allowed=here.policy.allowed[:1])
        assert "which the policy does not allow" in (contradiction(replace(here, policy=narrower)) or "")

    def test_a_rule_is_there_for_a_store_beyond_this_machine_alone(self, here: Run, away: Run) -> None:
        ruled = replace(here.policy, rules=(Rule(host="192.0.2.7", port=5432),))
        assert verdict(replace(here, policy=ruled), "egress").status == "inconclusive"
        other = replace(away.policy, rules=(*away.policy.rules, Rule(host="192.0.2.7", port=5432)))
        assert verdict(replace(away, policy=other), "egress").status == "inconclusive"
        assert verdict(replace(away, policy=replace(away.policy, rules=())), "egress").status == "broken"

    @pytest.mark.parametrize("host", ["*", "192.0.2.0/24"])
    def test_it_is_no_network(self, away: Run, host: str) -> None:
        wide = replace(away.policy, rules=(Rule(host=host, port=18222),))
        assert verdict(replace(away, policy=wide), "egress").status == "inconclusive"


class TestWhereItWas:
    def test_a_store_that_is_said_to_be_here_and_was_not(self, away: Run) -> None:
        """The rows went elsewhere: what they went to is allowed by nothing then."""
        lied = with_store(away, host="127.0.0.1")
        assert "upheld" not in {each.status for each in claims.judge(lied)}
        assert verdict(lied, "egress").status == "inconclusive"
        local = replace(lied.policy, rules=(), allowed=(*lied.policy.allowed, stored(lied).endpoint))
        assert verdict(replace(lied, policy=local), "egress").status == "broken"

    def test_a_store_whose_connections_are_missing(self, here: Run) -> None:
        port = stored(here).port
        rows = tuple(row for row in here.connections if row.port != port)
        found = verdict(replace(here, connections=rows), "egress")
        assert (found.status, "was not seen to connect there" in found.reason) == ("inconclusive", True)

    def test_a_store_that_went_missing(self, here: Run) -> None:
        assert "upheld" not in {each.status for each in claims.judge(replace(here, store=None)) if each.id == "egress"}
        assert contradiction_of(replace(here, store=None), "persistence") is not None

    @pytest.mark.parametrize(
        "changes",
        [
            {"host": ""},
            {"kind": "milvus"},
            {"port": 0},
            {"version": ""},
            {"collection": "x; DROP TABLE"},
            {"addresses": ("198.51.100.7",)},
            {"host": "not a host"},
        ],
    )
    def test_what_no_store_is(self, here: Run, changes: dict[str, Any]) -> None:
        assert contradiction(with_store(here, **changes)) is not None

    def test_no_seal_holds_a_store_elsewhere(self, here: Run) -> None:
        moved = with_store(here, host="192.0.2.55")
        ruled = replace(moved, policy=replace(moved.policy, rules=(Rule(host="192.0.2.55", port=15432),)))
        assert contradiction(ruled) == "the sessions ran in a seal, and the store was where no bridge of one leads"


class TestItsRows:
    def test_a_row_that_changed_between_sessions_breaks_persistence(self, here: Run) -> None:
        state = here.sessions[1].store_before
        assert state is not None
        found = verdict(with_session(here, 2, store_before=replace(state, digest="0" * 64)), "persistence")
        assert found.status == "broken"
        assert found.reason == "the store changed between session 1's end and session 2's start"

    def test_rows_that_could_not_be_read_leave_it_open(self, here: Run) -> None:
        for changes in ({"number": 1, "store_after": None}, {"number": 2, "store_before": None}):
            assert verdict(with_session(here, **changes), "persistence").status == "inconclusive"

    def test_rows_that_changed_before_session_3_leave_isolation_open(self, here: Run) -> None:
        state = here.sessions[2].store_before
        assert state is not None
        edited = with_session(here, 3, store_before=replace(state, digest="0" * 64))
        assert verdict(edited, "isolation").status == "inconclusive"

    @pytest.mark.parametrize(
        "changes",
        [
            {"by": "files"},
            {"tables": ()},
            {"digest": "x"},
            {"digest": "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"},
        ],
    )
    def test_what_no_state_by_rows_is(self, here: Run, changes: dict[str, Any]) -> None:
        state = here.sessions[1].store_after
        assert state is not None
        edited = with_session(here, 2, store_after=replace(state, **changes))
        assert contradiction_of(edited, "isolation") is not None

    def test_scores_are_cosines_and_no_distances(self, here: Run) -> None:
        (row, *others) = here.sessions[1].recalled or ()
        for score in (row.cosine / 3, float("inf")):
            edited = with_session(here, 2, recalled=(replace(row, score=score), *others))
            assert contradiction_of(edited, "persistence") is not None


class TestItsWords:
    def test_of_a_store_elsewhere_nothing_says_that_memories_stayed(self, away: Run) -> None:
        said = " ".join(each.text for each in plain_words(away))
        assert "Memories left this computer: they went to the store at 192.0.2.55:18222 alone, not encrypted" in said
        assert title("egress", "upheld", away) == "Memories went to 192.0.2.55:18222 alone, not encrypted"
        assert "to 192.0.2.55:18222 alone, over TLS" in title("egress", "upheld", with_store(away, tls=True))
        page = render(away)
        for words in ("othing left", "othing was seen to leave", "left the machine", "or that stayed on this machine"):
            assert words not in page, words

    def test_of_one_here_they_are_what_they_were(self, here: Run) -> None:
        assert title("egress", "upheld", here) == "Nothing left the machine"
        assert title("daemon", "upheld", here) == "The store's server sent nothing away"
        page = render(here)
        assert "PostgreSQL 18" in page
        assert "PostgreSQL encrypts no tables by itself" in page

    @pytest.mark.parametrize("which", ["here", "away"])
    def test_a_redacted_log_keeps_its_verdicts_and_not_the_collections_name(
        self, request: pytest.FixtureRequest, which: str
    ) -> None:
        log: Run = request.getfixturevalue(which)
        named = with_store(log, collection="memories_of_carol")
        for number, item in enumerate(log.sessions, 1):
            states = {
                moment: replace(state, tables=tuple(replace(it, name="memories_of_carol") for it in state.tables))
                for moment in ("store_before", "store_after")
                if (state := getattr(item, moment)) is not None
            }
            named = with_session(named, number, **states)
        shown = redact(replace(named, claims=claims.judge(named)))
        assert b"memories_of_carol" not in runlog.dump(replace(shown, controls=()))
        assert {each.id: each.status for each in claims.judge(redact(log))} == {
            each.id: each.status for each in log.claims
        }


def test_a_log_with_a_store_is_read_as_it_was_written(here: Run, tmp_path: Path) -> None:
    place = tmp_path / "log.json"
    now = replace(here, written_as=None)
    runlog.write(now, place)
    assert runlog.read(place) == now
    assert here.written_as == 4
    assert json.loads(place.read_text(encoding="utf-8"))["version"] == VERSION


def test_who_logged_in_to_which_database_has_no_place_in_a_log() -> None:
    assert set(Store.__dataclass_fields__) == {"kind", "host", "port", "tls", "version", "collection", "addresses"}
