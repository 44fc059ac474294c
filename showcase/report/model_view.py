"""What is known of the file that the embedded engine ran as a model: its licence, and whose file it is."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from showcase.engines.embedded.known import publisher
from showcase.engines.models.found.digests import known_files
from showcase.engines.rehearsal_embedding import is_ours
from showcase.evidence import Model, says_rehearsal
from showcase.evidence.engine import called

if TYPE_CHECKING:
    from showcase.evidence import Daemon, Engine, Run

UNKNOWN = "unknown to us: nothing vouches for what it holds"


@dataclass(frozen=True, slots=True)
class ModelView:
    """A model of a run.

    `file` says whose file it is and `known` whether that is known, where it is a file at all; `license` is what its
    makers give, where they are known.
    """

    model: Model
    file: str
    known: bool
    license: str = ""


def model(engine: Engine, of: Model) -> ModelView:
    """Return what is known of one of the models of an engine.

    A digest that an Ollama gives is of what it keeps beside a file, and one of the rehearsal engine of its own weights.
    """
    if not engine.is_embedded or is_ours(of.name):
        return ModelView(of, "", known=False)
    whose, listed = publisher(of.digest), known_files().get(of.digest or "")
    if whose is not None and of.size_bytes not in (None, listed and listed.size_bytes):
        return ModelView(of, f"not known: by its digest it is {whose}, and not by its size", known=False)
    return ModelView(of, whose or UNKNOWN, known=whose is not None, license=listed.license if listed else "")


def models(run: Run) -> tuple[ModelView, ModelView] | None:
    """Return the chat model and the embedding model of a run, None where no engine was reached."""
    engine = run.engine
    return None if engine is None else (model(engine, engine.chat_model), model(engine, engine.embed_model))


def chat_file(run: Run) -> str:
    """Return whose file the chat model of a run is, with its digest; empty where it is no file or has no digest."""
    if run.engine is None or not (found := model(run.engine, run.engine.chat_model)).file or not found.model.digest:
        return ""
    return f"sha256 {found.model.digest}, {found.file}"


def server(daemon: Daemon) -> str:
    """Return what kind of server one is by its own word, in a sentence."""
    return called(daemon.ollama, rehearses=says_rehearsal(daemon.ollama)).partition(" (")[0]
