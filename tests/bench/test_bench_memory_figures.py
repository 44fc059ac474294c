"""Figures of `bench memory`, each by samples in which it would be another one if it were taken from elsewhere."""

from __future__ import annotations

from dataclasses import replace
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

import httpx
import pytest
from memory_samples import RAW, TURN, cells

from showcase.bench.memory.judging import Kept, held, kept
from showcase.bench.memory.payoff import against_raw
from showcase.bench.memory.playing import Player
from showcase.bench.memory.samples import Asked, Played, Read
from showcase.bench.memory.sections import bad_reply, sections
from showcase.bench.memory.told import Told, ToldFact, teller
from showcase.engines.models.exchange import ExchangeRecorder
from showcase.errors import EngineError
from showcase.memory.backends.interface import Calls

if TYPE_CHECKING:
    from collections.abc import Sequence

KEPT = Kept(told=10, held=4, rows=20, junk=1, duplicates=2, wrong=3, stale=5)
TOLD = teller()


def naive(*sizes: int) -> Played:
    return Played(turns=tuple(replace(RAW, prompt=Read(tokens=size, read_s=0.1)) for size in sizes))


def test_each_fault_of_a_store_stands_in_its_own_column() -> None:
    turns = (
        TURN,
        replace(TURN, added=0, empty="unexplained"),
        replace(TURN, added=0, tells=False, chat_calls=0, prompt_outcome=None),
    )
    found = cells(sections({"mem0-infer": [Played(turns=turns, rows=(), kept=KEPT)]}), "kept", "mem0-infer")
    assert {key: (cell.value, cell.of) for key, cell in found.items()} == {
        "facts": (0.4, 10), "rows": (20, 1), "junk": (0.05, 20), "duplicates": (0.1, 20), "wrong": (0.15, 20),
        "stale": (0.25, 20), "nothing": (0.5, 2), "bad_replies": (0.5, 2),
    }  # fmt: skip


@pytest.mark.parametrize("cause", ["not JSON", "reply cut", "thinking", "transport error", "unexplained"])
def test_a_reply_of_no_use_counts_against_the_model_and_an_honest_nothing_does_not(cause: str) -> None:
    assert bad_reply(replace(TURN, empty=cause))
    assert not any(bad_reply(replace(TURN, empty=each)) for each in ("", "no memories", "duplicate", "prompt cut"))


def test_what_is_saved_to_the_last_token_pays_and_nothing_for_nothing_does_not() -> None:
    assert against_raw(20, recalled_raw=200, recalled=180).turn == 1
    assert against_raw(0, recalled_raw=200, recalled=200).turn is None


def test_a_row_is_judged_by_what_it_says_beside_the_words_of_the_fact() -> None:
    of_milk = ToldFact(id="milk", holds=("milk", "no"), wrong=("drinks milk",), unless=("never drinks milk",))
    moved = ToldFact(id="there", holds=("there",), replaces="here")
    told = Told(facts=(of_milk, ToldFact(id="here", holds=("here",)), moved), turns=(), questions=())
    assert held(told, "no doubt: drinks milk") == frozenset(), "the contrary holds nothing of it, whatever its words"
    assert held(told, "no, never drinks milk") == {"milk"}
    three = "no milk here nor there"
    assert held(told, three) == {"milk", "here", "there"}
    more = replace(told, facts=(*told.facts, ToldFact(id="fourth", holds=("nor",))))
    assert held(more, three) == frozenset(), "more than a turn tells is no memory of it"
    rows = kept(told, ["here", "first here, now there", "there"])
    assert rows.stale == 1, "a row that says both is not out of date"
    assert rows.duplicates == 1, "a row that repeats one fact and tells another is none that repeats"


def test_a_row_at_the_third_place_is_not_found_first_and_the_first_repeat_is_the_one_that_is_tested() -> None:
    def asked(rank: int | None) -> tuple[Asked, ...]:
        return tuple(Asked(id=each.id, rank=rank, search_s=0.2, prompt=TURN.prompt) for each in TOLD.questions)

    def played(*ranks: int | None) -> list[Played]:
        return [Played(turns=(RAW,), questions=asked(rank), rows=(), kept=KEPT) for rank in ranks]

    found = sections({"mem0": played(None, None), "chroma": played(3, None), "mem0-infer": played(None)})
    chroma = cells(found, "questions", "chroma")
    assert (chroma["hit_at_5"].value, chroma["hit_at_1"].value, chroma["search"].value) == (0.5, 0.0, 200)
    assert cells(found, "questions", "mem0")["p_chroma"].value < 0.001  # type: ignore[operator]  # a number
    assert cells(found, "cost", "mem0")["search"].value == 100
    place = TOLD.questions[0].id
    assert cells(found, "places", "mem0-infer")[place].value == "none"
    assert cells(found, "places", "chroma")[place].value == 3


