"""Where programs keep their models, as each lays them out: found, told once, or skipped with the reason."""

from __future__ import annotations

import hashlib
import json
import os
import sys
from typing import TYPE_CHECKING

import pytest
from found_places import Store, named, names, skipped, usual
from gguf_files import CHAT, gguf, write

from showcase.engines.models.found import digests, listing
from showcase.engines.models.found.folders import MOST_LEVELS
from showcase.engines.models.found.listing import FoundModel, with_digest

if TYPE_CHECKING:
    from pathlib import Path


def test_each_program_keeps_its_models_elsewhere(tmp_path: Path) -> None:
    home = tmp_path
    write(home / ".lmstudio/models/somebody/pocket-GGUF/pocket-q4.gguf")
    write(home / ".cache/lm-studio/models/old/model/old.GGUF")
    write(home / ".cache/llama.cpp/ggml-org_pocket.gguf")
    write(home / ".cache/huggingface/hub/models--org--repo/snapshots/abc/sub/pocket.gguf")
    write(home / ".local/share/nomic.ai/GPT4All/pocket.Q4_0.gguf")
    write(home / ".cache/gpt4all/python.gguf")
    write(home / ".local/share/Jan/data/llamacpp/models/jan-v1/model.gguf")
    write(home / ".config/Jan/data/models/older/older.gguf")
    assert names(usual(home)) == [
        ("LM Studio", "somebody/pocket-GGUF/pocket-q4"),
        ("LM Studio", "old/model/old"),
        ("llama.cpp", "ggml-org_pocket"),
        ("Hugging Face", "org/repo/sub/pocket"),
        ("GPT4All", "pocket.Q4_0"),
        ("GPT4All", "python"),
        ("Jan", "older/older"),
        ("Jan", "jan-v1"),
    ]


def test_they_keep_them_elsewhere_on_other_systems(tmp_path: Path) -> None:
    mac, windows = tmp_path / "mac", tmp_path / "windows"
    library = mac / "Library"
    write(library / "Caches/llama.cpp/a.gguf")
    write(library / "Application Support/nomic.ai/GPT4All/b.gguf")
    write(library / "Application Support/Jan/data/llamacpp/models/c/model.gguf")
    assert names(usual(mac, "darwin")) == [("llama.cpp", "a"), ("GPT4All", "b"), ("Jan", "c")]
    write(windows / "Local/llama.cpp/a.gguf")
    write(windows / "Local/nomic.ai/GPT4All/b.gguf")
    write(windows / "Roaming/Jan/data/llamacpp/models/c/model.gguf")
    folders = {"LOCALAPPDATA": str(windows / "Local"), "APPDATA": str(windows / "Roaming")}
    assert names(usual(windows, "win32", **folders)) == [("llama.cpp", "a"), ("GPT4All", "b"), ("Jan", "c")]
    assert names(usual(windows, "win32")) == []


def test_variables_and_settings_lead_elsewhere(tmp_path: Path) -> None:
    home = tmp_path / "home"
    write(tmp_path / "llama/models--org--new/snapshots/abc/new.gguf")  # newer versions of llama.cpp
    write(tmp_path / "hub/models--org--hub/snapshots/abc/hub.gguf")
    write(tmp_path / "hf/hub/models--org--hf/snapshots/abc/hf.gguf")
    write(tmp_path / "xdg/huggingface/hub/models--org--xdg/snapshots/abc/xdg.gguf")
    write(tmp_path / "chosen/publisher/model/chosen.gguf")
    write(tmp_path / "moved/models/publisher/model/moved.gguf")
    Store(tmp_path / "ollama").model("registry.ollama.ai/library/pocket/1b", model=gguf(CHAT))
    (home / ".lmstudio").mkdir(parents=True)
    (home / ".lmstudio" / "settings.json").write_text(json.dumps({"downloadsFolder": str(tmp_path / "chosen")}))
    (home / ".lmstudio-home-pointer").write_text(f"{tmp_path / 'moved'}\n")
    llama, ollama = str(tmp_path / "llama"), str(tmp_path / "ollama")
    common = [("Ollama", "pocket:1b"), ("LM Studio", "publisher/model/moved"), ("LM Studio", "publisher/model/chosen")]
    common.append(("llama.cpp", "org/new/new"))
    for variables, name in (
        ({"HF_HUB_CACHE": "hub", "HF_HOME": "hf"}, "hub"),
        ({"HUGGINGFACE_HUB_CACHE": "hub"}, "hub"),
        ({"HF_HOME": "hf", "XDG_CACHE_HOME": "xdg"}, "hf"),
        ({"XDG_CACHE_HOME": "xdg"}, "xdg"),
    ):
        elsewhere = {key: str(tmp_path / value) for key, value in variables.items()}
        found = usual(home, LLAMA_CACHE=llama, OLLAMA_MODELS=ollama, **elsewhere)
        assert names(found) == [*common, ("Hugging Face", f"org/{name}/{name}")]


