"""The first screen in a browser: what convinces is on it, and it fills a projector."""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING

import pytest
from browser import Browser, Tab
from run_builder import whole_run

from showcase.orchestrator.outcome import write_down
from showcase.report import render
from showcase.settings import Settings

if TYPE_CHECKING:
    from pathlib import Path

    from conftest import Finished


@pytest.mark.parametrize("scripts", [True, False], ids=["with scripts", "without"])
def test_what_convinces_stands_on_the_first_screen(browser: Browser, finished: Finished, scripts: bool) -> None:
    tab = Tab(browser, finished.out / "mem0-cross-session-showcase.html", scripts=scripts)
    size(tab, 1280, 800)
    parts = [box(tab, selector) for selector in (".masthead h1", ".masthead .verdict", ".panels")]
    assert [one["bottom"] <= other["top"] for one, other in pairwise(parts)] == [True, True]
    assert parts[-1]["bottom"] < 800
    heights = {round(part["height"]) for part in boxes(tab, ".panels > section")}
    assert len(heights) == 1, "three panels beside each other"
    tab.close()


@pytest.mark.parametrize(("width", "height"), [(1920, 1080), (2560, 1440), (3840, 2160)])
def test_view_for_a_projector_fills_it_with_large_type(
    browser: Browser, finished: Finished, width: int, height: int
) -> None:
    tab = Tab(browser, finished.out / "mem0-cross-session-showcase.html", width=width, scripts=False)
    size(tab, width, height)
    click(tab, "label[for=presenter]")
    panels = box(tab, ".panels")
    assert panels["bottom"] < height
    assert panels["width"] > 0.95 * width
    letters = float(computed(tab, ".panels .told li", "font-size").removesuffix("px"))
    assert letters >= height / 42, "so high as on a blackboard that is read from the last row"
    assert box(tab, ".masthead")["height"] >= height - 1
    click(tab, "label[for=presenter]")
    assert box(tab, ".panels")["width"] < 0.95 * width
    tab.close()


@pytest.mark.parametrize(("width", "height"), [(1024, 768), (1280, 800), (1280, 720), (1440, 900)])
def test_view_for_a_projector_is_no_worse_than_the_page_where_the_window_is_small(
    browser: Browser, finished: Finished, width: int, height: int
) -> None:
    tab = Tab(browser, finished.out / "mem0-cross-session-showcase.html", width=width, scripts=False)
    size(tab, width, height)
    what = (".panels", ".panels .without", ".masthead .notice")
    before = [box(tab, selector)["bottom"] for selector in what]
    letters = computed(tab, "html", "font-size"), computed(tab, "h1", "font-size"), computed(tab, ".told", "font-size")
    click(tab, "label[for=presenter]")
    after = [box(tab, selector)["bottom"] for selector in what]
    assert before[0] <= height, "the panels are on the screen"
    pushed_out = [name for name, was, now in zip(what, before, after, strict=True) if was <= height < now]
    assert pushed_out == []
    if width <= 1280:
        assert letters == (
            computed(tab, "html", "font-size"),
            computed(tab, "h1", "font-size"),
            computed(tab, ".told", "font-size"),
        )
    tab.close()


def test_a_key_switches_the_view_and_the_page_can_open_in_it(browser: Browser, tmp_path: Path) -> None:
    page = tmp_path / "page.html"
    for opens in (False, True):
        page.write_text(render(whole_run(), presenter=opens), encoding="utf-8")
        tab = Tab(browser, page)
        states = [tab.evaluate("document.getElementById('presenter').checked")]
        for kind in ("keyDown", "keyUp"):
            tab.call("Input.dispatchKeyEvent", type=kind, key="p", code="KeyP", text="p", windowsVirtualKeyCode=80)
        states.append(tab.evaluate("document.getElementById('presenter').checked"))
        tab.close()
        assert states == [opens, not opens]


def test_a_run_writes_the_page_as_it_was_asked_to(tmp_path: Path) -> None:
    for presenter in (False, True):
        outcome = write_down(whole_run(), Settings(out=tmp_path, presenter=presenter), None)
        assert (" checked>" in outcome.report.read_text(encoding="utf-8")) is presenter


def size(tab: Tab, width: int, height: int) -> None:
    tab.call("Emulation.setDeviceMetricsOverride", width=width, height=height, deviceScaleFactor=1, mobile=False)


def boxes(tab: Tab, selector: str) -> list[dict[str, float]]:
    """Return where elements lie, read without a script of the page."""
    root = tab.call("DOM.getDocument")["root"]["nodeId"]
    found = []
    for node in tab.call("DOM.querySelectorAll", nodeId=root, selector=selector)["nodeIds"]:
        x0, y0, _, _, x1, y1, _, _ = tab.call("DOM.getBoxModel", nodeId=node)["model"]["border"]
        found.append({"top": y0, "bottom": y1, "width": x1 - x0, "height": y1 - y0})
    return found


def box(tab: Tab, selector: str) -> dict[str, float]:
    return boxes(tab, selector)[0]


def computed(tab: Tab, selector: str, name: str) -> str:
    tab.call("CSS.enable")
    root = tab.call("DOM.getDocument")["root"]["nodeId"]
    node = tab.call("DOM.querySelector", nodeId=root, selector=selector)["nodeId"]
    styles = tab.call("CSS.getComputedStyleForNode", nodeId=node)["computedStyle"]
    return next(style["value"] for style in styles if style["name"] == name)


def click(tab: Tab, selector: str) -> None:
    root = tab.call("DOM.getDocument")["root"]["nodeId"]
    node = tab.call("DOM.querySelector", nodeId=root, selector=selector)["nodeId"]
    x, y, *_ = tab.call("DOM.getContentQuads", nodeId=node)["quads"][0]
    for kind in ("mousePressed", "mouseReleased"):
        tab.call("Input.dispatchMouseEvent", type=kind, x=x + 3, y=y + 3, button="left", clickCount=1)