def test_what_a_memory_asks_of_the_model_is_in_its_curve_and_goes_on_in_it() -> None:
    dearer = replace(TURN, read_tokens=8200)
    plays = [Played(turns=(turn,) * 2, rows=(), kept=KEPT) for turn in (TURN, dearer)]
    found = sections({"mem0-infer": plays, "naive": [naive(100, 130), naive(100, 150), naive(100, 190)]})
    curves = {(each.arm, each.measured): each.points for each in found[-1].plots[0].series}
    # 150 of the prompt, 8,000 or 8,200 read and 50 written.
    assert [(at.y, at.low, at.high) for at in curves["mem0-infer", True]] == [
        (8300, 8200, 8400), (16600, 16400, 16800),
    ]  # fmt: skip
    last = curves["mem0-infer", False][-1]
    assert last.y == pytest.approx(16600 + (last.x - 2) * 8300)
    paid = cells(found, "pays", "mem0-infer", "against the whole history, tokens")
    assert paid["saving"].value == 50, "the median of 30, 50 and 90"
    short = [replace(plays[0], turns=(replace(TURN, prompt=Read(tokens=60, read_s=0.1)),) * 2)]
    paid = cells(
        sections({"mem0-infer": short, "naive": [naive(100, 130)]}),
        "pays", "mem0-infer", "against the whole history, tokens",
    )  # fmt: skip
    assert paid["cost"].value == 8050, "a prompt without rows is no income"


def test_what_was_cut_and_what_nobody_knows_are_told_apart_and_the_smallest_context_is_named() -> None:
    unknown = replace(TURN, prompt_outcome="unknown")
    cut = replace(TURN, prompt_outcome="cut", context=4096)
    said = sections({"mem0-infer": [Played(turns=(unknown, cut), rows=(), kept=KEPT)]})[0].text
    assert "a context of 4096 tokens" in said[0]
    assert "of 2 prompts 1 were cut, and of 1 nobody knows" in said[1]
    between = Played(turns=(TURN, unknown, TURN), rows=(), kept=KEPT)
    assert cells(sections({"mem0-infer": [between]}), "kept", "mem0-infer")["facts"].value == 0.4, "known by those"


class _Memory:
    """A memory that asks a chat model in its search too, stores what it is told to, and has stored a question."""

    def __init__(self, heard: ExchangeRecorder, *, added: int = 0, raises: bool = False, status: int = 200) -> None:
        answer = {"message": {"content": "{}"}, "prompt_eval_count": 700, "eval_count": 2, "prompt_eval_duration": 5}
        self._client = httpx.Client(
            transport=httpx.MockTransport(lambda _: httpx.Response(status, json=answer)), base_url="http://x"
        )
        heard.attach(self._client)
        self._added, self._raises = added, raises
        self._asked = 40
        self.rows = SimpleNamespace(rows=lambda _: ())

    def _chat(self) -> None:
        self._client.post("/api/chat", json={"model": "m", "messages": []})
        self._asked += 1

    def search(self, *_: object, **__: object) -> tuple[Any, ...]:
        self._client.post("/api/chat", json={"model": "m", "messages": []})
        return tuple(
            SimpleNamespace(row=SimpleNamespace(question=number == 0, text=f"row {number}")) for number in range(3)
        )

    def add(self, *_: object, **__: object) -> tuple[Any, ...]:
        self._client.post("/api/embed", json={"model": "m", "input": "x"})
        self._chat()
        if self._raises:
            raise AttributeError
        return (SimpleNamespace(event="ADD"),) * self._added

    def calls(self) -> Calls:
        return Calls(chat=self._asked, embed=0)


@pytest.fixture
def player(monkeypatch: pytest.MonkeyPatch) -> Player:
    loaded = [SimpleNamespace(name="m", context_length=16384)]
    server: Any = SimpleNamespace(gate=SimpleNamespace(loaded=lambda: loaded), chat_model=SimpleNamespace(name="m"))
    played = Player(server, TOLD, limit_s=5)

    def read(rows: Sequence[Any], history: Sequence[Any], _: str) -> Read:
        return Read(tokens=100 * len(rows) + len(history), read_s=0.1)

    monkeypatch.setattr(played, "_read", read)
    return played


def test_a_turn_costs_what_storing_it_asked_and_nothing_of_another(player: Player) -> None:
    heard = ExchangeRecorder()
    memory: Any = _Memory(heard, added=2)
    told = next(turn for turn in TOLD.turns if turn.facts)
    turn = player._turn(memory, heard, told)  # one turn, without a store
    assert (turn.chat_calls, turn.read_tokens, turn.written_tokens) == (1, 700, 2), "not what the search asked"
    assert (turn.added, turn.empty, turn.tells) == (2, "", True)
    assert turn.prompt.tokens == 200, "a stored question is no row of a prompt"
    small = next(turn for turn in TOLD.turns if not turn.facts)
    assert not player._turn(memory, heard, small).tells
    sizes = [turn.prompt.tokens for turn in player._naive(lambda _: None).turns]
    assert sizes == [2 * number for number in range(len(TOLD.turns))], "a history has both sides of all turns before"


def test_a_memory_that_fails_over_a_server_that_answers_nothing_is_no_sample(player: Player) -> None:
    heard = ExchangeRecorder()
    memory: Any = _Memory(heard, raises=True, status=500)
    with pytest.raises(EngineError, match="AttributeError"):
        player._turn(memory, heard, TOLD.turns[0])
