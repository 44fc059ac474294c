"""What `bench memory` judges: planted stores, replies and costs that have to come out badly, and one whole play."""

from __future__ import annotations

import json
import subprocess
import sys
from dataclasses import replace
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

import httpx
import pytest
from memory_samples import HISTORY, RAW, TURN, cells, number

from showcase.bench.memory import told as telling
from showcase.bench.memory.arms import ARMS, TURNS
from showcase.bench.memory.judging import kept, rank
from showcase.bench.memory.measurement import MemoryBench
from showcase.bench.memory.payoff import against_history, against_raw
from showcase.bench.memory.playing import Player
from showcase.bench.memory.samples import Asked, Played, Read
from showcase.bench.memory.sections import sections
from showcase.engines.models.exchange import ExchangeRecorder
from showcase.memory.backends.interface import Calls

if TYPE_CHECKING:
    from pathlib import Path

TOLD = telling.teller()
SAID = [turn.said for turn in TOLD.turns]


def test_the_data_hold_what_they_tell_and_refuse_what_they_do_not() -> None:
    assert len(TOLD.turns) == TURNS, "what --turns allows"
    assert len(TOLD.questions) >= 12
    assert sum(not turn.facts for turn in TOLD.turns) >= 3, "small talk, of which a memory makes junk"
    text = telling.TELLER.read_text(encoding="utf-8")
    for before, after, complaint in (
        ('answers = ["sister"]', 'answers = ["brother"]', "brother"),
        ("sister Ingrid repairs", "sister repairs", "does not hold"),
        ('id = "cello"', 'id = "sister"', "twice"),
        ("facts = []", "facts = []\nmood = 'wet'", "mood"),
    ):
        with pytest.raises(ValueError, match=complaint):
            telling.read(text.replace(before, after, 1))
    short = TOLD.upto(3)
    assert {fact.id for fact in short.facts} == {"home", "sister", "hazelnuts"}
    assert {each.id for each in short.questions} == {"sister_name", "sister_trade", "cake"}


def test_a_store_is_judged_by_what_its_rows_hold() -> None:
    raw = kept(TOLD, SAID)
    assert (raw.held, raw.rows, raw.junk, raw.duplicates, raw.wrong, raw.stale) == (12, 12, 3, 1, 0, 1)
    everything = kept(TOLD, [" ".join(SAID)])
    assert (everything.held, everything.junk) == (0, 1), "a row of all that was said is no memory"
    assert rank(TOLD, ["dog"], [" ".join(SAID)]) is None
    assert kept(TOLD, []).held == 0
    nonsense = kept(TOLD, ["User greeted the assistant", "User likes rain", "User asked for a joke"])
    assert (nonsense.held, nonsense.junk) == (0, 3)
    turned = kept(TOLD, ["User drinks milk", "User has a car"])
    assert (turned.held, turned.wrong) == (0, 2), "the contrary of what was told holds nothing of it"
    right = kept(TOLD, ["User does not drink milk", "User no longer has a car", "User avoids milk"])
    assert (right.held, right.wrong, right.duplicates) == (2, 0, 1)
    moved = kept(TOLD, ["User moved from Bergen to Tromsø and lives there", "User lives in Bergen"])
    assert moved.stale == 1
    assert rank(TOLD, ["home_now"], ["User lives in Bergen", "User lives in Tromsø"]) == 2


def test_it_pays_where_sums_meet_or_never() -> None:
    assert against_raw(8000, recalled_raw=200, recalled=180).turn is None, "it costs more at each turn than it saves"
    assert against_raw(0, recalled_raw=200, recalled=230).turn is None, "its rows are longer"
    assert against_raw(10, recalled_raw=200, recalled=180).turn == 1
    assert against_raw(-10, recalled_raw=200, recalled=205).turn == 1, "it is cheaper, by more than its rows are longer"
    assert against_raw(-10, recalled_raw=200, recalled=215).turn is None
    assert against_history(100, growth=0).turn is None
    for cost, growth in ((8650, 28.4), (79.5, 28.4), (0, 5), (3, 2)):
        turn = against_history(cost, growth=growth).turn
        assert turn is not None
        assert growth * turn * (turn - 1) / 2 >= turn * cost, "by then it was paid back"
        before = turn - 1
        assert before < 1 or growth * before * (before - 1) / 2 < before * cost, "and not before"


