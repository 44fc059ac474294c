"""What a run was asked to do, and under which rules."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from showcase.evidence.engine import Endpoint
from showcase.evidence.fact import Fact


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule(Fact):
    """One thing that an audit allows.

    `host` is a name, an address, a network (CIDR) or `*`, in lower case. `port` is None for every port. `addresses`
    are what a name led to before the command began and after it ended; a name of another moment is not covered. A Unix
    socket is `unix:` with its path, or with `@` and its abstract name; its `addresses` are other paths that led to it.
    """

    host: str
    port: int | None = None
    addresses: tuple[str, ...] = ()

    def __str__(self) -> str:
        if self.host.startswith("unix:"):
            return self.host
        host = f"[{self.host}]" if ":" in self.host and "/" not in self.host else self.host
        return f"{host}:{'*' if self.port is None else self.port}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Policy(Fact):
    """Where connections may go. Everything else that is not internal to the watched tree is a finding.

    A run allows endpoints, an audit what its rules say.
    """

    allowed: tuple[Endpoint, ...]
    rules: tuple[Rule, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class User(Fact):
    """One user of the scenario, the sentences planted as that user and the question that user asks."""

    id: str
    memories: tuple[str, ...]
    question: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Scenario(Fact):
    """Who plants what and asks what. The first user's memories must persist, the second must not see them."""

    title: str
    first: User
    second: User


@dataclass(frozen=True, slots=True, kw_only=True)
class Options(Fact):
    """What was asked for on the command line, as far as verdicts or readers need it.

    `forget` says whether the first user was to be forgotten after the sessions, and by whom: this program, or mem0.
    """

    infer: bool
    top_k: int
    keep_store: bool
    witnesses: tuple[str, ...]
    forget: Literal["erase", "stock"] | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Environment(Fact):
    """What the children's environment was built from; of what was left out, names only."""

    forced: dict[str, str]
    kept: tuple[str, ...]
    left_out: tuple[str, ...]
