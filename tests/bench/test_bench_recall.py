"""The set keeps what it promises, and each judgement falls against an arm that was planted to deserve it."""

from __future__ import annotations

import json
import subprocess
import sys
from collections import Counter
from typing import TYPE_CHECKING, Any

import pytest

from showcase.bench.recall import given, held_out, sections, stores
from showcase.bench.recall.arms import ARMS, Bm25, ExactCosine, Plain, Ranking, Vague, Vectors
from showcase.bench.recall.asked import KINDS, Asked, RecallSet, Told
from showcase.bench.recall.costs import differing
from showcase.bench.recall.made_set import words
from showcase.bench.recall.made_set.making import make
from showcase.bench.recall.made_set.riddles import RIDDLES, shared_words
from showcase.bench.recall.taking import Answered, Around, Pass, answers, take
from showcase.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from showcase.bench.results.result import Row

PUBLIC = "c59ee871d357f43a2dc7865aa60176343a53eb2800757d647862c04cdf7eb4da"
SEEDS = (None, b"another seed of sixteen bytes", b"and a third, which is as good")


def some(seed: bytes | None = None) -> RecallSet:
    return make() if seed is None else make(seed)


@pytest.mark.parametrize("seed", SEEDS)
def test_the_set_has_what_it_promises(seed: bytes | None) -> None:
    made = some(seed)
    text = {each.id: each.text for each in made.told}
    owner = {each.id: each.user for each in made.told}
    assert (len(text), len({each.text for each in made.told}), len({each.id for each in made.asked})) == (300, 300, 360)
    assert Counter(each.kind for each in made.asked) == dict.fromkeys(KINDS, 40) | dict.fromkeys(
        ("contradiction", "negation", "similar", "paraphrase"), 20
    )
    assert {len(rows) for rows in made.of_user.values()} == {60}
    assert made.trustworthy
    assert made.public is (seed is None)
    for each in made.asked:
        needed = {"two": 2, "contradiction": 2, "somebody-else": 0, "never-told": 0}.get(each.kind, 1)
        assert len(set(each.right)) == needed, each
        assert {owner[one] for one in (*each.right, *each.stale)} <= {each.user}
        if each.kind == "update":
            (new,), (old,) = each.right, each.stale
            assert made.number[old] < made.number[new]
        if each.kind == "contradiction":
            assert [one.when for one in made.told if one.id in each.right] == [None, None]
        if each.kind == "paraphrase":
            assert not shared_words(each.text, text[each.right[0]])
    named = [each for each in made.asked if each.kind == "somebody-else"]
    names = {user: " ".join(text[made.told[n].id] for n in rows) for user, rows in made.of_user.items()}
    for each in named:
        last = next(word for word in each.text.rstrip("?").split() if word in words.LAST)
        assert last not in names[each.user], "nothing of them was told there"
    for each in (one for one in made.asked if one.kind == "similar"):
        last = next(word for word in each.text.rstrip("?").split() if word in words.LAST)
        first = {word for word in names[each.user].split() if word in {one for pair in words.ALIKE for one in pair}}
        assert last in names[each.user]
        assert len(first) == 2


ANIMALS = ["sheep", "chickens", "hens", "goats", "cows", "pigs", "horses", "cats", "dogs", "bees", "ducks"]
INSTRUMENTS = ["harmonicas", "flutes", "drums", "violins", "guitars", "pianos", "trumpets", "bells", "whistles"]
VEHICLES = ["sledges", "wheelbarrows", "cars", "bicycles", "carts", "boats", "vans", "scooters", "canoes"]


def test_what_is_counted_answers_no_question_about_another_fact() -> None:
    assert not {*words.COUNTED} & {*ANIMALS, *INSTRUMENTS, *VEHICLES}, (
        "which animal does somebody have with nine sheep?"
    )
    work = {"works", "moonlights", "writes", "sells", "teaches", "employed"}
    assert not [fact for fact, _ in RIDDLES if work & set(fact.split())], "what does somebody do who writes novels?"


def test_a_paraphrase_that_shares_a_word_is_seen() -> None:
    assert all(not shared_words(fact.format(name=""), question) for fact, question in RIDDLES)
    assert shared_words("Who bleeds at night?", "somebody bled while bleeding") == {"bleeds"}
    assert shared_words("Who keeps a spider?", "is afraid of spiders") == {"spider"}


def test_the_same_seed_makes_the_same_bytes_in_another_process() -> None:
    program = "from showcase.bench.recall.made_set.making import make; print(make().sha256)"
    told = {
        subprocess.run(
            [sys.executable, "-c", program], env={"PYTHONHASHSEED": seed}, capture_output=True, text=True, check=True
        ).stdout.strip()
        for seed in ("1", "2")
    }
    assert told == {PUBLIC}, "whoever published a figure on the public set means this one"


