"""Claim `engine-local`: the model server is on this machine and its models are too."""

from __future__ import annotations

from typing import TYPE_CHECKING

from showcase.claims import limits, own_daemon
from showcase.claims.interface import broken, inconclusive, upheld
from showcase.claims.own_daemon import Silence
from showcase.claims.witnessing import strength
from showcase.evidence import says_embedded
from showcase.evidence.addresses import numeric

if TYPE_CHECKING:
    from showcase.evidence import Engine, Run, Verdict

CLOUD = ("-cloud", ":cloud")
"""How the names end that an Ollama server passes on to ollama.com, whatever else it says of them."""


class EngineLocal:
    """The server on loopback; neither model remote in `/api/tags`, `/api/show` or `/api/ps`."""

    id = "engine-local"
    title = "The model server and its models are local"

    def judge(self, run: Run) -> Verdict:
        """Return what follows from what the server said of itself."""
        engine = run.engine
        if engine is None:
            return inconclusive(self, "no model server was reached")
        violation = _violation(engine)
        if violation is not None:
            return broken(self, "self-reported", violation, evidence=["/engine"])
        gap = _gap(run, engine)
        if gap is not None:
            return inconclusive(self, gap, evidence=["/engine"])
        found = _silence(run, engine)
        if found.violation is not None:
            gap = f"{_name(engine)} {found.violation}: whether it passes on what it is told is not known"
            return inconclusive(self, gap, evidence=["/engine"])
        said = limits.UNWALLED_EMBEDDED.of(why=found.why) if found.why else None
        return upheld(
            self,
            found.level,
            f"{_name(engine)} {engine.version} at {engine.endpoint}; {engine.chat_model.name} and "
            f"{engine.embed_model.name} are local",
            evidence=["/engine"],
            limits=[*_limits(run, engine), *([said] if said else []), *found.limits],
        )


def _name(engine: Engine) -> str:
    if engine.is_rehearsal:
        return "the rehearsal engine"
    return "the embedded engine" if says_embedded(engine.version) else engine.kind


def _silence(run: Run, engine: Engine) -> Silence:
    """Return how strong it is that the models are local.

    A process of the run that was watched and contacted nobody passes nothing on, whatever it says: there the level is
    that of its silence. Any other server is taken at its word.
    """
    return own_daemon.silence(run) if engine.kind == "embedded" else Silence(level="self-reported")


def _violation(engine: Engine) -> str | None:
    address = numeric(engine.endpoint.address)
    if address is None or not address.is_loopback:
        return f"the model server is at {engine.endpoint}, which is not this machine"
    for model in (engine.chat_model, engine.embed_model):
        if model.remote or model.remote_host:
            where = f" ({model.remote_host})" if model.remote_host else ""
            return f"the model {model.name} is remote{where}"
    for loaded in engine.loaded or ():
        if loaded.remote_host:
            return f"at the end the server ran {loaded.name} at {loaded.remote_host}"
    named = (engine.chat_model.name, engine.embed_model.name, *(loaded.name for loaded in engine.loaded or ()))
    cloud = next((name for name in named if name.endswith(CLOUD)), None)
    return f"the model {cloud} is one of the cloud, by its name" if cloud else None


def _gap(run: Run, engine: Engine) -> str | None:
    for model in (engine.chat_model, engine.embed_model):
        if model.remote is None:
            return f"the server was not asked whether {model.name} is local"
    if not 0 < engine.endpoint.port < 1 << 16:
        return f"the model server is at {engine.endpoint}, where none can be"
    if engine.endpoint not in run.policy.allowed:
        return "the policy does not allow the model server that the log names"
    if engine.loaded is None:
        return "the server did not say at the end which models it ran"
    asked = any(item.reply is not None for item in run.sessions)
    if not asked and not any(item.planted or item.recalled for item in run.sessions):
        return "no session used the model server"
    # The last to be asked is still loaded; the other may have made way for it.
    last = engine.chat_model.name if asked else engine.embed_model.name
    if _tagged(last) not in {_tagged(loaded.name) for loaded in engine.loaded}:
        return f"the server did not run {last} itself at the end: a model that it passes on is not in its list"
    return None


def _tagged(name: str) -> str:
    return name if ":" in name else f"{name}:latest"


def _limits(run: Run, engine: Engine) -> list[str]:
    watchers = strength(run).engine_watched_by
    by = f"watched by {', '.join(watchers)}" if watchers else "and nobody watched it"
    if engine.is_own:
        return [(limits.OWN_REHEARSAL if engine.kind == "rehearsal" else limits.OWN_EMBEDDED).of(by=by)]
    said = [limits.SERVERS_WORD.text]
    if engine.is_rehearsal:
        said.insert(0, limits.SAYS_REHEARSAL.of())
    if engine.started:
        said.append(limits.OWN_PROCESSES.of(by=by))
    if engine.cloud_disabled is not True:
        said.append(limits.ENGINE_CLOUD.of())
    return said
