"""A store that is not on this machine: only where it was allowed, whoever named it; an engine without its library."""

from __future__ import annotations

import os
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest
from click.testing import CliRunner
from program import showcase

from showcase.cli import cli
from showcase.cli.audited import _allowed
from showcase.errors import UsageError
from showcase.settings.store_address import parse

if TYPE_CHECKING:
    from pathlib import Path

AWAY = "postgresql://me@db.invalid/memories"
COMMANDS = (
    ("memories", "list"),
    ("memories", "add", "--user-id", "alice", "I live in Oslo."),
    ("memories", "search", "--user-id", "alice", "Oslo"),
    ("memories", "forget", "--user-id", "alice", "--all", "--yes"),
    ("memories", "export", "-"),
    ("ask", "--user-id", "alice", "Where do I live?"),
    ("chat", "--user-id", "alice"),
    ("inspect",),
)


@pytest.fixture(autouse=True)
def _nowhere(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path))
    monkeypatch.delenv("SHOWCASE_STORE", raising=False)
    monkeypatch.setattr("socket.getaddrinfo", _nobody_asks)
    monkeypatch.setattr("socket.socket.connect", _nobody_asks)


def _nobody_asks(*_: object, **__: object) -> None:
    raise AssertionError("a store that was not allowed was looked up or connected to")


@pytest.mark.parametrize("command", COMMANDS, ids=lambda words: " ".join(words[:2]))
def test_a_store_elsewhere_is_refused_before_anybody_is_asked(
    command: tuple[str, ...], monkeypatch: pytest.MonkeyPatch
) -> None:
    by_option = CliRunner().invoke(cli, [*command, "--store", AWAY])
    monkeypatch.setenv("SHOWCASE_STORE", AWAY)
    by_variable = CliRunner().invoke(cli, list(command))
    for done in (by_option, by_variable):
        refused = done.exception
        assert isinstance(refused, UsageError), done.output
        assert "is not on this machine: memories would go to db.invalid:5432, over TLS" in refused.message
        assert "--allow-store" in refused.hint


def test_a_store_elsewhere_without_tls_says_so() -> None:
    done = CliRunner().invoke(cli, ["memories", "list", "--store", f"{AWAY}?sslmode=disable"])
    assert "NOT encrypted on the way" in str(done.exception)


def test_what_was_allowed_is_asked_and_what_is_not_there_is_told(tmp_path: Path) -> None:
    variables = {"XDG_DATA_HOME": str(tmp_path), "SHOWCASE_STORE": AWAY}
    done = showcase("memories", "list", "--allow-store", **variables)
    assert done.returncode == 4
    assert "has a host that nobody knows" in done.stderr


def test_a_completion_asks_no_store(tmp_path: Path) -> None:
    words = f"showcase memories list --store {AWAY} --allow-store --user-id "
    done = showcase(
        XDG_DATA_HOME=str(tmp_path),
        SHOWCASE_STORE=AWAY,
        _SHOWCASE_COMPLETE="bash_complete",
        COMP_WORDS=words,
        COMP_CWORD="7",
    )
    assert done.returncode == 0
    assert not list(tmp_path.iterdir()), "nor makes a directory for it"


@pytest.mark.parametrize(
    ("url", "allowed"),
    [
        (None, []),
        ("postgresql://me@127.0.0.1:6000/db", ["[127.0.0.1]:11434", "[::1]:11434", "127.0.0.1:6000"]),
        ("qdrant://[::1]", ["[127.0.0.1]:11434", "[::1]:11434", "[::1]:6333"]),
    ],
)
def test_an_audit_allows_the_store_beside_the_model_server(
    url: str | None, allowed: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("OLLAMA_HOST", raising=False)
    assert _allowed(None, None if url is None else parse(url)) == allowed


@pytest.mark.parametrize(
    ("module", "url", "extra"),
    [
        ("psycopg", "postgresql://me@127.0.0.1:1/db", "postgresql"),
        ("redis", "redis://127.0.0.1:1", "redis"),
        ("qdrant_client", "qdrant://127.0.0.1:1", "qdrant"),
    ],
)
def test_an_engine_without_its_library_says_what_installs_it(module: str, url: str, extra: str, tmp_path: Path) -> None:
    program = (
        "import runpy, sys\n"
        f"sys.modules[{module!r}] = None\n"
        f"sys.argv = ['showcase', 'memories', 'list', '--store', {url!r}]\n"
        "runpy.run_module('showcase', run_name='__main__')\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", program],
        capture_output=True,
        text=True,
        env={**os.environ, "XDG_DATA_HOME": str(tmp_path)},
        check=False,
    )
    assert done.returncode == 2, done.stderr
    assert f"a store of {extra} needs {module}" in done.stderr
    assert "pip install" in done.stderr
    assert f"[{extra}]" in done.stderr
    assert "Traceback" not in done.stderr