class _Memory:
    """A memory that asks a chat model once a turn and stores nothing."""

    def __init__(self, heard: ExchangeRecorder, answer: dict[str, Any], raises: Exception | None) -> None:
        self._client = httpx.Client(
            transport=httpx.MockTransport(lambda _: httpx.Response(200, json=answer)), base_url="http://x"
        )
        heard.attach(self._client)
        self._raises = raises
        self._asked = 0
        self.rows = SimpleNamespace(rows=lambda _: ())

    def search(self, *_: object, **__: object) -> tuple[()]:
        return ()

    def add(self, *_: object, **__: object) -> tuple[()]:
        self._client.post("/api/chat", json={"model": "m", "messages": []})
        self._asked += 1
        if self._raises is not None:
            raise self._raises
        return ()

    def calls(self) -> Calls:
        return Calls(chat=self._asked, embed=0)


@pytest.mark.parametrize(
    ("answer", "raises", "expected"),
    [
        (
            {"message": {"content": "Sure!"}, "prompt_eval_count": 8000, "eval_count": 3},
            None,
            ("whole", "not JSON", ""),
        ),
        (
            {"message": {"content": "{}"}, "prompt_eval_count": 8000, "eval_count": 2},
            None,
            ("whole", "no memories", ""),
        ),
        ({"message": {"content": "{}"}, "prompt_eval_count": 16384, "eval_count": 2}, None, ("cut", "prompt cut", "")),
        ({"message": {"content": "{}"}}, None, ("unknown", "no memories", "")),
        (
            {"message": {"content": '{"memory": ["x"]}'}, "prompt_eval_count": 8000, "eval_count": 9},
            AttributeError("'str' object has no attribute 'get'"),
            ("whole", "", "AttributeError"),
        ),
    ],
)
def test_a_reply_that_is_of_no_use_is_a_sample_that_says_so(
    monkeypatch: pytest.MonkeyPatch, answer: dict[str, Any], raises: Exception | None, expected: tuple[str, str, str]
) -> None:
    loaded = [SimpleNamespace(name="m", context_length=16384)]
    server: Any = SimpleNamespace(gate=SimpleNamespace(loaded=lambda: loaded), chat_model=SimpleNamespace(name="m"))
    player = Player(server, TOLD, limit_s=5)
    monkeypatch.setattr(player, "_read", lambda *_: Read(tokens=100, read_s=0.1))
    heard = ExchangeRecorder()
    memory: Any = _Memory(heard, answer, raises)
    turn = player._turn(memory, heard, TOLD.turns[0])  # one turn, without a store
    assert (turn.prompt_outcome, turn.empty, turn.failed) == expected
    assert turn.read_tokens == answer.get("prompt_eval_count"), "as the server counted; not zero where it did not"
    assert (turn.chat_calls, turn.added) == (1, 0)
    found = cells(sections({"mem0-infer": [Played(turns=(turn,), rows=(), kept=kept(TOLD, ()))]}), "kept", "mem0-infer")
    if expected[0] == "whole":
        assert found["nothing"].value == 1
        assert found["bad_replies"].value == (0 if turn.empty == "no memories" else 1)
        assert found["facts"].value == 0
    else:
        assert found["facts"].value is None, "what was not read whole is no measure of quality"


