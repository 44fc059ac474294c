"""What layers keep, for models that are not built as most are: never several times too much without a word."""

from __future__ import annotations

from typing import Any

import pytest

from showcase.engines.models.figures import from_model_info
from showcase.engines.models.footprint import kv_cache_bytes
from showcase.engines.models.loading import check_model
from showcase.engines.models.plan import make_plan
from showcase.engines.models.sizes import GB, MIB
from showcase.errors import ModelError
from showcase.evidence import LoadedModel, Model

TOKENS = 16_384


def info(architecture: str, **fields: Any) -> dict[str, Any]:
    named = {f"{architecture}.{field.replace('__', '.')}": value for field, value in fields.items()}
    return {"general.architecture": architecture, **named}


def cache(shown: dict[str, Any], tokens: int = TOKENS) -> tuple[int, str]:
    figures = from_model_info(shown, name="x", weights_bytes=1)
    return kv_cache_bytes(figures, tokens), figures.bound


MAMBA = info(
    "mamba", block_count=48, embedding_length=2048, attention__head_count=0,
    ssm__conv_kernel=4, ssm__inner_size=4096, ssm__state_size=16,
)  # fmt: skip
QWEN3_NEXT = {
    "block_count": 48, "embedding_length": 2048, "attention__head_count": 16, "attention__key_length": 256,
    "attention__value_length": 256, "ssm__conv_kernel": 4, "ssm__inner_size": 4096, "ssm__state_size": 128,
    "ssm__group_count": 16,
}  # fmt: skip
DECI = {"block_count": 4, "embedding_length": 8192, "attention__head_count": [64, 0, 64, 64]}
GPT_OSS = {
    "block_count": 24, "embedding_length": 2880, "attention__head_count": 64, "attention__head_count_kv": 8,
    "attention__key_length": 64, "attention__value_length": 64, "attention__sliding_window": 128,
}  # fmt: skip
DEEPSEEK = {
    "block_count": 27, "embedding_length": 2048, "attention__head_count": 16, "attention__kv_lora_rank": 512,
    "rope__dimension_count": 64,
}  # fmt: skip


def test_a_state_space_model_keeps_a_state_whatever_the_context() -> None:
    # Of each layer 3 x 4096 elements of the convolution and 16 x 4096 of the state, 4 bytes each.
    assert cache(MAMBA) == (48 * (3 * 4096 + 16 * 4096) * 4, "")
    assert cache(MAMBA, 1) == cache(MAMBA)


def test_rwkv_keeps_two_shifted_tokens_and_a_matrix_for_each_head() -> None:
    shown = info("rwkv7", block_count=24, embedding_length=2048, attention__head_count=0, wkv__head_size=64)
    assert cache(shown) == (24 * 2048 * (2 + 64) * 4, "")


@pytest.mark.parametrize("architecture", ["qwen3next", "qwen35moe"])
def test_of_a_hybrid_every_fourth_layer_is_counted_with_the_context(architecture: str) -> None:
    attention = 12 * TOKENS * 2 * (256 + 256) * 2
    state = 36 * (3 * (4096 + 2 * 16 * 128) + 128 * 4096) * 4
    assert cache(info(architecture, **QWEN3_NEXT, attention__head_count_kv=2)) == (attention + state, "")
    listed = [2 if (layer + 1) % 4 == 0 else 0 for layer in range(48)]
    assert cache(info(architecture, **QWEN3_NEXT, attention__head_count_kv=listed)) == (attention + state, "")


def test_the_interval_that_a_model_tells_goes_before_that_of_its_family() -> None:
    shown = info("qwen3next", **QWEN3_NEXT, attention__head_count_kv=2, full_attention_interval=2)
    assert cache(shown)[0] > 24 * TOKENS * 2 * (256 + 256) * 2


def test_where_each_layer_may_have_both_it_is_a_bound() -> None:
    shown = info("falcon-h1", **QWEN3_NEXT, attention__head_count_kv=2)
    counted, bound = cache(shown)
    assert counted > 48 * TOKENS * 2 * (256 + 256) * 2
    assert "it may have one of them" in bound


def test_heads_may_be_told_for_each_layer_and_one_without_keeps_nothing() -> None:
    shown = info("deci", **DECI, attention__head_count_kv=[8, 0, 8, 8])
    assert cache(shown) == (3 * TOKENS * 8 * (128 + 128) * 2, "")
    first = info("deci", **{**DECI, "attention__head_count": [0, 64, 64, 64]}, attention__head_count_kv=[0, 8, 8, 8])
    assert cache(first) == cache(shown)


