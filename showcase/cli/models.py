"""`showcase models`: which are here, which chat model fits, make it, look whether it does what was asked."""

from __future__ import annotations

import json
import os
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import click

from showcase.cli.model_lines import ProgressLines, check_document, check_lines, plan_lines
from showcase.cli.nearest import NearestGroup
from showcase.cli.words import as_typed, printable
from showcase.engines.model_names import key, short
from showcase.progress.reminder import Reminder
from showcase.settings import LONGEST_SESSION_TIMEOUT_S, OLLAMA, SESSION_TIMEOUT, SESSION_TIMEOUT_S
from showcase.settings.ollama_host import find
from showcase.shell.advice import host_option, near, ollama_command, quoted

if TYPE_CHECKING:
    from collections.abc import Sequence

    from showcase.errors import ModelError
    from showcase.evidence import Endpoint

_host = click.option(
    "--ollama-host",
    metavar="URL",
    help="Where Ollama listens, loopback only.  [default: $OLLAMA_HOST, else http://127.0.0.1:11434]",
)
_num_ctx = click.option(
    "--num-ctx", type=click.IntRange(1, 2**31 - 1), metavar="TOKENS", help="Context instead of the Modelfile's."
)
_session_timeout = click.option(
    SESSION_TIMEOUT,
    type=click.FloatRange(1, LONGEST_SESSION_TIMEOUT_S),
    default=SESSION_TIMEOUT_S,
    show_default=True,
    metavar="SECONDS",
    help="A model that takes longer to load, or a download that stands still so long, is given up.",
)
_json = click.option("--json", "as_json", is_flag=True, help="Print JSON.")


@click.group(cls=NearestGroup, context_settings={"help_option_names": ["-h", "--help"]})
def command() -> None:
    """List the models that are here; plan, create and check the chat models that fit this machine."""


@command.command("list")
@click.argument("places", metavar="[PLACE]...", nargs=-1, type=click.Path(path_type=Path))
@click.option("--digest", is_flag=True, help="Compute the SHA-256 of each file, and compare with known ones.")
@_json
def list_(places: tuple[Path, ...], *, digest: bool, as_json: bool) -> None:
    """List the models that are on this machine already.

    Looks where Ollama, LM Studio, llama.cpp, Hugging Face, GPT4All and Jan keep theirs, or at each PLACE: a folder, a
    file, a store of Ollama. Reads the beginning of files; nothing is downloaded, started or asked.

    \b
    Examples:
      showcase models list
      showcase models list ~/models --json
      showcase models list --digest model.gguf
    """  # noqa: D301 - click reads the backspace
    from showcase.cli import found_models  # noqa: PLC0415 - `--help` must not wait
    from showcase.engines.models.found import listing  # noqa: PLC0415 - likewise
    from showcase.engines.models.found import places as known_places  # noqa: PLC0415 - likewise
    from showcase.errors import UsageError  # noqa: PLC0415 - likewise

    for each in places:
        if not os.path.lexists(each):
            raise UsageError(
                f"there is no {each} to look at",
                hint="name a folder or a file that is there, or none for the usual places: showcase models list",
            )
    looked_at = [known_places.named(each) for each in places] or known_places.usual(known_places.surroundings())
    found = listing.list_models(looked_at)
    if digest:
        computed = [
            listing.with_digest(each, found_models.DigestProgress(each.aliases[0].name)) for each in found.models
        ]
        found = replace(found, models=tuple(computed))
    if as_json:
        click.echo(json.dumps(found_models.listing_document(found, digests=digest), indent=2))
        return
    for line in found_models.listing_lines(found, digests=digest):
        click.echo(line)


