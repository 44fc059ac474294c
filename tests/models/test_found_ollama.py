"""Ollama's own store, read without its server."""

from __future__ import annotations

import hashlib
import os
from typing import TYPE_CHECKING

import pytest
from found_places import LAYER, Store, names, skipped, usual
from gguf_files import CHAT, EMBEDDER, gguf

from showcase.engines.models.found.listing import with_digest

if TYPE_CHECKING:
    from pathlib import Path

WITHOUT = gguf({key: value for key, value in CHAT.items() if key not in {"tokenizer.chat_template", "general.license"}})


@pytest.fixture
def store(tmp_path: Path) -> Store:
    return Store(tmp_path / "home" / ".ollama" / "models")


def test_a_store_of_ollama_without_its_server(store: Store, tmp_path: Path) -> None:
    library = "registry.ollama.ai/library"
    store.model(f"{library}/pocket/1b", model=gguf(CHAT), params=b'{"stop":[]}')
    store.model(
        f"{library}/pocket-mem/latest", model=WITHOUT, template=b"{{ .Prompt }}", license=b"\nMIT License\nmore"
    )
    store.model("registry.ollama.ai/somebody/eyes/latest", model=gguf(EMBEDDER), projector=b"p", adapter=b"a")
    store.manifest(f"{library}/.DS_Store", b"what desktops leave")
    found = usual(tmp_path / "home")
    assert names(found) == [("Ollama", each) for each in ("pocket:1b", "pocket-mem:latest", "somebody/eyes:latest")]
    pocket, mem, eyes = found.models
    assert (pocket.template, pocket.license) == ("file", "apache-2.0")
    assert (mem.template, mem.license) == ("Ollama", "MIT License")
    assert mem.named_digest == hashlib.sha256(WITHOUT).hexdigest()
    assert eyes.aliases[0].beside is not None
    assert (len(eyes.aliases[0].beside.projectors), len(eyes.aliases[0].beside.adapters)) == (1, 1)
    assert (eyes.template, eyes.license) == (None, None)


def test_what_is_wrong_in_a_store_of_ollama_is_told(store: Store, tmp_path: Path) -> None:
    library = "registry.ollama.ai/library"
    lost = store.model(f"{library}/lost/latest", model=gguf(CHAT))
    (store.root / "blobs" / lost["layers"][0]["digest"].replace(":", "-")).unlink()
    cut = store.model(f"{library}/cut/latest", model=gguf({**CHAT, "general.name": "cut"}))
    os.truncate(store.root / "blobs" / cut["layers"][0]["digest"].replace(":", "-"), 99)
    store.model(f"{library}/cloudy/latest", {"remote_host": "https://ollama.com:443", "remote_model": "x"})
    store.model(f"{library}/gpt-oss/120b-cloud")
    store.model(f"{library}/tensors/latest", tensor=b"x")
    store.model(f"{library}/empty/latest")
    store.manifest(f"{library}/half/latest", b'{"schemaVersion": 2, "config"')
    store.manifest(f"{library}/nothing/latest", b"")
    store.manifest(f"{library}/list/latest", [1])
    store.manifest(f"{library}/layerless/latest", {"config": store.blob(b"{}")})
    away = {"mediaType": f"{LAYER}model", "digest": "sha256:../../../../etc/passwd", "size": 1}
    store.manifest(f"{library}/away/latest", {"config": store.blob(b"{}"), "layers": [away]})
    store.manifest(f"{library}/number/latest", {"config": store.blob(b"{}"), "layers": [{**away, "digest": 7}]})
    found = usual(tmp_path / "home")
    assert names(found) == []
    said = skipped(found)
    for name, reason in {
        "lost:latest": "weights are missing",
        "cut:latest": "its weights have 99 bytes",
        "cloudy:latest": "on https://ollama.com:443: nothing of it is here",
        "gpt-oss:120b-cloud": "a model on another machine",
        "tensors:latest": "another format than GGUF",
        "empty:latest": "has no weights",
        "half:latest": "manifest is damaged",
        "nothing:latest": "manifest is damaged",
        "list:latest": "manifest is damaged",
        "layerless:latest": "it names no 'layers'",
        "away:latest": "something that is no digest",
        "number:latest": "manifest is damaged",
    }.items():
        assert reason in said.pop(name), name
    assert said == {}


def test_two_names_of_ollama_for_one_blob_are_one_model(store: Store, tmp_path: Path) -> None:
    for tag in ("1b", "latest"):
        store.model(f"registry.ollama.ai/library/pocket/{tag}", model=gguf(CHAT))
    (found,) = usual(tmp_path / "home").models
    assert [each.name for each in found.aliases] == ["pocket:1b", "pocket:latest"]


def test_a_blob_that_is_not_what_its_name_says(store: Store, tmp_path: Path) -> None:
    layer = store.model("registry.ollama.ai/library/pocket/1b", model=gguf(CHAT))["layers"][0]
    blob = store.root / "blobs" / layer["digest"].replace(":", "-")
    raw = bytearray(blob.read_bytes())
    raw[-1] ^= 1
    blob.write_bytes(raw)
    (found,) = usual(tmp_path / "home").models
    assert found.problem == ""  # nobody read that far
    assert "it is damaged or was changed" in with_digest(found, lambda *_: None).problem
