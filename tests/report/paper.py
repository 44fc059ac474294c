"""Prints a page and reads what is on the paper."""

from __future__ import annotations

import base64
import io
from typing import TYPE_CHECKING, Any

from browser import Browser, Tab
from pypdf import PdfReader

if TYPE_CHECKING:
    from pathlib import Path

A4, LETTER = (8.27, 11.69), (8.5, 11.0)
"""Width and height in inches."""


def sheets(browser: Browser, page: Path, size: tuple[float, float], *, dark: bool = False) -> list[str]:
    """Return the text of each sheet that a page is printed on."""
    tab = Tab(browser, page, dark=dark)
    width, height = size
    printed = tab.call("Page.printToPDF", paperWidth=width, paperHeight=height, printBackground=True)
    tab.close()
    return [sheet.extract_text() for sheet in PdfReader(io.BytesIO(base64.b64decode(printed["data"]))).pages]


def on_paper(browser: Browser, page: Path, *, dark: bool = False) -> Tab:
    """Return a tab that lays the page out as it is printed, in the width of a sheet of A4 between its margins."""
    tab = Tab(browser, page, width=688, dark=dark)
    theme = {"name": "prefers-color-scheme", "value": "dark" if dark else "light"}
    tab.call("Emulation.setEmulatedMedia", media="print", features=[theme])
    return tab


def packed(text: str) -> str:
    """Return a text without white space, which a sheet breaks elsewhere."""
    return "".join(text.split())


DARK = """[...document.querySelectorAll('html, body, body *')].filter((e) => e.checkVisibility()).map((e) => {
  const [r, g, b, a = 1] = getComputedStyle(e).backgroundColor.match(/[\\d.]+/g).map(Number);
  return a > 0 && 0.299 * r + 0.587 * g + 0.114 * b < 200 ? e.tagName + '.' + e.className : '';
}).filter(Boolean)"""
"""The elements with a dark background."""

WIDER = """[...document.querySelectorAll('body *')].filter((e) => e.checkVisibility() && !e.closest('svg')
  && e.getBoundingClientRect().right > innerWidth + 1).map((e) => e.tagName + '.' + e.className)"""
"""The elements that reach beyond the sheet."""

EMPTY = """[...document.querySelectorAll('td, th')].filter((e) => e.checkVisibility()
  && !e.textContent.trim()).length"""
"""How many cells say nothing."""

TORN = """[...document.querySelectorAll('.printed :is(dt, th, .status-word, .verdicts .line, .seen td:nth-child(n+5))'
  + ', td .outcome, thead th')].flatMap((e) => {
  const torn = [], texts = document.createTreeWalker(e, NodeFilter.SHOW_TEXT), range = document.createRange();
  while (texts.nextNode()) {
    for (const word of texts.currentNode.data.matchAll(/[\\w]+/g)) {
      range.setStart(texts.currentNode, word.index);
      range.setEnd(texts.currentNode, word.index + word[0].length);
      if (range.getClientRects().length > 1) torn.push(word[0]);
    }
  }
  return torn;
})"""
"""The words of labels that stand in more than one line."""

TOUCHING = """[...document.querySelectorAll('td .outcome')].filter((e) => {
  const range = document.createRange();
  range.selectNodeContents(e);
  return range.getBoundingClientRect().right > e.closest('td').getBoundingClientRect().right;
}).map((e) => e.textContent)"""
"""The verdicts that reach into the cell beside theirs."""

PIECES = """[...document.querySelectorAll('.printed :is(p, li, td, th, dt, .line)')]
  .filter((e) => e.checkVisibility()).map((e) => e.innerText)"""
"""The texts of all that is printed, piece by piece."""


def evaluated(browser: Browser, page: Path, expression: str, *, dark: bool = False) -> Any:
    """Return the value of an expression in the page as it is printed."""
    tab = on_paper(browser, page, dark=dark)
    value = tab.evaluate(expression)
    tab.close()
    return value
