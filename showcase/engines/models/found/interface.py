"""A place where a program keeps its models, and what is found there."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import Iterator


@dataclass(frozen=True, slots=True, kw_only=True)
class Surroundings:
    """What tells where programs keep their files.

    Attributes:
        variables: The environment.
        home: The user's home directory, None where there is none.
        system: `sys.platform`.
    """

    variables: Mapping[str, str]
    home: Path | None
    system: str

    def named(self, *variables: str, below: str = "") -> Path | None:
        """Return the directory that the first of these variables that is set names, None where none is."""
        value = next((value for each in variables if (value := self.variables.get(each))), None)
        if value is None:
            return None
        # A shell makes a home of `~`; in a file of settings, from which an environment comes too, it stays.
        home = self.home if value.startswith("~/") else None
        return (Path(value) if home is None else home / value[2:]) / below

    def at_home(self, *parts: str) -> tuple[Path, ...]:
        """Return a place in the home directory, nothing where there is none."""
        return () if self.home is None else (self.home.joinpath(*parts),)

    def cache(self) -> tuple[Path, ...]:
        """Return where caches lie, `XDG_CACHE_HOME` or `~/.cache`."""
        named = self.named("XDG_CACHE_HOME")
        return self.at_home(".cache") if named is None else (named,)


@dataclass(frozen=True, slots=True, kw_only=True)
class Beside:
    """What a manifest of Ollama says of a model beside its weights.

    Attributes:
        template: Ollama's own template for chats, in its own language, which llama.cpp does not speak.
        license: The first line of its licence.
        projectors: Files that turn pictures into what it reads.
        adapters: Files that change it.
        digest: The SHA-256 that it names for the weights.
    """

    template: str | None = None
    license: str | None = None
    projectors: tuple[Path, ...] = ()
    adapters: tuple[Path, ...] = ()
    digest: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Candidate:
    """Something that should be a model.

    Attributes:
        name: What the place calls it.
        place: The place.
        path: Its file, None where there is none.
        problem: Why it is none, empty where that is not known yet.
        beside: What is said of it elsewhere than in its file.
    """

    name: str
    place: str
    path: Path | None = None
    problem: str = ""
    beside: Beside | None = None


class Place(Protocol):
    """Where a program keeps its models."""

    name: str

    def roots(self) -> tuple[Path, ...]:
        """Return the directories that are looked at, whether they are there or not."""
        ...

    def candidates(self, root: Path) -> Iterator[Candidate]:
        """Yield what lies in one of them, problems included. Nothing is opened but what tells of the models."""
        ...
