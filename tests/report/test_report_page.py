"""The page as text: what it must hold, and what it must never hold."""

from __future__ import annotations

import re
import time
from dataclasses import replace

import pytest
from reading import cells, words
from run_builder import attempt, trial, whole_run
from session_builder import ALICE, BOB, prompt, recalls, rows, session

from showcase.evidence import EmptyAdd, Fault, PhaseRun, Run, Storage, Store, StoreState, StoreTable, Verdict
from showcase.report import redact, render

TOTAL = len(whole_run().claims)


@pytest.mark.parametrize(("kind", "of_distance"), [("chroma", True), ("postgresql", False), ("redis", False)])
def test_mem0s_score_is_explained_as_it_is_of_the_engine(kind: str, of_distance: bool) -> None:
    at = Store(kind=kind, host="127.0.0.1", port=5432, tls=False, version="1.0", collection="mem0")
    said = words(render(whole_run(store=at)), "memory")
    assert ("1/(1 + d)" in said) is of_distance
    assert ("that cosine" in said) is not of_distance
    assert "1/(1 + d)" in words(render(whole_run()), "memory"), "without --store it is Chroma"


def test_same_log_same_page() -> None:
    assert render(whole_run()) == render(whole_run())


def test_nothing_on_the_page_refers_outside() -> None:
    page = render(whole_run())
    fetching = re.findall(r"""\b(?:src|href|action|poster|data|srcset)\s*=\s*["']([^"']*)""", page)
    assert {value[0] for value in fetching if not value.startswith("data:")} == {"#"}
    assert "@import" not in page
    assert "url(" not in page
    assert "default-src &#39;none&#39;" in page


def headline(run: Run) -> str:
    found = re.search(r'<div class="verdict.*?<b>(.*?)</b>', render(run), flags=re.DOTALL)
    assert found is not None
    return found.group(1)


def test_first_screen_says_the_worst() -> None:
    leak = attempt("session 2", 4.0, address="203.0.113.7", port=443)
    whole = whole_run()
    assert headline(whole) == f"All {TOTAL} claims are upheld."
    assert headline(whole_run(connections=(*whole.connections, leak))) == f"1 claim of {TOTAL} is broken."
    options = replace(whole.options, witnesses=())
    blind = whole_run(witnesses=(), connections=(), options=options)
    assert headline(blind) == f"2 claims of {TOTAL} could not be decided."
    both = whole_run(engine=None, connections=(leak,))
    assert headline(both) == f"1 claim of {TOTAL} is broken."
    assert "Could not be decided:" in render(both)


def test_edited_verdict_is_pointed_out() -> None:
    whole = whole_run()
    leak = attempt("session 2", 4.0, address="203.0.113.7", port=443)
    level_of_egress = next(verdict.level for verdict in whole.claims if verdict.id == "egress")
    assert "The stored verdicts are not" not in render(whole)
    assert f"is stored as upheld ({level_of_egress}); the log gives broken" in render(
        whole_run(connections=(leak,), claims=whole.claims)
    )


def test_unjudged_log_says_so() -> None:
    assert headline(whole_run(claims=())) == "Nothing was judged."


@pytest.mark.parametrize(
    "run",
    [
        whole_run(
            sessions=(),
            controls=(),
            witnesses=(),
            connections=(),
            claims=(),
            engine=None,
            interrupted="SIGINT",
        ),
        whole_run(sessions=(session(1, "plant", ALICE, 0.2, phases=(), ended_s=None, exit_code=None, pid=None),)),
        whole_run(
            sessions=(
                session(
                    1,
                    "plant",
                    ALICE,
                    0.2,
                    exit_code=-9,
                    fault=Fault(kind="killed", message="<b>"),
                    listed=None,
                    recalled=None,
                    question=None,
                    messages=(),
                    reply=None,
                    telemetry=(),
                    store_before=None,
                    store_after=None,
                    confirmed_pid=4,
                    ppid=None,
                    create_time=None,
                ),
            )
        ),
        whole_run(claims=(Verdict(id="new-claim", status="inconclusive", level=None, reason=""),)),
        whole_run(
            connections=(
                attempt(
                    "session 1",
                    1.0,
                    address=None,
                    port=None,
                    name="us.i.posthog.com",
                    kind="lookup",
                    pid=None,
                    process=None,
                    package=None,
                    outcome=None,
                    transport=None,
                ),
            )
        ),
    ],
    ids=["nothing", "never-ended", "killed", "unknown-claim", "lookup"],
)
def test_whatever_is_missing_is_said_in_words(run: Run) -> None:
    page = render(run)
    body = re.sub(r"<(script|style)>.*?</\1>", "", page, flags=re.DOTALL)
    assert not re.search(r"\bNone\b|\bUndefined\b|\bnan\b", re.sub(r"data:application/gzip[^\"]*", "", body))


