"""The Ollama server: whether it answers, who can reach it, where it sends what, which models it has."""

from __future__ import annotations

import ipaddress
from typing import TYPE_CHECKING

from showcase.doctor.finding import Circumstances, Finding, ok, problem, warning
from showcase.doctor.owner import INSTEAD, other_user
from showcase.engines.model_names import key
from showcase.engines.models.templates import complaint, is_bare, remedy
from showcase.errors import EngineError
from showcase.evidence import says_rehearsal
from showcase.settings import DEFAULT_EMBED_MODEL
from showcase.shell import here
from showcase.shell.advice import host_option, near, ollama_command

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from showcase.engines.ollama import OllamaGate
    from showcase.evidence import Endpoint, Model


def _no_cloud(endpoint: Endpoint, other: str | None) -> str:
    """Return how to serve without a cloud part: two servers cannot have one port, so the first has to go."""
    if other is not None:
        return f"it is of {other}, who may set OLLAMA_NO_CLOUD=1 in its environment; or {INSTEAD}"
    settings = here().at_home(".ollama", "server.json")
    serve = here().with_variables({"OLLAMA_NO_CLOUD": "1"}, ollama_command(endpoint, "serve"))
    return f'end that server, then: {serve}; or for good: {{"disable_ollama_cloud": true}} in {settings}'


def server(circumstances: Circumstances) -> Iterator[Finding]:
    """Look at the server, its cloud part and its models."""
    from showcase.engines.ollama import OllamaGate  # noqa: PLC0415 - heavy

    settings, place = circumstances.settings, circumstances.place
    endpoint = settings.ollama
    refused = settings.ollama_refused
    if refused is not None:
        if settings.chat_model or settings.embed_model:
            yield problem("ollama", f"{refused.message}; a model of a server was asked for", refused.hint)
        else:
            yield warning("ollama", f"{refused.message}; runs use the rehearsal engine", refused.hint)
        return
    if place.note:
        yield warning("ollama", place.note, place.fix or f"--ollama-host http://{endpoint}")
    gate, other = OllamaGate(endpoint), other_user(endpoint)
    try:
        version = gate.version()
        models = gate.models()
        rehearses = any(says_rehearsal(version, family) for family in (None, *(model.family for model in models)))
        if rehearses:
            said = f"no Ollama: the rehearsal engine {version}, which is no language model, answers at {endpoint}"
            serve = f"end it, then: {ollama_command(endpoint, 'serve')}" if other is None else INSTEAD
            yield warning("ollama", said, f"to use real models {serve}")
        else:
            yield ok("ollama", f"version {version} answers at {endpoint}")
        if other is not None:
            said = f"the server at {endpoint} is of {other}: of its processes a run sees no more than internet sockets"
            yield warning("ollama", f"{said}, and the claim daemon stays open", INSTEAD)
        yield _cloud(gate, other, rehearsal=rehearses)
        yield from _models(gate, models, circumstances)
        gate.check_listing()
    except EngineError as error:
        yield warning("ollama", f"{error.message}; runs use the rehearsal engine", error.hint)
    finally:
        gate.close()


def _cloud(gate: OllamaGate, other: str | None, *, rehearsal: bool) -> Finding:
    endpoint = gate.endpoint
    try:
        disabled = gate.cloud_part()
    except EngineError as error:
        if not rehearsal:
            said = f"whether the server's cloud part is off is not known: {error.message}"
            return warning("cloud", said, error.hint)
        disabled = True
    if disabled or rehearsal:
        return ok("cloud", "the server's cloud part is off")
    if disabled is None:
        said = "the server does not say whether its cloud part is off: it is older than 0.16.2 or no Ollama"
        return warning("cloud", said, f"update Ollama; {_no_cloud(endpoint, other)}")
    said = "the server's cloud part is on: it looks up ollama.com by itself and posts chats with cloud models there"
    return warning("cloud", said, _no_cloud(endpoint, other))


