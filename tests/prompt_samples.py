"""Samples of the prompt benchmark that nobody took, and their figures."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, cast

from showcase.bench.prompt.judging import Judgement
from showcase.bench.prompt.measurement import Plan, PromptMeasurement
from showcase.bench.prompt.samples import PromptSample, Read, Replied
from showcase.bench.results.result import EngineUsed
from showcase.engines import everyday
from showcase.evidence import Model

if TYPE_CHECKING:
    from collections.abc import Iterable

    from showcase.bench.results.result import Section

PLAN = Plan(tasks=("card",), runs=8, num_predict=200, turns=(2, 18, 40), pairs=1)


def measurement(gate: object = None, *, rehearses: bool = False) -> PromptMeasurement:
    model = Model(name="m", digest=None, size_bytes=None)
    kind: Any = "rehearsal" if rehearses else "ollama"
    opened = everyday.Opened(gate=cast("Any", gate), embed_model=model, chat_model=model, kind=kind)
    engine = EngineUsed(kind=kind, version="1", chat_model=model, embed_model=None)
    return PromptMeasurement(opened, PLAN, engine=engine, limit_s=60)


def read(ttft_s: float, *, tokens: int = 300, words: int = 100) -> Read:
    return Read(tokens=tokens, words=words, ttft_s=ttft_s, load_s=0.0, read_s=ttft_s, total_s=ttft_s + 1)


def replied(*, ttft_s: float, tokens: int, code: str, lenient: bool = False) -> PromptSample:
    judged = Judgement(code=code, lenient=lenient or not code)
    prompt = read(ttft_s, tokens=tokens)
    return PromptSample(
        replied=Replied(
            prompt=prompt, prompt_tokens=tokens, reply_tokens=9, total_s=10 * ttft_s, warm_ttft_s=0.1, first=judged,
            final=judged, retries=0, replies=("x",),
        )
    )  # fmt: skip


def planted(better: str, *, runs: int = 8) -> dict[str, PromptSample]:
    return {
        f"reply/card/{arm}/{number}": replied(ttft_s=1.0, tokens=200, code="")
        if arm == better
        else replied(ttft_s=2.0, tokens=400, code="fenced", lenient=True)
        for arm in ("naive", "retry")
        for number in range(1, runs + 1)
    }


def of(sections: Iterable[Section], key: str) -> Section:
    return next(section for section in sections if section.key == key)
