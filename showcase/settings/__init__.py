"""What a run is asked to do: one frozen object, every default in it."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from showcase.errors import UsageError
from showcase.evidence import Endpoint
from showcase.settings.store_address import StoreAddress

OLLAMA_PORT = 11434
EngineChoice = Literal["auto", "ollama", "rehearsal", "embedded"]
ENGINES: tuple[EngineChoice, ...] = ("auto", "ollama", "rehearsal", "embedded")
OWN_ENGINES: tuple[EngineChoice, ...] = ("rehearsal", "embedded")
"""Those that are started as processes of this program, wherever an Ollama listens."""

SealChoice = Literal["auto", "on", "off"]
Phase = Literal[1, 2, 3]
Forget = Literal["erase", "stock"]

DEFAULT_OUT = Path("showcase-output")
OLLAMA = Endpoint(address="127.0.0.1", port=OLLAMA_PORT)
OLLAMA_TO_START = Endpoint(address="127.0.0.1", port=0)
DEFAULT_OLLAMA_HOST = f"http://{OLLAMA}"
DEFAULT_EMBED_MODEL = "nomic-embed-text"
CHAT_PREFERENCE = (
    "qwen3-4b-mem",
    "gemma3-4b-mem",
    "qwen2-5-1-5b-mem",
    "llama3-2-1b-mem",
    "qwen3:4b-instruct",
    "qwen3:4b",
    "gemma3:4b",
    "qwen2.5:1.5b",
    "llama3.2:1b",
)
"""Tags tried in this order where no chat model is named: this project's own, then those of the course."""

ASSISTANT = "You are a helpful assistant."
FACTS_FOLLOW = "Known facts about the user:"
NOTHING_KNOWN = "Nothing is known about the user."
"""The words of the prompt that are this program's own."""

SESSION_TIMEOUT = "--session-timeout"
SESSION_TIMEOUT_S = 600.0
LONGEST_SESSION_TIMEOUT_S = 86400.0
"""The one limit on what a slow model may take: every other that bounds such a thing follows it."""

LONGER = 4
"""Times as long is offered where that was too short."""

RUN_LOG = "run-log.json"
REPORT = "mem0-cross-session-showcase.html"
STORE = "mem0_chroma"
MEM0_HOME = "mem0_home"
EVENTS = "events"


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """Everything a run depends on beside the scenario.

    Attributes:
        out: Output directory.
        engine: Which model server to use.
        scenario: File of the scenario, for what a person is told to type; None for one that ships.
        language: Language of the one that ships; None for the usual one.
        ollama: Where Ollama listens; always loopback. Port 0, for a server that is started: a free one.
        ollama_refused: Why OLLAMA_HOST cannot be used; None where it can, or does not count.
        start_ollama: The program to start as the server, None to use one that is there.
        embed_model: Embedding model, None for the default choice.
        chat_model: Chat model, None for the default choice.
        infer: Let mem0 extract memories with the chat model instead of storing sentences as they are.
        top_k: Rows a search returns at most.
        keep_store: Plant into the store that is there instead of a new one.
        under_test: The store, a directory or what a URL names; None for the one in the output directory.
        allow_store: Whether memories may go to a store that is not on this machine.
        forget: Whether the first user is forgotten after the sessions, by this program or by mem0's own `delete_all`.
        witnesses: Names of the witnesses asked for, None for all that work here.
        seal: Whether the workers run in a namespace in which nothing but the engine's port exists: where that
            can be, in any case, or never.
        drill: Whether the short drill is held beside the sessions.
        session_timeout_s: A process that takes longer is killed, an answer of the model server that does is cut
            off.
        step: Hold each session before it closes its store, until a person says to go on.
        presenter: Whether the page opens in the view for a projector.
        phase: The one session to play, on what earlier phases left; None for a whole run.
        sample_period_s: Pause between two looks of the `sockets` witness.
        worker: A child's entry, a module or the path of a script; tests plant violations by another one.
    """

    out: Path = DEFAULT_OUT
    engine: EngineChoice = "auto"
    scenario: Path | None = None
    language: str | None = None
    ollama: Endpoint = OLLAMA
    ollama_refused: UsageError | None = None
    start_ollama: str | None = None
    embed_model: str | None = None
    chat_model: str | None = None
    infer: bool = False
    top_k: int = 5
    keep_store: bool = False
    under_test: Path | StoreAddress | None = None
    allow_store: bool = False
    forget: Forget | None = None
    witnesses: tuple[str, ...] | None = None
    seal: SealChoice = "auto"
    drill: bool = True
    session_timeout_s: float = SESSION_TIMEOUT_S
    step: bool = False
    presenter: bool = False
    phase: Phase | None = None
    sample_period_s: float = 0.05
    worker: str = "showcase.worker"

    @property
    def run_log(self) -> Path:
        """Where the run log is written."""
        return self.out / RUN_LOG

    @property
    def report(self) -> Path:
        """Where the page is written."""
        return self.out / REPORT

    @property
    def store(self) -> Path:
        """The store under test, where none is named."""
        return self.out / STORE

    @property
    def mem0_home(self) -> Path:
        """mem0's own directory, so that the user's is never touched; likewise."""
        return self.out / MEM0_HOME

    @property
    def address(self) -> StoreAddress | None:
        """The address of the store under test, None for one in a directory with an embedded Chroma."""
        return self.under_test if isinstance(self.under_test, StoreAddress) else None

    @property
    def events(self) -> Path:
        """One event file a process."""
        return self.out / EVENTS


def longer(limit_s: float) -> str:
    """Return what to do where `limit_s` seconds were too short for a slow model."""
    if limit_s >= LONGEST_SESSION_TIMEOUT_S:
        return "there is no larger limit: take a smaller model, see showcase models plan"
    more_s = min(LONGER * limit_s, LONGEST_SESSION_TIMEOUT_S)
    return f"where the server is slow, not stuck, give it more: {SESSION_TIMEOUT} {more_s:.10g}"
