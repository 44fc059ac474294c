"""The report on paper: a finding that can be filed, on few sheets, whatever the log holds."""

from __future__ import annotations

import hashlib
import json
import re
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from hostile import hostile_audit, hostile_run
from long_builder import audit, crowded_audit, crowded_run
from paper import A4, DARK, EMPTY, LETTER, PIECES, TORN, TOUCHING, WIDER, evaluated, on_paper, packed, sheets
from run_builder import attempt, whole_run
from session_builder import ALICE, BOB
from shared import once

from showcase import runlog
from showcase.report import redact, render, render_class, render_comparison
from showcase.report.claims_view import as_of_now

if TYPE_CHECKING:
    from browser import Browser

    from showcase.evidence import Run

OLD_LOGS = Path(__file__).parents[1] / "logs" / "version-1"


def broken_run() -> Run:
    leak = attempt("session 2", 4.0, address="203.0.113.7", port=443)
    return whole_run(connections=(*whole_run().connections, leak))


def undecided_run() -> Run:
    return whole_run(witnesses=(), interrupted="Ctrl-C")


RUNS = {
    "whole run": whole_run,
    "broken run": broken_run,
    "undecided run": undecided_run,
    "unjudged run": lambda: whole_run(claims=()),
    "nothing": lambda: whole_run(sessions=(), controls=(), witnesses=(), connections=(), engine=None, drill=()),
    "small audit": lambda: audit(2),
    "silent audit": lambda: audit(0),
    "large audit": lambda: audit(400),
    "hostile run": hostile_run,
    "hostile audit": hostile_audit,
    "crowded run": crowded_run,
    "crowded audit": crowded_audit,
    **{
        log.stem: lambda log=log: runlog.load(log.read_bytes(), source=log.name)
        for log in sorted(OLD_LOGS.glob("*.json"))
    },
}
PLAIN = ("whole run", "broken run", "undecided run", "small audit", "large audit", "run", "audit-seal")
"""Without texts that are cut."""


class Pages(dict[str, Path]):
    """The pages of these runs, each rendered when somebody asks for it, and printed once for all who read its sheets.

    Args:
        factory: Where they lie.
        browser: What prints them.
    """

    def __init__(self, factory: pytest.TempPathFactory, browser: Browser) -> None:
        super().__init__()
        self._factory, self._browser = factory, browser

    def __missing__(self, name: str) -> Path:
        def render_it(place: Path) -> None:
            (place / "page.html").write_text(render(RUNS[name]()), encoding="utf-8")

        page = self[name] = once(self._factory, f"page {name}", render_it) / "page.html"
        return page

    def printed(self, name: str, size: tuple[float, float]) -> list[str]:
        """Return the text of each sheet."""

        def print_it(place: Path) -> None:
            (place / "sheets.json").write_text(json.dumps(sheets(self._browser, self[name], size)), encoding="utf-8")

        paper = "A4" if size == A4 else "Letter"
        made = once(self._factory, f"paper {name} {paper}", print_it)
        return list(json.loads((made / "sheets.json").read_text(encoding="utf-8")))


@pytest.fixture(scope="module")
def pages(tmp_path_factory: pytest.TempPathFactory, browser: Browser) -> Pages:
    return Pages(tmp_path_factory, browser)


@pytest.mark.parametrize("size", [A4, LETTER], ids=["A4", "Letter"])
@pytest.mark.parametrize("name", RUNS)
def test_print_takes_six_sheets_at_most_and_the_first_is_a_finding(
    pages: Pages, name: str, size: tuple[float, float]
) -> None:
    printed = pages.printed(name, size)
    assert len(printed) <= 6
    first, rest = printed[0], "\n".join(printed[1:])
    run = RUNS[name]()
    digest = hashlib.sha256(runlog.dump(as_of_now(run))).hexdigest()
    assert digest in packed(first)
    tools = "Versions" if run.command is None else "Audited"
    labels = ("Run by", "When", "Machine", tools, "Allowed", "Seen", "Claims", "SHA-256", "Date")
    assert [label for label in labels if label not in first] == []
    assert packed("Watched by") in packed(first)
    assert f"1 of {len(printed)}" in first
    assert "Signature" in first, "and the space for it is on the same sheet"
    assert "Signature" not in rest
    assert "What the finding rests on" in printed[1]