@command.command()
@click.option("--ram", metavar="SIZE", help="Plan for this much free memory: 3.5GiB, 6GB.  [default: what is free]")
@_num_ctx
@_host
@_json
def plan(ram: str | None, num_ctx: int | None, ollama_host: str | None, *, as_json: bool) -> None:
    """Say which rung of the ladder fits, with the arithmetic.

    \b
    Examples:
      showcase models plan
      showcase models plan --ram 3.5GiB
      showcase models plan --ram 6GB --num-ctx 32768 --json
    """  # noqa: D301 - click reads the backspace
    from showcase.engines.models.sizes import parse_size  # noqa: PLC0415 - `--help` must not wait
    from showcase.engines.models.survey import plan_here  # noqa: PLC0415 - likewise

    endpoint = _endpoint_or_none(ollama_host)
    made = plan_here(endpoint, ram_bytes=parse_size(ram) if ram else None, num_ctx=num_ctx)
    if as_json:
        click.echo(json.dumps(made.document(), indent=2))
        return
    host = host_option(endpoint or OLLAMA)
    for line in plan_lines(made, host):
        click.echo(as_typed(line))


@command.command()
@click.argument("tag", required=False)
@_num_ctx
@click.option("--pull", is_flag=True, help="Download the base model where it is missing.")
@click.option(
    "--file",
    "path",
    type=click.Path(path_type=Path, dir_okay=False, readable=False),
    help="Create TAG from this Modelfile instead of a rung's.",
)
@_session_timeout
@_host
def create(
    tag: str | None,
    num_ctx: int | None,
    path: Path | None,
    session_timeout: float,
    ollama_host: str | None,
    *,
    pull: bool,
) -> None:
    """Create TAG in Ollama from its Modelfile; without TAG the rung that fits.

    Nothing is downloaded without --pull.

    \b
    Examples:
      showcase models create
      showcase models create qwen2-5-1-5b-mem --num-ctx 12288 --pull
      showcase models create my-mem --file Modelfile
    """  # noqa: D301 - click reads the backspace
    from showcase.engines.models import ladder, modelfile  # noqa: PLC0415 - likewise
    from showcase.engines.models.creation import create_model  # noqa: PLC0415 - likewise
    from showcase.engines.models.survey import plan_here  # noqa: PLC0415 - likewise
    from showcase.engines.ollama import OllamaGate  # noqa: PLC0415 - `--help` must not wait
    from showcase.engines.ollama_models import OllamaModels  # noqa: PLC0415 - likewise
    from showcase.errors import UsageError  # noqa: PLC0415 - likewise

    endpoint = _endpoint(ollama_host)
    if path is not None and tag is None:
        raise UsageError(
            "--file needs the name of the model to create", hint=f"showcase models create TAG --file {quoted(path)}"
        )
    if tag is None:
        made = plan_here(endpoint, num_ctx=num_ctx)
        tag = made.chosen
        num_ctx = made.rung.need.num_ctx if made.rung else None
        click.echo(f"{tag} fits: see showcase models plan", err=True)
    if tag == ladder.REHEARSAL and path is None:
        click.echo(f"rehearsal needs nothing: {as_typed('showcase run --engine rehearsal')}")
        return
    source = modelfile.read(path) if path is not None else ladder.rung(tag).modelfile
    gate, server = OllamaGate(endpoint), OllamaModels(endpoint, limit_s=session_timeout)
    progress = ProgressLines()
    try:
        with Reminder(progress.remind):
            creation = create_model(
                server,
                gate.models(),
                source,
                tag=tag,
                num_ctx=num_ctx,
                pull=pull,
                with_pull=" ".join([*_create_command(tag, num_ctx, path), *host_option(endpoint), "--pull"]),
                endpoint=endpoint,
                on_progress=progress,
            )
    finally:
        gate.close()
        server.close()
    settings = ", ".join(f"{name} {value}" for name, value in creation.parameters.items())
    click.echo(f"created {creation.tag} from {creation.base}: {settings or 'no parameters'}")
    check_it = ["showcase models check", quoted(creation.tag), *host_option(endpoint)]
    click.echo(f"Next: {as_typed(' '.join(check_it))}")


