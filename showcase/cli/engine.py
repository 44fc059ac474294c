"""`showcase engine`: this program's own engines by themselves."""

from __future__ import annotations

import click

from showcase.cli.model_named import ModelType
from showcase.cli.nearest import NearestGroup


@click.group(cls=NearestGroup)
def command() -> None:
    """Run or measure an engine of this program's own that speaks Ollama's protocol.

    The rehearsal engine is no language model: it quotes what its prompt holds. The embedded engine runs the file of
    one with llama.cpp.
    """


@command.command()
@click.option("--port", type=click.IntRange(0, 65_535), default=0, help="Port on 127.0.0.1.  [default: a free one]")
@click.option(
    "--pace",
    type=click.FloatRange(min=0, min_open=True),
    metavar="TOKENS",
    help="Tokens a second of a reply, for eyes to follow.  [default: as fast as it can]",
)
@click.option(
    "--model",
    type=ModelType(),
    metavar="FILE",
    help="Run this language model; a .gguf file, or its name in `models list`.",
)
@click.option(
    "--embed-model",
    type=ModelType(),
    metavar="FILE",
    help="Embed with this.  [default: the rehearsal engine's vectors]",
)
@click.option("--num-ctx", type=click.IntRange(4, 2**24), metavar="TOKENS", help="Its context.  [default: what fits]")
def start(port: int, pace: float | None, model: str | None, embed_model: str | None, num_ctx: int | None) -> int:
    """Run an engine in the foreground until Ctrl-C, for any client of Ollama: the rehearsal engine, or a model's file.

    \b
    Examples:
      showcase engine start
      showcase engine start --port 11434 --pace 12
      showcase engine start --model model.gguf
    """  # noqa: D301 - click reads the backspace
    from showcase.errors import UsageError  # noqa: PLC0415 - `--help` must not wait

    if model is not None:
        from showcase.cli.engine_embedded import start as start_embedded  # noqa: PLC0415 - likewise

        if pace is not None:
            raise UsageError("--pace is of the rehearsal engine: a model takes the time it takes", hint="leave it out")
        return start_embedded(model, embed_model, port=port, num_ctx=num_ctx)
    for given, option in ((embed_model, "--embed-model"), (num_ctx, "--num-ctx")):
        if given is not None:
            raise UsageError(f"{option} needs a language model beside it", hint="name one: --model FILE.gguf")
    _start_rehearsal(port, pace)
    return 0


def _start_rehearsal(port: int, pace: float | None) -> None:
    from showcase.engines.rehearsal import CHAT_MODEL, EMBED_MODEL, MULTILINGUAL_MODEL, multilingual, server  # noqa: PLC0415 - likewise  # noqa: PLC0415 - `--help` needs no HTTP server
    from showcase.shell import here  # noqa: PLC0415 - likewise

    def ready(bound: int) -> None:
        click.echo(f"The rehearsal engine listens at http://{server.HOST}:{bound}")
        more = f", {MULTILINGUAL_MODEL} ({multilingual.DIMENSIONS}, sixteen languages)" if multilingual.files() else ""
        click.echo(f"Models: {CHAT_MODEL} (quotes its prompt, no language model), {EMBED_MODEL} (256 dimensions){more}")
        click.echo(f"Point a client at it:  {here().set_variables({'OLLAMA_HOST': f'{server.HOST}:{bound}'})}")
        click.echo("Ctrl-C ends it.")

    server.serve(port=port, pace=pace, standalone=True, ready=ready)


@command.command()
@click.option(
    "--starts", type=click.IntRange(1, 100), default=5, show_default=True, help="Engines to start, one by one."
)
@click.option("--sentences", type=click.IntRange(32, 1_000_000), default=6_400, show_default=True)
@click.option("--batch", type=click.IntRange(1, 1024), default=32, show_default=True, help="Sentences a request.")
@click.option("--languages", is_flag=True, help="How often its embeddings find the right fact, by language.")
@click.option("--json", "as_json", is_flag=True, help="The figures as JSON.")
def bench(starts: int, sentences: int, batch: int, languages: bool, as_json: bool) -> None:
    """Measure how soon it is ready and how fast it answers, or how well it knows languages."""
    import json  # noqa: PLC0415 - as above
    from dataclasses import asdict  # noqa: PLC0415 - as above

    from showcase.engines.rehearsal import measure  # noqa: PLC0415 - as above

    if languages:
        from showcase.cli.engine_languages import say_firsts  # noqa: PLC0415 - likewise

        say_firsts(as_json=as_json)
        return
    figures = measure.run(starts=starts, sentences=sentences, batch=batch)
    if as_json:
        click.echo(json.dumps(asdict(figures), indent=2))
        return
    times = ", ".join(f"{seconds:.2f}" for seconds in figures.ready_seconds)
    click.echo(f"ready after spawn: {times} s")
    click.echo(f"embedded over HTTP: {figures.sentences_per_second:.0f} sentences/s in batches of {batch}")
    click.echo(f"chat over HTTP: {figures.chats_per_second:.0f} replies/s, one after the other")