def test_finding_says_what_an_officer_files(pages: Pages) -> None:
    first = packed(pages.printed("whole run", A4)[0])
    for fact in (
        "UPHELD All 7 claims are upheld.",
        "name and office: the log holds no name",
        "3 sessions and 2 controls; scenario “Somewhere to eat tonight”.",
        "in the log 2026-11-21T03:51:05.120+00:00",
        "name or inventory number: the log holds none",
        "Linux 6.18.0, x86_64, 2 CPUs, 23 GiB of memory",
        "CPython 3.11.2, showcase 0.1.0, mem0ai 2.2.1, chromadb 1.5.9 and ollama 0.6.3.",
        "127.0.0.1:41733, and what stays between the watched processes.",
        "hook and sockets, which caught the leak planted for each of them.",
        "5 kinds of attempt, made 37 times, told apart by address, name and process",
        "each of them is allowed (36 times), or stayed on this machine.",
        "No language model took part",
        "0193f2d4-6c1e",
    ):
        assert packed(fact) in first, fact
    for verdict in whole_run().claims:
        assert packed(f"{verdict.status}\n{verdict.level}") in first
        assert packed(verdict.reason) in first


def test_finding_of_a_broken_run_names_what_broke_it_first(pages: Pages) -> None:
    first = pages.printed("broken run", LETTER)[0]
    assert "BROKEN" in first
    assert "UPHELD" not in first
    assert packed("connect 203.0.113.7:443, by session 2: python3 (pid 52101): no rule allows it") in packed(first)
    claims = first[first.index("Claims") :]
    assert claims.index("broken") < claims.index("upheld")


def test_finding_of_an_undecided_run_claims_nothing(pages: Pages) -> None:
    first = packed(pages.printed("undecided run", LETTER)[0])
    for fact in (
        "INCONCLUSIVE",
        "Cut short: Ctrl-C.",
        "Nobody whose silence would count.",
        "No witness looked, so nothing can be said about connections.",
    ):
        assert packed(fact) in first, fact


def test_long_table_says_how_many_rows_the_page_and_the_log_hold(pages: Pages) -> None:
    first, *rest = pages.printed("large audit", A4)
    assert "397 more of these are on the page and in the log." in " ".join(first.split())
    assert "400 are not allowed:" in " ".join(first.split())
    text = " ".join(" ".join(rest).split())
    shown = len(re.findall(r"connect 203\.0\.113\.\d+:\d+ ", text[text.index("What was seen") :]))
    assert 10 < shown < 40
    assert f"{400 - shown} more rows are on the page and in the log." in text
    assert "more row" not in " ".join(pages.printed("small audit", A4))


@pytest.mark.parametrize("name", PLAIN)
def test_all_that_is_laid_out_is_on_the_paper_whole(browser: Browser, pages: Pages, name: str) -> None:
    text = packed("".join(pages.printed(name, A4)))
    pieces = evaluated(browser, pages[name], PIECES)
    assert len(pieces) > 40
    assert [piece for piece in pieces if packed(piece) not in text] == []


@pytest.mark.parametrize("name", RUNS)
def test_paper_is_white_no_cell_is_empty_and_nothing_reaches_beyond_it(
    browser: Browser, pages: Pages, name: str
) -> None:
    assert evaluated(browser, pages[name], f"[{DARK}, {WIDER}, {EMPTY}]", dark=True) == [[], [], 0]


@pytest.mark.parametrize("name", PLAIN)
def test_no_label_is_broken_within_a_word(browser: Browser, pages: Pages, name: str) -> None:
    assert evaluated(browser, pages[name], TORN) == []