def test_a_secret_seed_is_said_by_nothing(tmp_path: Path) -> None:
    secret = tmp_path / "seed"
    secret.write_text("abc\n")
    with pytest.raises(UsageError) as short:
        held_out.seed(secret)
    assert "abc" not in str(short.value) + short.value.hint
    secret.write_text("correct horse battery staple\n")
    made = make(held_out.seed(secret))
    assert made.sha256 != PUBLIC
    assert not made.public
    written = tmp_path / "set.jsonl"
    held_out.write(made, written)
    assert b"correct horse" not in written.read_bytes()
    assert Counter(json.loads(line)["is"] for line in written.read_bytes().splitlines()) == {
        "fact": 300,
        "question": 360,
    }
    with pytest.raises(UsageError, match="there already"):
        held_out.write(made, written)


class Knowing:
    """Returns what is right, and nothing where nothing is."""

    def __init__(self, made: RecallSet, also: Sequence[int] = ()) -> None:
        self._made = made
        self._also = tuple(also)

    def rank(self, asked: Asked) -> Ranking:
        rows = (*(self._made.number[each] for each in asked.right), *self._also)
        return Ranking(rows=rows, best=1.0 if asked.right else 0.0)


def letters(text: str) -> list[float]:
    counted = [text.casefold().count(chr(97 + number)) + 0.01 for number in range(26)]
    length = sum(each * each for each in counted) ** 0.5
    return [each / length for each in counted]


def row(found: Sequence[Any], key: str, arm: str) -> Row:
    tables = [table for section in found for table in section.tables if table.key == key]
    return next(each for each in tables[0].rows if each.arm == arm)


def shown(made: RecallSet) -> tuple[Any, ...]:
    vectors = Vectors(letters)
    ready = {name: Plain(made, name) for name in ("recent", "random", "history", "nothing", "everything")}
    # Under the names of arms that need a server stand one that knows, and one that mixes in a row of somebody else.
    planted = {"mem0-shared": Knowing(made), "chroma-shared": Knowing(made, also=[299, 0])}
    arms = {**ready, **planted, "exact-cosine": ExactCosine(made, vectors), "vague": Vague(made, vectors)}
    tokens = (1,) * len(made.told)
    samples = {
        f"{number}/{name}": Pass(
            arm=name, answered=answers(arm, made, tokens, name=name, doing=lambda _: None), everybody=None
        )
        for number in (1, 2)
        for name, arm in arms.items()
    }
    return sections.sections(made, tuple(ARMS), samples)


def test_who_knows_is_seen_to_and_who_returns_nothing_everything_or_the_same_is_seen_not_to() -> None:
    made = make()
    found = shown(made)
    knows = row(found, "recall", "mem0-shared").cells
    assert (knows["recall5"].value, knows["mrr"].value) == (1.0, 1.0)
    for null in ("nothing", "everything", "vague", "random", "recent"):
        bad = row(found, "recall", null).cells
        assert bad["recall5"].high < 0.2, null
        assert bad["mrr"].high < 0.2, null
    assert row(found, "complete", "everything").cells["prompt"].value == 1.0
    assert row(found, "complete", "everything").cells["precision"].value < 0.01, "and that is what it costs"
    assert row(found, "abstention", "mem0-shared").cells["precision"].value == 1.0
    assert row(found, "abstention", "everything").cells["recall"].value == 0.0, "it never says that there is none"
    assert row(found, "abstention", "nothing").cells["kept"].value == 0.0, "it always does"
    assert row(found, "abstention", "nothing").cells["precision"].value == pytest.approx(80 / 360)
    assert row(found, "isolation", "everything").cells["foreign"].value == 2 * 360 * 240
    mixed_in = sum((each.user != "erin") + (each.user != "alice") for each in made.asked)
    assert row(found, "isolation", "chroma-shared").cells["foreign"].value == 2 * mixed_in
    assert row(found, "isolation", "mem0-shared").cells["foreign"].value == 0
    assert row(found, "against-exact", "nothing").cells["one"].value == 0
    assert row(found, "against-exact", "mem0-shared").cells["holm"].value < 0.001
    assert row(found, "cost", "everything").cells["tokens"].value == 300
    assert row(found, "recall", "bm25").cells["recall5"].value is None, "not measured is no zero"


def answer(question: str, *rows: int, best: float | None = None) -> Answered:
    return Answered(
        question=question, rows=rows, best=best, returned=len(rows), foreign=0, shown=0, shown_right=0, tokens=0, ms=1.0
    )


