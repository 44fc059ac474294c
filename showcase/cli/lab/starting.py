"""`lab start`."""

from __future__ import annotations

import sys
from dataclasses import replace
from typing import TYPE_CHECKING

import click

from showcase.cli.lab.options import HELP, aligned, dir_option, labs_option, nothing_happens, paragraph, paragraphs
from showcase.errors import UsageError

if TYPE_CHECKING:
    from pathlib import Path

    from showcase.labs.lab import Lab, Text
    from showcase.labs.notebook import Notebook, Page, Writer
    from showcase.labs.spoken import Wording

_LONG = 9
"""Digits that are no number of a choice, and that Python need not convert."""

EPILOG = """\b
Examples:
  showcase lab start 1
  showcase lab start 4 --recorded
  showcase lab start 6 --catch-up      who comes late: the labs before are played for you
"""


@click.command(epilog=EPILOG, context_settings=HELP)
@click.argument("number", type=click.IntRange(1), metavar="N")
@click.option("--predict", metavar="TEXT", help="Your prediction, instead of being asked: a choice's name or number.")
@click.option("--recorded", is_flag=True, help="Look at the run that was recorded, instead of making one.")
@click.option("--catch-up", is_flag=True, help="Play the solutions of the labs before that are not verified yet.")
@click.option("--language", metavar="CODE", help="Language of the texts, from now on: en, de, ja, … [default: en]")
@dir_option
@labs_option
def start(
    *,
    number: int,
    predict: str | None,
    recorded: bool,
    catch_up: bool,
    language: str | None,
    root: Path,
    own: Path | None,
) -> int:
    """Start lab N, or show it again.

    Its question, two minutes of reading, your prediction, and what to type. Nothing runs before you have predicted.
    A lab that was started already is shown again.

    \b
    Exit status: 0 started, 2 usage, 4 the environment.
    """  # noqa: D301 - click reads the backspace
    from showcase.labs import catalogue, needs, notebook  # noqa: PLC0415 - `--help` must not wait
    from showcase.labs.spoken import wording  # noqa: PLC0415 - likewise

    lab = catalogue.lab(number, own)
    lacking = needs.missing(lab)
    _check_language(language, own)
    with notebook.opened(root, begins=True) as writer:
        if language is not None:
            writer.write(replace(writer.book, language=language))
        if catch_up:
            _catch_up(lab, writer, own)
        text, said = lab.text(writer.book.language), wording(writer.book.language)
        page = writer.book.page(number)
        if page is None:
            if lacking is not None and not recorded:
                raise _only_recorded(lab, text, lacking)
            if recorded and not lab.frame.recorded_steps:
                raise UsageError(f"lab {number} needs no recorded run", hint=f"showcase lab start {number}")
            _say([*_head(lab, text, said), *_question(text, said)])
            page = _begun(lab, writer, _predicted(lab, text, said, predict), recorded=recorded)
        else:
            if predict is not None and predict != page.prediction:
                raise UsageError(
                    f"lab {number} was started already, with the prediction {page.prediction!r}",
                    hint=f"begin again: showcase lab reset {number}",
                )
            writer.write(replace(writer.book, current=number))
            _say(
                [
                    *_head(lab, text, said),
                    *_question(text, said),
                    paragraph(text.choices.get(page.prediction, page.prediction), first=f"{said.predicted} "),
                    "",
                ]
            )
        _say(_steps(lab, writer.book, page, root))
    return 0


def _check_language(language: str | None, own: Path | None) -> None:
    from showcase.labs import catalogue  # noqa: PLC0415 - `--help` must not wait

    there = sorted({each for lab in catalogue.labs(own) for each in lab.texts})
    if language is not None and language not in there:
        raise UsageError(
            f"no lab has texts in {language!r}", hint=f"--language {there[0]}; there are {', '.join(there)}"
        )


def _only_recorded(lab: Lab, text: Text, lacking: str) -> UsageError:
    return UsageError(
        f"lab {lab.number}, {text.title}, cannot be done here: {lacking}",
        hint=f"look at the run that was recorded where it could: showcase lab start {lab.number} --recorded",
    )


def _begun(lab: Lab, writer: Writer, prediction: str, *, recorded: bool) -> Page:
    from showcase.labs.notebook import new_page, put_aside  # noqa: PLC0415 - likewise
    from showcase.labs.starting import lay_out  # noqa: PLC0415 - likewise

    put_aside(writer.root, lab.number)  # what a start left that was cut off
    lay_out(lab, writer.root, recorded=recorded)
    page = new_page(lab.number, prediction, recorded=recorded)
    writer.write(replace(writer.book.with_page(page), current=lab.number))
    return page


