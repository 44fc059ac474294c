"""The Jinja environment: nothing of a run log becomes markup, and the page can fetch nothing."""

from __future__ import annotations

import base64
import hashlib
from functools import cache
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

from showcase.documents.resources import directory
from showcase.report import text
from showcase.report.panels import colour
from showcase.report.sentences import some

_STYLES = ("style.css", "first_screen.css", "print.css")

_ICON = (
    "data:image/svg+xml,%3Csvg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 16 16'%3E"
    "%3Cpath d='M2 4h8M5 8h8M3 12h8' stroke='%2312596f' stroke-width='2.4'/%3E%3C/svg%3E"
)


def render_page(template: str, **values: object) -> str:
    """Render one page with its style, its script and the policy that admits these two and nothing else.

    The policy names them by digest: a nonce in a file that anyone can read protects nothing, and digests work
    from a disk and from a mail attachment, where no server sends a header.
    """
    style, script = "\n".join(map(_source, _STYLES)), _source("script.js")
    policy = (
        f"default-src 'none'; style-src 'sha256-{_digest(style)}'; script-src 'sha256-{_digest(script)}'; "
        "img-src data:; base-uri 'none'; form-action 'none'"
    )
    page = _environment().get_template(template)
    return page.render(
        **values,
        style=Markup(style),  # noqa: S704 - a file of this package
        script=Markup(script),  # noqa: S704 - a file of this package
        policy=policy,
        icon=_ICON,
    )


def load() -> None:
    """Read the styles, the script and all templates, so that no later edit of these files changes a page."""
    for name in (*_STYLES, "script.js"):
        _source(name)
    for name in _environment().list_templates(extensions=["j2"]):
        _environment().get_template(name)


@cache
def _environment() -> Environment:
    environment = Environment(
        loader=FileSystemLoader(directory("templates"), encoding="utf-8"),
        autoescape=True,
        undefined=StrictUndefined,
        auto_reload=False,
        finalize=_finalize,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters.update(
        said=text.visible,
        plain=text.plain,
        brief=text.brief,
        clipped=text.clipped,
        seconds=text.seconds,
        milliseconds=text.milliseconds,
        two_digits=text.two_digits,
        size=text.size,
        colour=colour,
    )
    environment.globals.update(counted=text.counted, some=some, shown_characters=text.SHOWN_CHARACTERS)
    return environment


def _finalize(value: Any) -> Any:  # noqa: ANN401 - whatever an expression in a template yields
    """Spell out what cannot be seen, wherever a template prints a text without saying how."""
    if value is None:
        raise TypeError("a template prints a value that is not there; it must say so in words")
    return text.plain(value) if isinstance(value, str) and not isinstance(value, Markup) else value


@cache
def _source(name: str) -> str:
    return (directory("templates") / name).read_text(encoding="utf-8").replace("\r\n", "\n")


def _digest(source: str) -> str:
    return base64.b64encode(hashlib.sha256(source.encode("utf-8")).digest()).decode("ascii")