def test_nothing_taken_gives_tables_without_figures_and_a_second_pass_is_compared() -> None:
    made = make()
    for section in sections.sections(made, tuple(ARMS), {}):
        for table in section.tables:
            assert all(cell.value is None or cell.value == 0 for each in table.rows for cell in each.cells.values())
    skipped = sections.sections(made, ("bm25",), {"1/bm25": Pass(arm="bm25", skipped="it is not there")})
    assert "it is not there" in skipped[0].tables[0].notes[0]
    one = Pass(arm="x", answered=(answer("q1", 1, 2, best=1.0),))
    other = Pass(arm="x", answered=(answer("q1", 2, 1, best=1.0),))
    assert (differing(one, one), differing(one, other)) == ((0, 0), (1, 0))


def turns(*texts: str) -> list[dict[str, Any]]:
    return [{"role": "user", "content": text} for text in texts]


LONG = {
    "question_id": "q-1", "question_type": "multi-session", "question": "Who was there?", "answer": "Wilma",
    "question_date": "2025/01/01", "haystack_session_ids": ["s1", "s2"], "haystack_dates": ["d1", "d2"],
    "haystack_sessions": [
        turns("Hello.", "Hello."), [*turns("Nice day."), {**turns("Wilma came.")[0], "has_answer": True}]
    ],
    "answer_session_ids": ["s2"],
}  # fmt: skip
CONVERSATION = {
    "speaker_a": "Ann", "speaker_b": "Bo", "session_1_date_time": "1 pm on 2 May, 2025",
    "session_1": [
        {"speaker": "Ann", "dia_id": "D1:1", "text": "I bought a boat."},
        {"speaker": "Bo", "dia_id": "D1:2", "text": "!"}
    ],
}  # fmt: skip
LOCOMO = {
    "sample_id": "c", "conversation": CONVERSATION,
    "qa": [
        {"question": "What did Ann buy?", "answer": "a boat", "evidence": ["D1:1"], "category": 4},
        {"question": "What did Bo buy?", "adversarial_answer": "a boat", "evidence": ["D1:1"], "category": 5},
        {"question": "Whose turn is missing?", "answer": "?", "evidence": ["D9:9"], "category": 1},
    ],
}  # fmt: skip


def test_files_of_others_are_read_and_what_is_wrong_in_them_is_named(tmp_path: Path) -> None:
    file = tmp_path / "data.json"

    def read(document: Any) -> RecallSet:
        file.write_text(json.dumps(document), "utf-8")
        return given.read(file)

    long = read([LONG, {**LONG, "question_id": "q-2_abs"}])
    assert (long.origin, len(long.told), long.trustworthy) == ("longmemeval", 6, False)
    assert [[long.told[long.number[one]].text for one in each.right] for each in long.asked] == [["Wilma came."], []]
    locomo = read([LOCOMO])
    assert [each.right for each in locomo.asked] == [("h1-1",), ()]
    assert locomo.told[0] == Told(id="h1-1", user="h1", text="Ann: I bought a boat.", when="1 pm on 2 May, 2025")
    wrong = {
        "neither LongMemEval nor LoCoMo": [{"something": 1}],
        "no list": {"conversation": {}, "qa": []},
        r"entry 1 \(q-1\): 2 sessions, 1 ids": [{**LONG, "haystack_session_ids": ["s1"]}],
        "is there twice": [LONG, LONG],
        "category": [{**LOCOMO, "qa": [{"question": "?", "evidence": [], "category": True}]}],
        "surrogate": [{**LONG, "question": "\ud800"}],
        "names a row": [{**LONG, "question_id": "q_abs"}],
    }
    for what, document in wrong.items():
        with pytest.raises(UsageError, match=what):
            read(document)


def test_our_gate_refuses_everybody() -> None:
    assert stores.refuses_everybody()


def test_bm25_finds_by_words_and_returns_nothing_without_one() -> None:
    pytest.importorskip("bm25s", reason="the extra `bench` brings it")
    told = tuple(
        Told(id=f"f{number}", user="u", text=text, when=None)
        for number, text in enumerate(("Ann keeps a goat.", "Bo plays the harp.", "Cy lives in Riga."))
    )
    words_in_common = Asked(id="q", user="u", text="Who plays a harp?", kind="k", right=("f1",))
    arm = Bm25(RecallSet(origin="made", told=told, asked=(words_in_common,)))
    assert arm.rank(words_in_common).rows == (1,)
    assert arm.rank(Asked(id="r", user="u", text="Zebras?", kind="k", right=())) == Ranking(rows=())


def test_an_arm_whose_library_is_missing_is_skipped_with_what_installs_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "bm25s", None)
    around = Around(some=make(), server=None, vectors=Vectors(letters), tokens=(), limit_s=1)  # type: ignore[arg-type]
    taken = take("bm25", around, lambda _: None)
    assert not taken.answered
    assert "pip install" in taken.skipped
