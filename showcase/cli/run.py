"""`showcase run`."""

from __future__ import annotations

import functools
import json
import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING, cast

import click

from showcase import settings as defaults
from showcase.cli import pace, run_summary
from showcase.cli.model_named import ModelType
from showcase.cli.nearest import Nearest
from showcase.cli.store_named import StoreType
from showcase.documents import broken_pipe
from showcase.errors import UsageError
from showcase.settings import languages
from showcase.settings.ollama_host import Place, find
from showcase.settings.store_address import ALLOW, OF_A_RUN

if TYPE_CHECKING:
    from showcase.orchestrator import Outcome
    from showcase.settings.store_address import StoreAddress

EPILOG = """\b
By hand, each session in a shell and process of your own choosing:
  showcase run --phase 1        plants, in a new store
  showcase run --phase 2        recalls; deleted the store? it recalls nothing
  showcase run --phase 3        asks as the second user
All phases add to one log, judged as a whole once the three are there.

\b
Files, in the output directory:
  run-log.json                       every fact, and the verdicts
  mem0-cross-session-showcase.html   the page
  mem0_chroma/                       the store, plain SQLite and index files
  mem0_home/                         mem0's own directory
  events/                            what each process said, line by line
An earlier log and page are kept under names with their time.

\b
Environment:
  OLLAMA_HOST     where Ollama listens, if --ollama-host is not given
  NO_COLOR        if set, plain lines, not the live view (also TERM=dumb)

\b
Exit status:
  0  every claim is upheld
  1  a claim is broken
  2  the command line or a file given is wrong
  3  a claim is inconclusive, and none is broken
  4  the environment: server, model, store, disk

\b
Examples:
  showcase run
  showcase run --step --presenter
  showcase run --forget
  showcase run --engine ollama --chat-model qwen3:4b-instruct
  showcase run --start-ollama
  showcase run --engine embedded --chat-model model.gguf
  showcase run --scenario class.toml --out class-output --open
  showcase run --witness sockets --json > summary.json
"""


_model = functools.partial(click.option, type=ModelType(), metavar="NAME|FILE")


