"""The headline in plain words: each sentence only where its claim bears it, and every user by the right name."""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path

import pytest
from hostile import hostile_audit
from run_builder import attempt, whole_run
from session_builder import ALICE, BOB, recalls, reply, rows, session
from test_redaction import RUNS
from test_report_audit import COMMAND, audit

from showcase import runlog
from showcase.claims import judge
from showcase.claims.limits import COME_IN
from showcase.evidence import Run, Storage, User
from showcase.report import render
from showcase.report.audit_words import audit_words
from showcase.report.plain_words import plain_words
from showcase.report.standing import Standing
from showcase.report.text import clipped

LOGS = Path(__file__).parents[1] / "logs"


def said(run: Run, *, redacted: bool = False) -> str:
    return " ".join(each.text for each in plain_words(run, redacted=redacted))


def with_session(number: int, **changes: object) -> Run:
    whole = whole_run()
    changed = [replace(it, **changes) if it.number == number else it for it in whole.sessions]  # type: ignore[arg-type]
    return whole_run(sessions=tuple(changed))


def unlike(claim: str) -> Run:
    """Return a run whose stored verdict on a claim is not the one that the log gives, which states nothing."""
    whole = whole_run()
    return whole_run(
        claims=tuple(
            replace(it, level="self-reported" if it.level != "self-reported" else "sampled") if it.id == claim else it
            for it in whole.claims
        )
    )


def recalling(number: int) -> Run:
    """Return a run whose second session recalled so many of the memories."""
    some = replace(ALICE, memories=ALICE.memories[:number])
    second = session(2, "recall", some, 3.1)
    return with_session(2, recalled=second.recalled, messages=second.messages)


def test_the_whole_story_of_a_real_run(log: Run) -> None:
    level = next(verdict.level for verdict in log.claims if verdict.id == "egress")
    left = (
        "Nothing left this computer."
        if level in ("enforced", "recorded")
        else "Nothing was seen to leave this computer."
    )
    assert said(log) == (
        f"Alice told one program four things. A new program remembered them. Bob saw none of it. {left}"
    )


def test_headline_is_the_first_thing_on_the_page_and_the_verdict_the_second() -> None:
    page = render(whole_run())
    assert page.index("told one program four things") < page.index("All 7 claims are upheld.")
    assert page.index("All 7 claims are upheld.") < page.index("The weakest level is")


def test_what_was_looked_at_in_intervals_is_not_said_to_be_all() -> None:
    assert said(whole_run()).endswith("Nothing was seen to leave this computer.")


@pytest.mark.parametrize(
    ("run", "words"),
    [
        (recalling(2), "A new program remembered two of them."),
        (with_session(2, recalled=()), "Alice told one program four things. A later program remembered none of them."),
        (with_session(2, listed=rows(ALICE)[1:]), "A later program had lost one of them."),
        (with_session(2, listed=()), "A later program had lost them."),
        (
            whole_run(
                controls=(replace(whole_run().controls[0], recalled=recalls(rows(ALICE))), whole_run().controls[1])
            ),
            "They came back, and not by way of the store alone.",
        ),
        (
            with_session(2, recalled=recalls(tuple(replace(row, text="I eat anything.") for row in rows(ALICE)))),
            "What a later program remembered is not what was told.",
        ),
        (
            whole_run(controls=whole_run().controls[:1]),
            "A new program says that it remembered them.",  # no reader of the store confirmed it
        ),
        (whole_run(controls=()), "Whether a new program remembers what Alice said could not be shown."),
        (unlike("processes"), "They came back later; whether to a new program could not be shown."),
        (unlike("persistence"), "Whether a new program remembers what Alice said could not be shown."),
        (unlike("isolation"), "Whether Bob saw any of it could not be shown."),
        (unlike("egress"), "Whether anything left this computer could not be seen."),
        (unlike("engine-local"), "whether that passed anything on could not be seen."),
        (with_session(2, confirmed_pid=52101, pid=52101, create_time=whole_run().sessions[0].create_time),
         "but the programs were not apart."),
        (with_session(3, recalled=recalls(rows(BOB) + rows(ALICE))), "Bob saw all that Alice told."),
        (with_session(3, recalled=recalls(rows(BOB) + rows(ALICE)[:1])), "Bob saw one of the four things that Alice"),
        (with_session(3, reply=reply(f"Hm: {ALICE.memories[1]}")), "Bob saw something of what Alice told."),
        (
            with_session(3, listed=(*rows(BOB), *rows(User(id="carol", memories=("I sing.",), question="?")))),
            "Bob saw what somebody else told.",
        ),
        (with_session(3, exit_code=1), "Whether Bob saw any of it could not be shown."),
        (whole_run(witnesses=()), "Whether anything left this computer could not be seen."),
        (
            whole_run(connections=(attempt("session 2", 4.0, address="203.0.113.7", port=443),)),
            "The second program tried to reach 203.0.113.7:443.",
        ),
        (
            whole_run(
                connections=(
                    *whole_run().connections,
                    attempt("session 3", 7.0, address="203.0.113.7", port=443),
                    attempt("session 3", 7.1, kind="lookup", address=None, port=None, name="posthog.com"),
                )
            ),
            "Bob's program tried to reach posthog.com, and one more destination.",
        ),
        (
            whole_run(storage=Storage(file_system="ext4", carried_by="Dropbox")),
            "over the network; Dropbox carries files from it.",
        ),
    ],
)  # fmt: skip
def test_where_a_claim_is_broken_or_open_another_sentence_stands(run: Run, words: str) -> None:
    assert words in said(run)


