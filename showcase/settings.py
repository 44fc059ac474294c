"""What a run is asked to do: one frozen object, every default in it."""

from __future__ import annotations

import ipaddress
import re
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from showcase.errors import UsageError
from showcase.evidence import Endpoint

OLLAMA_PORT = 11434
EngineChoice = Literal["auto", "ollama", "rehearsal"]
SealChoice = Literal["auto", "on", "off"]
Phase = Literal[1, 2, 3]

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
        scenario: File of the scenario, for what a person is told to type; None for the one that ships.
        ollama: Where Ollama listens; always loopback. Port 0, for a server that is started: a free one.
        start_ollama: The program to start as the server, None to use one that is there.
        embed_model: Embedding model, None for the default choice.
        chat_model: Chat model, None for the default choice.
        infer: Let mem0 extract memories with the chat model instead of storing sentences as they are.
        top_k: Rows a search returns at most.
        keep_store: Plant into the store that is there instead of a new one.
        witnesses: Names of the witnesses asked for, None for all that work here.
        seal: Whether the workers run in a namespace in which nothing but the engine's port exists: where that
            can be, in any case, or never.
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
    ollama: Endpoint = OLLAMA
    start_ollama: str | None = None
    embed_model: str | None = None
    chat_model: str | None = None
    infer: bool = False
    top_k: int = 5
    keep_store: bool = False
    witnesses: tuple[str, ...] | None = None
    seal: SealChoice = "auto"
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
        """The store under test."""
        return self.out / STORE

    @property
    def mem0_home(self) -> Path:
        """mem0's own directory, so that the user's is never touched."""
        return self.out / MEM0_HOME

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


def parse_ollama_host(text: str) -> tuple[Endpoint, str | None]:
    """Return the loopback endpoint that `text` names, and a note where it was read in a special way.

    Accepts what Ollama's own client accepts: `host`, `host:port`, `http://host:port`, `[::1]:port`. No name
    is looked up: `localhost` is 127.0.0.1, every other name is refused.

    Raises:
        UsageError: It is not http, not a loopback address, or the port is no port.
    """
    match = re.fullmatch(
        r"(?:(?P<scheme>[a-z]+)://)?(?:\[(?P<six>[^\]]+)\]|(?P<host>[^:/\[\]]*))(?::(?P<port>\d+))?/*",
        text.strip(),
        flags=re.IGNORECASE,
    )
    if match is None:
        # A bare IPv6 address has colons of its own.
        match = re.fullmatch(r"(?P<scheme>)(?P<six>[0-9a-fA-F:]+)(?P<host>)(?P<port>)", text.strip())
    if match is None:
        raise UsageError(f"{text!r} is not a server address", hint=f"--ollama-host {DEFAULT_OLLAMA_HOST}")
    if (match["scheme"] or "http").lower() != "http":
        raise UsageError(
            f"{text!r}: only http is spoken with a server on this machine",
            hint=f"--ollama-host {DEFAULT_OLLAMA_HOST}",
        )
    port = int(match["port"] or OLLAMA_PORT)
    if not 0 < port < 65536:  # noqa: PLR2004 - the range of a TCP port
        raise UsageError(f"{text!r}: {port} is not a port", hint=f"--ollama-host {DEFAULT_OLLAMA_HOST}")
    host = match["six"] or match["host"] or "127.0.0.1"
    if host.lower() == "localhost":
        return Endpoint(address="127.0.0.1", port=port), None
    try:
        address = ipaddress.ip_address(host)
    except ValueError:
        raise UsageError(
            f"{text!r} names {host!r}, which is not a loopback address; a name would have to be looked up",
            hint=f"--ollama-host {DEFAULT_OLLAMA_HOST}",
        ) from None
    if address.is_unspecified:
        loopback = "::1" if address.version == 6 else "127.0.0.1"  # noqa: PLR2004 - the IP version
        note = f"{host} is an address to listen on, not one to connect to: using {loopback}"
        return Endpoint(address=loopback, port=port), note
    if not address.is_loopback:
        raise UsageError(
            f"{text!r} is not on this machine: only loopback addresses are used",
            hint=f"--ollama-host {DEFAULT_OLLAMA_HOST}",
        )
    return Endpoint(address=str(address), port=port), None
