"""`showcase limits`."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

if TYPE_CHECKING:
    from collections.abc import Iterable

    from showcase.evidence import Run
    from showcase.evidence.limits import General

WIDTH = 80


@click.command(context_settings={"help_option_names": ["-h", "--help"]})
@click.argument("run_log", type=click.Path(path_type=Path, readable=False), required=False)
@click.option("--json", "as_json", is_flag=True, help="Print them as JSON.")
def command(*, run_log: Path | None, as_json: bool) -> None:
    """Say what is never covered: of each witness that counts, and of each claim, with the levels that have it.

    These are the general limits that `run`, `audit` and `verify` count and do not print. What a witness does not see is
    a limit of the claims egress and telemetry. With RUN_LOG, all limits of its verdicts, as they follow from it now;
    RUN_LOG may be what `showcase verify` takes.

    \b
    Examples:
      showcase limits
      showcase limits showcase-output
      showcase limits audit.json --json
    """  # noqa: D301 - click reads the backspace
    if run_log is None:
        from showcase.claims import CLAIMS, limits  # noqa: PLC0415 - `--help` must not wait

        if as_json:
            click.echo(json.dumps([_fields(each) for each in limits.GENERAL], indent=2))
        else:
            _say(_general(limits.GENERAL, {claim.id: claim.title for claim in CLAIMS}))
        return
    run = _read(run_log)
    if as_json:
        click.echo(json.dumps(_of_log(run), indent=2))
    else:
        _say(_told(run))


def _fields(limit: General) -> dict[str, Any]:
    return {
        "limit": limit.sentence,
        "witness": limit.witness,
        "claims": limit.claims,
        "levels": limit.levels,
        "where": limit.where,
    }


def _general(known: Iterable[General], titles: dict[str, str]) -> list[str]:
    """Return the limits below whom they are about; levels are named where not every verdict of a claim has it."""
    from showcase.claims.witnessing import level_of  # noqa: PLC0415 - `--help` must not wait
    from showcase.evidence import LEVELS  # noqa: PLC0415 - likewise

    groups: dict[str, list[str]] = {f"claim {name}: {title}": [] for name, title in titles.items()}
    for limit in known:
        levels = "" if limit.levels == LEVELS else f"at the level {', '.join(limit.levels)}"
        where = ", ".join(filter(None, (limit.where, levels)))
        line = limit.text + (f" ({where})" if where else "")
        if limit.witness is None:
            heads = [f"claim {name}: {titles[name]}" for name in limit.claims]
        else:
            heads = [f"witness {limit.witness} (by itself {level_of({limit.witness})}) does not see"]
        for head in heads:
            groups.setdefault(head, []).append(line)
    return _grouped(groups)


def _of_log(run: Run) -> list[dict[str, Any]]:
    from showcase.claims import limits  # noqa: PLC0415 - `--help` must not wait

    return [
        {
            "limit": limit,
            "claim": verdict.id,
            "status": verdict.status,
            "level": verdict.level,
            "general": limits.is_general(limit),
        }
        for verdict in run.claims
        for limit in verdict.limits
    ]


def _told(run: Run) -> list[str]:
    """Return the limits of a log below their verdicts, those of this run alone first."""
    from showcase.claims import limits  # noqa: PLC0415 - `--help` must not wait

    groups = {}
    for verdict in run.claims:
        own = [each for each in verdict.limits if not limits.is_general(each)]
        always = [f"{each} (general)" for each in verdict.limits if limits.is_general(each)]
        groups[f"{verdict.id}: {verdict.status}{f', {verdict.level}' if verdict.level else ''}"] = [*own, *always]
    return _grouped(groups)


def _grouped(groups: dict[str, list[str]]) -> list[str]:
    lines: list[str] = []
    for head, items in groups.items():
        lines += [head, *(f"  - {each}" for each in items or ["none stated"]), ""]
    return lines[:-1]


def _read(run_log: Path) -> Run:
    """Return the log with the verdicts that follow from it now, as `verify` reads it."""
    from dataclasses import replace  # noqa: PLC0415 - `--help` must not wait for any of these

    from showcase import claims, runlog  # noqa: PLC0415
    from showcase.cli.run_logs import log_at, log_of_page  # noqa: PLC0415
    from showcase.documents.descriptors import shown  # noqa: PLC0415

    place = log_at(run_log, "showcase limits")
    run = runlog.load(log_of_page(runlog.read_bytes(place), shown(place)), source=shown(place))
    return replace(run, claims=claims.judge(run))


def _say(lines: Iterable[str]) -> None:
    import textwrap  # noqa: PLC0415 - `--help` must not wait

    from showcase.cli.words import one_line  # noqa: PLC0415 - likewise

    for line in map(one_line, lines):
        indent = "    " if line.startswith("  ") else "  "
        click.echo(textwrap.fill(line, WIDTH, subsequent_indent=indent, break_on_hyphens=False, break_long_words=False))