def test_nothing_is_said_of_a_log_that_nobody_judged() -> None:
    assert said(whole_run(claims=())) == "Nothing was judged."


def test_a_stored_verdict_that_the_log_does_not_give_states_nothing() -> None:
    whole = whole_run()
    leak = attempt("session 2", 4.0, address="203.0.113.7", port=443)
    edited = whole_run(connections=(*whole.connections, leak), claims=whole.claims)
    assert "left" not in said(edited).lower()
    assert "tried to reach 203.0.113.7:443" in said(edited)
    blind = whole_run(witnesses=(), claims=whole.claims)
    assert "Whether anything left this computer could not be seen." in said(blind)
    missing = whole_run(claims=tuple(it for it in whole.claims if it.id != "isolation"))
    assert "Whether Bob saw any of it could not be shown." in said(missing)


SHOWN = {
    **{name: replace(run, claims=judge(run)) for name, run in RUNS.items()},
    **{path.stem: replace(it, claims=judge(it)) for path in LOGS.rglob("*.json") for it in [runlog.read(path)]},
    "no control": whole_run(controls=()),
    "no witness": whole_run(witnesses=()),
    "no engine": whole_run(engine=None),
    "same process": with_session(2, confirmed_pid=52101, pid=52101, create_time=whole_run().sessions[0].create_time),
    "killed": with_session(1, exit_code=-9),
    "built audit": audit(),
    "hostile audit": replace((run := hostile_audit()), claims=judge(run)),
    "open audit": audit(replace(COMMAND, sealing="none")),
}
"""Runs of every outcome, with the verdicts that follow from them."""

BEARS = {
    r"new program remembered": ("persistence", "processes"),
    r"new program says that it remembered": ("persistence", "processes"),
    r"told one program|one program kept": (),
    r"saw none of it": ("isolation",),
    r"[Nn]othing (left|was seen to leave)": ("egress",),
    r"reached only|contacted nobody|seen to contact nobody": ("egress",),
}
"""What a sentence says, and the claims that have to be upheld for it."""


@pytest.mark.parametrize("name", SHOWN)
def test_no_sentence_says_more_than_the_claims(name: str) -> None:
    run = SHOWN[name]
    status = {verdict.id: verdict.status for verdict in judge(run)}
    text = said(run)
    for pattern, claims in BEARS.items():
        if re.search(pattern, text):
            assert [status[claim] for claim in claims] == ["upheld"] * len(claims), pattern
    if status.get("persistence") == "inconclusive":
        assert not re.search("told one program|one program kept", text)
    if "othing left" in text or "seen to leave" in text:
        assert {status.get(claim, "upheld") for claim in ("engine-local", "daemon")} == {"upheld"}


def test_runs_above_differ_in_what_they_say() -> None:
    found = {pattern for run in SHOWN.values() for pattern in BEARS if re.search(pattern, said(run))}
    assert {r"new program remembered", r"saw none of it", r"[Nn]othing (left|was seen to leave)"} <= found
    assert any("could not be shown" in said(run) for run in SHOWN.values())


_NEGATIVE = re.compile(r"\b(no|not|none|nothing|nobody|never|without|cannot)\b", flags=re.IGNORECASE)


