"""Files that are no models, or not whole: told in a sentence, soon, and with nothing left behind."""

from __future__ import annotations

import os
import struct
import sys
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest
from made_models import write_chat, write_embedder
from program import showcase
from starting import NUM_CTX, SHARED, Refused, refused

from showcase.engines.embedded.model_file import require_file
from showcase.engines.embedded.plan import plan_for
from showcase.engines.models.machine import free_memory
from showcase.errors import ModelError

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path


def whole(path: Path) -> bytes:
    return write_chat(path).read_bytes()


def cut(path: Path, share: float) -> Path:
    data = whole(path)
    path.write_bytes(data[: int(len(data) * share)])
    return path


def written(path: Path, data: bytes) -> Path:
    path.write_bytes(data)
    return path


def looping(path: Path) -> Path:
    path.symlink_to(path.with_name("other.gguf"))
    path.with_name("other.gguf").symlink_to(path)
    return path


def pipe(path: Path) -> Path:
    os.mkfifo(path)
    return path


def folder(path: Path) -> Path:
    path.mkdir()
    return path


def locked(path: Path) -> Path:
    write_chat(path).chmod(0)
    return path


def count(path: Path, *, tensors: int = 0, pairs: int = 0) -> Path:
    """Claim absurd numbers of either."""
    data = whole(path)
    told_tensors, told_pairs = struct.unpack("<QQ", data[8:24])
    return written(path, data[:8] + struct.pack("<QQ", tensors or told_tensors, pairs or told_pairs) + data[24:])


BEFORE: dict[str, tuple[Callable[[Path], Path], str]] = {
    "wrong magic": (lambda path: written(path, b"GGML" + whole(path)[4:]), "GGUF"),
    "another order of bytes": (lambda path: written(path, b"GGUF\0\0\0\3" + whole(path)[8:]), ""),
    "cut in its header": (lambda path: cut(path, 0.01), ""),
    "cut in its tensors": (lambda path: cut(path, 0.8), ""),
    "nothing in it": (lambda path: written(path, b""), ""),
    "absurd many tensors": (lambda path: count(path, tensors=2**60), ""),
    "absurd many pairs": (lambda path: count(path, pairs=2**60), ""),
    "a tensor beyond the end": (
        lambda path: write_chat(path, shapes={"blk.0.ffn_down.weight": (64, 2**31)}),
        "",
    ),
    "a folder": (folder, "is a directory"),
    "a pipe": (pipe, "is no regular file"),
    "a loop of links": (looping, ""),
    "not there": (lambda path: path, "is not there"),
    "one of several": (lambda path: write_chat(path, split__no=0, split__count=3), "one of 3 files"),
    "without a template": (
        lambda path: write_chat(path, tokenizer__chat_template=None, general__finetune=None),
        "has no template",
    ),
    "makes vectors": (write_embedder, "embedding"),
    "a text": (lambda path: written(path, b"once upon a time\n" * 999), ""),
}
"""What is refused before any process is started, how it is made, and what is said of it."""

SHAPES = {
    "another width": {"blk.0.attn_q.weight": (16, 32)},
    "fewer words": {"output.weight": (32, 7)},
    "turned round": {"blk.0.ffn_gate.weight": (64, 32)},
    "one row": {"token_embd.weight": (32 * 64, 1)},
}


@pytest.mark.skipif(sys.platform == "win32", reason="makes pipes and links")
@pytest.mark.parametrize("what", BEFORE)
def test_it_is_refused_before_any_process_is_started(tmp_path: Path, what: str) -> None:
    make, said = BEFORE[what]
    with pytest.raises(ModelError) as found:
        require_file(str(make(tmp_path / "model.gguf")), "chat")
    checked(Refused(message=found.value.message, hint=found.value.hint))
    assert said in found.value.message


def test_a_file_that_may_not_be_read_is_told_as_such(tmp_path: Path) -> None:
    path = locked(tmp_path / "model.gguf")
    if os.access(path, os.R_OK):
        pytest.skip("this user may read everything: run it as an ordinary one")
    with pytest.raises(ModelError, match="ermission"):
        require_file(str(path), "chat")


