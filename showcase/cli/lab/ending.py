"""`lab end`."""

from __future__ import annotations

from pathlib import Path

import click

from showcase.cli.lab.options import HELP, dir_option, paragraph
from showcase.cli.memories.there import agreed_to, yes_option
from showcase.cli.words import printable, this_program
from showcase.documents.file_names import why_unfit
from showcase.errors import ExitCode, UsageError
from showcase.shell.advice import quoted

_BELOW = len("/999.json")
_STAYS = (
    "What the files held may still be elsewhere: in the history of your shell, on the screen's scrollback, in a backup "
    "or a snapshot of the disk, and on a solid-state disk below what a program can write over."
)


@click.command(context_settings=HELP)
@click.option(
    "--certificates",
    type=click.Path(path_type=Path, readable=False),
    help="A directory for the certificates, to be made. [default: that of your work, with -certificates]",
)
@yes_option
@dir_option
def end(*, certificates: Path | None, agreed: bool, root: Path) -> int:
    """Erase all that the labs left.

    Every user of every store is forgotten, with a certificate each, then every file is written over. The
    certificates hold no word and no name of what was erased, and stay. Links are removed, and what they lead to stays.
    A directory that holds anything that no lab put there is refused.

    \b
    Exit status: 0 nothing is left, 1 or 3 something may be, 2 usage, 4 a file could not be removed.
    """  # noqa: D301 - click reads the backspace
    from showcase.claims.reading import counted  # noqa: PLC0415 - `--help` must not wait
    from showcase.labs import ending, notebook  # noqa: PLC0415 - likewise

    root = root if root.name not in ("", "..") else root.resolve()
    place = certificates or root.with_name(f"{root.name}-certificates")
    why = why_unfit(place, below=_BELOW)
    if why is not None:
        raise UsageError(
            f"{place} cannot be the name of a directory: {why}",
            hint="name another: showcase lab end --certificates DIR",
        )
    with notebook.opened(root):
        ending.check(root, place)
        found = ending.look(root)
        stores = len({each.store for each in found.users})
        what = f"{counted(len(found.users), 'user')} in {counted(stores, 'store')}"
        if not agreed_to(f"Erase {root}, with {what}, and all that you did there?", agreed=agreed):
            return int(ExitCode.UPHELD)
        forgotten = ending.forget(found.users, place, lambda line: click.echo(printable(f"{line} …"), err=True))
    cleared = ending.remove(root)
    whole = [each for each in forgotten if each.certificate is not None and each.status == 0]
    lines = [f"{each.kept.user} in {each.kept.store}: {each.said}" for each in forgotten if each not in whole]
    lines += [f"{path}: it could not be read, so that there is no certificate" for path in found.unreadable]
    lines += [f"{path}: it has files of elsewhere, so that nobody was forgotten there" for path in found.shared]
    if cleared.linked:
        lines.append(
            f"{counted(cleared.linked, 'file')} had another name elsewhere, and still holds what it held there"
        )
    for line in lines:
        click.echo(printable(paragraph(line, first="? ", then="    ")))
    if whole:
        of_all = f"{len(whole)} of {counted(len(forgotten), 'user')} of {counted(stores, 'store')}"
        click.echo(f"{of_all}: nothing is left, with a certificate.")
    click.echo(printable(f"{counted(cleared.overwritten, 'file')} written over; {root} is gone."))
    click.echo(paragraph(_STAYS))
    if whole:
        click.echo(printable(f"Certificates: {place}"))
        click.echo(f"Next:    {this_program()} verify {quoted(whole[0].certificate)}")
    if any(each.status == ExitCode.BROKEN for each in forgotten):
        return int(ExitCode.BROKEN)
    return int(ExitCode.INCONCLUSIVE if lines else ExitCode.UPHELD)
