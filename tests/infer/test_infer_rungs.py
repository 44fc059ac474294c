"""Which chat model a run takes: the plan decides, a model in memory counts as fitting, and loads that fail are told."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from program import showcase
from stingy_server import REFUSAL

from showcase import runlog
from showcase.engines.models.machine import FreeMemory
from showcase.engines.models.sizes import GB
from showcase.engines.ollama import OllamaGate
from showcase.engines.ollama_models import OllamaModels
from showcase.engines.rungs import Rungs
from showcase.errors import ExitCode, ModelError

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from conftest import MakeModel
    from stingy_server import StingyServer

    from showcase.evidence import Endpoint

GEMMA, LLAMA = "gemma3-4b-mem", "llama3-2-1b-mem"


@pytest.fixture
def gate(stingy: StingyServer) -> Iterator[OllamaGate]:
    gate = OllamaGate(stingy.endpoint)
    yield gate
    gate.close()


def rungs(gate: OllamaGate, free_bytes: int, *, load: bool = False) -> Rungs:
    memory = FreeMemory(ram_bytes=free_bytes, vram_bytes=None, source="the test")
    return Rungs(gate, load=load, free=lambda: memory)


def test_the_best_rung_that_is_there_and_fits_comes_first(gate: OllamaGate, make_model: MakeModel) -> None:
    make_model(LLAMA, num_ctx=16384)
    make_model(GEMMA, num_ctx=16384)
    ample, scarce = rungs(gate, 20 * GB), rungs(gate, 3 * GB)
    assert ample.rank(gate.models()) == (GEMMA, LLAMA)
    assert ample.plan is not None
    assert (ample.plan.chosen, ample.plan.num_ctx) == ("qwen3-4b-mem", 16384)
    assert ample.plan.needed_bytes == 5_772_206_366
    assert scarce.rank(gate.models()) == (LLAMA,)
    assert scarce.plan is not None
    assert scarce.plan.chosen == LLAMA
    assert scarce.tried == ()


def test_where_no_rung_fits_the_plan_says_so(gate: OllamaGate, make_model: MakeModel) -> None:
    make_model(LLAMA, num_ctx=16384)
    none = rungs(gate, GB)
    assert none.rank(gate.models()) == ()
    assert none.plan is not None
    assert none.plan.chosen is None
    assert "rehearsal" in none.plan.reason


def test_a_rung_in_memory_fits_whatever_it_has_left_free(gate: OllamaGate, make_model: MakeModel) -> None:
    """Else a second run would find less free memory than the first and choose another model."""
    make_model(GEMMA, num_ctx=16384)
    server = OllamaModels(gate.endpoint)
    server.load(GEMMA)
    server.close()
    second = rungs(gate, GB)
    assert second.rank(gate.models()) == (GEMMA,)
    assert second.plan is not None
    assert (second.plan.chosen, second.plan.num_ctx) == (GEMMA, 16384)


def test_a_rung_that_does_not_load_is_passed_over(
    stingy: StingyServer, gate: OllamaGate, make_model: MakeModel
) -> None:
    make_model(GEMMA, num_ctx=16384)
    make_model(LLAMA, num_ctx=16384)
    stingy.too_large = (GEMMA,)
    falling = rungs(gate, 20 * GB, load=True)
    assert falling.rank(gate.models()) == (LLAMA,)
    assert [(step.tag, step.outcome) for step in falling.tried] == [(GEMMA, "does not fit"), (LLAMA, "loaded")]
    assert falling.tried[0].reason == REFUSAL


def test_where_none_loads_or_none_is_there_it_is_said(
    stingy: StingyServer, gate: OllamaGate, make_model: MakeModel
) -> None:
    with pytest.raises(ModelError, match="is there") as caught:
        rungs(gate, 20 * GB, load=True).rank(gate.models())
    assert caught.value.hint == f"showcase models create qwen3-4b-mem --ollama-host {gate.endpoint}"
    make_model(LLAMA, num_ctx=16384)
    stingy.too_large = (LLAMA,)
    with pytest.raises(ModelError, match="requires more system memory"):
        rungs(gate, 20 * GB, load=True).rank(gate.models())


def run(stingy: StingyServer, out: Path, engine: str) -> tuple[int, str]:
    """Run the first session with `--chat-model auto`; a phase alone is inconclusive."""
    host = ("--ollama-host", str(stingy.endpoint), "--witness", "hook", "--phase", "1")
    done = showcase("run", "--engine", engine, "--chat-model", "auto", "--no-drill", *host, "--out", str(out))
    return done.returncode, done.stderr


def test_a_run_falls_down_the_rungs_and_to_the_rehearsal_engine(
    stingy: StingyServer, make_model: MakeModel, tmp_path: Path
) -> None:
    make_model(LLAMA, num_ctx=16384)
    make_model(GEMMA, num_ctx=16384)
    if len(Rungs(held := OllamaGate(stingy.endpoint), load=False).rank(held.models())) < 2:
        pytest.skip("too little memory is free here to consider more than one rung")
    held.close()
    stingy.too_large = (GEMMA,)
    code, told = run(stingy, tmp_path / "out", "auto")
    assert code == ExitCode.INCONCLUSIVE, told
    engine = runlog.read(tmp_path / "out" / "run-log.json").engine
    assert engine is not None
    assert (engine.kind, engine.chat_model.name) == ("ollama", f"{LLAMA}:latest")
    assert [step.tag for step in engine.rungs_tried] == [GEMMA, LLAMA]
    assert engine.plan is not None
    stingy.too_large = (GEMMA, LLAMA)
    code, told = run(stingy, tmp_path / "out", "auto")
    assert code == ExitCode.INCONCLUSIVE, told
    engine = runlog.read(tmp_path / "out" / "run-log.json").engine
    assert engine is not None
    assert engine.kind == "rehearsal"
    assert [step.outcome for step in engine.rungs_tried] == ["does not fit"] * 2
    assert f"{GEMMA} does not fit: {REFUSAL}" in told


def test_who_insists_on_ollama_gets_no_other_engine(stingy: StingyServer, tmp_path: Path) -> None:
    code, told = run(stingy, tmp_path / "out", "ollama")
    assert code == ExitCode.ENVIRONMENT
    assert "showcase models create " in told


def test_the_rehearsal_engine_has_one_model_and_needs_no_ladder(engine: Endpoint, tmp_path: Path) -> None:
    done = showcase(
        "run", "--engine", "rehearsal", "--chat-model", "auto", "--phase", "1", "--out", str(tmp_path / "out"),
        "--ollama-host", str(engine), "--witness", "hook", "--no-drill",
    )  # fmt: skip
    log = runlog.read(tmp_path / "out" / "run-log.json")
    assert done.returncode == ExitCode.INCONCLUSIVE, done.stderr
    assert log.engine is not None
    assert (log.engine.kind, log.engine.plan, log.engine.rungs_tried) == ("rehearsal", None, ())
