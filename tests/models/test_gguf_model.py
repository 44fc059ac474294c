"""What a GGUF file says of its model, and that nothing else is said."""

from __future__ import annotations

import subprocess
import sys
import time
from typing import TYPE_CHECKING, Any

import pytest
from gguf_files import CHAT, EMBEDDER, TEMPLATE, TENSORS, gguf, text, write

from showcase.engines.models import figures
from showcase.engines.models.footprint import kv_cache_bytes
from showcase.engines.models.gguf.model import read_model, require_model
from showcase.engines.models.gguf.quantisations import TENSOR_TYPES
from showcase.errors import ModelError

if TYPE_CHECKING:
    from pathlib import Path


@pytest.mark.parametrize("version", [2, 3])
def test_a_file_is_read(tmp_path: Path, version: int) -> None:
    path = tmp_path / "pocket.gguf"
    path.write_bytes(gguf(CHAT, version=version))
    model = read_model(path)
    assert (model.version, model.architecture, model.name, model.size_label) == (
        version,
        "llama",
        CHAT["general.name"],
        "1B",
    )
    assert (model.license, model.organization, model.quantisation, model.stored_as) == (
        *("apache-2.0", "Somebody", "Q4_K_M", "Q4_K"),
    )
    assert (model.context_length, model.block_count, model.embedding_length, model.head_count) == (8192, 4, 256, 8)
    assert (model.vocabulary, model.tokenizer, model.pre_tokenizer) == (4, "gpt2", "llama-bpe")
    assert (model.parameters, model.tensor_count, model.weights_bytes) == (256 * 4 + 256, 2, 4 * 144 + 256 * 4)
    assert model.file_bytes == path.stat().st_size > model.header_bytes
    assert model.chat_template == TEMPLATE
    assert (model.kind, model.split_count) == ("chat", None)
    assert model.shape is not None
    assert (model.shape.kv_heads, model.shape.key_length, model.shape.value_length) == ((4, 4, 4, 4), 32, 32)


def test_what_a_file_does_not_say_is_none(tmp_path: Path) -> None:
    path = tmp_path / "x.gguf"
    path.write_bytes(gguf({}, ()))
    model = read_model(path)
    told = {"version", "identity", "file_bytes", "header_bytes", "kind", "kind_reason", "tensor_count", "weights_bytes"}
    for field in set(type(model).__dataclass_fields__) - told:
        assert getattr(model, field) in (None, ()), field
    assert model.kind == "other"


def test_values_of_another_type_are_none(tmp_path: Path) -> None:
    wrong = {"general.name": 7, "llama.context_length": "many", "general.file_type": -1, "llama.block_count": True}
    model = read_model(write(tmp_path / "x.gguf", {**CHAT, **wrong}))
    assert (model.name, model.context_length, model.quantisation, model.block_count, model.shape) == (None,) * 5


def test_layers_of_their_own_heads_and_windows(tmp_path: Path) -> None:
    values = {
        **CHAT,
        "llama.attention.head_count_kv": [4, 0, 4, 0],
        "llama.attention.sliding_window": 512,
        "llama.attention.sliding_window_pattern": [True, True, False, True],
    }
    shape = read_model(write(tmp_path / "x.gguf", values)).shape
    assert shape is not None
    assert (shape.kv_heads, shape.windowed, shape.window) == ((4, 0, 4, 0), (True, True, False, True), 512)


def test_heads_that_were_not_kept_are_not_taken_for_others(tmp_path: Path) -> None:
    values = {**CHAT, "llama.block_count": 5000, "llama.attention.head_count_kv": [4] * 5000}
    assert read_model(write(tmp_path / "x.gguf", values)).shape is None


def test_more_layers_than_there_can_be_are_not_believed(tmp_path: Path) -> None:
    assert read_model(write(tmp_path / "x.gguf", llama__block_count=2**32 - 1)).shape is None


