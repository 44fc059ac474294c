"""`showcase memories` where a model is asked: by a server that is there, or the rehearsal engine of its own."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest
from kept_stores import LAYOUTS, everything, made, row, typed

from showcase.memory import store_record
from showcase.settings.store_place import store_place

if TYPE_CHECKING:
    from pathlib import Path

    from showcase.engines.ollama import OllamaGate
    from showcase.memory.store_record import Layout

Capture = pytest.CaptureFixture[str]
both = pytest.mark.parametrize("layout", LAYOUTS)


@pytest.fixture
def server(gate: OllamaGate) -> tuple[str, ...]:
    """Return the options that lead to the engine of these tests."""
    return ("--engine", "ollama", "--ollama-host", str(gate.endpoint))


@pytest.fixture(autouse=True)
def _here(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.chdir(tmp_path)


@both
def test_what_was_typed_is_found_again_and_every_part_is_explained(
    tmp_path: Path, capsys: Capture, server: tuple[str, ...], layout: Layout
) -> None:
    at = ("--store", "s", "--user-id", "alice", "--backend", "chroma", *server)
    said = typed(
        capsys, "add", *at, "--layout", layout, "I live in Turin", "I work for the railway", "Where do I live?"
    )
    assert said.status == 0, said.err
    assert said.out.count("stored ") == 3
    assert {each.source for each, _ in everything(store_place(tmp_path / "s"), layout).values()} == {"typed"}
    record = store_record.read(store_place(tmp_path / "s"))
    assert record is not None
    assert (record.layout, record.embed_model) == (layout, "rehearsal-embed:latest")
    found = typed(capsys, "search", *at, "where do I live?", "--explain", "--weight", "recency=1", "--half-life", "7")
    assert found.status == 0, found.err
    assert "I live in Turin" in found.out
    assert "score = (1 x relevance + 1 x recency) / 2; recency halves in 7 days" in found.out
    assert "Where do I live?" not in found.out.replace("where do I live?", "")
    document = json.loads(typed(capsys, "search", *at, "where do I live?", "--json").out)
    assert document["used"][0]["row"]["text"] == "I live in Turin"
    assert {"cosine", "relevance", "recency", "importance", "score", "rank"} <= document["used"][0].keys()
    assert "there already" in typed(capsys, "add", *at, "I live in Turin").out


def test_nothing_that_covers_it_is_said_with_what_was_nearest(capsys: Capture, server: tuple[str, ...]) -> None:
    at = ("--store", "s", "--user-id", "alice", "--backend", "chroma", *server)
    typed(capsys, "add", *at, "I live in Turin")
    said = typed(capsys, "search", *at, "quantum chromodynamics")
    assert said.status == 0
    assert "Nothing in the memory of alice covers it: nearest was “I live in Turin” with cosine" in said.out
    shown = typed(capsys, "search", *at, "quantum chromodynamics", "--threshold", "-1")
    assert shown.out.startswith("1 memory of alice")


@pytest.mark.parametrize("command", ["search", "forget"])
def test_a_user_who_is_not_there_is_told_the_near_name(capsys: Capture, server: tuple[str, ...], command: str) -> None:
    typed(capsys, "add", "--store", "s", "--user-id", "alice", "--backend", "chroma", *server, "I live in Turin")
    words = ("x",) if command == "search" else ("--matching", "x", "--yes")
    said = typed(capsys, command, "--store", "s", "--user-id", "alcie", *server, *words)
    assert said.status == 2
    assert "did you mean 'alice'?" in said.err


@pytest.mark.parametrize("user_id", ["Alice", "ALICE"])
def test_a_new_user_who_cannot_be_told_from_one_who_is_there_is_refused(
    tmp_path: Path, capsys: Capture, server: tuple[str, ...], user_id: str
) -> None:
    at = ("--store", "s", "--backend", "chroma", *server)
    typed(capsys, "add", *at, "--user-id", "alice", "I live in Turin")
    said = typed(capsys, "add", *at, "--user-id", user_id, "I live in Oslo")
    assert said.status == 2
    assert "cannot be told from 'alice'" in said.err
    assert len(everything(store_place(tmp_path / "s"), "shared")) == 1


@both
def test_forgetting_by_meaning_shows_the_candidates_with_their_cosine(
    tmp_path: Path, capsys: Capture, server: tuple[str, ...], layout: Layout
) -> None:
    at = ("--store", "s", "--user-id", "alice")
    typed(
        capsys, "add", *at, "--backend", "chroma", *server, "--layout", layout, "I work for the railway", "I like tea"
    )
    typed(capsys, "add", "--store", "s", "--user-id", "bob", "--backend", "chroma", *server, "I work for the railway")
    dry = typed(capsys, "forget", *at, *server, "--matching", "my work for the railway", "--dry-run")
    assert dry.status == 0, dry.err
    head, candidate = dry.out.splitlines()[:2]
    assert head.split() == ["cosine", "id", "memory"]
    assert float(candidate.split()[0]) > 0.5
    assert "tea" not in dry.out
    done = typed(capsys, "forget", *at, *server, "--matching", "my work for the railway", "--yes")
    assert done.status == 0
    left = sorted((each.user_id, each.text) for each, _ in everything(store_place(tmp_path / "s"), layout).values())
    assert left == [("alice", "I like tea"), ("bob", "I work for the railway")]
    none = typed(capsys, "forget", *at, *server, "--matching", "quantum chromodynamics", "--yes")
    assert "nothing to forget" in none.out


def test_another_model_than_the_stores_is_refused_with_the_way_out(
    tmp_path: Path, capsys: Capture, server: tuple[str, ...]
) -> None:
    place = made(tmp_path / "s")
    for words in (["search", "x"], ["add", "x", "--backend", "chroma"], ["forget", "--matching", "x", "--yes"]):
        said = typed(capsys, *words, "--store", "s", "--user-id", "alice", *server, "--embed-model", "rehearsal-embed")
        assert said.status == 4, said.err
        assert "was made with the embedding model a-model:latest" in said.err
        assert f"memories reembed --store {place.root} --embed-model rehearsal-embed" in said.err
    assert len(everything(place, "shared")) == 4
    done = typed(capsys, "reembed", "--store", "s", *server, "--embed-model", "rehearsal-embed")
    assert done.status == 0, done.err
    assert "4 memories have new vectors of rehearsal-embed" in done.out
    found = typed(
        capsys, "search", "where do I live", "--store", "s", "--user-id", "alice", "--backend", "chroma", *server
    )
    assert "I live in Turin" in found.out


def test_a_model_to_make_vectors_with_has_to_be_named(tmp_path: Path, capsys: Capture) -> None:
    made(tmp_path / "s")
    said = typed(capsys, "reembed", "--store", "s")
    assert said.status == 2
    assert "--embed-model" in said.err


def test_an_import_without_fitting_vectors_makes_them_and_says_so(
    tmp_path: Path, capsys: Capture, server: tuple[str, ...]
) -> None:
    made(tmp_path / "s", rows=[row("I live in Turin")])
    typed(capsys, "export", "e.jsonl", "--store", "s", "--vectors")
    typed(capsys, "add", "--store", "t", "--user-id", "bob", "--backend", "chroma", *server, "I like tea")
    said = typed(capsys, "import", "e.jsonl", "--store", "t", *server)
    assert said.status == 0, said.err
    assert "vectors are made anew: those of the file are of a-model:latest" in said.err
    found = typed(capsys, "search", "Turin", "--store", "t", "--user-id", "alice", "--backend", "chroma", *server)
    assert "I live in Turin" in found.out


def test_a_server_that_is_not_there_leaves_everything_as_it_was(tmp_path: Path, capsys: Capture) -> None:
    at = ("--store", "s", "--user-id", "alice", "--engine", "ollama", "--ollama-host", "127.0.0.1:1")
    said = typed(capsys, "add", *at, "I live in Turin")
    assert said.status == 4
    assert "no server answers at http://127.0.0.1:1" in said.err
    assert "showcase run" not in said.err, "what a run could do is no way out of another command"
    assert "--engine rehearsal" in said.err
    assert not (tmp_path / "s").exists()


@pytest.mark.parametrize("host", ["10.0.0.1:11434", "example.org", "https://127.0.0.1"])
def test_a_server_that_is_not_on_this_machine_is_refused(tmp_path: Path, capsys: Capture, host: str) -> None:
    said = typed(capsys, "add", "--store", "s", "--user-id", "alice", "--ollama-host", host, "x")
    assert said.status == 2
    assert not (tmp_path / "s").exists()
