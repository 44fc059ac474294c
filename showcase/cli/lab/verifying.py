"""`lab verify`."""

from __future__ import annotations

import sys
from dataclasses import replace
from typing import TYPE_CHECKING

import click

from showcase.cli.lab.options import HELP, aligned, dir_option, labs_option, meant, number_argument, page_of, paragraph
from showcase.errors import ExitCode, UsageError

if TYPE_CHECKING:
    from pathlib import Path

    from showcase.labs.lab import Lab
    from showcase.labs.notebook import Notebook, Page, Writer

_WORST_FIRST = (int(ExitCode.BROKEN), int(ExitCode.INCONCLUSIVE))
_SIGNS = {"met": "✓", "unmet": "✗", "unseen": "?"}

EPILOG = """\b
Examples:
  showcase lab verify
  showcase lab verify --finding package=posthog
  showcase lab verify --all --json > anna-lab-record.json     to hand in: `report --class` gathers them
"""


@click.command(epilog=EPILOG, context_settings=HELP)
@number_argument
@click.option(
    "--finding", "findings", multiple=True, metavar="NAME=TEXT", help="What you found, instead of being asked."
)
@click.option("--all", "everything", is_flag=True, help="Look at every lab that was started.")
@click.option("--json", "as_json", is_flag=True, help="Print where you are in all labs, as JSON to hand in.")
@dir_option
@labs_option
def verify(
    *, number: int | None, findings: tuple[str, ...], everything: bool, as_json: bool, root: Path, own: Path | None
) -> int:
    """Look at what is really there.

    Processes, store, run logs, and your own programs, which are run again. Nothing is believed.

    \b
    Exit status: 0 all is met, 1 something else is there, 2 usage, 3 there was nothing to look at, 4 the environment.
    """  # noqa: D301 - click reads the backspace
    from showcase.labs import catalogue, notebook, record  # noqa: PLC0415 - `--help` must not wait

    with notebook.opened(root) as writer:
        labs = [catalogue.lab(each, own) for each in _asked(writer.book, number, everything=everything)]
        codes = []
        for lab in labs:
            page = _answered(lab, writer.book, findings if len(labs) == 1 else (), asks=not as_json)
            page = look(lab, writer, page)
            codes.append(told(lab, writer.book, page, err=as_json))
        if as_json:
            click.echo(record.dump(record.record_of(writer.book, catalogue.labs(own))))
    return next((code for code in _WORST_FIRST if code in codes), int(ExitCode.UPHELD))


def _asked(book: Notebook, number: int | None, *, everything: bool) -> list[int]:
    if not everything:
        return [meant(book, number)]
    if number is not None:
        raise UsageError("--all is every lab that was started, and one was named", hint="leave one of them out")
    meant(book, None if book.pages else number)
    return [page.number for page in book.pages]


def _answered(lab: Lab, book: Notebook, given: tuple[str, ...], *, asks: bool) -> Page:
    """Return the page with what was found: given, written down before, or asked for now."""
    page = page_of(book, lab)
    found = dict(page.findings)
    asked_for = lab.frame.findings
    for each in given:
        name, equals, text = each.partition("=")
        if not equals or name not in asked_for:
            names = ", ".join(asked_for) or "none"
            raise UsageError(
                f"lab {lab.number} asks for no finding {name!r}; it asks for: {names}",
                hint=f"showcase lab verify {lab.number}" + "".join(f" --finding {name}=…" for name in asked_for[:1]),
            )
        found[name] = text
    words = lab.text(book.language).findings
    for name in asked_for:
        if asks and name not in {each.partition("=")[0] for each in given} and sys.stdin.isatty():
            asked, before = paragraph(words[name], first=f"Lab {lab.number}: "), found.get(name, "")
            found[name] = str(click.prompt(asked, default=before, show_default=bool(before), err=True))
    return replace(page, findings=found)


def look(lab: Lab, writer: Writer, page: Page) -> Page:
    """Look at a lab and write down what was seen; return its page."""
    from showcase.clock import utc_now  # noqa: PLC0415 - `--help` must not wait
    from showcase.labs import verifying  # noqa: PLC0415 - likewise

    click.echo(f"Looking at lab {lab.number} …", err=True)
    checks = verifying.verify(lab, writer.root, page)
    now = utc_now()
    verified = page.verified_at or now if verifying.are_met(checks) else page.verified_at
    page = replace(page, checks=checks, looked_at=now, verified_at=verified)
    writer.write(writer.book.with_page(page))
    return page


def told(lab: Lab, book: Notebook, page: Page, *, err: bool = False) -> int:
    """Print what was seen, the prediction beside what happened, and what to do next; return the exit status."""
    from showcase.cli.words import one_line, printable, this_program  # noqa: PLC0415 - as above
    from showcase.labs.spoken import wording  # noqa: PLC0415 - likewise
    from showcase.labs.verifying import are_met  # noqa: PLC0415 - likewise

    text, said = lab.text(book.language), wording(book.language)
    lines = ["", f"Lab {lab.number}  {text.title}", ""]
    for check in page.checks:
        lines.append(paragraph(text.checks[check.id], first=f"  {_SIGNS[check.status]} ", then=" " * 4))
        lines.append(paragraph(one_line(check.seen), first="    "))
    lines.append("")
    if are_met(page.checks):
        predicted = text.choices.get(page.prediction, page.prediction)
        labels = aligned(said.predicted, said.happened, said.take_home)
        lines += [
            paragraph(predicted, first=labels[0]),
            paragraph(text.outcome, first=labels[1]),
            "",
            paragraph(text.take_home, first=labels[2]),
            "",
            f"{aligned(said.next)[0]}{this_program()} lab list",
        ]
    else:
        lines.append(f"{aligned(said.stuck)[0]}{this_program()} lab hint")
    for line in lines:
        click.echo(printable(line), err=err)
    if are_met(page.checks):
        return int(ExitCode.UPHELD)
    return int(ExitCode.BROKEN if any(check.status == "unmet" for check in page.checks) else ExitCode.INCONCLUSIVE)