def test_a_chat_model_does_not_embed(tmp_path: Path) -> None:
    with pytest.raises(ModelError, match="makes no vectors"):
        require_file(str(write_chat(tmp_path / "model.gguf")), "embed")


def test_a_base_model_is_called_one(tmp_path: Path) -> None:
    path = write_chat(tmp_path / "pocket-base.gguf", tokenizer__chat_template=None, general__finetune=None)
    with pytest.raises(ModelError, match="base model"):
        require_file(str(path), "chat")


def test_a_base_model_that_has_a_template_is_taken_and_called_one(tmp_path: Path) -> None:
    assert require_file(str(write_chat(tmp_path / "m.gguf", general__finetune="Base")), "chat").is_base
    assert not require_file(str(write_chat(tmp_path / "n.gguf")), "chat").is_base


@pytest.mark.parametrize("what", SHAPES)
def test_tensors_of_a_wrong_shape_are_told_by_whatever_ends_on_them(tmp_path: Path, what: str) -> None:
    path = write_chat(tmp_path / "model.gguf", shapes=SHAPES[what])
    checked(refused(path, tmp_path / "here", patience=1))


def test_tensors_that_are_missing_are_told(tmp_path: Path) -> None:
    path = write_chat(tmp_path / "model.gguf", llama__block_count=2)
    told = refused(path, tmp_path / "here", patience=1)
    assert told.message.startswith(f"llama.cpp cannot load {path}")


def test_a_blob_whose_bytes_are_not_those_of_its_name_is_damaged(tmp_path: Path) -> None:
    path = tmp_path / f"sha256-{'ab' * 32}"
    write_chat(path)
    told = refused(path, tmp_path / "here", patience=1)
    assert "is damaged" in told.message


def test_too_little_memory_is_told_before_anything_is_loaded(tmp_path: Path) -> None:
    model = require_file(str(write_chat(tmp_path / "model.gguf")), "chat")
    here = free_memory()
    least = plan_for(model, None, num_ctx=NUM_CTX, free=here).need.total_bytes
    assert plan_for(model, None, num_ctx=NUM_CTX, free=replace(here, ram_bytes=least)).need.total_bytes == least
    with pytest.raises(ModelError, match="it is not loaded"):
        plan_for(model, None, num_ctx=NUM_CTX, free=replace(here, ram_bytes=least - 1))
    vectors = require_file(str(write_embedder(tmp_path / "vectors.gguf")), "embed")
    with pytest.raises(ModelError, match="it is not loaded"):
        plan_for(model, vectors, num_ctx=NUM_CTX, free=replace(here, ram_bytes=least))


@pytest.mark.skipif(sys.platform == "win32", reason="makes pipes")
@pytest.mark.parametrize("what", ["wrong magic", "a pipe", "a folder"])
def test_a_person_is_told_by_the_command(tmp_path: Path, what: str) -> None:
    make, said = BEFORE[what]
    told_by_command(make(tmp_path / "model.gguf"), said)


def test_a_person_is_told_by_the_command_where_llama_breaks(tmp_path: Path) -> None:
    template = "{% macro f(x) %}{{ f(x) }}{% endmacro %}{{ f(1) }}"
    path = write_chat(tmp_path / "model.gguf", tokenizer__chat_template=template)
    told_by_command(path, "the embedded engine ended (")


def told_by_command(path: Path, said: str) -> None:
    before = set(SHARED.glob("showcase-llama-*"))
    place = path.with_name("temporary")
    place.mkdir()
    done = showcase(
        "engine", "start", "--model", str(path), "--num-ctx", str(NUM_CTX), TMPDIR=str(place), COLUMNS="500"
    )
    assert done.returncode not in {0, -11}
    assert "Traceback" not in done.stdout + done.stderr
    assert said in done.stderr
    assert not list(place.iterdir())
    left = [each for each in set(SHARED.glob("showcase-llama-*")) - before if each.stat().st_uid == os.geteuid()]
    assert len(left) <= 1  # of a process that was ended by force; whoever starts next removes it


def checked(told: Refused) -> None:
    assert len(told.message.splitlines()) == 1
    assert "Traceback" not in told.message
    assert told.hint
