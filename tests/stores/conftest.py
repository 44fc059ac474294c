"""Real engines, each started once for all processes of the suite, by whichever needs it first."""

from __future__ import annotations

import dataclasses
import json
import os
import uuid
from pathlib import Path

import psutil
import pytest
from servers import Embedded, Kind, Server, UnavailableError, embedded, start
from shared import once


def shared_server(factory: pytest.TempPathFactory, kind: Kind) -> Server:
    """Return the server that all processes of the suite share; it ends when the last of them has."""
    # The one that started the others outlives them.
    owner = os.getppid() if "PYTEST_XDIST_WORKER" in os.environ else os.getpid()

    def keep(place: Path) -> None:
        said = dataclasses.asdict(start(kind, place, owner=owner))
        kept = place / "server.json"
        kept.touch(mode=0o600)
        kept.write_text(json.dumps(said, default=str), encoding="utf-8")

    try:
        place = once(factory, f"server-{kind}", keep)
    except UnavailableError as why:
        pytest.skip(f"no {kind} here: {why}")
    said = json.loads((place / "server.json").read_text(encoding="utf-8"))
    assert psutil.pid_exists(said["guardian"]), f"the {kind} that the suite shares has ended: {place / 'server.log'}"
    return Server(**{**said, "data": Path(said["data"]), "command": tuple(said["command"])})


def place_for(kind: Embedded, place: Path) -> Server:
    try:
        return embedded(kind, place)
    except UnavailableError as why:
        pytest.skip(f"no {kind} here: {why}")


@pytest.fixture(scope="session")
def chroma_server(tmp_path_factory: pytest.TempPathFactory) -> Server:
    """Chroma's own server; it knows no password."""
    return shared_server(tmp_path_factory, "chroma")


@pytest.fixture(scope="session")
def postgresql_server(tmp_path_factory: pytest.TempPathFactory) -> Server:
    """PostgreSQL with pgvector; `user` is a superuser."""
    return shared_server(tmp_path_factory, "postgresql")


@pytest.fixture(scope="session")
def redis_server(tmp_path_factory: pytest.TempPathFactory) -> Server:
    """Redis with the modules for search and JSON."""
    return shared_server(tmp_path_factory, "redis")


@pytest.fixture
def milvus_place(tmp_path: Path) -> Server:
    """A file that Milvus Lite may open."""
    return place_for("milvus", tmp_path)


@pytest.fixture
def qdrant_place(tmp_path: Path) -> Server:
    """A directory that Qdrant's local mode may open; one client at a time."""
    return place_for("qdrant", tmp_path)


@pytest.fixture
def collection() -> str:
    """A name that no other test of a shared server has."""
    return f"memories_{uuid.uuid4().hex[:12]}"