def _models(gate: OllamaGate, models: Sequence[Model], circumstances: Circumstances) -> Iterator[Finding]:
    endpoint = circumstances.settings.ollama
    remote = [model.name for model in models if model.remote]
    shown = {model.name: gate.show(model) for model in models if not model.remote}  # a slow server is asked once
    described = [gate.describe(model, shown[model.name]) for model in models if not model.remote]
    bare = [model.name for model in described if not model.remote and is_bare(shown[model.name])]
    # A stub of a cloud model may show its true nature only here.
    remote += [model.name for model in described if model.remote]
    local = [model for model in described if not model.remote]
    if remote:
        yield warning(
            "models",
            f"cloud models, which send what they are asked away: {', '.join(remote)}",
            f"a run never uses them; to take one away: {ollama_command(endpoint, 'rm', remote[0])}",
        )
    if bare:
        yield warning("models", complaint(bare[0]), remedy(bare[0], endpoint))
    create = " ".join(["showcase models create --pull", *host_option(endpoint)])
    yield _kind(local, "completion", "chat", circumstances.settings.chat_model, endpoint=endpoint, fix=create)
    pull = ollama_command(endpoint, "pull", DEFAULT_EMBED_MODEL)
    yield _kind(local, "embedding", "embedding", circumstances.settings.embed_model, endpoint=endpoint, fix=pull)


def _kind(
    models: Sequence[Model], capability: str, kind: str, wanted: str | None, *, endpoint: Endpoint, fix: str
) -> Finding:
    able = [model.name for model in models if not model.capabilities or capability in model.capabilities]
    if wanted is not None and key(wanted) not in {key(name) for name in able}:
        said = f"{wanted} is no local {kind} model of this server{near(wanted, able)}"
        return problem("models", said, ollama_command(endpoint, "pull", wanted))
    if not able:
        return warning("models", f"no local {kind} model: runs use the rehearsal engine", fix)
    chosen = [model for model in models if model.name in able]
    none = ", which is no language model" if all(says_rehearsal(None, model.family) for model in chosen) else ""
    return ok("models", f"{kind}: {', '.join(able)}{none}")


def listening(circumstances: Circumstances) -> Iterator[Finding]:
    """Look at the addresses on which the server's port is open."""
    import psutil  # noqa: PLC0415 - heavy

    port = circumstances.settings.ollama.port
    other = other_user(circumstances.settings.ollama)
    try:
        rows = psutil.net_connections(kind="tcp")
    except (psutil.AccessDenied, OSError):
        fix = f"look yourself: {here().listeners(port)}"
        yield warning("listening", f"this system does not tell who listens on port {port}", fix)
        return
    addresses = {row.laddr.ip for row in rows if row.status == psutil.CONN_LISTEN and row.laddr.port == port}
    open_to_all = sorted(address for address in addresses if not _is_loopback(address))
    if open_to_all and other is not None:
        yield warning(
            "listening",
            f"port {port} is open on {', '.join(open_to_all)}: others on the network can ask this server",
            f"it is of {other}, who may set OLLAMA_HOST=127.0.0.1:{port} in its environment; or {INSTEAD}",
        )
    elif open_to_all:
        yield warning(
            "listening",
            f"port {port} is open on {', '.join(open_to_all)}: others on the network can ask this server",
            "end that server, then: "
            + here().with_variables({"OLLAMA_HOST": f"127.0.0.1:{port}"}, here().joined(("ollama", "serve"))),
        )
    elif addresses:
        yield ok("listening", f"port {port} is open on {', '.join(sorted(addresses))} only")
    else:
        yield ok("listening", f"nobody listens on port {port}")


def _is_loopback(address: str) -> bool:
    parsed = ipaddress.ip_address(address.partition("%")[0])
    mapped = parsed.ipv4_mapped if isinstance(parsed, ipaddress.IPv6Address) else None
    return (mapped or parsed).is_loopback
