"""A process of every day takes nothing from the user's shell by which a library could be led elsewhere."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

import pytest

from showcase.processes.environment import FORCED, adopt

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


@pytest.fixture(autouse=True)
def _put_back() -> Iterator[None]:
    before = dict(os.environ)
    yield
    os.environ.clear()
    os.environ.update(before)


@pytest.mark.parametrize(
    "name",
    [
        "HTTP_PROXY", "https_proxy", "ALL_PROXY", "OLLAMA_API_KEY", "SSLKEYLOGFILE", "OPENAI_API_KEY",
        "CHROMA_OTEL_COLLECTION_ENDPOINT", "CHROMA_SERVER_HOST",
        # Settings of chromadb that nothing tells as its own.
        "MIGRATIONS", "ALLOW_RESET", "IS_PERSISTENT", "PERSIST_DIRECTORY", "TENANT_ID", "ENVIRONMENT",
        "LD_PRELOAD",
    ],
)  # fmt: skip
def test_it_is_out_of_sight(name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(name, "planted")
    before = adopt(mem0_home=tmp_path)
    assert name not in os.environ
    assert before[name] == "planted", "a program of the user's own gets it"


def test_what_is_forced_wins_over_the_shell(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MEM0_TELEMETRY", "True")
    monkeypatch.setenv("MEM0_DIR", "/elsewhere")
    adopt(mem0_home=tmp_path)
    assert os.environ["MEM0_TELEMETRY"] == FORCED["MEM0_TELEMETRY"][0]
    assert os.environ["MEM0_DIR"] == str(tmp_path)


def test_a_terminal_and_a_hint_have_what_they_need(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    kept = {"TERM": "xterm", "NO_COLOR": "1", "LC_ALL": "C.UTF-8", "PATH": "/bin", "OLLAMA_HOST": "127.0.0.1:5000"}
    for name, value in kept.items():
        monkeypatch.setenv(name, value)
    adopt(mem0_home=tmp_path)
    assert {name: os.environ.get(name) for name in kept} == kept
