"""The plan follows the course's thresholds, shows its arithmetic, and says where both disagree."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest

from showcase.engines.models import ladder
from showcase.engines.models.figures import TABLE, from_model_info
from showcase.engines.models.footprint import footprint, kv_cache_bytes
from showcase.engines.models.machine import amd_vram, free_memory
from showcase.engines.models.plan import make_plan
from showcase.engines.models.sizes import GB, GIB, MIB, parse_size, show_size
from showcase.errors import ModelError, UsageError

RECORDED = Path(__file__).resolve().parents[1] / "recorded"
TINY_WEIGHTS = 6_939_706


def shown(name: str) -> dict[str, object]:
    recording = json.loads((RECORDED / name).read_text(encoding="utf-8"))
    info = json.loads("".join(recording["lines"]))["model_info"]
    assert isinstance(info, dict)
    return info


@pytest.mark.parametrize(
    ("base", "at_8k", "at_16k"),
    [
        ("qwen3:4b-instruct", 1152, 2304),
        ("qwen2.5:1.5b", 224, 448),
        ("llama3.2:1b", 256, 512),
        ("gemma3:4b", 334, 494),
    ],
)
def test_the_cache_of_each_base_has_the_known_size(base: str, at_8k: int, at_16k: int) -> None:
    assert kv_cache_bytes(TABLE[base], 8192) == at_8k * MIB
    assert kv_cache_bytes(TABLE[base], 16384) == at_16k * MIB


def test_the_table_has_every_base_and_names_a_source_for_every_figure() -> None:
    assert set(TABLE) == {rung.base for rung in ladder.LADDER}
    for figures in TABLE.values():
        assert figures.weights_source.startswith("table: ")
        assert figures.shape_source.startswith("table: ")


def test_a_real_servers_cache_grew_by_what_the_formula_says() -> None:
    """`/api/ps` said 14,746,624 bytes at 4096 tokens and 23,135,232 at 8192."""
    tiny = from_model_info(shown("show-chat.json"), name="tiny-chat", weights_bytes=TINY_WEIGHTS)
    assert kv_cache_bytes(tiny, 8192) - kv_cache_bytes(tiny, 4096) == 23_135_232 - 14_746_624
    assert tiny.context_limit == 8192
    assert footprint(tiny, 16384).num_ctx == 8192


def test_layers_may_differ() -> None:
    info = {
        "general.architecture": "x",
        "x.block_count": 3,
        "x.attention.head_count": 4,
        "x.attention.head_count_kv": [2, 0, 1],
        "x.embedding_length": 64,
        "x.attention.sliding_window": 100,
        "x.attention.sliding_window_pattern": [True, False, False],
    }
    figures = from_model_info(info, name="x", weights_bytes=1)
    # Key and value have 64 / 4 = 16 elements of 2 bytes; the first layer keeps its window and a batch of 512.
    assert kv_cache_bytes(figures, 1000) == (612 * 2 + 0 + 1000 * 1) * (16 + 16) * 2
    assert kv_cache_bytes(figures, 200) == (200 * 2 + 0 + 200 * 1) * (16 + 16) * 2


@pytest.mark.parametrize("missing", ["block_count", "embedding_length", "attention.head_count_kv"])
def test_figures_that_the_server_does_not_tell_are_not_made_up(missing: str) -> None:
    info: dict[str, object] = {
        "general.architecture": "x",
        "x.block_count": 40,
        "x.attention.head_count": 4,
        # A list of more than five comes back empty unless the verbose form is asked for.
        "x.attention.head_count_kv": [] if missing == "attention.head_count_kv" else 4,
        "x.embedding_length": 64,
    }
    if missing != "attention.head_count_kv":
        del info[f"x.{missing}"]
    with pytest.raises(ModelError, match="cannot be computed"):
        from_model_info(info, name="x", weights_bytes=1)


@pytest.mark.parametrize(
    ("free", "chosen", "num_ctx"),
    [
        ("20GB", "qwen3-4b-mem", 16384),
        ("6GB", "qwen3-4b-mem", 16384),
        ("5.99GB", "gemma3-4b-mem", 16384),
        ("4.7GB", "gemma3-4b-mem", 12288),
        ("4.6GB", "gemma3-4b-mem", 8192),
        ("4.4GB", "qwen2-5-1-5b-mem", 16384),
        ("3.5GiB", "qwen2-5-1-5b-mem", 16384),
        ("3GB", "llama3-2-1b-mem", 16384),
        ("2.5GB", "llama3-2-1b-mem", 8192),
        ("2.2GB", "rehearsal", None),
        ("1GB", "rehearsal", None),
    ],
)
def test_the_ladder(free: str, chosen: str, num_ctx: int | None) -> None:
    plan = make_plan(parse_size(free), source="test")
    assert (plan.chosen, plan.rung.need.num_ctx if plan.rung else None) == (chosen, num_ctx)
    if plan.rung:
        assert plan.rung.need.total_bytes <= plan.free_bytes
        if num_ctx != plan.rung.tried[0].num_ctx:
            assert plan.rung.tried[-2].total_bytes > plan.free_bytes


def test_the_rungs_to_fall_down_begin_with_the_chosen_one() -> None:
    assert make_plan(20 * GB, source="test").candidates == tuple(rung.tag for rung in ladder.LADDER)
    assert make_plan(4 * GB, source="test").candidates == ("qwen2-5-1-5b-mem", "llama3-2-1b-mem")
    assert make_plan(GB, source="test").candidates == ()


def test_a_smaller_context_says_what_no_longer_works() -> None:
    plan = make_plan(parse_size("2.5GB"), source="test")
    assert plan.rung is not None
    assert not plan.rung.extraction
    assert any("extraction" in note and "8192" in note for note in plan.notes)
    assert make_plan(20 * GB, source="test").rung.extraction  # type: ignore[union-attr]


def test_formula_against_thresholds_is_said() -> None:
    notes = make_plan(parse_size("2.5GB"), source="test").notes
    assert any(note.startswith("formula and thresholds disagree: qwen2-5-1-5b-mem fits") for note in notes)
    assert any("llama3-2-1b-mem is the lower rung but needs more" in note for note in notes)


def test_figures_from_the_server_win_over_the_table() -> None:
    small = from_model_info(shown("show-chat.json"), name="q", weights_bytes=TINY_WEIGHTS)
    plan = make_plan(6 * GB, source="test", figures={"qwen3:4b-instruct": small})
    assert plan.rungs[0].figures is small
    assert plan.rungs[0].need.num_ctx == 8192
    assert plan.rungs[0].need.weights_bytes == TINY_WEIGHTS


def test_another_context_may_be_asked_for() -> None:
    plan = make_plan(20 * GB, source="test", num_ctx=32_768)
    assert plan.rung is not None
    assert plan.rung.need.num_ctx == 32_768
    assert plan.rung.need.kv_cache_bytes == 2 * 2304 * MIB


def test_the_document_has_every_term_in_bytes() -> None:
    document = json.loads(json.dumps(make_plan(6 * GB, source="test").document()))
    assert document["chosen"] == "qwen3-4b-mem"
    assert [rung["tag"] for rung in document["rungs"]] == [rung.tag for rung in ladder.LADDER]
    for rung in document["rungs"]:
        terms = ("weights_bytes", "kv_cache_bytes", "compute_bytes", "embedder_bytes")
        assert rung["need_bytes"] == sum(rung[term] for term in terms)


@pytest.mark.parametrize(
    ("text", "amount"),
    [("3.5GiB", 3_758_096_384), ("6GB", 6 * GB), (" 4096 mib ", 4 * GIB), ("0.5kB", 500), ("1TB", 1000 * GB)],
)
def test_sizes_are_read(text: str, amount: int) -> None:
    assert parse_size(text) == amount


@pytest.mark.parametrize("text", ["6", "", "GB", "-1GB", "1e3GB", "6 G", "6GBs", "٦GB", "nanGB"])
def test_what_is_no_size_is_refused(text: str) -> None:
    with pytest.raises(UsageError):
        parse_size(text)


def test_sizes_are_shown() -> None:
    assert [show_size(n) for n in (2304 * MIB, 448 * MIB, 2048, 3, -2 * GIB)] == [
        *("2.25 GiB", "448 MiB", "2 KiB", "3 B", "-2.00 GiB")
    ]


def test_this_machine_has_memory() -> None:
    free = free_memory()
    assert free.ram_bytes > 100 * MIB
    assert free.usable_bytes >= free.ram_bytes
    assert free.source.startswith("psutil")


@pytest.mark.skipif(os.name == "nt", reason="the stand-in for the driver's tool is a shell script")
@pytest.mark.parametrize(("answer", "vram"), [("echo 1024; echo 2048", 3 * GIB), ("echo none", None), ("exit 9", None)])
def test_a_graphics_card_is_asked(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, answer: str, vram: int | None
) -> None:
    tool = tmp_path / "nvidia-smi"
    tool.write_text(f"#!/bin/sh\n{answer}\n", encoding="utf-8")
    tool.chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path))
    free = free_memory()
    assert free.vram_bytes == vram
    assert free.usable_bytes == max(free.ram_bytes, vram or 0)


def test_an_amd_card_is_read_from_the_kernel(tmp_path: Path) -> None:
    assert amd_vram(tmp_path) is None
    device = tmp_path / "card0" / "device"
    device.mkdir(parents=True)
    (device / "mem_info_vram_total").write_text("1000\n", encoding="ascii")
    assert amd_vram(tmp_path) is None
    (device / "mem_info_vram_used").write_text("400\n", encoding="ascii")
    assert amd_vram(tmp_path) == 600
