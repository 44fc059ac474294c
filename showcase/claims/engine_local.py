"""Claim `engine-local`: the model server is on this machine and its models are too."""

from __future__ import annotations

import ipaddress
from typing import TYPE_CHECKING

from showcase.claims.interface import broken, inconclusive, upheld

if TYPE_CHECKING:
    from showcase.evidence import Engine, Run, Verdict


class EngineLocal:
    """The server on loopback; neither model remote in `/api/tags`, `/api/show` or `/api/ps`."""

    id = "engine-local"
    title = "The model server and its models are local"

    def judge(self, run: Run) -> Verdict:
        """Return what follows from what the server said of itself."""
        engine = run.engine
        if engine is None:
            return inconclusive(self, "no model server was reached")
        violation = self._violation(engine)
        if violation is not None:
            return broken(self, "self-reported", violation, evidence=["/engine"])
        for model in (engine.chat_model, engine.embed_model):
            if model.remote is None:
                return inconclusive(
                    self, f"the server was not asked whether {model.name} is local", evidence=["/engine"]
                )
        if engine.loaded is None:
            return inconclusive(self, "the server did not say at the end which models it ran", evidence=["/engine"])
        limits = ["the server's own word; nothing here looks into it"]
        if engine.kind == "rehearsal":
            limits = ["the rehearsal engine is a process of this run and is watched like the sessions"]
        elif engine.cloud_disabled is not True:
            limits.append(
                "its cloud part is on or unknown: it may contact ollama.com by itself; OLLAMA_NO_CLOUD=1 in its "
                "environment turns that off"
            )
        return upheld(
            self,
            "self-reported",
            f"{engine.kind} {engine.version} at {engine.endpoint}; {engine.chat_model.name} and "
            f"{engine.embed_model.name} are local",
            evidence=["/engine"],
            limits=limits,
        )

    def _violation(self, engine: Engine) -> str | None:
        try:
            loopback = ipaddress.ip_address(engine.endpoint.address).is_loopback
        except ValueError:
            loopback = False
        if not loopback:
            return f"the model server is at {engine.endpoint}, which is not this machine"
        for model in (engine.chat_model, engine.embed_model):
            if model.remote:
                where = f" ({model.remote_host})" if model.remote_host else ""
                return f"the model {model.name} is remote{where}"
        for loaded in engine.loaded or ():
            if loaded.remote_host:
                return f"at the end the server ran {loaded.name} at {loaded.remote_host}"
        return None
