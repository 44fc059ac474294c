"""Every model of some places, once: what its file says, by which names it is known, and why another is none."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from showcase.engines.models.found.digests import Known, known_files, sha256_of
from showcase.engines.models.found.interface import Beside
from showcase.engines.models.gguf.model import GgufModel, read_model
from showcase.engines.models.gguf.source import UnreadableModelError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from showcase.engines.models.found.interface import Candidate, Place

_PART = re.compile(r"(.+)-([0-9]{5})-of-([0-9]{5})\.gguf", re.IGNORECASE | re.DOTALL)
_DIGEST = re.compile(r"(?:sha256-)?([0-9a-f]{64})")
_MOST_SHOWN = 3


@dataclass(frozen=True, slots=True, kw_only=True)
class Alias:
    """One of the names of a model: what a place calls it, and the path by which it is there."""

    name: str
    place: str
    path: Path | None
    beside: Beside | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class FoundModel:
    """A model, or what should have been one.

    Attributes:
        aliases: Its names, at least one.
        problem: Why it is skipped; empty where it is a model.
        model: What its file says, None where it cannot be read.
        parts: Its files, in their order: more than one where it is split.
        size_bytes: All of them.
        named_digest: The SHA-256 that its name claims, where stores call a file by it.
        digest: Its SHA-256, None where it was not computed, or it is split.
        known: The file that its makers publish with this digest.
    """

    aliases: tuple[Alias, ...]
    problem: str
    model: GgufModel | None = None
    parts: tuple[Path, ...] = ()
    size_bytes: int | None = None
    named_digest: str | None = None
    digest: str | None = None
    known: Known | None = None

    @property
    def template(self) -> str | None:
        """Where its template for chats is: in its `file`, or only in `Ollama`'s manifest; None where there is none."""
        if self.model is not None and self.model.chat_template is not None:
            return "file"
        return "Ollama" if any(each.beside and each.beside.template for each in self.aliases) else None

    @property
    def license(self) -> str | None:
        """The name of its licence: what its file says, else the first line of what Ollama keeps beside it."""
        if self.model is not None and self.model.license is not None:
            return self.model.license
        return next((each.beside.license for each in self.aliases if each.beside and each.beside.license), None)


@dataclass(frozen=True, slots=True, kw_only=True)
class Looked:
    """A directory that was looked at, or that was not there."""

    place: str
    path: Path
    there: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Listing:
    """What was found, and where was looked."""

    models: tuple[FoundModel, ...]
    looked: tuple[Looked, ...]


def list_models(places: Sequence[Place]) -> Listing:
    """Look at places. Files are read, and nothing is downloaded, started or asked."""
    looked: list[Looked] = []
    candidates: list[Candidate] = []
    for place in places:
        for root in place.roots():
            there = _is_there(root)
            if all(each.path != root for each in looked):
                looked.append(Looked(place=place.name, path=root, there=there))
                candidates += place.candidates(root) if there else ()
    return Listing(models=tuple(_joined(_once([_read(each) for each in candidates]))), looked=tuple(looked))


def with_digest(found: FoundModel, on_progress: Callable[[int, int], None]) -> FoundModel:
    """Return it with its SHA-256, and with what is known by that; a model in several files has none."""
    if found.model is None or found.problem or len(found.parts) != 1:
        return found
    try:
        digest = sha256_of(found.parts[0], on_progress)
    except UnreadableModelError as error:
        return replace(found, problem=str(error))
    problem = ""
    if found.named_digest not in {None, digest}:
        problem = f"it is called by the SHA-256 {found.named_digest}, and has {digest}: it is damaged or was changed"
    return replace(found, digest=digest, known=known_files().get(digest), problem=problem)


def _is_there(root: Path) -> bool:
    """Tell whether there is anything, a link that leads nowhere and what may not be looked at included."""
    try:
        root.lstat()
    except (FileNotFoundError, NotADirectoryError):
        return False
    except (OSError, ValueError):
        pass
    return True


def _read(candidate: Candidate) -> FoundModel:
    alias = Alias(name=candidate.name, place=candidate.place, path=candidate.path, beside=candidate.beside)
    parts = () if candidate.path is None else (candidate.path,)
    found = FoundModel(aliases=(alias,), problem=candidate.problem, parts=parts)
    if candidate.problem or candidate.path is None:
        return found
    try:
        model = read_model(candidate.path, called=candidate.name)
    except UnreadableModelError as error:
        return replace(found, problem=str(error))
    return replace(found, model=model, size_bytes=model.file_bytes, named_digest=_claimed(candidate.path))


def _claimed(path: Path) -> str | None:
    match = _DIGEST.fullmatch(path.resolve().name)
    return None if match is None else match[1]


def _once(found: Iterable[FoundModel]) -> list[FoundModel]:
    """Return each file once, with all of its names."""
    at: dict[tuple[int, int], int] = {}
    rows: list[FoundModel] = []
    for each in found:
        identity = None if each.model is None else each.model.identity
        if identity is None or identity == (0, 0) or identity not in at:
            if identity is not None:
                at[identity] = len(rows)
            rows.append(each)
            continue
        first = rows[at[identity]]
        if each.aliases[0] not in first.aliases:
            rows[at[identity]] = replace(first, aliases=first.aliases + each.aliases)
    return rows


def _joined(found: Sequence[FoundModel]) -> list[FoundModel]:
    """Return the parts of a split model as one."""
    rows: list[FoundModel] = []
    groups: dict[tuple[Path, str, int], dict[int, FoundModel]] = {}
    for each in found:
        path = each.aliases[0].path
        match = None if path is None else _PART.fullmatch(path.name)
        if path is None or match is None:
            rows.append(_lone(each))
            continue
        groups.setdefault((path.parent, match[1], int(match[3])), {})[int(match[2])] = each
    rows += [_whole(parts, count) for (_, _, count), parts in groups.items()]
    return sorted(rows, key=lambda row: bool(row.problem))


def _lone(found: FoundModel) -> FoundModel:
    model = found.model
    if found.problem or model is None or model.split_number is None:
        return found
    problem = (
        f"it is part {model.split_number + 1} of {model.split_count}, and its name does not say where the others are"
    )
    return replace(found, problem=problem)


def _whole(parts: dict[int, FoundModel], count: int) -> FoundModel:
    ordered = [parts[number] for number in sorted(parts)]
    first = ordered[0]
    missing = count - len(parts)
    damaged = next((number for number in sorted(parts) if parts[number].problem), None)
    if damaged is not None:
        problem = f"part {damaged} of {count}: {parts[damaged].problem}"
    elif missing:
        gaps = [str(number) for number in range(1, min(count, len(parts) + _MOST_SHOWN) + 1) if number not in parts]
        problem = f"it has {count} parts, and {missing} of them are missing: {', '.join(gaps[:_MOST_SHOWN])}" + (
            ", …" if missing > _MOST_SHOWN else ""
        )
    else:
        problem = ""
    name = re.sub(r"-[0-9]{5}-of-[0-9]{5}$", "", first.aliases[0].name)
    models = [each.model for each in ordered if each.model is not None]
    parameters = sum(each.parameters or 0 for each in models) or None
    return replace(
        first,
        aliases=(replace(first.aliases[0], name=name), *first.aliases[1:]),
        problem=problem,
        model=None if first.model is None else replace(first.model, parameters=parameters),
        parts=tuple(path for each in ordered for path in each.parts),
        size_bytes=sum(each.size_bytes or 0 for each in ordered) or None,
        named_digest=None,
    )