@pytest.mark.parametrize("settings", ["", "{", "[]", '{"downloadsFolder": 7}', '{"downloadsFolder": "relative"}', "\0"])
def test_settings_that_say_nothing(tmp_path: Path, settings: str) -> None:
    (tmp_path / ".lmstudio").mkdir()
    (tmp_path / ".lmstudio" / "settings.json").write_text(settings)
    (tmp_path / ".lmstudio-home-pointer").write_text(settings)
    assert usual(tmp_path).models == ()


@pytest.mark.skipif(sys.platform == "win32", reason="links need a privilege there")
def test_one_file_by_several_names_is_one_model(tmp_path: Path) -> None:
    hub = tmp_path / "hub/models--org--repo"
    blob = write(hub / "blobs" / ("0" * 64))
    for commit in ("abc", "def"):
        (hub / "snapshots" / commit).mkdir(parents=True)
        (hub / "snapshots" / commit / "pocket.gguf").symlink_to(f"../../blobs/{blob.name}")
    (tmp_path / "folder").mkdir()
    os.link(blob, tmp_path / "folder" / "hard.gguf")
    (tmp_path / "folder" / "soft.gguf").symlink_to("hard.gguf")
    (found,) = named(tmp_path / "hub", tmp_path / "folder").models
    assert [(each.place, each.name) for each in found.aliases] == [
        *[("Hugging Face", "org/repo/pocket")] * 2,
        ("named", "hard"),
        ("named", "soft"),
    ]
    assert found.named_digest == "0" * 64


@pytest.mark.skipif(sys.platform == "win32", reason="links need a privilege there")
def test_a_folder_with_loops_and_what_is_no_model(tmp_path: Path) -> None:
    write(tmp_path / "a/pocket.gguf")
    (tmp_path / "a" / "loop").symlink_to("..")
    (tmp_path / "a" / "itself").symlink_to("itself")
    (tmp_path / "nowhere.gguf").symlink_to("../gone")
    os.mkfifo(tmp_path / "pipe.gguf")
    (tmp_path / "folder.gguf").mkdir()
    (tmp_path / "text.gguf").write_text("version https://git-lfs.github.com/spec/v1\n")
    (tmp_path / "half.gguf.part").write_bytes(b"GGUF")
    (tmp_path / "half2.gguf.downloadInProgress").write_bytes(b"GGUF")
    (tmp_path / "readme.md").write_text("no model")
    found = named(tmp_path)
    assert names(found) == [("named", "a/pocket")]
    said = skipped(found)
    assert said.pop("nowhere") == "it is a link that leads nowhere: ../gone"
    assert "pipe" in said.pop("pipe")
    assert "no GGUF file" in said.pop("text")
    assert {said.pop(name) for name in ("half.gguf.part", "half2.gguf.downloadInProgress")} == {
        "its download did not finish"
    }
    assert said == {}


@pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() == 0, reason="root may read everything")
def test_what_may_not_be_looked_at_is_told(tmp_path: Path) -> None:
    store = Store(tmp_path / "home" / ".ollama" / "models")
    store.model("registry.ollama.ai/library/pocket/1b", model=gguf(CHAT))
    closed = write(tmp_path / "folder/closed/pocket.gguf").parent
    manifests = store.root / "manifests" / "registry.ollama.ai"
    hub = write(tmp_path / "home/.cache/huggingface/hub/models--a--b/snapshots/c/d.gguf").parents[3]
    try:
        for each in (closed, manifests, hub):
            each.chmod(0)
        assert skipped(named(tmp_path / "folder")) == {"closed": "it cannot be looked at: Permission denied"}
        assert skipped(usual(tmp_path / "home")) == {
            "registry.ollama.ai": "it cannot be looked at: Permission denied",
            "hub": "it cannot be looked at: Permission denied",
        }
    finally:
        for each in (closed, manifests, hub):
            each.chmod(0o700)


