"""Which file is meant by what somebody names, and what its model is called on the wire; nothing is loaded."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING

import pytest
from found_places import Store
from made_models import write_chat, write_embedder

from showcase.engines import embedded_engine, model_names
from showcase.engines.embedded.model_file import first_chat_model, names_a_file, refuse_file, require_file
from showcase.engines.embedded_engine import require_runnable
from showcase.errors import ModelError, UsageError

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

REHEARSAL = ("rehearsal", "rehearsal-embed", "rehearsal-embed-multilingual")
LIBRARY = "registry.ollama.ai/library"
WRITTEN = {
    "pocket-1b.Q4_K_M": "pocket-1b.Q4_K_M",
    "two words (copy)": "two-words-copy",
    "gpt-oss-cloud": "gpt-oss-cloud-gguf",
    "GPT-OSS-Cloud": "GPT-OSS-Cloud-gguf",
    "rehearsal": "rehearsal-gguf",
    "Rehearsal-Embed": "Rehearsal-Embed-gguf",
    "модель": "chat-model",
    "模型 7b": "7b",
    "-.-": "chat-model",
    "..hidden": "hidden",
    "a\nb\x1b[31m": "a-b-31m",
    "émile": "mile",
}
TAGGED = ("a:b", "a:b:c", "a:cloud", "a:x-cloud", "a:local", "a:LOCAL", "a:-b", "a:.b", ":b", "a:", "::", "rehearsal:x")
LONG = tuple("a" * count + end for count in (70, 74, 75, 76, 79, 80, 81, 200) for end in ("", "-cloud", "-", ".", ":x"))


@pytest.fixture(autouse=True)
def installed(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing is loaded here, so that llama.cpp need not be there."""
    monkeypatch.setattr(embedded_engine, "find_spec", lambda _: object())


@pytest.fixture
def write(tmp_path: Path) -> Callable[[str], Path]:
    return lambda name: write_chat(tmp_path / f"{name}.gguf")


