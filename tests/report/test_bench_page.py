"""The page of a benchmark: its figures in the words of the terminal, and nothing of a result gets out of its place."""

from __future__ import annotations

import base64
import hashlib
import json
import re
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest
from browser import Browser, Tab
from hostile import TEXTS

from showcase.bench.results import wording
from showcase.bench.results.intervals import WILSON, median, share
from showcase.bench.results.result import (
    Cell,
    Column,
    EngineUsed,
    Machine,
    Plot,
    Point,
    Result,
    Row,
    Section,
    Series,
    Sitting,
    Table,
)
from showcase.evidence import Model
from showcase.report import render_result

if TYPE_CHECKING:
    from pathlib import Path

DIGEST = "sha256:" + "d7372fd82851" * 5 + "abcd"


def of(text: str, *, value: Cell | None = None) -> Result:
    """Return a result in which everything that may be anybody's is one text."""
    columns = (
        Column(key="total", title="Total", unit="s", digits=2),
        Column(key="parsed", title="Parsed", unit="share", digits=1),
        Column(key=text, title=text, unit=text, digits=3),
    )
    rows = tuple(
        Row(
            arm=arm,
            group=group,
            cells={
                "total": median([1.5, 2.25, 1234.5]),
                "parsed": share(17, 20),
                text: value or Cell(value=text, note=text),
            },
        )
        for group in (text, "second")
        for arm in (text, "schema")
    )
    missing = Row(arm="retry", group="second", cells={"total": Cell(value=None, of=0)})
    table = Table(key="t", title=text, columns=columns, rows=(*rows, missing), interval=WILSON, notes=(text,))
    points = tuple(Point(x=float(x), y=x * 9.0, low=x * 8.0, high=x * 11.0) for x in range(2, 41, 2))
    lines = (
        Series(arm=text, points=points),
        Series(arm=text, points=points[-2:], measured=False),
        Series(arm="b", points=(Point(x=3.0, y=0.0),)),
    )
    plots = tuple(
        Plot(
            key=scale, title=text, x_title=text, y_title=text, x_scale=scale, y_scale=scale, series=lines, notes=(text,)
        )
        for scale in ("linear", "log")
    )
    return Result(
        program=text, bench=text, question=text, arms={text: text}, settings={text: text, "seed": 20261128},
        engine=EngineUsed(
            kind="ollama", version=text, embed_model=None,
            chat_model=Model(name=text, digest=DIGEST, parameter_size=text),
        ),
        machine=Machine(system=text, processor=text, cores=2, memory_bytes=2**33, python=text, versions={text: text}),
        sittings=(
            Sitting(began_at="2026-11-28T08:01:12+00:00", ended_at=text, taken=4, load_before=None, load_after=0.5),
        ),
        planned=240, taken=240, quick=False, temperature=(text,), cannot_tell=(text,),
        sections=(Section(key="s", title=text, text=(text,), tables=(table,), plots=plots),),
    )  # fmt: skip


def test_figures_are_in_the_words_of_the_terminal() -> None:
    page = render_result(of("naive"))
    for cell, unit, digits in ((share(17, 20), "share", 1), (median([1.5, 2.25, 1234.5]), "s", 2)):
        column = Column(key="k", title="k", unit=unit, digits=digits)
        assert f">{wording.formatted(cell, column)}<" in page
        assert wording.interval(cell, column) in page
    assert "85.0 %" in page
    assert "1.50\u20131,234.50" in page
    assert '<span class="absent">not observed</span>' in page
    assert re.search(r"not observed</span><span class=.under.>n = 0|<span class=.under.>n = 0</span></th>", page)
    assert '<span class="absent">not measured</span>' in page
    assert f"Small beneath a figure: {WILSON}" in page
    assert DIGEST in page
    assert "finished: 240 samples" in page
    assert page.count('id="unfinished"') == page.count('id="quick"') == page.count('id="rehearsal"') == 0


def test_what_the_figures_are_not_is_said_first() -> None:
    whole = of("naive")
    rehearsed = EngineUsed(kind="rehearsal", version="1", chat_model=None, embed_model=None)
    page = render_result(replace(whole, engine=rehearsed, taken=34, quick=True))
    first = page[: page.index("<main")]
    assert "unfinished: 34 of 240 samples" in first
    assert wording.REHEARSAL_HEAD in first
    assert wording.QUICK_HEAD in first
    assert "none took part" in render_result(replace(whole, engine=None))