def test_figures_are_of_what_was_taken_and_a_cut_arm_is_not_judged() -> None:
    asked = tuple(
        Asked(id=each.id, rank=1, search_s=0.1, prompt=Read(tokens=200, read_s=0.1)) for each in TOLD.questions
    )
    good = Played(turns=(TURN,) * 4, questions=asked, rows=tuple(SAID), kept=kept(TOLD, SAID))
    nothing = replace(good, questions=tuple(replace(each, rank=None) for each in asked), rows=(), kept=kept(TOLD, ()))
    cut = replace(good, turns=(replace(TURN, prompt_outcome="cut", context=4096, read_tokens=4096),) * 4)
    chroma = replace(good, turns=(RAW,) * 4)

    found = sections({"mem0-infer": [good], "chroma": [chroma], "mem0": [nothing], "naive": [Played(turns=HISTORY)]})
    assert cells(found, "cost", "mem0-infer")["read_tokens"].value == 8000
    assert cells(found, "questions", "mem0")["hit_at_5"].value == 0
    assert number(cells(found, "questions", "mem0")["p_chroma"]) < 0.001
    assert cells(found, "kept", "mem0")["facts"].value == 0
    against = cells(found, "pays", "mem0-infer", "against rows as they were said, tokens")
    assert (against["cost"].value, against["turn"].value) == (8050, "never")
    assert cells(found, "pays", "mem0-infer", "against the whole history, tokens")["turn"].value == 545
    curves = {(each.arm, each.measured): each.points for each in found[-1].plots[0].series}
    assert [point.y for point in curves["naive", True]] == [100, 230, 390, 580]
    later = {point.x: point.y for point in curves["naive", False]}
    assert all(y == 100 * x + 15 * x * (x - 1) for x, y in later.items()), "past the turns played it grows on"
    assert max(later) > 545, "and is drawn until the curves have met"

    found = sections({"mem0-infer": [cut], "chroma": [chroma], "naive": [Played(turns=HISTORY)]})
    assert cells(found, "kept", "mem0-infer")["facts"].value is None
    assert cells(found, "questions", "mem0-infer")["hit_at_5"].value is None
    assert cells(found, "pays", "mem0-infer", "against the whole history, tokens")["turn"].value is None
    assert "4096" in found[0].text[0]
    assert "12288" in found[0].text[0]
    assert "4 were cut" in found[0].text[1]
    for arm in ARMS:  # after Ctrl-C
        assert cells(sections(dict.fromkeys(ARMS, ())), "cost", arm)["read_tokens"].value is None


def test_a_few_dear_turns_are_paid_in_full_and_a_cut_play_is_told() -> None:
    cheap = replace(TURN, read_tokens=10, written_tokens=0)
    dear = Played(turns=(cheap, cheap, cheap, replace(cheap, read_tokens=9970)), rows=(), kept=kept(TOLD, ()))
    found = sections({"mem0-infer": [dear], "naive": [Played(turns=HISTORY)]})
    # 10,000 tokens in four turns are 2,500 a turn; the median would say 10.
    paid = cells(found, "pays", "mem0-infer", "against the whole history, tokens")
    assert paid["cost"].value == 2500 + max(0, (TURN.prompt.tokens or 0) - 100)
    cut = replace(dear, turns=(replace(cheap, prompt_outcome="cut"), *dear.turns[1:]))
    said = " ".join(sections({"mem0-infer": [dear, cut]})[0].text)
    assert "what it kept is judged in the 1 of 2 plays" in said
    assert "what it kept is not judged" in " ".join(sections({"mem0-infer": [cut]})[0].text)


def test_seconds_are_paid_as_tokens_are_and_a_row_at_the_sixth_place_is_not_among_five() -> None:
    raw = replace(RAW, read_tokens=100)
    sixth = tuple(
        Asked(id=each.id, rank=6, search_s=0.1, prompt=Read(tokens=150, read_s=0.1)) for each in TOLD.questions
    )
    first = tuple(replace(each, rank=1) for each in sixth)
    found = sections(
        {
            "mem0-infer": [Played(turns=(TURN,) * 4, questions=sixth, rows=(), kept=kept(TOLD, ()))],
            "chroma": [Played(turns=(raw,) * 4, questions=first, rows=(), kept=kept(TOLD, ()))],
            "naive": [Played(turns=HISTORY)],
        }
    )
    assert cells(found, "pays", "mem0-infer", "against rows as they were said, tokens")["cost"].value == 8050 - 100
    assert cells(found, "pays", "mem0-infer", "against rows as they were said, seconds")["cost"].value == (
        pytest.approx(5.1 - 0.2)
    )
    paid = cells(found, "pays", "mem0-infer", "against the whole history, seconds")
    # 8,000 tokens in four seconds: 2,000 a second, of the fifty tokens of its rows and the thirty of each turn.
    assert (paid["cost"].value, paid["saving"].value) == pytest.approx((5.1 + 50 / 2000, 30 / 2000))
    hits = cells(found, "questions", "mem0-infer")
    assert hits["hit_at_5"].value == 0
    assert number(hits["p_chroma"]) < 0.001