@command.command()
@click.argument("tag", required=False)
@_session_timeout
@_host
@_json
def check(tag: str | None, session_timeout: float, ollama_host: str | None, *, as_json: bool) -> int:
    """Load TAG and compare memory and context with what was predicted and asked for.

    Without TAG the best rung that is there. Exit status 4 where the server silently lowered the context,
    or the model has no template for chats.
    """
    from showcase.engines.models import ladder  # noqa: PLC0415 - likewise
    from showcase.engines.models.loading import check_model  # noqa: PLC0415 - likewise
    from showcase.engines.ollama import OllamaGate  # noqa: PLC0415 - `--help` must not wait
    from showcase.engines.ollama_models import OllamaModels  # noqa: PLC0415 - likewise
    from showcase.errors import ExitCode, ModelError  # noqa: PLC0415 - likewise

    if tag == ladder.REHEARSAL:
        click.echo("rehearsal needs nothing: it is no model and holds none in memory")
        return int(ExitCode.UPHELD)
    endpoint = _endpoint(ollama_host)
    gate, server = OllamaGate(endpoint), OllamaModels(endpoint, limit_s=session_timeout)
    try:
        there = {key(model.name): model for model in gate.models()}
        wanted = [tag] if tag else [rung.tag for rung in ladder.LADDER]
        found = next((there[key(name)] for name in wanted if key(name) in there), None)
        if found is None:
            raise _absent(tag, [short(model.name) for model in there.values() if not model.remote], endpoint)
        if found.remote:
            raise ModelError(
                f"{found.name} is a cloud model", hint=f"check a local one of these: {ollama_command(endpoint, 'list')}"
            )
        name = found.name
        with Reminder(lambda s: click.echo(f"  the server loads {name}: {s:.0f} s so far", err=True)):
            checked = check_model(server, gate.loaded, found)
    finally:
        gate.close()
        server.close()
    if as_json:
        click.echo(json.dumps(check_document(checked), indent=2))
    else:
        for line in check_lines(checked, endpoint):
            click.echo(line)
    return int(ExitCode.ENVIRONMENT if checked.lowered or checked.bare_template else ExitCode.UPHELD)


def _create_command(tag: str, num_ctx: int | None, path: Path | None) -> list[str]:
    words = ["showcase models create", quoted(tag)]
    words += [] if num_ctx is None else ["--num-ctx", str(num_ctx)]
    return words + ([] if path is None else ["--file", quoted(path)])


def _absent(tag: str | None, known: Sequence[str], endpoint: Endpoint) -> ModelError:
    """Return what is said where a model to check is not there: a rung can be made, another name was mistyped."""
    from showcase.engines.models import ladder  # noqa: PLC0415 - likewise
    from showcase.errors import ModelError  # noqa: PLC0415 - `--help` must not wait

    tags = [rung.tag for rung in ladder.LADDER]
    if tag is None or short(tag) in tags:
        create = " ".join(["showcase models create", *([tag] if tag else []), *host_option(endpoint)])
        return ModelError(f"the model {tag} is not there" if tag else "no rung of the ladder is there", hint=create)
    return ModelError(
        f"the model {tag} is not there{near(tag, [*known, *tags])}",
        hint=f"see what is there: {ollama_command(endpoint, 'list')}",
    )


def _endpoint(ollama_host: str | None) -> Endpoint:
    place = find(ollama_host, os.environ)
    if place.note:
        click.echo(place.note, err=True)
    if place.fix:
        click.echo(f"  fix: {place.fix}", err=True)
    return place.endpoint


def _endpoint_or_none(ollama_host: str | None) -> Endpoint | None:
    """Return where a server may be asked, None where OLLAMA_HOST, set for something else, leads to none: say so."""
    from showcase.errors import UsageError  # noqa: PLC0415 - `--help` must not wait

    try:
        return _endpoint(ollama_host)
    except UsageError as error:
        if ollama_host is not None:
            raise
        click.echo(f"no server is asked: {printable(error.message)}\n  fix: {as_typed(error.hint)}", err=True)
        return None
