"""The model server of a run: found or started, checked before anything is planted, and asked again at the end."""

from __future__ import annotations

import shutil
from functools import partial
from typing import TYPE_CHECKING

from showcase.engines import daemon_watch
from showcase.engines.discovery import Choice, choose_models
from showcase.engines.embedded.model_file import refuse_file
from showcase.engines.embedded_engine import Runnable, require_runnable
from showcase.engines.own_server import Found, OwnServer, look_for
from showcase.engines.rehearsal_embedding import check_chat_name, chosen_for, embedding_for
from showcase.engines.rehearsal_engine import CHAT_MODEL
from showcase.engines.room_notes import told_of_choice, told_of_rungs
from showcase.errors import EngineError, ModelError, NoServerError, UsageError
from showcase.evidence import Endpoint, Engine, LoadedModel
from showcase.progress.reminder import Reminder
from showcase.shell import here
from showcase.shell.advice import host_option, ollama_command, run_command

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from showcase.engines.ollama import OllamaGate
    from showcase.engines.rungs import Rungs
    from showcase.evidence import Attempt, Daemon, ModelPlan
    from showcase.languages import Told
    from showcase.processes.worker_process import Crew

AUTO = "auto"
"""As a chat model: load one rung of the ladder after the other until one fits into memory."""

INSTALL_HINT = (
    "to use real models: install Ollama (ollama.com), then: ollama pull nomic-embed-text; "
    "ollama pull qwen3:4b-instruct; or run the file of one, without a daemon: showcase run --engine embedded "
    "--chat-model FILE.gguf"
)
START_HINT = "to use real models for one run: showcase run --start-ollama; or for all: ollama serve"