def test_page_of_ten_thousand_events_stays_small() -> None:
    rows = tuple(
        attempt(f"session {1 + n % 3}", n / 1_000, address=f"203.0.113.{n % 250}", port=n % 60_000 + 1, pid=n)
        for n in range(10_000)
    )
    run = whole_run(connections=rows, claims=())
    page = render(run)
    assert len(page.encode("utf-8")) < 2_000_000
    assert "9,000 more kinds of attempt in the embedded run log." in page


LONG_RUNS = {
    "prompts": {"prompts": (prompt(),) * 10_000},
    "empty adds": {"empty_adds": (EmptyAdd(text="x" * 99, cause="not JSON", detail="y" * 99),) * 10_000},
    "tables": {
        "store_after": StoreState(
            digest="0",
            files=(),
            tables=tuple(StoreTable(path="a", name=f"table-{n}", rows=n % 2) for n in range(10_000)),
        )
    },
}


@pytest.mark.parametrize("what", LONG_RUNS)
def test_page_of_ten_thousand_of_anything_stays_small(what: str) -> None:
    whole = whole_run()
    first = replace(whole.sessions[0], **LONG_RUNS[what])  # type: ignore[arg-type]
    assert len(render(whole_run(sessions=(first, *whole.sessions[1:]))).encode("utf-8")) < 2_000_000


def test_page_of_ten_thousand_leaks_stays_small() -> None:
    page = render(whole_run(drill=tuple(trial(f"leak-{n}", hook="missed", worse=("hook",)) for n in range(10_000))))
    assert len(page.encode("utf-8")) < 2_000_000
    assert "9,800 more leaks in the embedded run log." in page


def test_store_that_changed_between_sessions_is_pointed_out() -> None:
    whole = whole_run()
    assert "store found as session 1 left it" in render(whole)
    second = replace(whole.sessions[1], store_before=None)
    third = replace(whole.sessions[2], store_before=whole.sessions[0].store_before)
    page = render(whole_run(sessions=(whole.sessions[0], second, third)))
    assert "store found as" not in page
    assert "store no longer as session 2 left it" in page


def test_matrix_calls_a_foreign_row_a_leak_in_a_session_but_not_in_the_control() -> None:
    whole = whole_run()
    assert "<b>leak</b>" not in render(whole)
    third = replace(whole.sessions[2], recalled=recalls(rows(BOB) + rows(ALICE)))
    page = render(whole_run(sessions=(*whole.sessions[:2], third)))
    assert page.count("<b>leak</b>") == 1


def test_network_counts_what_is_outside() -> None:
    whole = whole_run()
    leak = attempt("session 1", 1.0, address="203.0.113.9", port=443)
    waits = attempt("engine", 1.0, kind="listen", address="0.0.0.0", port=11434)  # noqa: S104 - what is to be found
    assert "5 kinds of attempt, made 37 times, seen by hook and sockets; none outside the allowlist." in render(whole)
    assert "7 kinds of attempt, made 55 times, seen by hook and sockets; 2 outside the allowlist." in render(
        whole_run(connections=(*whole.connections, leak, waits))
    )
    assert "No witness looked, so nothing can be said" in render(whole_run(witnesses=()))


