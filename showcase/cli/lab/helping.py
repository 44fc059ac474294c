"""`lab hint` and `lab solution`."""

from __future__ import annotations

import sys
from dataclasses import replace
from typing import TYPE_CHECKING

import click

from showcase.cli.lab.options import HELP, dir_option, labs_option, meant, number_argument, page_of, paragraph
from showcase.cli.memories.there import yes_option
from showcase.errors import UsageError

if TYPE_CHECKING:
    from pathlib import Path

    from showcase.labs.lab import Answer, Lab
    from showcase.labs.notebook import Writer


@click.command(context_settings=HELP)
@number_argument
@dir_option
@labs_option
def hint(*, number: int | None, root: Path, own: Path | None) -> int:
    """Give one more hint.

    For the lab that you are at, or for lab N; the first ones say where to look.
    """
    from showcase.cli.words import printable, this_program  # noqa: PLC0415 - `--help` must not wait
    from showcase.labs import catalogue, notebook  # noqa: PLC0415 - likewise
    from showcase.labs.spoken import wording  # noqa: PLC0415 - likewise
    from showcase.labs.starting import filled  # noqa: PLC0415 - likewise

    with notebook.opened(root) as writer:
        lab = catalogue.lab(meant(writer.book, number), own)
        page = page_of(writer.book, lab)
        hints = lab.text(writer.book.language).hints
        given = min(page.hints + 1, len(hints))
        where = notebook.directory_of(root, lab.number)
        for place, text in enumerate(hints[:given], 1):
            click.echo(printable(paragraph(filled(text, where, python=sys.executable), first=f"{place}. ")))
        if given == len(hints):
            click.echo(f"{wording(writer.book.language).hints_over} {this_program()} lab solution")
        writer.write(writer.book.with_page(replace(page, hints=given)))
    return 0


@click.command(context_settings=HELP)
@number_argument
@click.option("--play", is_flag=True, help="Do it for me, from the start. What I did so far is put aside.")
@yes_option
@dir_option
@labs_option
def solution(*, number: int | None, play: bool, agreed: bool, root: Path, own: Path | None) -> int:
    """Show how it is done; --play does it.

    The lab that you are at is meant, or lab N.     Your notebook says that you looked. `showcase lab start N
    --catch-up` plays all labs before N.

    \b
    Exit status: 0 shown, or played and verified; 1 played, and something is not met; 2 usage, 4 the environment.
    """  # noqa: D301 - click reads the backspace
    from showcase.cli.words import printable  # noqa: PLC0415 - `--help` must not wait
    from showcase.labs import catalogue, notebook  # noqa: PLC0415 - likewise

    with notebook.opened(root, begins=play and number is not None) as writer:
        lab = catalogue.lab(meant(writer.book, number), own)
        page = writer.book.page(lab.number)
        if play:
            _check_agreed(lab, agreed=agreed or page is None)
            return played(lab, writer)
        page = page_of(writer.book, lab)
        for line in _shown(lab, _answer(lab, recorded=page.recorded), notebook.directory_of(root, lab.number)):
            click.echo(printable(line))
        writer.write(writer.book.with_page(replace(page, solution_seen=True)))
    return 0


def _check_agreed(lab: Lab, *, agreed: bool) -> None:
    """Ask before what somebody did is put aside."""
    if agreed:
        return
    if not sys.stdin.isatty():
        raise UsageError(
            f"lab {lab.number} was started, and nobody can be asked: standard input is no terminal",
            hint=f"put aside what was done, and play it: showcase lab solution {lab.number} --play --yes",
        )
    click.confirm(f"Put aside what you did in lab {lab.number}, and play its solution?", err=True, abort=True)


def _answer(lab: Lab, *, recorded: bool) -> Answer:
    return lab.recorded_solution if recorded and lab.recorded_solution is not None else lab.solution


def _shown(lab: Lab, answer: Answer, place: Path) -> list[str]:
    """Return an answer as one reads it: commands as they are typed, files whole."""
    from showcase.cli.words import this_program  # noqa: PLC0415 - as above
    from showcase.labs.starting import filled  # noqa: PLC0415 - likewise
    from showcase.shell import here  # noqa: PLC0415 - likewise

    lines: list[str] = []
    for act in answer.acts:
        if act.command:
            words = [filled(word, place, python=sys.executable) for word in act.command]
            typed = here().joined(words[1:])
            lines.append(f"{this_program() if words[0] == 'showcase' else here().joined(words[:1])} {typed}")
            lines += [f"    then type: {line}" for line in (act.typed or "").splitlines()]
        elif act.remove is not None:
            gone = place / act.remove
            lines.append(here().remove_all(gone) if not gone.suffix else here().remove(gone))
        elif act.copy is not None and act.to is not None:
            lines += ["", f"{place / act.to}:", ""]
            lines += [f"    {line}" for line in (lab.folder / act.copy).read_text("utf-8").splitlines()]
            lines.append("")
    lines += [f"finding {name}: {text}" for name, text in answer.findings.items()]
    return lines


def played(lab: Lab, writer: Writer) -> int:
    """Play the solution of a lab from its start, look at what came of it, and write that down.

    Returns:
        The exit status: 0 where all is met.
    """
    from showcase.cli.lab.verifying import look, told  # noqa: PLC0415 - imports what is here
    from showcase.cli.words import printable  # noqa: PLC0415 - as above
    from showcase.labs import needs, playing  # noqa: PLC0415 - likewise
    from showcase.labs.notebook import new_page, put_aside  # noqa: PLC0415 - likewise
    from showcase.labs.starting import lay_out  # noqa: PLC0415 - likewise

    recorded = needs.missing(lab) is not None
    answer = _answer(lab, recorded=recorded)
    aside = put_aside(writer.root, lab.number)
    if aside is not None:
        click.echo(printable(f"what was done lies in {aside}"), err=True)
    lay_out(lab, writer.root, recorded=recorded)
    page = replace(
        new_page(lab.number, answer.prediction, recorded=recorded), findings=dict(answer.findings), solution_seen=True
    )
    writer.write(replace(writer.book.with_page(page), current=lab.number))
    playing.play(lab, answer, writer.root, lambda line: click.echo(printable(f"  {line}"), err=True))
    page = look(lab, writer, page)
    return told(lab, writer.book, page)
