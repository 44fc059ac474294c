"""Which file is meant, and whether it can be what it is to be: told from its header, before anything is loaded."""

from __future__ import annotations

import os
import re
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from showcase.engines.model_names import is_cloud_name, same, short
from showcase.engines.models.found import listing, places
from showcase.engines.models.found.folder import Folder
from showcase.engines.models.gguf.model import GgufModel, require_model
from showcase.errors import ModelError, UsageError
from showcase.shell.advice import near, quoted

if TYPE_CHECKING:
    from collections.abc import Iterator

    from showcase.engines.models.found.listing import FoundModel

Purpose = Literal["chat", "embed"]

OPTIONS: dict[Purpose, str] = {"chat": "--chat-model", "embed": "--embed-model"}

SUFFIX = ".gguf"

_OTHERS = ("rehearsal", "rehearsal-embed", "rehearsal-embed-multilingual")
"""Names that a client takes for those of the rehearsal engine."""

_LONGEST_NAME = 64
"""Characters; Ollama takes 80, and what tells two models apart may be added."""

_BLOB = "sha256-"


@dataclass(frozen=True, slots=True, kw_only=True)
class ModelFile:
    """A file that was checked.

    Attributes:
        path: Where it lies; never written into a log.
        name: What the model is called on the wire and in a log, without a tag.
        purpose: What it is for here.
        model: What its header says.
    """

    path: Path
    name: str
    purpose: Purpose
    model: GgufModel

    @property
    def is_base(self) -> bool:
        """Whether it was never taught to chat, though it is to do that here."""
        return self.purpose == "chat" and self.model.kind == "base"


@dataclass(frozen=True, slots=True, kw_only=True)
class Files:
    """Those that one process runs; without a chat model it makes vectors alone."""

    chat: ModelFile | None
    embed: ModelFile | None

    def all(self) -> tuple[ModelFile, ...]:
        """Return those that there are."""
        return tuple(file for file in (self.chat, self.embed) if file is not None)


def names_a_file(given: str) -> bool:
    """Tell whether somebody who names a model means a file: a name of a model has no such end, and no such slashes."""
    return given.lower().endswith(SUFFIX) or given.startswith((".", "/", "~")) or "\\" in given


def refuse_file(given: str, instead: str) -> None:
    """Refuse the file of a model where a server is asked, which knows names alone.

    Args:
        given: What was named as a model.
        instead: What to type instead.

    Raises:
        UsageError: It means a file.
    """
    if names_a_file(given):
        raise UsageError(
            f"{given} is a file, and a model server is asked for models by their names",
            hint=f"let llama.cpp run it: {instead}",
        )


def require_file(given: str, purpose: Purpose) -> ModelFile:
    """Return the model that somebody names, by a path or as `showcase models list` calls it.

    Raises:
        ModelError: It is not there, or not for that.
        UsageError: The name is empty.
    """
    if not given.strip():
        raise UsageError("a model is named by nothing", hint=f"name one, or leave {OPTIONS[purpose]} out")
    path, called = _found(given, purpose)
    model = require_model(path)
    _check(given, path, model, purpose)
    return ModelFile(
        path=path, name=_wire_name(called or model.name or path.stem, purpose), purpose=purpose, model=model
    )


def first_chat_model() -> str | None:
    """Return how the first chat model on this machine is named, as an option's value; None where none is there."""
    there = listing.list_models(places.usual(places.surroundings())).models
    return next((named for found in there if (named := as_option(found)) is not None), None)


def as_option(found: FoundModel) -> str | None:
    """Return how a model that was found is named as an option's value; None where it is no chat model to be run."""
    model = found.model
    if found.problem or model is None or model.kind != "chat" or model.chat_template is None or len(found.parts) != 1:
        return None
    by_name = found.aliases[0].place != Folder.name and "/" not in found.aliases[0].name
    return quoted(found.aliases[0].name if by_name else found.parts[0])


def _found(given: str, purpose: Purpose) -> tuple[Path, str]:
    path = Path(given).expanduser()
    if path.is_file():
        return Path(os.path.abspath(path)), "" if path.name.startswith(_BLOB) else path.stem  # noqa: PTH100 - links stay
    if names_a_file(given) or path.exists():
        what = "is a directory, and a model is a file" if path.is_dir() else "is not there"
        if path.exists() and not path.is_dir():
            what = "is no regular file, and a model is one"
        raise ModelError(f"{given} {what}", hint=f"see which models are on this machine: {_list(path)}")
    known: list[str] = []
    for found in listing.list_models(places.usual(places.surroundings())).models:
        known += [short(alias.name) for alias in found.aliases]
        for alias in found.aliases:
            if alias.path is None or not (alias.name == given or same(alias.name, given)):
                continue
            if found.problem:
                raise ModelError(f"{given} ({alias.place}) is no model: {found.problem}", hint=_OTHER)
            if alias.beside is not None and alias.beside.adapters:
                raise ModelError(
                    f"{given} ({alias.place}) is changed by an adapter, which the embedded engine does not apply",
                    hint="the same command with --engine ollama, or another model: showcase models list",
                )
            return alias.path, short(given)
    raise ModelError(
        f"{given} is no file, and none of the programs that keep models has one of that name{near(given, known)}",
        hint=f"name its file: the same command with {OPTIONS[purpose]} FOLDER/FILE.gguf; "
        "what programs keep here: showcase models list; what lies in a folder: showcase models list FOLDER",
    )


_OTHER = "take another model: showcase models list"


def _list(path: Path) -> str:
    beside = path if path.is_dir() else path.parent
    return f"showcase models list {quoted(beside)}" if beside.is_dir() else "showcase models list"


def _check(given: str, path: Path, model: GgufModel, purpose: Purpose) -> None:
    """Refuse what cannot do it."""
    why = next(_faults(model, purpose), None)
    if why is not None:
        beside = _list(path) if names_a_file(given) else "showcase models list"
        raise ModelError(f"{given} cannot be used: {why}", hint=f"take another model: {beside}")


def _faults(model: GgufModel, purpose: Purpose) -> Iterator[str]:
    if (model.split_count or 0) > 1:
        yield f"it is one of {model.split_count} files of one model, and whole ones are taken: gguf-split --merge joins"
    if purpose == "embed":
        if model.kind != "embedding":
            yield f"it is of the kind {model.kind}, and makes no vectors: {model.kind_reason}"
        return
    if model.kind not in {"chat", "base"}:
        option = f" ({OPTIONS['embed']})" if model.kind == "embedding" else ""
        yield f"it is no chat model but of the kind {model.kind}{option}: {model.kind_reason}"
    if model.chat_template is None:
        base = f"a base model, {model.kind_reason}" if model.kind == "base" else "without a template for chats"
        yield (
            f"it is {base}: its file has no template that says who said what, and none is made up; what Ollama may "
            "keep beside it is in a language of its own"
        )


def _wire_name(called: str, purpose: Purpose) -> str:
    """Return a name that Ollama's protocol can carry, and that no client takes for another kind of model."""
    name = re.sub(r"[^A-Za-z0-9_.:\-]+", "-", called.removesuffix(SUFFIX)).strip("-.:")[:_LONGEST_NAME].rstrip("-.:")
    head, colon, tag = name.partition(":")
    tag = tag.replace(":", "-").strip("-.")
    name = f"{head}:{tag}" if colon and head and tag else head
    if not name or not re.match(r"[A-Za-z0-9_]", name):
        name = f"{purpose}-model"
    if is_cloud_name(name) or any(same(name, other) for other in _OTHERS) or tag.casefold() == "local":
        name = f"{name.replace(':', '-')}-gguf"
    return name