class Timed(click.Command):
    """Says after its examples how long a run takes here, where one was measured."""

    def format_epilog(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Write the examples, and what the last run took."""
        super().format_epilog(ctx, formatter)
        took_s = pace.of_last_run()
        if took_s is not None:
            formatter.write_paragraph()
            formatter.write_text(f"The last run in {defaults.DEFAULT_OUT} took {pace.about(took_s)}.")


@click.command(cls=Timed, epilog=EPILOG, context_settings={"help_option_names": ["-h", "--help"]})
@click.option(
    "--out",
    type=click.Path(path_type=Path, readable=False),
    default=defaults.DEFAULT_OUT,
    show_default=True,
    help="Directory for log, page and store. Made by this program; others are never wiped.",
)
@click.option(
    "--engine",
    type=Nearest(defaults.ENGINES),
    default="auto",
    show_default=True,
    help="Model server. auto: Ollama where it answers and has models, else the rehearsal engine, no language model. "
    "embedded: llama.cpp runs the file of --chat-model, without a daemon.",
)
@click.option(
    "--ollama-host",
    metavar="URL",
    help=f"Where Ollama listens, loopback only. [default: $OLLAMA_HOST, else {defaults.DEFAULT_OLLAMA_HOST}]",
)
@click.option(
    "--start-ollama",
    metavar="[PROGRAM]",
    is_flag=False,
    flag_value="ollama",
    help="Start `ollama serve` for this run alone: sealed where that can be, OLLAMA_NO_CLOUD=1, on a port of its own.",
)
@_model(
    "--embed-model", help="Embedding model; a file for --engine embedded. [default: nomic-embed-text, else a local one]"
)
@_model(
    "--chat-model", help="Chat model, or its file; auto: the best of `models plan` that loads. [default: by that plan]"
)
@click.option(
    "--scenario", type=click.Path(path_type=Path, readable=False), help="Who plants and asks what, a TOML file."
)
@click.option("--language", type=Nearest(languages.there()), help="Language of the scenario that ships.  [default: en]")
@click.option("--infer/--no-infer", default=False, show_default=True, help="Let mem0 extract memories with the model.")
@click.option(
    "--top-k", type=click.IntRange(1, 1000), default=5, show_default=True, help="Rows a search returns at most."
)
@click.option(
    "--store",
    type=StoreType(collection=OF_A_RUN),
    metavar="DIR|URL",
    help="Another store than the one in --out: a directory, or the URL of a server, such as "
    "postgresql://USER@HOST/DATABASE. One that no run made is never emptied.",
)
@click.option(ALLOW, "allow_store", is_flag=True, help="Let memories go to a store that is not on this machine.")
@click.option("--keep-store", is_flag=True, help="Plant into the store that is there instead of a new one.")
@click.option(
    "--forget",
    type=Nearest(["erase", "stock"]),
    is_flag=False,
    flag_value="erase",
    help="Forget the first user after the sessions, and look whether anything is left; =stock: as mem0 does it.",
)
@click.option("--phase", type=Nearest(["1", "2", "3"]), help="Only this session, on the store that is there.")
@click.option("--step", is_flag=True, help="Wait for Enter inside and after each session; say what to look at.")
@click.option("--plain", is_flag=True, help="Plain lines instead of the live view.")
@click.option("--witness", "witnesses", multiple=True, metavar="NAME", help="Repeatable. [default: all that work here]")
@click.option(
    "--seal",
    type=Nearest(["auto", "on", "off"]),
    is_flag=False,
    flag_value="on",
    default="auto",
    show_default=True,
    help="Run the workers where nothing but the engine's port exists (Linux). --seal alone insists on it.",
)
@click.option("--no-seal", is_flag=True, help="The same as --seal=off.")
@click.option("--no-drill", is_flag=True, help="Hold no drill of leaks beside the sessions; log and page say so.")
@click.option(
    "--session-timeout",
    type=click.FloatRange(1, defaults.LONGEST_SESSION_TIMEOUT_S),
    default=defaults.SESSION_TIMEOUT_S,
    show_default=True,
    metavar="SECONDS",
    help="A session that takes longer is killed; all that waits for a model follows it.",
)
@click.option("--json", "as_json", is_flag=True, help="Print the summary as JSON on stdout, all else on stderr.")
@click.option("--presenter", is_flag=True, help="For a projector: a large page; with --step one statement a screen.")
@click.option("--open", "open_page", is_flag=True, help="Open the page in a browser.")
def command(
    *,
    out: Path,
    engine: defaults.EngineChoice,
    ollama_host: str | None,
    start_ollama: str | None,
    embed_model: str | None,
    chat_model: str | None,
    scenario: Path | None,
    language: str | None,
    infer: bool,
    top_k: int,
    store: Path | StoreAddress | None,
    allow_store: bool,
    keep_store: bool,
    forget: defaults.Forget | None,
    phase: str | None,
    step: bool,
    plain: bool,
    witnesses: tuple[str, ...],
    seal: defaults.SealChoice,
    no_seal: bool,
    no_drill: bool,
    session_timeout: float,
    as_json: bool,
    presenter: bool,
    open_page: bool,
) -> int:
    """Run three sessions in three processes, watch them, judge the claims, write log and page.

    Session 1 plants memories as one user and exits. Session 2, a new process, asks as that user and recalls them
    from the store. Session 3 asks the same as a second user, who must see none of them. With --forget the first user
    is forgotten in a fourth one, and a fifth looks for what is left.
    """
    from showcase import orchestrator  # noqa: PLC0415 - `--help` must not wait for it
    from showcase.cli import leave_no_output  # noqa: PLC0415 - imports this file
    from showcase.cli import plain as _  # noqa: F401, PLC0415 - before a session could rewrite it
    from showcase.cli.presenter import PresenterProgress  # noqa: PLC0415 - `--help` must not wait for it
    from showcase.cli.view import progress_for  # noqa: PLC0415 - likewise
    from showcase.scenes import scenario as scenarios  # noqa: PLC0415 - likewise

    if step and not sys.stdin.isatty():
        raise UsageError("--step waits for Enter, and stdin is no terminal", hint="leave --step out")
    if no_seal and seal == "on":
        raise UsageError("--seal and --no-seal exclude each other", hint="leave one of them out")
    if start_ollama is not None and engine in defaults.OWN_ENGINES:
        raise UsageError(f"--start-ollama and --engine {engine} exclude each other", hint="leave one of them out")
    if language is not None and scenario is not None:
        raise UsageError("--language and --scenario exclude each other", hint="leave --language out: the file has one")
    if forget is not None and phase is not None:
        raise UsageError("--forget belongs to a whole run, not to one phase", hint="leave --phase out")
    place, refused = _place(ollama_host, engine, start=start_ollama is not None)
    settings = defaults.Settings(
        out=out,
        engine=engine if start_ollama is None else "ollama",
        ollama=place.endpoint,
        ollama_refused=refused,
        start_ollama=start_ollama,
        embed_model=embed_model,
        chat_model=chat_model,
        scenario=scenario,
        language=language,
        infer=infer,
        top_k=top_k,
        keep_store=keep_store,
        under_test=store,
        allow_store=allow_store,
        forget=forget,
        phase=cast("defaults.Phase | None", int(phase) if phase else None),
        step=step,
        presenter=presenter,
        witnesses=witnesses or None,
        seal="off" if no_seal else seal,
        drill=not no_drill,
        session_timeout_s=session_timeout,
    )
    told = scenarios.read(scenario, language=language)
    presented = PresenterProgress() if step and presenter else None
    progress = presented or progress_for(plain=plain)
    if place.note and engine not in defaults.OWN_ENGINES:
        progress.note(place.note + (f"; fix: {place.fix}" if place.fix else ""))
    took_s = pace.of_last_run(out) if phase is None else None
    if took_s is not None:
        progress.note(f"the last run in {out} took {pace.about(took_s)}")
    outcome = orchestrator.run(settings, told, progress)
    if presented is not None:
        presented.verdicts(outcome.run)
    with broken_pipe.ignored():  # `| head`: whoever read it has seen enough; the run's own status stands
        _tell(outcome, settings, as_json=as_json)
    leave_no_output()
    if open_page:
        click.launch(str(outcome.report))
    return int(outcome.exit_code)


def _place(given: str | None, engine: defaults.EngineChoice, *, start: bool) -> tuple[Place, UsageError | None]:
    """Return where Ollama listens, or is to listen, and why OLLAMA_HOST was refused.

    The variable was set for something else: where a run can do without it, a wrong one stops nobody.
    """
    if given is None and start:  # not OLLAMA_HOST: that is another server's place
        return Place(endpoint=defaults.OLLAMA_TO_START), None
    if given is None and engine in defaults.OWN_ENGINES:
        return Place(endpoint=defaults.OLLAMA), None
    try:
        place = find(given, os.environ)
    except UsageError as error:
        if given is not None or engine != "auto":
            raise
        return Place(endpoint=defaults.OLLAMA), error
    endpoint = place.endpoint
    if start and endpoint.address != defaults.OLLAMA.address:
        raise UsageError(
            f"a server is started at {defaults.OLLAMA.address} alone, not at {endpoint.address}",
            hint=f"--ollama-host {defaults.OLLAMA.address}:{endpoint.port}, or leave it out for a free port",
        )
    return place, None


def _tell(outcome: Outcome, settings: defaults.Settings, *, as_json: bool) -> None:
    from showcase.cli import say_error  # noqa: PLC0415 - imports this file
    from showcase.cli.plain import summary  # noqa: PLC0415 - `--help` must not wait for it
    from showcase.cli.words import fitted  # noqa: PLC0415 - with it

    shown = str(settings.out)
    if as_json:
        click.echo(json.dumps(run_summary.as_json(outcome, shown), indent=2))
    for line in summary(outcome, shown=shown, settings=settings):
        click.echo(fitted(line, err=as_json), err=as_json)
    if outcome.trouble is not None:
        say_error(outcome.trouble, (click.get_current_context().find_object(dict) or {}).get("arguments", ()))