PLAY = """
import json
from pydantic import TypeAdapter
from showcase.bench.memory.arms import ARMS
from showcase.bench.memory.measurement import MemoryBench
from showcase.bench.memory.samples import Played
from showcase.bench.memory.told import teller
from showcase.cli.bench.asking import server
from showcase.cli.everyday_options import EngineAsked
asked = EngineAsked(engine="rehearsal", ollama_host=None, embed_model=None, session_timeout_s=60)
samples = TypeAdapter(Played)
with server(asked, chats=True) as opened:
    bench = MemoryBench(opened, teller().upto(5), arms=list(ARMS), repeats=1, limit_s=60, engine=None)
    bench.warm_up()
    print(json.dumps({step: samples.dump_python(bench.take(step, doing=lambda _: None), mode="json")
                      for step in bench.steps()}))
"""


def test_each_arm_plays_on_the_rehearsal_engine_and_every_call_is_counted(tmp_path: Path) -> None:
    from pydantic import TypeAdapter  # noqa: PLC0415 - heavy

    done = subprocess.run(
        [sys.executable, "-c", PLAY], capture_output=True, text=True, timeout=300, check=False, cwd=tmp_path
    )
    assert done.returncode == 0, done.stderr
    assert not list(tmp_path.iterdir())
    taken = {
        step: TypeAdapter(Played).validate_json(json.dumps(each))
        for step, each in json.loads(done.stdout.splitlines()[-1]).items()
    }
    assert [step.split("/")[1] for step in taken] == list(ARMS)
    infer, raw, chroma, naive = taken.values()
    for turn in infer.turns:
        assert turn.chat_calls == 1
        assert (turn.prompt_outcome, turn.failed) == ("whole", "")
        assert (turn.read_tokens or 0) > 7000, "mem0's own prompt, as the server counted it"
        assert (turn.written_tokens or 0) > 0
    assert [bool(turn.empty) for turn in infer.turns] == [not turn.facts for turn in TOLD.turns[:5]]
    for played in (raw, chroma):
        assert [(turn.chat_calls, turn.read_tokens) for turn in played.turns] == [(0, 0)] * 5
        assert all(turn.embed_calls for turn in played.turns)
        assert played.kept is not None
        assert played.kept.junk == 2, "small talk is stored as it was said"
        assert all(each.rank is not None for each in played.questions)
    assert infer.kept is not None
    assert (infer.kept.held, infer.kept.junk) == (5, 0)
    sizes = [turn.prompt.tokens or 0 for turn in naive.turns]
    assert sizes == sorted(set(sizes)), "a history grows"


def test_a_glance_on_a_real_model_says_what_it_leaves_out() -> None:
    server: Any = None
    bench = MemoryBench(server, TOLD, arms=list(ARMS), repeats=2, limit_s=1, engine=None, glance=1)
    assert not any("mem0-infer" in step for step in bench.steps()), "one turn of it may be longer than the minute"
    assert list(bench.arms) == ["mem0", "chroma", "naive"]
    alone = MemoryBench(server, TOLD, arms=["mem0-infer"], repeats=1, limit_s=1, engine=None, glance=1)
    assert list(alone.steps()) == ["played/mem0-infer/1"], "who asks for it alone gets it"
    assert any("extraction" in each for each in bench.cannot_tell)
    whole = MemoryBench(server, TOLD, arms=list(ARMS), repeats=2, limit_s=1, engine=None)
    order = [step.split("/")[1] for step in whole.steps()]
    assert order == [*ARMS, *reversed(ARMS)], "arms alternate, and none is always the first"
    assert whole.settings != bench.settings, "neither is resumed by the other"