def test_witness_that_carries_nothing_is_named_on_the_first_screen() -> None:
    whole = whole_run()
    sockets = whole.witnesses[1]
    spoiled = replace(
        sockets,
        coverage=tuple(
            replace(item, complete=False, note="denied") if item.role == "session 1" else item
            for item in sockets.coverage
        ),
    )
    page = render(whole_run(witnesses=(whole.witnesses[0], spoiled)))
    first_screen = page[: page.index('id="claims"')]
    assert "witness sockets does not count: it did not watch all of session 1: denied" in first_screen
    assert "does not count" not in render(whole)
    absent = replace(sockets, active=False, reason="not on this system", coverage=())
    page = render(whole_run(witnesses=(whole.witnesses[0], absent)))
    assert "does not count" not in page[: page.index('id="claims"')]
    assert "witness sockets does not count: not on this system" in page


def test_witness_that_the_seal_keeps_out_has_not_failed() -> None:
    whole = whole_run()
    hook, sockets = whole.witnesses
    assert sockets.control is not None
    blind = replace(sockets, control=replace(sockets.control, fired=False, detail="missed: the seal is in the way"))
    control = replace(sockets.control, detail="prevented: the decoy heard nothing")
    seal = replace(sockets, name="seal", control=control)
    options = replace(whole.options, witnesses=("hook", "sockets", "seal"))
    warning = "A witness looked and carries no claim"
    assert warning in render(whole_run(witnesses=(hook, blind), options=options))
    sealed = render(whole_run(witnesses=(hook, blind, seal), options=options))
    assert warning not in sealed
    assert "Missed its planted leak" not in words(sealed, "witnesses")
    assert "not whole" not in words(sealed, "witnesses")
    assert '<li class="card witness spared"><details><summary><h3>sockets</h3> not needed here' in sealed
    torn = replace(seal, coverage=(replace(seal.coverage[0], role="session 1", complete=False), *seal.coverage[2:]))
    assert warning in render(whole_run(witnesses=(hook, blind, torn), options=options))


def test_directory_that_is_carried_away_and_sessions_started_by_hand_are_named() -> None:
    whole = whole_run()
    assert "carries files" not in render(whole)
    assert "A person started each session" not in render(whole)
    carried = Storage(file_system="ext4", carried_by="Nextcloud")
    started = PhaseRun(session=2, orchestrator_pid=7001, started_at=whole.started_at, ended_at=whole.ended_at)
    page = render(whole_run(storage=carried, phases=(started,)))
    assert "Nextcloud carries files from there to other machines" in page
    assert "session 2 under pid 7001" in page


def test_what_needs_a_look_stands_open_and_the_rest_is_folded() -> None:
    whole = whole_run()
    leak = attempt("session 1", 9.0, address="203.0.113.9", port=443)
    page = render(whole_run(connections=(*whole.connections, leak)))
    assert [row[3] for row in cells(page, "Attempts")] == ["203.0.113.9:443"]
    assert len(cells(page, "Attempts that need no look")) == len(whole.connections)
    assert 'aria-label="Attempts"' not in render(whole)


def test_chain_of_packages_is_folded_behind_the_outermost() -> None:
    assert "<details><summary>mem0 …</summary>mem0 &gt; ollama &gt; httpx &gt; httpcore</details>" in render(
        whole_run()
    )


def test_the_cell_of_the_matrix_that_matters_stands_out() -> None:
    whole = whole_run()
    third = replace(whole.sessions[2], recalled=recalls(rows(BOB)), listed=rows(BOB))
    page = render(whole_run(sessions=(*whole.sessions[:2], third)))
    assert page.count('<td class="must"><b>none:</b>') == 1
    leaking = replace(third, recalled=recalls(rows(BOB) + rows(ALICE)))
    assert '<td class="must">' not in render(whole_run(sessions=(*whole.sessions[:2], leaking)))


@pytest.mark.skipif(not hasattr(time, "tzset"), reason="the zone cannot be set for one process")
def test_time_is_local_with_its_zone_and_of_utc_alone_where_redacted(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TZ", "ABC-05:30")
    time.tzset()
    try:
        assert "21 November 2026, 09:21:05 ABC (UTC+05:30)" in render(whole_run())
        redacted = render(redact(whole_run()), redacted=True)
        assert "21 November 2026, 03:51:05 UTC" in redacted
        assert "05:30" not in redacted
    finally:
        monkeypatch.undo()
        time.tzset()