def test_the_policy_admits_the_style_and_the_script_of_the_page_alone() -> None:
    page = render_result(of("naive"))
    policy = re.findall(r'Content-Security-Policy" content="([^"]*)"', page)[0].replace("&#39;", "'")
    for tag in ("style", "script"):
        source = re.findall(rf"<{tag}>(.*?)</{tag}>", page, re.DOTALL)
        digest = base64.b64encode(hashlib.sha256(source[0].encode()).digest()).decode()
        assert len(source) == 1
        assert f"{tag}-src 'sha256-{digest}'" in policy
    assert " style=" not in page
    assert all(target.startswith(("#", "data:")) for target in re.findall(r'(?:href|src)="([^"]*)"', page))
    assert "url(" not in page


@pytest.mark.parametrize("value", [10**400, -(10**400), 1.7e308, -1e308, 5e-324, True, "", 0, None], ids=range(9))
def test_any_figure_is_shown(value: bool | float | str | None) -> None:
    low = value if isinstance(value, float) else None
    page = render_result(of("share", value=Cell(value=value, low=low, high=1e308, of=10**400)))
    assert "n = above 1e308" in page


def test_a_result_without_anything_is_a_page() -> None:
    whole = of("naive")
    bare = replace(
        whole, arms={}, settings={}, engine=None, sittings=(), planned=0, taken=0, sections=(), temperature=()
    )
    assert "No figure was taken." in render_result(bare)
    empty = Section(key="s", title="s", tables=(Table(key="t", title="t", columns=(), rows=()),))
    assert "No figure was taken." in render_result(replace(bare, sections=(empty,)))


@pytest.mark.parametrize(
    ("value", "digits", "unit", "shown"),
    [
        (0.9996, 0, "share", "99.96 %"), (1.0, 0, "share", "100 %"), (0.0004, 0, "share", "0.04 %"),
        (0.0, 1, "share", "0.0 %"), (-1234.5, 1, "s", "\u22121,234.5"), (0.0004, 1, "s", "0.0004"),
        (1e18, 0, "s", "1e+18"),
        (True, 0, "", "yes"), (12345, 0, "tokens", "12,345"), (-0.0, 1, "s", "0.0"),
    ],
)  # fmt: skip
def test_what_is_not_zero_and_not_all_does_not_read_so(value: float, digits: int, unit: str, shown: str) -> None:
    assert wording.formatted(Cell(value=value), Column(key="k", title="k", unit=unit, digits=digits)) == shown


def test_a_dash_does_not_stand_beside_a_minus() -> None:
    column = Column(key="k", title="k", unit="s", digits=0)
    assert wording.interval(Cell(value=1, low=-2, high=3), column) == "\u22122 to 3"
    assert wording.interval(Cell(value=1, high=3), column) == "up to 3"
    assert wording.span("2026-11-28T08:01:12Z", "2026-11-28T09:00:00.5+00:00") == "2026-11-28 08:01:12 to 09:00:00 UTC"


@pytest.mark.parametrize(("width", "dark"), [(390, True), (1280, False)])
def test_hostile_text_is_text_and_the_page_fits(browser: Browser, tmp_path: Path, width: int, dark: bool) -> None:
    page = tmp_path / "page.html"
    for text in TEXTS:
        page.write_text(render_result(of(text)), encoding="utf-8")
        tab = Tab(browser, page, width=width, dark=dark)
        assert tab.requests() == [page.as_uri()]
        assert tab.complaints() == []
        assert tab.evaluate("window.caught") is None
        assert tab.evaluate("document.documentElement.scrollWidth") == width, text
        assert tab.evaluate("document.querySelectorAll('main section').length") == 3
        tab.close()


@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
def test_axe_finds_nothing_serious(browser: Browser, tmp_path: Path, axe: str, dark: bool) -> None:
    page = tmp_path / "page.html"
    page.write_text(render_result(of("naive")), encoding="utf-8")
    tab = Tab(browser, page, dark=dark)
    tab.evaluate(axe + "; true")
    found = json.loads(tab.evaluate("axe.run(document).then((r) => JSON.stringify(r.violations))"))
    assert [(rule["id"], rule["nodes"][0]["html"]) for rule in found if rule["impact"] != "minor"] == []
    tab.close()