def test_no_label_of_several_logs_is_broken_within_a_word(browser: Browser, tmp_path: Path) -> None:
    page = tmp_path / "page.html"
    named = [(f"participant {n}", run) for n, run in enumerate((whole_run(), broken_run(), undecided_run()))]
    for text in (render_class(named), render_comparison(named)):
        page.write_text(text, encoding="utf-8")
        assert "inconclusive" in " ".join(sheets(browser, page, A4))
        assert evaluated(browser, page, TORN) == []
        assert evaluated(browser, page, TOUCHING) == []


def test_what_is_planted_on_the_paper_is_found(browser: Browser, pages: Pages) -> None:
    """The control of the tests above."""
    tab = on_paper(browser, pages["whole run"])
    tab.evaluate("document.querySelector('.finding dl').style.background = '#131517'")
    tab.evaluate("document.querySelector('.verdicts td').textContent = ' '")
    tab.evaluate("document.querySelector('.office').style.width = '900px'")
    assert [len(tab.evaluate(expression)) for expression in (DARK, WIDER)] == [1, 1]
    assert tab.evaluate(EMPTY) == 1
    tab.close()


def test_folded_parts_and_the_screen_stay_off_the_paper(pages: Pages) -> None:
    text = " ".join(pages.printed("whole run", A4))
    for on_screen_only in (
        "Telemetry switches as the libraries read them",
        "Check it yourself",
        "mem0.memory.telemetry",
    ):
        assert on_screen_only in pages["whole run"].read_text(encoding="utf-8")
        assert on_screen_only not in text


def test_screen_shows_nothing_of_what_is_printed(browser: Browser, pages: Pages) -> None:
    from browser import Tab  # noqa: PLC0415 - the only use

    tab = Tab(browser, pages["whole run"])
    assert "What the finding rests on" not in tab.shown()
    tab.close()


@pytest.mark.parametrize("name", ["run", "audit"])
def test_redacted_finding_tells_nobody_what_redaction_hides(browser: Browser, tmp_path: Path, name: str) -> None:
    run = whole_run() if name == "run" else audit(3)
    page = tmp_path / "page.html"
    secrets = (
        [*ALICE.memories, *BOB.memories, ALICE.question, "alice", "bob", "Somewhere to eat tonight"]
        if name == "run"
        else ["<hi>", "/home/carol/notes", "carol"]
    )
    page.write_text(render(run), encoding="utf-8")
    told = packed("".join(sheets(browser, page, A4)))
    assert [secret for secret in secrets if packed(secret) in told], "the control: the whole page does print some"
    page.write_text(render(redact(run), redacted=True, sha256="ab" * 32), encoding="utf-8")
    printed = sheets(browser, page, A4)
    kept = packed("".join(printed))
    assert [secret for secret in secrets if packed(secret) in kept] == []
    assert "Redacted" in printed[0]
    assert packed("UTC, so that it does not tell where this was; in the log 2026-11-21T03:51:05.120+00:00.") in packed(
        printed[0]
    )
    assert "ab" * 32 in packed(printed[0])
    assert hashlib.sha256(runlog.dump(redact(run))).hexdigest() in packed(printed[0])


@pytest.mark.parametrize("size", [A4, LETTER], ids=["A4", "Letter"])
def test_pages_of_several_logs_fit_the_paper(browser: Browser, tmp_path: Path, size: tuple[float, float]) -> None:
    named = [(f"participant {n}", run) for n, run in enumerate((whole_run(), broken_run(), undecided_run()))]
    for text in (render_class(named, unreadable=[("x" * 200, "no JSON")]), render_comparison(named)):
        page = tmp_path / "page.html"
        page.write_text(text, encoding="utf-8")
        assert len(sheets(browser, page, size)) <= 6
        assert evaluated(browser, page, WIDER) == []
        assert evaluated(browser, page, DARK, dark=True) == []


def test_edited_log_is_no_upheld_finding(browser: Browser, tmp_path: Path) -> None:
    page = tmp_path / "page.html"
    page.write_text(render(replace(broken_run(), claims=whole_run().claims)), encoding="utf-8")
    first = packed(sheets(browser, page, A4)[0])
    assert packed("BROKEN 2 verdicts of this log do not follow from it.") in first
    assert packed("The log does not give what it says: “Nothing left the machine” is stored as upheld") in first