def test_a_folder_without_end(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    deep = tmp_path.joinpath(*["d"] * (MOST_LEVELS + 2))
    write(deep / "pocket.gguf")
    (problem,) = skipped(named(tmp_path)).values()
    assert "levels deep" in problem
    for number in range(30):
        write(tmp_path / "wide" / f"{number}.gguf")
    monkeypatch.setattr("showcase.engines.models.found.folders.MOST_ENTRIES", 10)
    found = named(tmp_path / "wide")
    assert len(names(found)) == 10
    assert "the rest was not looked at" in next(iter(skipped(found).values()))


def split(folder: Path, number: int, count: int = 3) -> Path:
    values = {**CHAT, "split.no": number - 1, "split.count": count}
    return write(folder / f"pocket-{number:05}-of-{count:05}.gguf", values)


def test_a_model_in_several_files_is_one(tmp_path: Path) -> None:
    files = [split(tmp_path, number) for number in (1, 2, 3)]
    (found,) = named(tmp_path).models
    assert (found.problem, found.aliases[0].name, found.parts) == ("", "pocket", tuple(files))
    assert found.size_bytes == sum(each.stat().st_size for each in files)
    assert found.model is not None
    assert found.model.parameters == 3 * (256 * 4 + 256)


def test_a_model_of_which_a_file_is_missing(tmp_path: Path) -> None:
    split(tmp_path, 1)
    split(tmp_path, 3)
    (found,) = named(tmp_path).models
    assert found.problem == "it has 3 parts, and 1 of them are missing: 2"
    split(tmp_path, 2).write_bytes(b"GGUF")
    (found,) = named(tmp_path).models
    assert found.problem.startswith("part 2 of 3: ")
    write(tmp_path / "more-00001-of-99999.gguf")
    assert "99998 of them are missing: 2, 3, 4, …" in skipped(named(tmp_path))["more"]


def test_a_part_by_itself(tmp_path: Path) -> None:
    split(tmp_path, 2).rename(tmp_path / "other.gguf")
    assert "it is part 2 of 3" in skipped(named(tmp_path))["other"]


def test_a_digest_is_compared(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = write(tmp_path / "pocket.gguf")
    digest = hashlib.sha256(path.read_bytes()).hexdigest()
    (found,) = named(path).models
    assert found.digest is None
    told: list[tuple[int, int]] = []
    unknown = with_digest(found, lambda done, total: told.append((done, total)))
    assert (unknown.digest, unknown.known) == (digest, None)
    assert told[-1] == (path.stat().st_size,) * 2
    known = digests.Known(
        sha256=digest, name="Pocket", file="pocket.gguf", publisher="S", license="MIT", size_bytes=1, source="https://x"
    )
    monkeypatch.setattr(listing, "known_files", lambda: {digest: known})
    assert with_digest(found, lambda *_: None).known == known


def test_a_file_that_grows_while_it_is_read(tmp_path: Path) -> None:
    path = write(tmp_path / "pocket.gguf")
    (found,) = named(path).models

    def grow(*_: int) -> None:
        with path.open("ab") as file:
            file.write(bytes(2**20))

    assert with_digest(found, grow).problem == "it changed while it was read"
    assert path.stat().st_size < 2**22


def test_the_known_files_are_whole_and_can_be_looked_up() -> None:
    known = digests.known_files()
    assert {each.name for each in known.values()} >= {"Qwen2.5-Coder-0.5B-Instruct"}
    for digest, each in known.items():
        assert (len(digest), set(digest) <= set("0123456789abcdef")) == (64, True)
        assert each.source.startswith("https://")
        assert each.size_bytes > 2**20


def test_a_model_is_told_as_it_is_where_nothing_is_wrong(tmp_path: Path) -> None:
    found: FoundModel = named(write(tmp_path / "blob")).models[0]
    assert (found.problem, found.aliases[0].name, found.aliases[0].place) == ("", "blob", "named")
