"""Prompts against the context, adds that stored nothing, and the plan against what was loaded."""

from __future__ import annotations

import re
from dataclasses import replace

import pytest
from reading import words
from run_builder import PLAN, model, whole_run
from session_builder import prompt

from showcase.evidence import EmptyAdd, LoadedModel, ModelPlan, PromptRead, Run, RungTried
from showcase.report import render


def with_prompts(*prompts: PromptRead) -> str:
    whole = whole_run()
    return render(whole_run(sessions=(whole.sessions[0], replace(whole.sessions[1], prompts=prompts))))


def bars(page: str) -> list[dict[str, float]]:
    """Return each bar of a prompt by its parts: width of what was read and lost, place of the context's end."""
    found = re.findall(r'<svg class="filled" role="img".*?</svg>', page, flags=re.DOTALL)
    parts = {"value": 'class="value" width', "lost": r'class="lost" x="[\d.]+%" width', "limit": "<line x1"}
    return [
        {
            name: float(hit.group(1))
            for name, pattern in parts.items()
            if (hit := re.search(f'{pattern}="([0-9.]+)', svg))
        }
        for svg in found
    ]


def test_whole_prompt_is_a_bar_within_the_context() -> None:
    page = with_prompts(prompt(own_tokens=2048, evaluated_tokens=2048))
    assert bars(page) == [{"value": 25.0, "limit": 100.0}]
    assert "Read by the model: 1 prompt, read whole" in words(page, "memory")
    assert "2,048 tokens of its own, 2,048 read, num_ctx 8,192, 25.0% of the context" in words(page, "memory")


def test_cut_prompt_shows_what_was_lost_and_comes_first() -> None:
    cut = prompt(purpose="add", own_tokens=16384, evaluated_tokens=4096, outcome="cut")
    page = with_prompts(prompt(), cut)
    assert bars(page)[0] == {"value": 25.0, "lost": 75.0, "limit": 50.0}
    assert "Read by the model: 2 prompts, 1 cut" in words(page, "memory")
    assert words(page, "memory").index("▲ cut") < words(page, "memory").index("● whole")


@pytest.mark.parametrize(
    ("read", "said"),
    [
        (prompt(own_tokens=None), "its own count was not taken, 118 read"),
        (prompt(evaluated_tokens=None, outcome="unknown"), "what the model read was not counted"),
        (prompt(context_length=None, outcome="unknown"), "context not known"),
        (
            prompt(own_tokens=9000, refused=True, evaluated_tokens=None, outcome="cut"),
            "the server would not take it uncut, 109.9% of the context",
        ),
        (prompt(own_tokens=None, evaluated_tokens=None, context_length=None, outcome="unknown"), "? unknown"),
        (prompt(own_tokens=0, evaluated_tokens=0, context_length=0), "0 tokens of its own"),
    ],
)
def test_what_is_not_known_of_a_prompt_is_said(read: PromptRead, said: str) -> None:
    page = with_prompts(read)
    assert said in words(page, "memory")
    assert all(0 <= value <= 100 for bar in bars(page) for value in bar.values())


def test_many_prompts_are_folded_and_counted() -> None:
    page = with_prompts(*[prompt()] * 700, prompt(outcome="cut"))
    assert "701 prompts, 1 cut" in words(page, "memory")
    assert "488 more prompts" in words(page, "memory")
    assert "201 more prompts in the embedded run log" in words(page, "memory")


def test_longest_prompt_is_the_longest_that_was_counted_anywhere() -> None:
    assert "118 tokens, 1.4% of the context" in words(render(whole_run()), "engine")
    assert "4,096 tokens, 50.0% of the context" in words(with_prompts(prompt(own_tokens=4096)), "engine")


def test_add_that_stored_nothing_is_shown_with_its_cause() -> None:
    whole = whole_run()
    add = EmptyAdd(text="I like tea.", cause="reply cut", detail="the reply ended after 2000 tokens, its budget")
    page = render(whole_run(sessions=(replace(whole.sessions[0], empty_adds=(add,)), *whole.sessions[1:])))
    said = words(page, "memory")
    assert "nothing was stored I like tea. reply cut : the reply ended after 2000 tokens" in said
    assert "nothing was stored" not in words(render(whole), "memory")


def planned(plan: ModelPlan | None = PLAN, *tried: RungTried, seen: int | None = 3_300_000_000) -> Run:
    """Return a run on Ollama whose chat and embedding model took `seen` bytes together."""
    engine = whole_run().engine
    assert engine is not None
    sizes = {"memory-chat:latest": seen - 300_000_000 if seen is not None else None, "rehearsal-embed": 300_000_000}
    loaded = tuple(
        LoadedModel(name=name, size_bytes=size, vram_bytes=0, context_length=8192, remote_host=None)
        for name, size in sizes.items()
    )
    facts = replace(engine, kind="ollama", chat_model=model("memory-chat:latest", None), loaded=loaded)
    return whole_run(engine=replace(facts, plan=plan, rungs_tried=tried))


@pytest.mark.parametrize(
    ("seen", "said"),
    [
        (3_300_000_000, "10% more than predicted, and within what was free"),
        (2_700_000_000, "10% less than predicted, and within"),
        (3_000_000_001, "as predicted, and within"),
        (12_000_000_001, "300% more than predicted, and beyond what was free"),
        (None, "How large both models were once loaded is not in the log."),
    ],
)
def test_prediction_is_held_against_what_was_loaded(seen: int | None, said: str) -> None:
    assert said in words(render(planned(seen=seen)), "engine")


def test_half_of_what_was_predicted_is_not_compared() -> None:
    run = planned()
    assert run.engine is not None
    assert run.engine.loaded is not None
    for engine in (replace(run.engine, loaded=run.engine.loaded[:1]), replace(run.engine, loaded=None)):
        said = words(render(replace(run, engine=engine)), "engine")
        assert "How large both models were once loaded is not in the log." in said
        assert "than predicted" not in said


def test_plan_names_rung_reason_and_memory() -> None:
    said = words(render(planned()), "engine")
    for part in (
        "Rung memory-chat",
        "the first rung that fits",
        "psutil: available memory",
        "8,192 planned, 8,192 in force",
    ):
        assert part in said
    widths = re.findall(r'class="value (\w+)" width="([\d.]+)%"', render(planned()))
    assert widths == [("free", "100.0"), ("predicted", "25.0"), ("loaded", "27.5")]


def test_prediction_says_nothing_of_another_model() -> None:
    other = planned(replace(PLAN, chosen="another"))
    assert "The run used memory-chat:latest, which is not what the plan names" in words(render(other), "engine")
    assert "than predicted" not in words(render(other), "engine")
    none = planned(
        ModelPlan(free_bytes=0, free_source="x", chosen=None, num_ctx=None, needed_bytes=None, reason="too little")
    )
    said = words(render(none), "engine")
    assert "Rung none fits" in said
    assert "not planned" in said


def test_rungs_are_listed_as_they_were_tried() -> None:
    tried = (
        RungTried(tag="large", outcome="does not fit", reason="model requires more system memory"),
        RungTried(tag="memory-chat", outcome="loaded", reason=""),
    )
    for run in (planned(PLAN, *tried), planned(None, *tried)):
        said = words(render(run), "engine")
        assert "large does not fit model requires more system memory memory-chat loaded" in said


def test_log_without_a_plan_says_so() -> None:
    assert "No plan is in the log" in words(render(whole_run()), "engine")
