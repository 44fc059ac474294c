"""The model server of a run: found or started, checked before anything is planted, and asked again at the end."""

from __future__ import annotations

from typing import TYPE_CHECKING

from showcase.engines.discovery import Choice, choose_models, full_name
from showcase.engines.rehearsal import CHAT_MODEL, EMBED_MODEL, RehearsalEngine
from showcase.errors import EngineError, UsageError
from showcase.evidence import Endpoint, Engine, LoadedModel

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from showcase.engines.ollama import OllamaGate
    from showcase.engines.rungs import Rungs
    from showcase.progress import Progress
    from showcase.settings import Settings
    from showcase.witnesses.panel import Panel

REPLY_TIMEOUT_S = 300.0
"""For the one sentence that is embedded as a probe: a large model may take minutes to load."""

AUTO = "auto"
"""As a chat model: load one rung of the ladder after the other until one fits into memory."""

INSTALL_HINT = "to use real models: install Ollama (ollama.com), then: ollama pull nomic-embed-text qwen3:4b-instruct"


class EngineRoom:
    """Finds or starts the server.

    The steps are apart so that the rehearsal engine can start while the first session imports:
    `look_for_server`, `start`, `choose`, and `look_at_end`.
    """

    def __init__(
        self,
        settings: Settings,
        *,
        environment: Mapping[str, str],
        cwd: Path,
        progress: Progress,
        panel: Panel,
    ) -> None:
        self._settings = settings
        self._environment = environment
        self._cwd = cwd
        self._progress = progress
        self._panel = panel
        self._gate: OllamaGate | None = None
        self._choice: Choice | None = None
        self._rehearsal: RehearsalEngine | None = None
        self._loaded: tuple[LoadedModel, ...] | None = None
        self._rungs: Rungs | None = None
        self._why = "asked for"

    @property
    def choice(self) -> Choice:
        """The models in use."""
        if self._choice is None:
            raise EngineError("no model server was chosen", hint="--engine rehearsal")
        return self._choice

    @property
    def endpoint(self) -> Endpoint:
        """Where the server listens."""
        if self._gate is None:
            raise EngineError("no model server was chosen", hint="--engine rehearsal")
        return self._gate.endpoint

    @property
    def endpoint_or_none(self) -> Endpoint | None:
        """Where the server listens, None where none was reached."""
        return self._gate.endpoint if self._gate else None

    @property
    def facts(self) -> Engine | None:
        """What the log says of the server; None where none was reached."""
        if self._choice is None or self._gate is None:
            return None
        return Engine(
            kind=self._choice.kind,
            why=self._choice.why,
            version=self._choice.version,
            endpoint=self._gate.endpoint,
            chat_model=self._choice.chat_model,
            embed_model=self._choice.embed_model,
            cloud_disabled=self._choice.cloud_disabled,
            loaded=self._loaded,
            plan=self._rungs.plan if self._rungs else None,
            rungs_tried=self._rungs.tried if self._rungs else (),
        )

    def look_for_server(self) -> None:
        """Settle for Ollama where it is asked for or, with `auto`, where it can carry the run.

        Raises:
            EngineError: Ollama was asked for and cannot be used.
        """
        if self._settings.engine == "rehearsal":
            self._check_names()
            return
        from showcase.engines.ollama import OllamaGate  # noqa: PLC0415 - heavy
        from showcase.engines.rungs import Rungs  # noqa: PLC0415 - with it

        gate = OllamaGate(self._settings.ollama, reply_timeout_s=self._patience_s)
        auto = self._settings.engine == "auto"
        named = self._settings.chat_model if self._settings.chat_model != AUTO else None
        self._rungs = Rungs(gate, load=self._settings.chat_model == AUTO)
        try:
            self._choice = choose_models(
                gate,
                kind="ollama",
                why="it answered and has the models" if auto else "asked for",
                embed=self._settings.embed_model,
                chat=named,
                rank=self._rungs.rank,
            )
            self._tell_rungs(self._rungs)
            self._settle(gate)
        except EngineError as error:
            gate.close()
            self._tell_rungs(self._rungs)
            # A model that was named is meant: taking another engine in silence would not be what was asked.
            if not auto or self._settings.embed_model or named:
                raise
            self._why = f"Ollama cannot be used: {error.message}"
            self._progress.note(f"{self._why}. Using the rehearsal engine, which is no language model; {INSTALL_HINT}")

    def _tell_rungs(self, rungs: Rungs) -> None:
        for step in rungs.tried:
            self._progress.note(f"{step.tag} {step.outcome}: {step.reason}")
        best = rungs.plan.chosen if rungs.plan else None
        if best and self._choice and not rungs.tried and full_name(best) != full_name(self._choice.chat_model.name):
            self._progress.note(f"{best} would fit this machine and is not there: showcase models create {best}")

    def _check_names(self) -> None:
        names = ((self._settings.chat_model, CHAT_MODEL, AUTO), (self._settings.embed_model, EMBED_MODEL, None))
        for given, there, automatic in names:
            if given not in (None, there, f"{there}:latest", automatic):
                raise UsageError(f"the rehearsal engine has no model {given}", hint=f"leave it out, or name {there}")

    @property
    def port(self) -> int:
        """The server's port, known once `start` returned; the rehearsal engine may not listen yet."""
        return self._rehearsal.port if self._rehearsal else self.endpoint.port

    def start(self) -> None:
        """Start the rehearsal engine, watched, where no server was settled for."""
        if self._choice is None:
            self._rehearsal = RehearsalEngine(
                environment=self._environment, cwd=self._cwd, wrap=lambda command: self._panel.wrap("engine", command)
            )

    def choose(self) -> None:
        """Wait for the rehearsal engine, if it is the one, and check its models.

        Raises:
            EngineError: It did not come up.
        """
        if self._rehearsal is None:
            return
        from showcase.engines.ollama import OllamaGate  # noqa: PLC0415 - heavy

        endpoint = self._rehearsal.wait_ready()
        self._panel.enter("engine", self._rehearsal.pid)
        gate = OllamaGate(endpoint, reply_timeout_s=self._patience_s)
        self._choice = choose_models(gate, kind="rehearsal", why=self._why, embed=EMBED_MODEL, chat=CHAT_MODEL)
        self._settle(gate)

    @property
    def _patience_s(self) -> float:
        """A server gets no longer to answer us than a session gets to end."""
        return min(REPLY_TIMEOUT_S, self._settings.session_timeout_s)

    def _settle(self, gate: OllamaGate) -> None:
        self._gate = gate
        choice = self.choice
        name = "Ollama" if choice.kind == "ollama" else "the rehearsal engine (no language model)"
        self._progress.note(
            f"engine: {name} at {gate.endpoint}, {choice.chat_model.name} and {choice.embed_model.name}"
        )

    def look_at_end(self) -> None:
        """Ask which models are loaded; a server that does not answer leaves it unknown."""
        if self._gate is not None:
            try:
                self._loaded = self._gate.loaded()
            except EngineError as error:
                self._progress.note(f"the server no longer answers: {error.message}")

    def end(self) -> None:
        """End the rehearsal engine, where there is one."""
        if self._gate is not None:
            self._gate.close()
        if self._rehearsal is not None:
            self._rehearsal.end()
            self._panel.leave("engine", self._rehearsal.pid)