@pytest.fixture
def store(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Store:
    """A store of Ollama, and no other models on this machine."""
    monkeypatch.setenv("HOME", str(tmp_path / "home"))
    monkeypatch.setenv("OLLAMA_MODELS", str(tmp_path / "models"))
    for variable in ("HF_HOME", "HF_HUB_CACHE", "LLAMA_CACHE", "XDG_CACHE_HOME"):
        monkeypatch.delenv(variable, raising=False)
    monkeypatch.chdir(tmp_path)
    return Store(tmp_path / "models")


@pytest.mark.parametrize("stem", WRITTEN)
def test_a_file_is_called_by_its_name(write: Callable[[str], Path], stem: str) -> None:
    path = write(stem)
    found = require_file(str(path), "chat")
    assert (found.path, found.name) == (path, WRITTEN[stem])


@pytest.mark.parametrize("stem", [*WRITTEN, *TAGGED, *LONG])
def test_a_name_on_the_wire_is_one_and_means_a_model_of_this_machine(write: Callable[[str], Path], stem: str) -> None:
    found = require_file(str(write(stem)), "chat")
    name = model_names.parse(found.name)
    assert name is not None
    assert not name.cloud
    assert not model_names.is_cloud_name(found.name)
    assert not any(model_names.same(found.name, other) for other in REHEARSAL)
    assert "/" not in found.name
    assert model_names.short(found.name).casefold() == found.name.casefold()


def test_a_blob_is_called_by_what_its_header_says(tmp_path: Path) -> None:
    path = write_chat(tmp_path / "x")
    blob = path.rename(tmp_path / f"sha256-{hashlib.sha256(path.read_bytes()).hexdigest()}")
    assert require_file(str(blob), "chat").name == "Made"
    nameless = write_embedder(tmp_path / f"sha256-{'0' * 64}", general__name=None)
    assert require_file(str(nameless), "embed").name.startswith("sha256-0000")


def test_a_relative_path_and_a_link_are_files_too(
    write: Callable[[str], Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = write("pocket")
    monkeypatch.chdir(tmp_path)
    assert require_file("pocket.gguf", "chat").path == path
    (tmp_path / "link.gguf").symlink_to(path)
    assert require_file("./link.gguf", "chat").name == "link"
    monkeypatch.setenv("HOME", str(tmp_path))
    assert require_file("~/pocket.gguf", "chat").path == path


def test_a_model_of_ollama_is_found_by_its_name(store: Store, tmp_path: Path) -> None:
    chat, vectors = (make(tmp_path / name).read_bytes() for make, name in ((write_chat, "c"), (write_embedder, "v")))
    store.model(f"{LIBRARY}/pocket/1b", model=chat)
    store.model(f"{LIBRARY}/vectors/latest", model=vectors)
    store.model("registry.ollama.ai/somebody/eyes/latest", model=chat)
    blob = store.root / "blobs" / f"sha256-{hashlib.sha256(chat).hexdigest()}"
    found = require_file("pocket:1b", "chat")
    assert (found.path, found.name) == (blob, "pocket:1b")
    assert require_file("POCKET:1B", "chat").path == blob
    assert require_file("vectors", "embed").name == require_file("vectors:latest", "embed").name == "vectors"
    assert require_file("somebody/eyes", "chat").name == "somebody-eyes"
    runs = require_runnable("pocket:1b", "vectors", num_ctx=64)
    assert (runs.chat.name, runs.embedding.name) == ("pocket:1b", "vectors")
    assert first_chat_model() in {"pocket:1b", "somebody/eyes", str(blob)}


def test_two_models_of_one_name_get_two(tmp_path: Path) -> None:
    chat, vectors = write_chat(tmp_path / "a" / "same.gguf"), write_embedder(tmp_path / "b" / "same.gguf")
    runs = require_runnable(str(chat), str(vectors), num_ctx=64)
    assert (runs.chat.name, runs.embedding.name) == ("same", "same-embed")
    chat, vectors = write_chat(tmp_path / "a" / f"{'a' * 90}.gguf"), write_embedder(tmp_path / "b" / f"{'a' * 90}.gguf")
    runs = require_runnable(str(chat), str(vectors), num_ctx=64)
    assert model_names.parse(runs.embedding.name) is not None
    assert not model_names.same(runs.chat.name, runs.embedding.name)


def test_what_is_not_there_is_told_with_what_is_near(store: Store, tmp_path: Path) -> None:
    store.model(f"{LIBRARY}/pocket/1b", model=write_chat(tmp_path / "c").read_bytes())
    with pytest.raises(ModelError, match="pockte:1b is no file, and none of the programs") as found:
        require_file("pockte:1b", "chat")
    assert "pocket:1b" in found.value.message
    with pytest.raises(ModelError, match="is not there"):
        require_file("none.gguf", "chat")


def test_a_model_with_an_adapter_or_damage_in_a_store_is_refused(store: Store, tmp_path: Path) -> None:
    data = write_chat(tmp_path / "c").read_bytes()
    store.model(f"{LIBRARY}/tuned/latest", model=data, adapter=b"a")
    with pytest.raises(ModelError, match="changed by an adapter"):
        require_file("tuned", "chat")
    gone = store.model(f"{LIBRARY}/gone/latest", model=data + b"\0" * 32)
    (store.root / "blobs" / gone["layers"][0]["digest"].replace(":", "-")).unlink()
    with pytest.raises(ModelError, match="is no model"):
        require_file("gone", "chat")


def test_no_model_at_all_is_told_with_one_that_is_there(store: Store, tmp_path: Path) -> None:
    with pytest.raises(UsageError) as none:
        require_runnable(None, None)
    assert none.value.hint == "see which are on this machine: showcase models list"
    store.model(f"{LIBRARY}/pocket/1b", model=write_chat(tmp_path / "c").read_bytes())
    with pytest.raises(UsageError) as one:
        require_runnable(None, None)
    assert "--chat-model pocket:1b" in one.value.hint


@pytest.mark.parametrize("given", ["a.gguf", "a.GGUF", "./a", "/a/b", "~/a", "c:\\a"])
def test_a_server_is_not_asked_for_a_file(given: str) -> None:
    assert names_a_file(given)
    with pytest.raises(UsageError, match="is a file"):
        refuse_file(given, "showcase engine start")
    for name in ("pocket", "somebody/pocket:1b", "hf.co/a/b"):
        assert not names_a_file(name)
