"""`showcase pack`: a stick for a room without internet, and a look at it before class."""

from __future__ import annotations

import hashlib
import json
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING

import click

from showcase.cli.words import as_typed, fitted, one_line, printable
from showcase.errors import ExitCode, UsageError
from showcase.shell.advice import quoted

if TYPE_CHECKING:
    from showcase.pack.checking import Finding
    from showcase.pack.manifest import Pack

EPILOG = """\b
Examples:
  showcase pack stick                       for machines like this one
  showcase pack stick --platform all --python 3.12 --python 3.13
  showcase pack stick --platform windows-x86_64 --python all --no-models
  showcase pack stick --model qwen3:4b-instruct --model nomic-embed-text
  showcase pack stick --check
"""


@click.command(epilog=EPILOG, context_settings={"help_option_names": ["-h", "--help"]})
@click.argument("place", metavar="DIR", type=click.Path(path_type=Path, readable=False))
@click.option(
    "--platform",
    "platforms",
    multiple=True,
    metavar="NAME",
    help="linux-x86_64, linux-aarch64, macos-arm64, macos-x86_64, windows-x86_64, or all.  [default: this machine's]",
)
@click.option(
    "--python", "pythons", multiple=True, metavar="VERSION", help="3.10 to 3.14, or all.  [default: this one]"
)
@click.option("--without", multiple=True, metavar="PLATFORM:PYTHON", help="Leave out a pair of these.")
@click.option(
    "--model", "models", multiple=True, metavar="NAME", help="Only these.  [default: all that Ollama has here]"
)
@click.option("--no-models", is_flag=True, help="No models: the rehearsal engine needs none.")
@click.option("--extra", "extras", multiple=True, metavar="NAME", help="Also what this extra brings, such as reveal.")
@click.option(
    "--wheel",
    type=click.Path(path_type=Path, exists=True, dir_okay=False),
    metavar="FILE",
    help="The wheel of this program, instead of one that is made here.",
)
@click.option("--check", is_flag=True, help="Write nothing: look whether the stick in DIR is whole.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
def command(
    *,
    place: Path,
    platforms: tuple[str, ...],
    pythons: tuple[str, ...],
    without: tuple[str, ...],
    models: tuple[str, ...],
    no_models: bool,
    extras: tuple[str, ...],
    wheel: Path | None,
    check: bool,
    as_json: bool,
) -> int:
    """Write into DIR what a room without internet needs: wheels, models, an installer for each system, checksums.

    This command goes to the package registry that pip is set to, for wheels that are not in DIR yet, and says so
    before. Models come from this machine's Ollama directory, not from its server. DIR is new, empty, or was packed
    before: then only what has changed is written, and one that was cut short is finished.

    \b
    Exit status: 0 written, or whole; 1 --check found something wrong; 2 the
    command line, or DIR holds what no pack made; 4 a wheel or a model cannot
    be had, or the disk.
    """  # noqa: D301 - click reads the backspace
    if check:
        return _check(place, as_json=as_json)
    if models and no_models:
        raise UsageError("--model and --no-models contradict each other", hint="leave one of them out")
    from showcase.pack import packing  # noqa: PLC0415 - `--help` must not wait
    from showcase.pack.platforms import targets  # noqa: PLC0415 - likewise

    request = packing.Request(
        place=place,
        targets=targets(platforms, pythons, without),
        extras=tuple(dict.fromkeys(extras)),
        models=() if no_models else models or None,
        wheel=wheel,
    )
    packed = packing.pack(request, _say)
    if as_json:
        document = {"place": str(place.absolute()), "sha256sums": _digest(place), **asdict(packed)}
        click.echo(json.dumps(document, indent=2))
        return int(ExitCode.UPHELD)
    _print(place, packed, asked_for_more=bool(platforms or pythons))
    return int(ExitCode.UPHELD)


def _check(place: Path, *, as_json: bool) -> int:
    from showcase.pack import checking  # noqa: PLC0415 - `--help` must not wait

    found = checking.check(place, _say)
    whole = all(each.ok for each in found)
    code = ExitCode.UPHELD if whole else ExitCode.BROKEN
    if as_json:
        document = {
            "whole": whole,
            "exit_code": int(code),
            "sha256sums": _digest(place),
            "findings": [asdict(each) for each in found],
        }
        click.echo(json.dumps(document, indent=2))
        return int(code)
    for each in found:
        click.echo(fitted(_line(each), hanging=17))
    said = "whole" if whole else "not whole: do not hand it out"
    click.echo(f"{printable(str(place))} is {said}")
    if whole:
        click.echo(f"SHA-256 of SHA256SUMS: {_digest(place)}")
    return int(code)


def _digest(place: Path) -> str | None:
    """Return the SHA-256 of the checksums, which stands for all that is on the stick; None where there are none."""
    try:
        return hashlib.sha256((place / "SHA256SUMS").read_bytes()).hexdigest()
    except OSError:
        return None


def _line(found: Finding) -> str:
    return f"{'ok' if found.ok else 'wrong':<5}  {found.what:<9}  {one_line(found.detail)}"


def _print(place: Path, packed: Pack, *, asked_for_more: bool) -> None:
    from showcase.engines.models.sizes import show_size  # noqa: PLC0415 - `--help` must not wait
    from showcase.pack.installers import COMMANDS  # noqa: PLC0415 - likewise

    lines = [f"local-memory-showcase {packed.showcase}: {packed.files} files, {show_size(packed.total_bytes)}"]
    lines += [f"  {each.platform}, Python {each.python}: {each.wheels} wheels" for each in packed.targets]
    lines += [f"  model {each.name}: {show_size(each.total_bytes)}" for each in packed.models]
    if not asked_for_more:
        lines.append("For machines like this one alone; a whole class: --platform all --python all")
    lines.append(f"SHA-256 of SHA256SUMS: {_digest(place)}")
    lines.append("To install, in that directory:")
    lines += [f"  {system}:  {typed}" for system, typed in COMMANDS.items()]
    for line in lines:
        click.echo(printable(line))
    click.echo(as_typed(f"Next: showcase pack {quoted(place)} --check"))


def _say(text: str) -> None:
    click.echo(fitted(printable(text), err=True), err=True)
