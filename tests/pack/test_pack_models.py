"""Models are read as what anybody may have written: what leads elsewhere, lies or is missing ends with a sentence."""

from __future__ import annotations

import hashlib
import json
import os
from typing import TYPE_CHECKING, Any

import pytest
from sticks import make_model

from showcase.errors import ModelError
from showcase.pack import models

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

WEIGHTS = b"weights"
BLOB = f"blobs/sha256-{hashlib.sha256(WEIGHTS).hexdigest()}"


def read(directory: Path, name: str = "tiny") -> models.PulledModel:
    (found,) = models.chosen(directory, (name,))
    return found


def test_a_model_is_found_by_any_spelling_of_its_name(tmp_path: Path) -> None:
    make_model(tmp_path, "tiny", "latest", WEIGHTS)
    make_model(tmp_path, "tiny", "1b", b"others")
    found = models.chosen(tmp_path, ("tiny", "TINY:latest", "registry.ollama.ai/library/tiny", "tiny:1b"))
    assert [each.name for each in found] == ["tiny:latest", "tiny:1b"]
    assert found[0].total_bytes == len(WEIGHTS) + len(b'{"model_format": "gguf"}')
    with pytest.raises(ModelError, match=r"did you mean 'tiny'"):
        models.chosen(tmp_path, ("tinny",))


@pytest.mark.parametrize("name", ["gpt-oss:120b-cloud", "tiny:cloud"])
def test_a_name_of_the_cloud_is_refused(tmp_path: Path, name: str) -> None:
    make_model(tmp_path, "tiny", "latest", WEIGHTS)
    with pytest.raises(ModelError, match="somebody else's machine"):
        models.chosen(tmp_path, (name,))


def test_a_stub_is_refused_whatever_its_name(tmp_path: Path) -> None:
    make_model(tmp_path, "tiny", "latest", b"", config={"remote_model": "far", "remote_host": "https://far.example"})
    with pytest.raises(ModelError, match=r"https://far.example"):
        read(tmp_path)
    assert models.all_of(tmp_path)[0] == ()


def change_layer(path: Path, **changes: Any) -> None:
    document = json.loads(path.read_text())
    document["layers"][0].update(changes)
    path.write_text(json.dumps(document))


HOSTILE: dict[str, tuple[str, Callable[[Path, Path], object]]] = {
    "a path for a digest": ("is no SHA-256", lambda _, path: change_layer(path, digest="sha256:../../../etc/passwd")),
    "a path behind a digest": ("is no SHA-256", lambda _, path: change_layer(path, digest=f"sha256:{'0' * 64}/../x")),
    "a number for a digest": ("is no manifest", lambda _, path: change_layer(path, digest=7)),
    "another size": ("the manifest says 8", lambda _, path: change_layer(path, size=8)),
    "a size below nothing": ("no number of bytes", lambda _, path: change_layer(path, size=-1)),
    "a size that is no number": ("no number of bytes", lambda _, path: change_layer(path, size=True)),
    "no JSON": ("is no manifest", lambda _, path: path.write_text("{")),
    "a list": ("is no manifest", lambda _, path: path.write_text("[]")),
    "layers that are none": ("is no manifest", lambda _, path: path.write_text('{"config": {}, "layers": 3}')),
    "too large": ("cannot be read", lambda _, path: path.write_bytes(b" " * 1_100_000)),
    "no blob": ("is missing", lambda place, _: (place / BLOB).unlink()),
    "a blob cut off": ("has 3 bytes", lambda place, _: (place / BLOB).write_bytes(b"wei")),
    "a directory for a blob": ("cannot be used", lambda place, _: [(place / BLOB).unlink(), (place / BLOB).mkdir()]),
}


@pytest.mark.parametrize("what", HOSTILE)
def test_what_lies_or_is_missing(tmp_path: Path, what: str) -> None:
    path = make_model(tmp_path, "tiny", "latest", WEIGHTS)
    assert read(tmp_path).name == "tiny:latest"
    said, plant = HOSTILE[what]
    plant(tmp_path, path)
    with pytest.raises(ModelError, match="the model tiny:latest is not whole") as caught:
        read(tmp_path)
    assert said in caught.value.message
    assert "ollama pull" in caught.value.hint


@pytest.mark.skipif(not hasattr(os, "symlink"), reason="no links here")
@pytest.mark.parametrize("linked", ["blob", "manifest", "folder"])
def test_no_link_is_followed(tmp_path: Path, linked: str) -> None:
    """Else whatever the teacher may read would be handed out."""
    place = tmp_path / "models"
    path = make_model(place, "tiny", "latest", WEIGHTS)
    what = {"blob": place / BLOB, "manifest": path, "folder": path.parent}[linked]
    what.rename(tmp_path / "elsewhere")
    what.symlink_to(tmp_path / "elsewhere")
    with pytest.raises(ModelError):
        read(place)


def test_a_name_that_windows_has_no_file_for(tmp_path: Path) -> None:
    make_model(tmp_path, "aux", "latest", WEIGHTS)
    with pytest.raises(ModelError, match="device on Windows"):
        read(tmp_path, "aux")