def _catch_up(lab: Lab, writer: Writer, own: Path | None) -> None:
    """Play the labs before: who comes late has what the others have."""
    from showcase.cli.lab.helping import played  # noqa: PLC0415 - imports this file
    from showcase.labs import catalogue  # noqa: PLC0415 - as above

    for each in catalogue.labs(own):
        page = writer.book.page(each.number)
        if each.number < lab.number and (page is None or page.verified_at is None):
            click.echo(f"playing lab {each.number}, {each.text(writer.book.language).title}", err=True)
            played(each, writer)


def _head(lab: Lab, text: Text, said: Wording) -> list[str]:
    minutes = said.minutes.format(minutes=lab.frame.minutes)
    return ["", paragraph(f"{text.title} ({minutes})", first=f"Lab {lab.number}  "), ""]


def _question(text: Text, said: Wording) -> list[str]:
    read = paragraphs(text.reading, indent="  ")
    return [said.question, paragraph(text.question, first="  "), "", said.read, *read, ""]


def _predicted(lab: Lab, text: Text, said: Wording, given: str | None) -> str:
    """Return the prediction: before anything runs.

    Raises:
        UsageError: It is none of the choices, or nobody can be asked.
    """
    choices = lab.frame.choices
    if given is None:
        asked = [paragraph(text.prediction, first=f"{said.before} ", then="  ")]
        asked += [
            paragraph(f"{number}  {text.choices[name]}", first="  ", then=" " * 5)
            for number, name in enumerate(choices, 1)
        ]
        _say(asked)
        if not sys.stdin.isatty():
            usual = choices[0] if choices else "…"
            raise UsageError(
                "nobody can be asked for a prediction: standard input is no terminal",
                hint=f"showcase lab start {lab.number} --predict {usual}"
                + (f"; choices: {', '.join(choices)}" if choices else ""),
            )
        while (meant := _meant(choices, str(click.prompt(said.prompt, err=True)))) is None:
            click.echo(f"type a number from 1 to {len(choices)}, then Enter" if choices else "type words", err=True)
        return meant
    if (meant := _meant(choices, given)) is not None:
        return meant
    if not choices:
        raise UsageError("a prediction has words", hint=f'showcase lab start {lab.number} --predict "…"')
    raise UsageError(
        f"{given.strip()!r} is none of the choices",
        hint=f"showcase lab start {lab.number} --predict {choices[0]}; choices: {', '.join(choices)}",
    )


def _meant(choices: tuple[str, ...], typed: str) -> str | None:
    """Return the choice that was typed, by name or number, or the words where there are no choices; None of none."""
    typed = typed.strip().rstrip(".)") if choices else typed.strip()
    if typed.isascii() and typed.isdigit() and len(typed) < _LONG and 1 <= int(typed) <= len(choices):
        return choices[int(typed) - 1]
    return typed if typed and (not choices or typed in choices) else None


def _steps(lab: Lab, book: Notebook, page: Page, root: Path) -> list[str]:
    from showcase.cli.words import this_program  # noqa: PLC0415 - as above
    from showcase.labs.notebook import directory_of  # noqa: PLC0415 - likewise
    from showcase.labs.spoken import wording  # noqa: PLC0415 - likewise
    from showcase.labs.starting import filled, steps  # noqa: PLC0415 - likewise
    from showcase.shell import here  # noqa: PLC0415 - likewise

    place, text, said = directory_of(root, lab.number), lab.text(book.language), wording(book.language)
    told = text.recorded_steps if page.recorded else text.steps
    lines = [said.do.format(place=place), ""]
    for number, (step, says) in enumerate(zip(steps(lab, recorded=page.recorded), told, strict=True), 1):
        lines.append(paragraph(filled(says, place, python=_python()), first=f"  {number}. ", then=" " * 5))
        if step.command:
            words = [filled(word, place, python=_python()) for word in step.command]
            own = this_program() if words[0] == "showcase" else None
            typed = f"{own} {here().joined(words[1:])}" if own else here().joined(words)
            lines.append(f"       {typed}")
        if step.edit is not None:
            lines.append(f"       {place / step.edit}")
        lines.append("")
    program = this_program()
    lines += [*nothing_happens(book.language), ""] if len(book.pages) == 1 else []
    stuck, then = aligned(said.stuck, said.then)
    return [*lines, f"{stuck}{program} lab hint", f"{then}{program} lab verify"]


def _python() -> str:
    from pathlib import Path  # noqa: PLC0415 - for one word

    from showcase.documents.resources import working_directory  # noqa: PLC0415 - as above

    python, at = Path(sys.executable), working_directory()
    return str(python.relative_to(at)) if at is not None and python.is_relative_to(at) else str(python)


def _say(lines: list[str]) -> None:
    from showcase.cli.words import printable  # noqa: PLC0415 - as above

    for line in lines:
        click.echo(printable(line))