class EngineRoom:
    """Finds or starts the server.

    The steps are apart so that a server of ours can start while the first session imports: `look_for_server`,
    `start`, `choose`, and `look_at_end`.

    Args:
        crew: What the processes of the run share, and with them the settings.
        environment: The environment of an engine of ours.
        languages: Those of the scenario's texts.
    """

    def __init__(self, crew: Crew, *, environment: Mapping[str, str], languages: Sequence[Told] = ()) -> None:
        self._languages = languages
        self._settings = crew.settings
        self._progress = crew.progress
        self._start = partial(OwnServer, crew=crew, environment=environment)
        self._gate: OllamaGate | None = None
        self._choice: Choice | None = None
        self._server: OwnServer | None = None
        self._found: Found | Runnable | None = None
        self._cloud_at_end: bool | None = None
        self._loaded: tuple[LoadedModel, ...] | None = None
        self._rungs: Rungs | None = None
        self._why = "asked for"

    @property
    def choice(self) -> Choice:
        """The models in use."""
        if self._choice is None:
            raise EngineError("no model server was chosen", hint=run_command(self._settings, engine="rehearsal"))
        return self._choice

    @property
    def endpoint(self) -> Endpoint:
        """Where the server listens."""
        if self._gate is None:
            raise EngineError("no model server was chosen", hint=run_command(self._settings, engine="rehearsal"))
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
            plan=self._plan,
            rungs_tried=self._rungs.tried if self._rungs else (),
            started=self._server is not None,
        )

    @property
    def _plan(self) -> ModelPlan | None:
        if isinstance(self._found, Runnable):
            return self._found.planned.told(self._found.chat.name)
        return self._rungs.plan if self._rungs else None

    def daemons(self, connections: Sequence[Attempt]) -> tuple[Daemon, ...]:
        """Return what the log says of a server with a language model that the run started; nothing of another.

        Args:
            connections: The table of what the witnesses saw.
        """
        if self._server is None or self._found is None or self._choice is None:
            return ()
        own = daemon_watch.of_this_run(
            self.endpoint,
            version=self._choice.version,
            # On for a while is on.
            cloud_disabled=self._cloud_at_end if self._choice.cloud_disabled else self._choice.cloud_disabled,
            connections=connections,
            from_s=self._server.ready_s,
            until_s=self._server.end_s,
            unseen=self._server.fault or "",
        )
        return (own,)

    def look_for_server(self) -> None:
        """Settle for Ollama where it is asked for or, with `auto`, where it can carry the run.

        Raises:
            EngineError: Ollama was asked for and cannot be used, or cannot be started.
        """
        if self._settings.engine == "rehearsal":
            check_chat_name(self._settings.chat_model if self._settings.chat_model != AUTO else None)
            embedding_for(self._settings.embed_model)
            return
        if self._settings.engine == "embedded":
            self._found = self._runnable()
            return
        for given in filter(None, (self._settings.chat_model, self._settings.embed_model)):
            refuse_file(given, run_command(self._settings, engine="embedded"))
        if self._settings.start_ollama is not None:
            self._found = look_for(self._settings.start_ollama, self._settings.ollama.port)
            return
        auto = self._settings.engine == "auto"
        try:
            if self._settings.ollama_refused is not None:
                raise self._settings.ollama_refused
            self._choose_of_ollama(self._settings.ollama, "it answered and has the models" if auto else "asked for")
        except (EngineError, UsageError) as error:
            # A model that was named is meant: taking another engine in silence would not be what was asked.
            if not auto or self._settings.embed_model or self._named:
                raise
            self._why = f"Ollama cannot be used: {error.message}"
            said, hint = self._why, f"fix: {error.hint}"
            if isinstance(error, NoServerError):  # where one is, starting or installing another mends nothing
                hint = START_HINT if shutil.which("ollama") else INSTALL_HINT
            if error is self._settings.ollama_refused:
                # The log may be shown to others, and whose server that is is nobody's business.
                self._why = "Ollama cannot be used: the address in OLLAMA_HOST is refused"
            self._progress.note(f"{said}. Using the rehearsal engine, which is no language model; {hint}")

    def _choose_of_ollama(self, endpoint: Endpoint, why: str) -> None:
        from showcase.engines.ollama import OllamaGate  # noqa: PLC0415 - heavy
        from showcase.engines.rungs import Rungs  # noqa: PLC0415 - with it

        limit_s = self._settings.session_timeout_s
        gate = OllamaGate(endpoint, whole_s=limit_s)
        self._rungs = Rungs(gate, load=self._settings.chat_model == AUTO, limit_s=limit_s)
        try:
            with Reminder(self._tell_waiting):
                self._choice = choose_models(
                    gate,
                    kind="ollama",
                    why=why,
                    embed=self._settings.embed_model,
                    chat=self._named,
                    rank=self._rungs.rank,
                )
                gate.check_listing()
        except EngineError:
            self._choice = None
            gate.close()
            raise
        finally:
            self._tell_rungs(self._rungs)
        self._settle(gate)

    @property
    def _named(self) -> str | None:
        """The chat model that was named, None where one is to be found."""
        return self._settings.chat_model if self._settings.chat_model != AUTO else None

    def _tell_rungs(self, rungs: Rungs) -> None:
        server = None if self._server else self._settings.ollama
        for note in told_of_rungs(rungs, self._choice, server=server):
            self._progress.note(note)

    def _runnable(self) -> Runnable:
        """Return the models that the embedded engine is to run, checked and planned."""
        if self._settings.chat_model == AUTO:
            raise UsageError(
                f"--chat-model {AUTO} asks an Ollama for its models, and the embedded engine runs one file",
                hint="name the file, --chat-model FILE.gguf; see which are here: showcase models list",
            )
        found = require_runnable(self._named, self._settings.embed_model, languages=self._languages)
        if found.note is not None:
            self._progress.note(f"warning: {found.note}")
        self._progress.note(f"{found.chat.name}: {found.planned.reason}")
        return found

    @property
    def port(self) -> int:
        """The server's port, known once `start` returned; a server of ours may not listen yet."""
        return self._server.port if self._server else self.endpoint.port

    def start(self) -> None:
        """Start a server of ours, watched, where none was settled for."""
        if self._choice is None:
            self._server = self._start(self._found)

    def choose(self) -> None:
        """Wait for the server of ours, if it is the one, and check its models.

        Raises:
            EngineError: It did not come up, or lacks a model.
        """
        if self._server is None:
            return
        endpoint = self._server.wait_ready()
        if isinstance(self._found, Found):
            try:
                self._choose_of_ollama(endpoint, "started by this run")
            except ModelError as error:
                models = self._found.models
                # Where it listens ends with the run: what is done to its models is asked of another server of them.
                hint = error.hint.replace(ollama_command(endpoint), "ollama")
                hint = hint.replace(" ".join(("", *host_option(endpoint))), "")
                if "ollama pull" in hint or "models create" in hint:
                    serve = here().with_variables({"OLLAMA_MODELS": str(models)}, "ollama serve")
                    hint = f"with its server running ({serve}): {hint}"
                raise ModelError(f"{error.message} (models in {models})", hint=hint) from error
            return
        from showcase.engines.ollama import OllamaGate  # noqa: PLC0415 - heavy

        gate = OllamaGate(endpoint, whole_s=self._settings.session_timeout_s)
        own = self._found if isinstance(self._found, Runnable) else None
        embed = own.embedding.name if own else embedding_for(self._settings.embed_model, self._languages)
        why = self._why + ("" if self._settings.embed_model else chosen_for(embed, self._languages))
        self._choice = choose_models(
            gate,
            kind="embedded" if own else "rehearsal",
            why=why,
            embed=embed,
            chat=own.chat.name if own else CHAT_MODEL,
        )
        self._settle(gate)

    def _tell_waiting(self, since_s: float) -> None:
        """Say that the server is waited for: a model that is tried has to be loaded first."""
        self._progress.note(
            f"the server is asked for its models and to try them, which loads them: {since_s:.0f} s so far, "
            f"of {self._settings.session_timeout_s:g}"
        )

    def _settle(self, gate: OllamaGate) -> None:
        self._gate, choice = gate, self.choice
        started = self._server is not None
        for note in told_of_choice(choice, gate, started=started, languages=self._languages):
            self._progress.note(note)

    def look_at_end(self) -> None:
        """Ask which models are loaded; a server that does not answer leaves it unknown. One of ours may have died."""
        if self._server is not None and (fault := self._server.look_at_end()) is not None:
            self._progress.note(fault)
        if self._gate is not None:
            try:
                self._loaded = self._gate.loaded()
                self._cloud_at_end = self._gate.cloud_disabled()
            except EngineError as error:
                self._progress.note(f"the server does not say at the end what it has loaded: {error.message}")

    def end(self) -> None:
        """End the server of ours, where there is one."""
        if self._gate is not None:
            self._gate.close()
        if self._server is not None:
            self._server.end()
