"""`showcase run`."""

from __future__ import annotations

import json
import os
from pathlib import Path

import click

from showcase import settings as defaults

EPILOG = """\b
Exit status:
  0  every claim is upheld
  1  a claim is broken
  2  the command line or a file given is wrong
  3  a claim is inconclusive, and none is broken
  4  the environment: server, model, store, disk

\b
Examples:
  showcase run
  showcase run --engine ollama --chat-model qwen3:4b-instruct --embed-model nomic-embed-text
  showcase run --scenario class.toml --out class-output --open
  showcase run --witness sockets --json > summary.json
"""


@click.command(epilog=EPILOG, context_settings={"help_option_names": ["-h", "--help"]})
@click.option(
    "--out",
    type=click.Path(path_type=Path),
    default=defaults.DEFAULT_OUT,
    show_default=True,
    help="Directory for log, page and store. Made by this program; others are never wiped.",
)
@click.option(
    "--engine",
    type=click.Choice(["auto", "ollama", "rehearsal"]),
    default="auto",
    show_default=True,
    help="Model server. auto: Ollama where it answers and has models, else the embedded rehearsal engine.",
)
@click.option(
    "--ollama-host",
    metavar="URL",
    help=f"Where Ollama listens, loopback only. [default: $OLLAMA_HOST, else {defaults.DEFAULT_OLLAMA_HOST}]",
)
@click.option("--embed-model", metavar="NAME", help="Embedding model. [default: nomic-embed-text, else a local one]")
@click.option("--chat-model", metavar="NAME", help="Chat model. [default: the first known tag, else a local one]")
@click.option("--scenario", type=click.Path(path_type=Path), help="Who plants and asks what, a TOML file.")
@click.option("--infer/--no-infer", default=False, show_default=True, help="Let mem0 extract memories with the model.")
@click.option(
    "--top-k", type=click.IntRange(1, 1000), default=5, show_default=True, help="Rows a search returns at most."
)
@click.option("--keep-store", is_flag=True, help="Plant into the store that is there instead of a new one.")
@click.option("--witness", "witnesses", multiple=True, metavar="NAME", help="Repeatable. [default: all that work here]")
@click.option(
    "--session-timeout",
    type=click.FloatRange(1, 86400),
    default=600.0,
    show_default=True,
    metavar="SECONDS",
    help="A session that takes longer is killed.",
)
@click.option("--json", "as_json", is_flag=True, help="Print the summary as JSON on stdout, all else on stderr.")
@click.option("--open", "open_page", is_flag=True, help="Open the page in a browser.")
def command(
    *,
    out: Path,
    engine: defaults.EngineChoice,
    ollama_host: str | None,
    embed_model: str | None,
    chat_model: str | None,
    scenario: Path | None,
    infer: bool,
    top_k: int,
    keep_store: bool,
    witnesses: tuple[str, ...],
    session_timeout: float,
    as_json: bool,
    open_page: bool,
) -> int:
    """Run three sessions in three processes, watch them, judge the claims, write log and page.

    Session 1 plants memories as one user and exits. Session 2, a new process, asks as that user and recalls them
    from the store. Session 3 asks the same as a second user, who must see none of them.
    """
    from showcase import orchestrator  # noqa: PLC0415 - `--help` must not wait for it
    from showcase import scenario as scenarios  # noqa: PLC0415 - likewise
    from showcase.cli.plain import PlainProgress, summary  # noqa: PLC0415 - likewise

    endpoint, remark = defaults.parse_ollama_host(
        ollama_host or os.environ.get("OLLAMA_HOST") or defaults.DEFAULT_OLLAMA_HOST
    )
    progress = PlainProgress()
    if remark and engine != "rehearsal":
        progress.note(remark)
    settings = defaults.Settings(
        out=out,
        engine=engine,
        ollama=endpoint,
        embed_model=embed_model,
        chat_model=chat_model,
        infer=infer,
        top_k=top_k,
        keep_store=keep_store,
        witnesses=witnesses or None,
        session_timeout_s=session_timeout,
    )
    outcome = orchestrator.run(settings, scenarios.read(scenario), progress)
    shown = str(out)
    if as_json:
        click.echo(json.dumps(_summary_json(outcome, shown), indent=2))
    for line in summary(outcome, shown=shown):
        click.echo(line, err=as_json)
    if outcome.trouble is not None:
        from showcase.cli import say_error  # noqa: PLC0415 - imports this file

        say_error(outcome.trouble)
    if open_page:
        click.launch(str(outcome.report))
    return int(outcome.exit_code)


def _summary_json(outcome: object, shown: str) -> dict[str, object]:
    from dataclasses import asdict  # noqa: PLC0415 - only here

    from showcase.orchestrator import Outcome  # noqa: PLC0415 - likewise

    assert isinstance(outcome, Outcome)  # noqa: S101 - narrows a type that may not be imported at the top
    return {
        "exit_code": int(outcome.exit_code),
        "interrupted": outcome.run.interrupted,
        "engine": outcome.run.engine.kind if outcome.run.engine else None,
        "claims": [asdict(verdict) for verdict in outcome.run.claims],
        "run_log": f"{shown}/{outcome.run_log.name}",
        "report": f"{shown}/{outcome.report.name}",
        "sha256": outcome.sha256,
        "earlier": [f"{shown}/{path.name}" for path in outcome.earlier],
    }
