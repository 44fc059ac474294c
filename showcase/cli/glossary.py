"""`showcase glossary`: what a word of this program means, offline."""

from __future__ import annotations

import re

import click

PAGE = "glossary.md"
_LINK = re.compile(r"\[([^\]]+)\]\([^)]+\)")
_PAGE_LINK = re.compile(r"\[([^\]]+)\]\((?:\.\./)?(?!#|glossary\.md)([\w/.-]+\.md)(?:#[\w-]+)?\)")
_WIDTH = 80


@click.command(context_settings={"help_option_names": ["-h", "--help"]})
@click.argument("word", nargs=-1, metavar="[WORD]")
def command(*, word: tuple[str, ...]) -> None:
    """Say what WORD means; without one, what each does in a line.

    \b
    Examples:
      showcase glossary
      showcase glossary inconclusive
      showcase glossary planted leak
    """  # noqa: D301 - \b is click's mark for lines that stay as they are
    from showcase.errors import UsageError  # noqa: PLC0415 - `--help` must not wait

    known = entries()
    if not word:
        _list(known)
        return
    asked = _folded(" ".join(word))
    found = asked if asked in known else asked.removesuffix("s")  # "levels"
    if found not in known:
        from showcase.shell.advice import near  # noqa: PLC0415 - only here

        raise UsageError(
            f"{' '.join(word)!r} is not in the glossary{near(asked, known)}", hint="see all of it: showcase glossary"
        )
    click.echo(_wrapped(f"{found}: {_plain(known[found])}"))


def entries() -> dict[str, str]:
    """Return the glossary: each word with its text in Markdown, in the order of the page."""
    from showcase.documents.resources import directory  # noqa: PLC0415 - `--help` reads nothing

    parts = re.split(r"^## (.+)$", (directory("docs") / PAGE).read_text("utf-8"), flags=re.MULTILINE)[1:]
    return {_folded(name): " ".join(text.split()) for name, text in zip(parts[::2], parts[1::2], strict=True)}


def _folded(word: str) -> str:
    spaced = " ".join(word.casefold().replace("_", " ").split())
    return spaced if spaced == "self-reported" else spaced.replace("-", " ").replace("self reported", "self-reported")


def _list(known: dict[str, str]) -> None:
    width = max(map(len, known))
    for name, text in known.items():
        first = re.split(r"(?<=\.) ", _plain(text))[0]
        click.echo(_wrapped(f"{name:<{width}}  {first}", indent=width + 2))
    click.echo("\nshowcase glossary WORD prints the whole entry.")


def _plain(text: str) -> str:
    """Return the text without the marks of Markdown."""
    named = _PAGE_LINK.sub(r"\1 (docs/\2)", text)  # nobody can follow a link here
    return _LINK.sub(r"\1", named).replace("`", "")


def _wrapped(text: str, indent: int = 2) -> str:
    import textwrap  # noqa: PLC0415 - `--help` must not wait

    return textwrap.fill(text, _WIDTH, subsequent_indent=" " * indent, break_on_hyphens=False, break_long_words=False)
