"""The page in a browser: it asks for nothing, says nothing on the console, and shows text as text."""

from __future__ import annotations

import gzip
import json
import socket
import time
from typing import TYPE_CHECKING

import pytest
from browser import Browser, Tab
from hostile import INVISIBLE, TEXTS, WORD, hostile_audit, hostile_run
from run_builder import whole_run
from test_report_audit import audit

from showcase import runlog
from showcase.report import render, render_class, render_comparison

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from conftest import Finished

WIDTHS = (360, 1280, 3840)
NAMES = ("whole", "presenter", "hostile", "audit", "quiet audit", "cut", "comparison", "class")


@pytest.fixture(scope="module")
def pages(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """Return pages of every kind over built runs: whole, hostile, cut short."""
    directory = tmp_path_factory.mktemp("pages")
    whole, hostile = whole_run(), hostile_run()
    cut = whole_run(controls=(), witnesses=(), interrupted="Ctrl-C")
    texts = {
        "whole": render(whole),
        "presenter": render(whole, presenter=True),
        "hostile": render(hostile),
        "audit": render(hostile_audit()),
        "quiet audit": render(audit()),
        "cut": render(cut),
        "comparison": render_comparison([("one", whole), (TEXTS[0], hostile), (WORD, cut)]),
        "class": render_class([("one", whole), (TEXTS[0], hostile), (WORD, cut)], unreadable=[(WORD, TEXTS[1])]),
    }
    made = {name: directory / f"{name}.html" for name in texts}
    for name, page in made.items():
        page.write_text(texts[name], encoding="utf-8")
    return made


@pytest.fixture
def whole(browser: Browser, pages: dict[str, Path]) -> Iterator[Tab]:
    tab = Tab(browser, pages["whole"])
    yield tab
    tab.close()


@pytest.fixture
def hostile(browser: Browser, pages: dict[str, Path]) -> Iterator[Tab]:
    tab = Tab(browser, pages["hostile"])
    yield tab
    tab.close()


@pytest.fixture
def decoy() -> Iterator[socket.socket]:
    with socket.create_server(("127.0.0.1", 0)) as server:
        server.settimeout(10)
        yield server


def test_console_and_network_would_be_seen(browser: Browser, decoy: socket.socket, tmp_path: Path) -> None:
    """The control of the tests below: a page that does fetch and does complain is caught."""
    picture = f"http://127.0.0.1:{decoy.getsockname()[1]}/x.png"
    page = tmp_path / "loud.html"
    page.write_text(f"<!doctype html><script>console.log('hi'); fetch('{picture}').catch(() => 0)</script>")
    tab = Tab(browser, page)
    caller, _ = decoy.accept()
    caller.close()
    assert picture in tab.requests()
    assert tab.complaints()
    tab.close()


@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
@pytest.mark.parametrize("width", WIDTHS)
@pytest.mark.parametrize("name", NAMES)
def test_page_is_silent_and_fits(browser: Browser, pages: dict[str, Path], name: str, width: int, dark: bool) -> None:
    look(browser, pages[name], width=width, dark=dark).close()


@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
@pytest.mark.parametrize("width", WIDTHS)
def test_page_of_a_real_run_is_kept_as_a_picture(
    browser: Browser, finished: Finished, artefacts: Path, width: int, dark: bool
) -> None:
    tab = look(browser, finished.out / "mem0-cross-session-showcase.html", width=width, dark=dark)
    theme = "dark" if dark else "light"
    tab.screenshot(artefacts / f"report-{width}-{theme}.png")
    end = tab.evaluate("document.querySelector('.columns').getBoundingClientRect().top")
    tab.screenshot(artefacts / f"first-screen-{width}-{theme}.png", height=int(end))
    tab.close()


def look(browser: Browser, page: Path, *, width: int, dark: bool) -> Tab:
    """Open a page, which must ask for nothing but itself, complain of nothing and fit its window."""
    tab = Tab(browser, page, width=width, dark=dark)
    assert tab.requests() == [page.as_uri()]
    assert tab.complaints() == []
    assert tab.evaluate("document.documentElement.scrollWidth") == width
    return tab


@pytest.mark.parametrize("name", ["whole", "hostile", "audit"])
def test_tables_of_a_narrow_page_need_no_scrolling_and_stay_tables(
    browser: Browser, pages: dict[str, Path], name: str
) -> None:
    tab = Tab(browser, pages[name], width=360)
    tab.evaluate("document.querySelectorAll('details').forEach((part) => { part.open = true; })")
    wide = "[...document.querySelectorAll('.stack')].filter((t) => t.parentNode.scrollWidth > t.parentNode.clientWidth)"
    assert tab.evaluate(f"{wide}.map((t) => t.parentNode.getAttribute('aria-label'))") == []
    assert tab.evaluate("getComputedStyle(document.querySelector('.stack td')).display") == "flow-root"
    overlaps = (
        "[...document.querySelectorAll('.stack td')].filter((c) => c.nextElementSibling"
        " && c.getBoundingClientRect().bottom > c.nextElementSibling.getBoundingClientRect().top + 1).length"
    )
    labels = "[...document.querySelectorAll('.stack td')].filter((c) => c.scrollHeight > c.clientHeight + 1).length"
    assert (tab.evaluate(overlaps), tab.evaluate(labels)) == (0, 0)
    heard = [node["role"]["value"] for node in tab.call("Accessibility.getFullAXTree")["nodes"] if "role" in node]
    stacked = tab.evaluate("document.querySelectorAll('.stack td').length")
    assert heard.count("cell") >= stacked > 50
    assert heard.count("columnheader") >= tab.evaluate("document.querySelectorAll('.stack thead th').length") > 10
    tab.close()


def test_policy_forbids_what_a_hole_would_need(whole: Tab, decoy: socket.socket) -> None:
    """If hostile text did become markup, the policy would still stop scripts, styles and requests."""
    address = f"http://127.0.0.1:{decoy.getsockname()[1]}/x.png"
    outcome = whole.evaluate(
        """(async () => {
            const blocked = [];
            document.addEventListener("securitypolicyviolation", (e) => blocked.push(e.effectiveDirective));
            document.body.insertAdjacentHTML("beforeend", "<img src='ADDRESS'><p style='color:red'>");
            const script = document.createElement("script");
            script.textContent = "window.caught = true";
            document.body.append(script);
            const fetched = await fetch("ADDRESS").then(() => "sent", () => "refused");
            await new Promise((resolve) => setTimeout(resolve, 200));
            return { blocked: [...new Set(blocked)].sort(), fetched, caught: window.caught === true };
        })()""".replace("ADDRESS", address)
    )
    assert outcome == {
        "blocked": ["connect-src", "img-src", "script-src-elem", "style-src-attr"],
        "fetched": "refused",
        "caught": False,
    }
    decoy.setblocking(False)
    with pytest.raises(BlockingIOError):
        decoy.accept()


def test_hostile_text_is_text(hostile: Tab) -> None:
    hostile.evaluate("document.querySelectorAll('details').forEach((part) => { part.open = true; })")
    shown = hostile.evaluate("document.body.textContent")
    assert [text for text in (*TEXTS, WORD) if text not in shown] == []
    for text, code_point in INVISIBLE.items():
        assert text not in shown
        assert code_point in shown
    assert hostile.evaluate("window.caught === undefined")
    assert hostile.evaluate("document.scripts.length") == 1
    assert hostile.evaluate("document.images.length") == 0
    assert hostile.evaluate("document.querySelectorAll('style').length") == 1
    handlers = (
        "[...document.querySelectorAll('*')].filter((e) => [...e.attributes].some((a) => a.name.startsWith('on')))"
    )
    assert hostile.evaluate(f"{handlers}.length") == 0


def test_everything_is_readable_with_scripts_off(browser: Browser, pages: dict[str, Path]) -> None:
    readings = []
    for scripts in (True, False):
        tab = Tab(browser, pages["whole"], scripts=scripts)
        lines = [line for line in tab.shown().splitlines() if line.strip() and not line.startswith("Replay at")]
        readings.append(lines)
        tab.close()
    assert len(readings[0]) > 300
    assert readings[0] == readings[1]


def test_dark_screen_prints_on_white_paper(browser: Browser, pages: dict[str, Path]) -> None:
    tab = Tab(browser, pages["whole"], dark=True)
    colours = "[document.body, document.querySelector('.card .word')].map((e) => getComputedStyle(e).color)"
    on_screen = tab.evaluate(colours)
    dark = [{"name": "prefers-color-scheme", "value": "dark"}]
    tab.call("Emulation.setEmulatedMedia", media="print", features=dark)
    on_paper = tab.evaluate(colours)
    tab.close()
    assert on_screen[0] == "rgb(233, 231, 225)"
    assert on_paper[0] == "rgb(0, 0, 0)"
    assert on_paper[1] != on_screen[1]


def test_reply_is_replayed_and_whole_again(whole: Tab) -> None:
    pending = "document.querySelectorAll('.pending').length"
    whole.evaluate("document.querySelector('.replay').click()")
    assert whole.evaluate(pending) > 0
    whole.evaluate("document.querySelector('.replay').click()")
    assert whole.evaluate(pending) == 0


def test_keyboard_reaches_the_time_line_and_gets_its_details(whole: Tab) -> None:
    whole.evaluate("document.querySelector('.bars').closest('details').open = true")
    for _ in range(80):
        for kind in ("keyDown", "keyUp"):
            whole.call("Input.dispatchKeyEvent", type=kind, key="Tab", code="Tab", windowsVirtualKeyCode=9)
        if whole.evaluate("document.activeElement.matches('.seg')"):
            break
    details = whole.evaluate("document.activeElement.getAttribute('aria-label')")
    assert details.startswith("starts: ")
    assert whole.evaluate("document.querySelector('.tip').checkVisibility()")
    assert whole.evaluate("document.querySelector('.tip').textContent") == details


@pytest.mark.parametrize("scripts", [True, False], ids=["unpacked by script", "packed without"])
def test_run_log_can_be_saved(browser: Browser, pages: dict[str, Path], tmp_path: Path, scripts: bool) -> None:
    tab = Tab(browser, pages["whole"], scripts=scripts)
    browser.call("Browser.setDownloadBehavior", behavior="allow", downloadPath=str(tmp_path))
    root = tab.call("DOM.getDocument")["root"]["nodeId"]
    link = tab.call("DOM.querySelector", nodeId=root, selector="#save-log")["nodeId"]
    tab.call("DOM.scrollIntoViewIfNeeded", nodeId=link)
    x, y, *_ = tab.call("DOM.getContentQuads", nodeId=link)["quads"][0]
    for kind in ("mousePressed", "mouseReleased"):
        tab.call("Input.dispatchMouseEvent", type=kind, x=x + 9, y=y + 9, button="left", clickCount=1)
    name = "run-log.json" if scripts else "run-log.json.gz"
    deadline = time.monotonic() + 30
    while not (tmp_path / name).exists() and time.monotonic() < deadline:
        time.sleep(0.05)
    data = (tmp_path / name).read_bytes()
    assert (data if scripts else gzip.decompress(data)) == runlog.dump(whole_run())
    tab.close()


@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
@pytest.mark.parametrize("name", NAMES)
def test_axe_finds_nothing_serious(browser: Browser, pages: dict[str, Path], axe: str, name: str, dark: bool) -> None:
    tab = Tab(browser, pages[name], dark=dark)
    assert violations(tab, axe) == []
    tab.close()


def test_axe_finds_nothing_serious_in_a_real_run(browser: Browser, finished: Finished, axe: str) -> None:
    tab = Tab(browser, finished.out / "mem0-cross-session-showcase.html")
    assert violations(tab, axe) == []
    tab.close()


def test_axe_finds_what_is_planted_for_it(whole: Tab, axe: str) -> None:
    whole.evaluate("document.querySelector('.intro').append(document.createElement('button'))")
    assert [name for name, *_ in violations(whole, axe)] == ["button-name"]


def violations(tab: Tab, axe: str) -> list[tuple[str, str, str]]:
    """Return the rules of axe-core that the page breaks, with everything unfolded, all but the minor ones."""
    tab.evaluate("document.querySelectorAll('details').forEach((part) => { part.open = true; })")
    tab.evaluate(axe + "; true")
    options = "{ resultTypes: ['violations'] }"
    found = json.loads(tab.evaluate(f"axe.run(document, {options}).then((r) => JSON.stringify(r.violations))"))
    return [(rule["id"], rule["impact"], rule["nodes"][0]["html"][:160]) for rule in found if rule["impact"] != "minor"]