@pytest.mark.parametrize(
    ("changes", "called", "kind"),
    [
        ({}, "x", "chat"),
        ({"general.finetune": None, "general.name": "Pocket 1B"}, "x", "chat"),  # by its template
        ({"general.finetune": None, "general.name": "Pocket 1B", "tokenizer.chat_template": None}, "x", "base"),
        ({"general.finetune": "Base", "general.name": "Pocket"}, "x", "base"),  # whatever its template
        ({"general.finetune": None, "general.name": None, "tokenizer.chat_template": None}, "pocket-1b-it", "chat"),
        ({"general.name": "Kitten", "general.finetune": None, "tokenizer.chat_template": None}, "x", "base"),
        ({"general.finetune": None, "general.name": "Pocket base instruct"}, "x", "chat"),
        ({"general.finetune": "Base"}, "x", "base"),  # whatever its name
        ({"general.type": "adapter"}, "x", "adapter"),
        ({"general.type": "mmproj"}, "x", "projector"),
        ({"general.architecture": "clip"}, "x", "projector"),
        ({"general.type": "imatrix"}, "x", "other"),
        ({"llama.pooling_type": 3}, "x", "embedding"),
        ({"llama.pooling_type": 4}, "x", "reranker"),
        ({"llama.pooling_type": 0}, "x", "chat"),
        ({"llama.attention.causal": False}, "x", "embedding"),
        ({"tokenizer.ggml.tokens": None}, "x", "other"),
    ],
)
def test_what_a_model_is_for(tmp_path: Path, changes: dict[str, Any], called: str, kind: str) -> None:
    model = read_model(write(tmp_path / f"{called}.gguf", {**CHAT, **changes}))
    assert (model.kind, bool(model.kind_reason)) == (kind, True)


def test_an_embedding_model(tmp_path: Path) -> None:
    model = read_model(write(tmp_path / "x.gguf", EMBEDDER))
    assert (model.kind, model.pooling, model.embedding_length, model.chat_template) == ("embedding", "mean", 64, None)


def test_a_vocabulary_of_150_000_tokens_is_read_in_a_second(tmp_path: Path) -> None:
    many = tuple(f"token{number}" for number in range(150_000))
    values = {**CHAT, "tokenizer.ggml.tokens": many, "tokenizer.ggml.merges": many, "x.types": [1] * 150_000}
    path = write(tmp_path / "x.gguf", values)
    began = time.process_time()
    model = read_model(path)
    assert time.process_time() - began < 1
    assert model.vocabulary == 150_000
    assert model.header_bytes > 5_000_000


def test_a_template_is_text_and_nothing_renders_it(tmp_path: Path) -> None:
    hostile = "{% for i in range(10**12) %}{% endfor %}{{ cycler.__init__.__globals__.os.environ }}"
    path = write(tmp_path / "x.gguf", tokenizer__chat_template=hostile)
    code = (
        "import sys; from pathlib import Path; from showcase.engines.models.gguf.model import read_model; "
        "print(read_model(Path(sys.argv[1])).chat_template); assert 'jinja2' not in sys.modules"
    )
    done = subprocess.run([sys.executable, "-c", code, path], capture_output=True, text=True, timeout=60, check=True)
    assert done.stdout.strip() == hostile


def test_a_tensor_type_of_tomorrow_is_of_unknown_size(tmp_path: Path) -> None:
    raw = gguf(CHAT)
    unknown = 250
    assert unknown not in TENSOR_TYPES
    place = raw.index(text("token_embd.weight")) + len(text("token_embd.weight")) + 4 + 16
    path = tmp_path / "x.gguf"
    path.write_bytes(raw[:place] + unknown.to_bytes(4, "little") + raw[place + 4 :])
    model = read_model(path)
    assert (model.weights_bytes, model.stored_as, model.parameters) == (None, None, 256 * 4 + 256)


def test_a_model_that_somebody_asked_for_and_is_none(tmp_path: Path) -> None:
    (tmp_path / "x.gguf").write_bytes(b"no model")
    with pytest.raises(ModelError, match=r"x\.gguf is no model that can be read: it is no GGUF file") as raised:
        require_model(tmp_path / "x.gguf")
    assert "showcase models list" in raised.value.hint


def test_a_part_says_which_it_is(tmp_path: Path) -> None:
    path = tmp_path / "x-00002-of-00003.gguf"
    path.write_bytes(gguf({"split.no": 1, "split.count": 3, "split.tensors.count": 7}, TENSORS))
    model = read_model(path)
    assert (model.split_number, model.split_count) == (1, 3)


def test_the_memory_of_a_model_is_computed_from_its_file(tmp_path: Path) -> None:
    path = write(tmp_path / "x.gguf")
    found = figures.from_file(read_model(path), name="x")
    # 4 layers x 4 heads x (32 + 32) elements x 2 bytes, for each token
    assert kv_cache_bytes(found, 1000) == 4 * 4 * 64 * 2 * 1000
    assert (found.weights_bytes, found.context_limit) == (path.stat().st_size, 8192)
    with pytest.raises(ModelError, match="does not say how the model is built"):
        figures.from_file(read_model(write(path, llama__block_count=None)), name="x")
