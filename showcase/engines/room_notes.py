"""What a person is told of the server that a run settles for."""

from __future__ import annotations

from typing import TYPE_CHECKING

from showcase.engines.embedded.known import told_of
from showcase.engines.model_names import key
from showcase.engines.models.templates import complaint, is_bare, remedy
from showcase.engines.rehearsal_embedding import is_ours, language_note
from showcase.evidence.engine import called
from showcase.shell.advice import host_option

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from showcase.engines.discovery import Choice
    from showcase.engines.ollama import OllamaGate
    from showcase.engines.rungs import Rungs
    from showcase.evidence import Endpoint
    from showcase.languages import Told


def told_of_choice(choice: Choice, gate: OllamaGate, *, started: bool, languages: Sequence[Told]) -> Iterator[str]:
    """Yield what is to be said of a server and its models.

    Args:
        choice: What was settled for.
        gate: The server.
        started: Whether the run started it.
        languages: Those of the scenario's texts.
    """
    name = called(choice.version, rehearses=choice.is_rehearsal)
    if choice.kind == "ollama":
        there = ", which was there already" if choice.is_rehearsal else ""
        name += " (started for this run)" if started else there
    if not choice.is_rehearsal and is_bare(gate.show(choice.chat_model)):
        yield f"{complaint(choice.chat_model.name)}; fix: {remedy(choice.chat_model.name, gate.endpoint)}"
    yield f"engine: {name} at {gate.endpoint}, {choice.chat_model.name} and {choice.embed_model.name}"
    if choice.kind == "embedded":
        yield told_of(choice.chat_model)
        if not is_ours(choice.embed_model.name):
            yield told_of(choice.embed_model)
    if (said := language_note(choice.embed_model.name, languages)) is not None:
        yield f"warning: {said}"


def told_of_rungs(rungs: Rungs, choice: Choice | None, *, server: Endpoint | None) -> Iterator[str]:
    """Yield which rungs of the ladder were tried, and which would fit and is not there.

    Args:
        rungs: What was tried.
        choice: What was settled for, None where nothing was.
        server: Where it is, None for one that the run started.
    """
    for step in rungs.tried:
        yield f"{step.tag} {step.outcome}: {step.reason}"
    best = rungs.plan.chosen if rungs.plan else None
    if not best or choice is None or choice.is_rehearsal or rungs.tried:  # a rehearsal engine can make no such model
        return
    if key(best) != key(choice.chat_model.name):
        running = ", with ollama serve running" if server is None else ""
        create = " ".join(["showcase models create", best, *(host_option(server) if server else [])])
        yield f"{best} would fit this machine and is not there{running}: {create}"