@pytest.mark.parametrize("name", SHOWN)
def test_no_sentence_of_the_first_screen_has_two_negatives(name: str) -> None:
    page = render(SHOWN[name])
    verdict = re.search(r'<div class="verdict (\w+)">.*?<p>(.*?)</p>', page, flags=re.DOTALL)
    assert verdict is not None
    own = ["".join(part.text for part in each.parts if not part.kind) for each in plain_words(SHOWN[name])]
    for words in own:
        assert len(_NEGATIVE.findall(words)) < 2, words
    if verdict.group(1) == "broken":
        assert not re.search(r"Found: “[^”]*\b(nothing|nobody|none)\b", verdict.group(2), flags=re.IGNORECASE)


def judged(run: Run) -> Run:
    return replace(run, claims=judge(run))


def test_an_audit_says_who_tried_to_reach_whom() -> None:
    assert said(audit(replace(COMMAND, sealing="none"))) == (
        "python3 tried to reach us.i.posthog.com. No seal held it back."
    )
    other = replace(audit(), connections=(attempt("child of command", 1.0, process="curl", address="203.0.113.9"),))
    assert said(judged(other)).startswith("curl tried to reach 203.0.113.9:41733.")
    unseen = replace(other, connections=(replace(other.connections[0], process=None),))
    assert said(judged(unseen)).startswith("python3 tried to reach")


WORDS = ["nobody", "Neither", "many", "no-one", "no one", "seven", "nothing left. curl", "NOBODY", "nob\u200body", "it"]


@pytest.mark.parametrize("name", WORDS)
def test_a_program_whose_name_reads_as_words_is_quoted(name: str) -> None:
    broken = audit(replace(COMMAND, sealing="none", arguments=(f"/bin/{name}",)))
    (row, *_) = broken.connections
    own = replace(broken, connections=tuple(replace(each, process=None) for each in broken.connections))
    first = plain_words(judged(own))[0].parts[0]
    assert (first.kind, first.text) == ("id", clipped(name, 40))
    child = replace(broken, connections=(replace(row, process=name, name=None, address="203.0.113.9"),))
    assert plain_words(judged(child))[0].parts[0].kind == "id"
    silent = replace(SHOWN["audit"], command=replace(COMMAND, arguments=(name,)))
    assert audit_words(silent, Standing(SHOWN["audit"]), redacted=False)[0].parts[0].kind == "id"


def test_a_name_that_reads_as_words_is_quoted_where_it_was_looked_up() -> None:
    broken = audit(replace(COMMAND, sealing="none"))
    rows = tuple(replace(row, kind="lookup", name="nobody") for row in broken.connections[:1])
    assert said(judged(replace(broken, connections=rows))).startswith("python3 tried to reach “nobody”.")


@pytest.mark.parametrize("name", ["python3", "no.py", "curl", "one-more-tool", "seven-zip"])
def test_a_program_with_a_name_stands_by_it(name: str) -> None:
    broken = audit(replace(COMMAND, sealing="none", arguments=(name,)))
    rows = tuple(replace(row, process=None) for row in broken.connections)
    first = plain_words(judged(replace(broken, connections=rows)))[0].parts[0]
    assert (first.kind, first.text) == ("exact", name)


def test_who_could_come_in_may_have_carried_something_away() -> None:
    here = SHOWN["audit"]
    for level in ("enforced", "recorded", "sampled"):
        for waiting in (True, False):
            standing = Standing(here)
            assert standing.open_to_others == any(each.startswith(COME_IN) for each in here.claims[0].limits)
            standing.open_to_others = waiting
            standing.level = lambda *_, level=level: level  # type: ignore[method-assign, assignment]
            told = [each.text for each in audit_words(here, standing, redacted=False)]
            assert (told[-1] == HERE) == (waiting or level == "sampled"), told


HERE = "Nothing was seen to leave this computer."

REAL = {
    "audit": f"python3 was seen to contact nobody. {HERE}",
    "audit-http": f"python3 was seen to reach only 127.0.0.1:40473, on this computer. {HERE}",
    "audit-ollama-seal": f"python3 reached only 127.0.0.1:34583, on this computer. {HERE}",
    "audit-ollama-cloud": "python3 was seen to reach only 127.0.0.1:34185, on this computer. "
    "Whether the server there passed anything on could not be seen.",
    "audit-seal": "python3 tried to reach 192.0.2.10:443. The seal held it back.",
    "run-beside-ollama": "Alice told one program four things. A new program remembered them. Bob saw none of it. "
    f"{HERE}",
}
"""What is said of logs that were written by real runs and audits."""


@pytest.mark.parametrize("name", REAL)
def test_what_is_said_of_real_logs(name: str) -> None:
    assert said(SHOWN[name]) == REAL[name]
