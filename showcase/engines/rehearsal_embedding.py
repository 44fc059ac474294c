"""Which embedding model of the rehearsal engine is taken, and what a person is told of its languages before a run."""

from __future__ import annotations

from typing import TYPE_CHECKING

from showcase.engines.embedded.model_file import refuse_file
from showcase.engines.model_names import same
from showcase.engines.rehearsal import CHAT_MODEL, EMBED_MODEL, MULTILINGUAL_MODEL
from showcase.engines.rehearsal.multilingual import EXTRA, PACKAGE, files
from showcase.errors import UsageError
from showcase.languages import knowledge_of, listed, made_for, tell_of, texts_in, unknown_to
from showcase.shell.advice import install_extra, near

if TYPE_CHECKING:
    from collections.abc import Sequence

    from showcase.languages import Told

MULTILINGUAL_OF_OLLAMA = "bge-m3"
"""A multilingual model that Ollama's library has."""


def is_ours(name: str) -> bool:
    """Return whether a name is that of an embedding model of the rehearsal engine, installed or not."""
    return same(name, EMBED_MODEL) or same(name, MULTILINGUAL_MODEL)


def embedding_for(named: str | None, languages: Sequence[Told] = ()) -> str:
    """Return the model to embed with: the one that is named, else the one that knows the languages of the texts.

    English alone is known better by the model that ships; the other is taken where it knows what that does not.

    Raises:
        UsageError: There is no model of that name, or it is an extra that is not installed.
    """
    if named is None:
        foreign = unknown_to(EMBED_MODEL, languages)
        better = files() and foreign and len(unknown_to(MULTILINGUAL_MODEL, languages)) < len(foreign)
        return MULTILINGUAL_MODEL if better else EMBED_MODEL
    if same(named, EMBED_MODEL):
        return EMBED_MODEL
    if not same(named, MULTILINGUAL_MODEL):
        there = (EMBED_MODEL, MULTILINGUAL_MODEL) if files() else (EMBED_MODEL,)
        raise UsageError(
            f"the rehearsal engine has no model {named}{near(named, there)}",
            hint=f"leave it out, or name {there[0]}; for {named}: the same command with --engine ollama",
        )
    if not files():
        raise UsageError(
            f"{MULTILINGUAL_MODEL} is not installed: it comes with the extra {EXTRA}",
            hint=f"install it: {install_extra(EXTRA, PACKAGE)}",
        )
    return MULTILINGUAL_MODEL


def check_chat_name(given: str | None) -> None:
    """Refuse a chat model that the rehearsal engine has not.

    Raises:
        UsageError: It has none of that name.
    """
    if given is None or same(given, CHAT_MODEL):
        return
    refuse_file(given, "the same command with --engine embedded")
    raise UsageError(
        f"the rehearsal engine has no model {given}{near(given, (CHAT_MODEL,))}",
        hint=f"leave it out, or name {CHAT_MODEL}; for {given}: the same command with --engine ollama",
    )


def chosen_for(model: str, languages: Sequence[Told]) -> str:
    """Return why a model was taken that nobody named, as an addition to a reason; empty for the one that ships."""
    if not same(model, MULTILINGUAL_MODEL):
        return ""
    return f"; {model} because {texts_in(unknown_to(EMBED_MODEL, languages), languages)}"


def language_note(model: str, languages: Sequence[Told]) -> str | None:
    """Return what is to be said of texts that a model does not know, and what to do; None where it knows them all."""
    unknown = unknown_to(model, languages)
    if not unknown:
        return None
    if not same(model, EMBED_MODEL):
        fix = f"an embedding that knows it: {_PULL}"
    elif unknown_to(MULTILINGUAL_MODEL, unknown):
        fix = f"no embedding of this engine knows {listed([each.tag for each in unknown])}; Ollama has some: {_PULL}"
    elif files():
        fix = f"leave --embed-model out, or name {MULTILINGUAL_MODEL}"
    else:
        fix = f"vectors that know it: {install_extra(EXTRA, PACKAGE)}"
    return f"{texts_in(unknown, languages)}, and {made_for(model)}: {_chance(model)}; {fix}"


def typed_note(model: str, words: str) -> str | None:
    """Return the same of what a person typed, where a store of every day was made with that model; None likewise."""
    unknown = unknown_to(model, tell_of([[words]]))
    if not unknown:
        return None
    fix = ""
    if same(model, EMBED_MODEL) and not unknown_to(MULTILINGUAL_MODEL, unknown):
        other = f"--engine rehearsal --embed-model {MULTILINGUAL_MODEL}"
        install = "" if files() else f"{install_extra(EXTRA, PACKAGE)}; then: "
        fix = f"; vectors that know it: {install}showcase memories reembed {other}"
    return f"this is in {listed([each.tag for each in unknown])}, and {made_for(model)}: {_chance(model)}{fix}"


def _chance(model: str) -> str:
    return f"which memory comes first {'is' if knowledge_of(model).told else 'may be'} chance"


_PULL = f"ollama pull {MULTILINGUAL_OF_OLLAMA}, then --engine ollama --embed-model {MULTILINGUAL_OF_OLLAMA}"
