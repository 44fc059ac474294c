"""`showcase scenario`: write one of your own, look at one."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from showcase.cli.nearest import Nearest, NearestGroup
from showcase.settings import languages

if TYPE_CHECKING:
    from showcase.errors import ShowcaseError
    from showcase.scenes.scenario import Checked, Fault

USUAL = Path("scenario.toml")
LONGEST_LINE = 100
"""Characters of a line at fault that are shown."""

_HELP = {"help_option_names": ["-h", "--help"]}


@click.group(cls=NearestGroup, context_settings=_HELP)
def command() -> None:
    """Write a scenario of your own, or check one: who plants which memories, and who asks what."""


@command.command(context_settings=_HELP)
@click.argument("file", required=False, default=USUAL, type=click.Path(path_type=Path, readable=False))
@click.option("--language", type=Nearest(languages.there()), help="Language of what is written.  [default: en]")
def new(*, file: Path, language: str | None) -> int:
    """Write a scenario with comments to FILE, to be changed by you. Never over a file that is there.

    FILE is scenario.toml where none is named; `-` is standard output.

    \b
    Examples:
      showcase scenario new
      showcase scenario new class.toml
      showcase scenario new klasse.toml --language de
    """  # noqa: D301 - \b is click's mark for lines that stay as they are
    from showcase.cli.words import printable, this_program  # noqa: PLC0415 - likewise
    from showcase.documents.descriptors import DASH  # noqa: PLC0415 - likewise
    from showcase.documents.new_file import create  # noqa: PLC0415 - likewise
    from showcase.shell.advice import quoted  # noqa: PLC0415 - `--help` must not wait

    text = languages.scenario(language).read_bytes()
    if file == DASH:
        click.echo(text.decode("utf-8"), nl=False)
        return 0
    try:
        create(file, text)
    except (OSError, ValueError) as error:
        raise _refusal(file, error) from error
    click.echo(printable(f"Wrote:   {file}"))
    click.echo(f"Next:    {this_program()} scenario check {quoted(file)}")
    return 0


def _refusal(file: Path, error: OSError | ValueError) -> ShowcaseError:
    """Return why nothing was written, with what to type instead."""
    import errno  # noqa: PLC0415 - `--help` must not wait

    from showcase.documents.new_file import UnfitNameError  # noqa: PLC0415 - likewise
    from showcase.errors import StoreError, UsageError  # noqa: PLC0415 - likewise
    from showcase.shell import here  # noqa: PLC0415 - likewise
    from showcase.shell.advice import another_directory, quoted  # noqa: PLC0415 - likewise

    number = error.errno if isinstance(error, OSError) else None
    folder = file.parent
    # A name that is not there, in a directory that takes files; of one that can be none nothing is kept.
    free = another_directory(Path(USUAL.stem) if isinstance(error, UnfitNameError) else folder / file.stem[:100])
    again = f"showcase scenario new {quoted(free.with_name(free.name + '.toml'))}"
    if number == errno.EEXIST:
        what = f"{file} is there already; it is left as it is"
        return UsageError(what, hint=f"look at it: showcase scenario check {quoted(file)}; or name another: {again}")
    why = getattr(error, "strerror", None) or str(error)
    if number in (errno.ENOSPC, errno.EDQUOT):
        return StoreError(
            f"cannot write {file}: {why}", hint=f"see what fills it: {here().free_space(folder)}; or: {again}"
        )
    if number == errno.ENOENT and not folder.exists():
        make = here().then(here().make_directory(folder), f"showcase scenario new {quoted(file)}")
        return UsageError(f"cannot write {file}: {folder} is no directory", hint=make)
    return UsageError(f"cannot write {file}: {why}", hint=f"name another: {again}")


@command.command(context_settings=_HELP)
@click.argument("file", type=click.Path(path_type=Path, readable=False))
def check(*, file: Path) -> int:
    """Look at the scenario in FILE without playing it: what it holds, or each line at fault.

    `-` is standard input. Exit status: 0 it can be played, 2 it cannot.

    \b
    Examples:
      showcase scenario check class.toml
    """  # noqa: D301 - \b is click's mark for lines that stay as they are
    from showcase.cli.words import as_typed, one_line  # noqa: PLC0415 - `--help` must not wait
    from showcase.documents.descriptors import shown  # noqa: PLC0415 - likewise
    from showcase.errors import ExitCode  # noqa: PLC0415 - likewise
    from showcase.scenes.scenario import MOST_FAULTS  # noqa: PLC0415 - likewise
    from showcase.scenes.scenario import check as look_at  # noqa: PLC0415 - likewise

    found = look_at(file)
    if found.scenario is not None:
        for line in _held(found, file):
            click.echo(line)
        return int(ExitCode.UPHELD)
    for fault in sorted(found.faults, key=lambda each: (each.place.line, each.place.column)):
        where = f"{shown(file)}, line {fault.place.line}, column {fault.place.column}"
        click.echo(f"error: {one_line(f'{where}: {fault.message}')}", err=True)
        for line in _excerpt(fault, found.lines):
            click.echo(line, err=True)
        click.echo(f"  fix: {one_line(as_typed(fault.fix))}", err=True)
    if len(found.faults) == MOST_FAULTS:
        click.echo(f"These are the first {MOST_FAULTS}.", err=True)
    return int(ExitCode.USAGE)


def _excerpt(fault: Fault, lines: tuple[str, ...]) -> list[str]:
    """Return the line at fault, with a mark below the place: of a long one the part around it."""
    from showcase.cli.words import printable  # noqa: PLC0415 - `--help` must not wait

    line = lines[fault.place.line - 1].rstrip("\r")
    begin = max(0, fault.place.column - 1 - LONGEST_LINE // 2) if len(line) > LONGEST_LINE else 0
    end = begin + LONGEST_LINE
    before = ("…" if begin else "") + printable(line[begin : fault.place.column - 1].replace("\t", " "))
    rest = printable(line[max(begin, fault.place.column - 1) : end].replace("\t", " ")) + (
        "…" if end < len(line) else ""
    )
    number = str(fault.place.line)
    return [f"  {number} | {before}{rest}", f"  {' ' * len(number)} | {' ' * len(before)}^"]


def _held(found: Checked, file: Path) -> list[str]:
    from showcase.cli.words import one_line, this_program  # noqa: PLC0415 - likewise
    from showcase.documents.descriptors import DASH, shown  # noqa: PLC0415 - likewise
    from showcase.languages import listed  # noqa: PLC0415 - `--help` must not wait
    from showcase.scenes.tasks import languages_of  # noqa: PLC0415 - likewise
    from showcase.shell.advice import quoted  # noqa: PLC0415 - likewise

    scenario = found.scenario
    assert scenario is not None  # noqa: S101 - the caller looked
    lines = [f"{shown(file)} can be played", f"  title  “{scenario.title}”"]
    for user, role in ((scenario.first, "session 1 and 2"), (scenario.second, "session 3")):
        count = len(user.memories)
        lines.append(f"  {user.id} ({role}): {count} {'memory' if count == 1 else 'memories'}, asks “{user.question}”")
    languages = languages_of(scenario)
    lines += [f"  language {listed([each.tag for each in languages])}"] if languages else []
    lines = [one_line(line) for line in lines]
    if file != DASH:
        lines.append(f"Next:    {this_program()} run --scenario {quoted(file)}")
    return lines