def test_where_heads_differ_and_no_length_is_told_it_is_a_bound() -> None:
    heads = {"attention__head_count": [12, 16, 20], "attention__head_count_kv": [3, 4, 5]}
    told = info("openelm", block_count=3, embedding_length=1280, **heads, attention__key_length=64)
    guessed = info("openelm", block_count=3, embedding_length=1280, **heads)
    assert "differ in heads" in cache(guessed)[1]
    assert cache(guessed)[0] >= cache(told | {"openelm.attention.value_length": 64})[0]
    assert cache(told | {"openelm.attention.value_length": 64}) == (TOKENS * 12 * (64 + 64) * 2, "")


@pytest.mark.parametrize("architecture", ["gptoss", "gpt-oss"])
def test_every_second_layer_of_gpt_oss_keeps_4096_tokens_and_a_batch(architecture: str) -> None:
    counted = 12 * (TOKENS + 4096 + 512) * 8 * (64 + 64) * 2
    assert cache(info(architecture, **GPT_OSS)) == (counted, "")
    assert counted == 492 * MIB


def test_a_pattern_may_be_a_number() -> None:
    shown = info("cohere2", **GPT_OSS, attention__sliding_window_pattern=4)
    assert cache(shown) == ((6 * TOKENS + 18 * (128 + 512)) * 8 * (64 + 64) * 2, "")


def test_a_window_in_unknown_layers_is_a_bound() -> None:
    counted, bound = cache(info("mistral", **GPT_OSS))
    assert counted == 24 * TOKENS * 8 * (64 + 64) * 2
    assert "sliding window" in bound


def test_latent_attention_is_a_bound_and_a_compressed_one_counts_one_row() -> None:
    whole = info(
        "deepseek2", **DEEPSEEK, attention__head_count_kv=16, attention__key_length=192, attention__value_length=128
    )
    assert cache(whole)[0] == 27 * TOKENS * 16 * (192 + 128) * 2
    assert "MLA" in cache(whole)[1]
    for heads, key, value, key_mla in ((1, 576, 512, 192), (20, 256, 256, 576)):  # llama.cpp's way, and Ollama's
        compressed = info(
            "deepseek2", **DEEPSEEK, attention__head_count_kv=heads, attention__key_length=key,
            attention__value_length=value, attention__key_length_mla=key_mla,
        )  # fmt: skip
        assert cache(compressed)[0] == 27 * TOKENS * (512 + 64 + 512) * 2
        assert "MLA" in cache(compressed)[1]


def test_a_model_that_embeds_keeps_nothing() -> None:
    shown = info("nomic-bert", block_count=12, embedding_length=768, attention__head_count=12, attention__causal=False)
    assert cache(shown) == (0, "")


@pytest.mark.parametrize(
    "shown",
    [
        {},
        info("mamba", block_count=48, embedding_length=2048, attention__head_count=0),
        info("deci", **DECI, attention__head_count_kv=[8, 0, 8]),
        info("deci", **DECI, attention__head_count_kv=[8, 0, 8, "8"]),
        info("x", block_count=4, embedding_length=0, attention__head_count=4),
    ],
)
def test_what_is_not_told_is_not_made_up(shown: dict[str, Any]) -> None:
    with pytest.raises(ModelError, match="cannot be computed"):
        from_model_info(shown, name="x", weights_bytes=1)


class Shown:
    """Describes a model and loads it."""

    def __init__(self, shown: dict[str, Any]) -> None:
        self._shown = shown

    def show(self, _: str) -> dict[str, Any]:
        return self._shown

    def load(self, _: str) -> None:
        pass


def test_a_lowered_context_is_seen_of_a_model_whose_memory_is_unknown() -> None:
    shown = {"modelfile": "FROM x\nPARAMETER mirostat 2\nPARAMETER num_ctx 131072\n", "model_info": {}}
    rows = (LoadedModel(name="x:latest", size_bytes=1, vram_bytes=0, context_length=32_768, remote_host=None),)
    checked = check_model(Shown(shown), lambda: rows, Model(name="X", size_bytes=1))
    assert (checked.predicted, checked.predicted_bytes, checked.lowered) == (None, None, True)


def test_a_plan_says_where_its_number_is_a_bound() -> None:
    figures = from_model_info(info("mistral", **GPT_OSS), name="x", weights_bytes=GB)
    notes = make_plan(20 * GB, source="test", figures={"gemma3:4b": figures}).notes
    assert any("gemma3:4b is at most that" in note for note in notes)
    assert not any("at most" in note for note in make_plan(20 * GB, source="test").notes)
