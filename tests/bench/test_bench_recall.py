"""Each judgement falls against an arm that was planted to deserve it, and each arm is what it is called."""

from __future__ import annotations

import json
import subprocess
import sys
from typing import TYPE_CHECKING, Any

import pytest

from showcase.bench.recall import sections
from showcase.bench.recall.arms import ARMS, Bm25, ExactCosine, Plain, Ranking, SkippedError, Vague, Vectors
from showcase.bench.recall.asked import Asked, RecallSet, Told
from showcase.bench.recall.costs import differing
from showcase.bench.recall.made_set.making import make
from showcase.bench.recall.taking import Answered, Around, Pass, answers, take

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from showcase.bench.results.result import Row

NO_SERVER: Any = None
"""What an arm without a store is given."""


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


STORES = """
import json
from pydantic import TypeAdapter
from showcase.bench.recall.asked import Asked, RecallSet, Told
from showcase.bench.recall.measurement import Recall
from showcase.bench.recall.taking import Pass
from showcase.cli.bench.asking import server
from showcase.cli.everyday_options import EngineAsked
texts = ("{} keeps a goat.", "{} plays the harp.", "{} lives in Riga.", "{} drives a jeep.", "{} owns 7 kites.",
         "{} works as a baker.")
told = tuple(Told(id=f"{user}{number}", user=user, text=text.format(name), when=None)
             for user, name in (("ann", "Edda"), ("bo", "Milo")) for number, text in enumerate(texts))
asked = tuple(Asked(id=f"q{user}{number}", user=user, text=f"What does {name} {verb}?", kind="k",
                    right=(f"{user}{number}",))
              for user, name in (("ann", "Edda"), ("bo", "Milo"))
              for number, verb in ((1, "play"), (3, "drive"), (4, "own")))
some = RecallSet(origin="made", told=told, asked=asked)
with server(EngineAsked(engine="rehearsal", ollama_host=None, embed_model=None, session_timeout_s=60),
            chats=False) as opened:
    bench = Recall(some, opened, limit_s=60, engine=None)
    bench.warm_up()
    steps = ["1/exact-cosine", *(f"1/{each}" for each in
             ("mem0-shared", "mem0-per-user", "chroma-shared", "chroma-per-user"))]
    samples = TypeAdapter(Pass)
    print(json.dumps([samples.dump_python(bench.take(each, doing=lambda _: None), mode="json") for each in steps]))
"""


def test_backends_rank_as_exact_search_does_and_everybody_is_refused_by_us_and_served_by_stock_mem0(
    tmp_path: Path,
) -> None:
    done = subprocess.run(
        [sys.executable, "-c", STORES], capture_output=True, text=True, timeout=300, check=False, cwd=tmp_path
    )
    assert done.returncode == 0, done.stderr
    assert not list(tmp_path.iterdir())
    exact, *passes = (Pass(**each) for each in json.loads(done.stdout.splitlines()[-1]))
    exact_rows = {each["question"]: each for each in exact.answered}
    seen = {}
    for taken in passes:
        assert taken.refused, taken.arm
        assert taken.fill_s > 0
        for each in taken.answered:
            own = exact_rows[each["question"]]
            assert (sorted(each["rows"]), each["foreign"], each["returned"]) == (sorted(own["rows"]), 0, 6), taken.arm
            assert each["best"] == pytest.approx(own["best"], abs=1e-4), taken.arm
            if taken.arm.startswith("chroma"):
                assert each["rows"] == own["rows"], "Chroma ranks by the cosine alone"
        seen[taken.arm] = taken.everybody
    assert seen == {"mem0-shared": 10, "mem0-per-user": 0, "chroma-shared": 0, "chroma-per-user": 0}


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
    around = Around(some=make(), server=NO_SERVER, vectors=Vectors(letters), tokens=(), limit_s=1)
    taken = take("bm25", around, lambda _: None)
    assert not taken.answered
    assert "pip install" in taken.skipped


def test_a_glance_ends_amid_a_pass_and_says_where() -> None:
    def over(what: str) -> None:
        raise SkippedError(f"the time of --quick was over: {what}")

    around = Around(some=make(), server=NO_SERVER, vectors=Vectors(letters), tokens=(1,) * 300, limit_s=1)
    taken = take("recent", around, over)
    assert (taken.answered, taken.skipped) == ((), "the time of --quick was over: 0 of 360 questions")
