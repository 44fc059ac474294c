"""Reads a page as text: what a section says, without its markup."""

from __future__ import annotations

import html
import re
from dataclasses import dataclass


def words(page: str, section: str) -> str:
    """Return the text of a section, its white space folded."""
    found = re.search(rf'<section id="{section}".*?</section>', page, flags=re.DOTALL)
    assert found is not None, f"there is no section {section}"
    return re.sub(r"\s+", " ", html.unescape(re.sub(r"<[^>]*>", " ", found.group())))


@dataclass(frozen=True)
class Panel:
    """A panel of the first screen."""

    markup: str
    text: str


def panel(page: str, title: str) -> Panel:
    """Return the panel whose heading has this id."""
    found = re.search(rf'<section aria-labelledby="{title}">(.*?)</section>', page, flags=re.DOTALL)
    assert found is not None, f"there is no panel {title}"
    markup = found.group(1)
    spaced = re.sub(r"<(?!/?(?:bdi|mark|sup)\b)[^>]*>", " ", markup)
    return Panel(markup, re.sub(r"\s+", " ", html.unescape(re.sub(r"<[^>]*>", "", spaced))))


def cells(page: str, label: str) -> list[list[str]]:
    """Return the body of the table in the region named `label`, each cell as text."""
    region = re.search(rf'aria-label="{re.escape(label)}">.*?</table>', page, flags=re.DOTALL)
    assert region is not None, f"there is no table {label}"
    body = region.group().partition("<tbody")[2]
    return [
        [re.sub(r"\s+", " ", html.unescape(re.sub(r"<[^>]*>", " ", cell))).strip() for cell in _CELL.findall(row)]
        for row in body.split("<tr")[1:]
    ]


_CELL = re.compile(r"<t[dh][^>]*>(.*?)</t[dh]>", re.DOTALL)
