"""What `bench answers` judges: planted replies that have to come out badly, made samples, and one whole measurement."""

from __future__ import annotations

import json
import subprocess
import sys
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from showcase.bench.answers import extracting
from showcase.bench.answers.judging import does_not_know, judge
from showcase.bench.answers.measurement import MEASURED, QUOTING, Answers, Asked
from showcase.bench.answers.samples import Answer, Answered, Extraction
from showcase.bench.questions.questionnaire import KINDS, Case, load
from showcase.bench.results.result import EngineUsed
from showcase.bench.results.wording import engine

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from pathlib import Path

    from showcase.bench.results.result import Cell, Section, Table

CASES = load("held_out")
BY_ASK = {case.ask: case for case in CASES}


def answered(case: Case, reply: str, **beside: object) -> Answer:
    made = Answer(
        number=case.number,
        ask=case.ask,
        prompt=tuple(message.content for message in case.messages()),
        memories=case.facts,
        reply=reply,
        done_reason="stop",
        total_s=1.0,
    )
    return replace(made, **beside)  # type: ignore[arg-type]  # fields by their names


class Planted:
    """An answerer that says of each question what a function makes of it."""

    def __init__(
        self, says: Callable[[Case], str], keeps: Callable[[str], Sequence[str]] = lambda fact: (fact,)
    ) -> None:
        self._says = says
        self._keeps = keeps

    def warm_up(self, people: Sequence[Case]) -> None:
        assert len({case.who for case in people}) == len(people)

    def given(self, case: Case) -> Answered:
        return Answered(answers=(answered(case, self._says(case)),))

    recalled = given

    def extracted(self, cases: Sequence[Case], *, doing: Callable[[str], None]) -> Answered:
        doing("planting")
        kept = {fact: tuple(self._keeps(fact)) for fact in cases[0].facts}
        rows = tuple(row for some in kept.values() for row in some)
        return Answered(
            answers=tuple(answered(case, self._says(case), memories=rows) for case in cases),
            extractions=tuple(
                Extraction(
                    fact=fact, added=len(some), store_s=2.0, outcome="whole" if some else "cut", empty="", failed=""
                )
                for fact, some in kept.items()
            ),
            rows=rows,
        )


def rightly(case: Case) -> str:
    """Quote what bears on the question, and say so where nothing does."""
    return " ".join(case.near) or "I do not know that."


def measured(says: Callable[[Case], str], *, infer: bool = False, people: int = 6, **beside: object) -> Answers:
    return Answers(
        Asked(name=QUOTING, embed_model="rehearsal-embed", answerer=Planted(rightly)),
        Asked(name="planted", embed_model="rehearsal-embed", answerer=Planted(says, **beside)),  # type: ignore[arg-type]  # as above
        engine=None,
        infer=infer,
        people=people,
    )


def figures(bench: Answers) -> tuple[Section, ...]:
    samples = {step: bench.take(step, doing=lambda _: None) for step in bench.steps()}
    assert len(samples) == len(bench.steps()), "each step has a name of its own"
    return bench.sections(samples)


def cells(table: Table, arm: str, group: str = "") -> Mapping[str, Cell]:
    return next(row.cells for row in table.rows if (row.arm, row.group) == (arm, group))


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.ask)
def test_each_question_can_be_answered_rightly_and_wrongly(case: Case) -> None:
    """The key finds the answer in the facts that it rests on, in no other fact, and in no reply that knows nothing."""
    assert (case.kind == "told") == bool(case.needs) == bool(case.answer)
    assert judge(case, answered(case, rightly(case))).right
    others = " ".join(fact for index, fact in enumerate(case.facts) if index not in case.needs)
    assert not case.answered(others)
    assert not judge(case, answered(case, " ".join(case.facts))).right, "all facts at once answer nothing"
    assert not judge(case, answered(case, "")).right
    if case.needs:
        for wrong in ("I do not know that.", "I'm sorry, I don't have that information.", "Yes.", case.ask):
            assert not judge(case, answered(case, wrong)).right, wrong


def test_there_are_as_many_of_each_kind_as_the_documentation_says() -> None:
    assert [sum(case.kind == kind for case in CASES) for kind in KINDS] == [50, 5, 2, 3]


@pytest.mark.parametrize(
    ("ask", "reply", "right"),
    [
        ("What is my cat called?", "Pixel", True),
        ("What is my cat called?", "Your cat's name is Whiskers.", False),
        ("What is my cat called?", "Pixel. By the way, your brother Jonas lives in Oslo.", False),
        ("How old is my pet?", "She is 11 years old.", True),
        ("Do I prefer tea or coffee?", "You prefer coffee to tea.", False),
        ("Do I prefer tea or coffee?", "Tea.", True),
        ("Can I have a mushroom risotto?", "Yes, you can have a mushroom risotto.", False),
        ("Can I have a mushroom risotto?", "No.", True),
        ("Can I have a mushroom risotto?", "You can\u2019t stand mushrooms.", True),
        ("What are my sisters called?", "Petra", False),
        ("Where do I live?", "You live in Kyoto.", False),
        ("When is my birthday?", "It is on 2nd of November.", True),
        ("When is my birthday?", "It is on 12 November.", False),
        ("What is my blood type?", "Your blood type is O positive.", False),
        ("What is my blood type?", "You haven't told me your blood type.", True),
        ("What is my blood type?", "I do not know. You work as a bridge engineer in Gothenburg.", False),
        ("Who is the president of France?", "Somebody else.", True),
        ("Who is the president of France?", "Helena Marsh is your boss.", False),
        ("Good morning!", "Good morning! How can I help?", True),
        ("Good morning!", "Good morning! Your flatmate Karim snores.", False),
    ],
)
def test_replies_are_judged_by_words(ask: str, reply: str, right: bool) -> None:
    case = BY_ASK[ask]
    assert judge(case, answered(case, reply)).right is right


def test_words_of_the_right_fact_use_no_other() -> None:
    facts = ("My red bicycle stands in Graz.", "My red bicycle was a gift.")
    case = replace(CASES[0], facts=facts, ask="Where is it?", needs=frozenset({0}), answer=("graz",))
    assert judge(case, answered(case, "Your red bicycle stands in Graz.")).right
    assert not judge(case, answered(case, "Your red bicycle stands in Graz, it was a gift.")).right


def test_not_to_know_is_told_from_denying_something() -> None:
    assert does_not_know("The context does not mention it.")
    assert does_not_know("It's unknown.")
    assert not does_not_know("You have no children.")
    assert not does_not_know("I know. You are not tall.")


def test_what_else_is_told_of_a_reply() -> None:
    case = BY_ASK["What is my cat called?"]
    quoted = judge(case, answered(case, "Your cat is called Pixel."))
    assert (quoted.in_prompt, quoted.new_words, quoted.cut, quoted.others) == (True, 0, False, ())
    assert quoted.right
    assert not quoted.uses, "one word, where the product wants two"
    assert judge(case, answered(case, "Pixel is eleven.")).uses
    invented = judge(case, answered(case, "Pixel, a Siamese.", memories=(), prompt=(), done_reason="length"))
    assert (invented.in_prompt, invented.new_words, invented.cut) == (False, 2, True)
    greeted = judge(BY_ASK["Good morning!"], answered(BY_ASK["Good morning!"], "Hi"))
    assert greeted.in_prompt is greeted.uses is None


def test_who_is_right_is_better_and_who_invents_is_worse() -> None:
    worse, *_ = figures(measured(lambda _: "You own a yacht."))
    for arm in ("given", "recalled"):
        cell = cells(worse.tables[0], "planted", arm)["right"]
        assert (cell.value, cell.of) == (5 / 60, 60), "small talk and the world alone"
        assert cells(worse.tables[0], QUOTING, arm)["right"].value == 1
        told = next(text for text in worse.text if text.startswith(f"{arm}:"))
        assert "the quoting engine is better" in told
        assert "planted has 5 right and the quoting engine 60; 0 planted alone, 55 the quoting engine alone" in told
        assert cells(worse.tables[1], "planted", arm)["new_words"].value == 1
    alike, *_ = figures(measured(rightly))
    assert all("not told apart" in text for text in alike.text[1:])
    turned = Answers(
        Asked(name=QUOTING, embed_model="e", answerer=Planted(lambda _: "Hm.")),
        Asked(name="planted", embed_model="e", answerer=Planted(rightly)),
        engine=None,
    )
    assert all("planted is better" in text for text in figures(turned)[0].text[1:])


def test_a_few_that_differ_tell_nothing_apart() -> None:
    wrong = {case.number for case in CASES[:4]}
    section, *_ = figures(measured(lambda case: "Hm." if case.number in wrong else rightly(case)))
    assert "not told apart" in section.text[1]
    assert "0 planted alone, 4 the quoting engine alone" in section.text[1]


def test_what_was_not_taken_has_no_figure_and_is_not_compared() -> None:
    bench = measured(rightly)
    step = f"given/{MEASURED}/1"
    section, *others = bench.sections({step: bench.take(step, doing=lambda _: None)})
    assert not others
    assert cells(section.tables[0], "planted", "given")["right"].of == 1
    assert cells(section.tables[0], "planted", "given")["not_told"].value is None
    assert cells(section.tables[0], QUOTING, "given")["right"].value is None
    assert all("nothing is compared" in text for text in section.text[1:])
    assert bench.sections({})[0].tables


def test_facts_that_leave_no_memory_and_memories_of_nothing_are_seen() -> None:
    bench = measured(
        lambda _: "Hm.", infer=True, people=2, keeps=lambda fact: ("User greeted.",) if "cat" in fact else ()
    )
    told = figures(bench)[1]
    kept = cells(told.tables[0], "planted")
    assert kept["survived"].value == kept["holding"].value == 0
    assert kept["whole"].value == 1 / 16
    assert "planted: 16 facts, 1 memory; 0 facts survived." in told.text
    assert f"{QUOTING}: 16 facts, 16 memories; 16 facts survived." in told.text
    assert len(bench.steps()) == 2 * 2 * 20 + 2 * 2
    assert extracting.sections({"planted": ()}) == ()


def test_who_extracts_one_fact_too_few_lacks_it() -> None:
    bench = measured(rightly, infer=True, people=1, keeps=lambda fact: () if "Jonas" in fact else (fact,))
    beside = figures(bench)[0].tables[1]
    assert cells(beside, "planted", "extracted")["in_prompt"].value == 8 / 9
    assert cells(beside, "planted", "extracted")["lacks"].value == 0, "it names what it was not given"
    assert cells(beside, "planted", "given")["lacks"].value is None, "nothing is lacking there"
    knowing = measured(lambda _: "I do not know.", infer=True, people=1, keeps=lambda _: ())
    assert cells(figures(knowing)[0].tables[1], "planted", "extracted")["lacks"].value == 1
    assert cells(figures(bench)[1].tables[0], "planted")["survived"].value == 7 / 8


def test_other_questions_people_or_arms_are_another_measurement() -> None:
    assert measured(rightly).settings != measured(rightly, people=2).settings
    assert measured(rightly).settings != measured(rightly, infer=True).settings


def test_a_server_of_ours_is_not_called_ollama() -> None:
    used = EngineUsed(kind="embedded", version="0.1+xllamacpp.1", chat_model=None, embed_model=None)
    assert "Ollama" not in engine(used)
    assert "llama.cpp" in engine(used)


def test_the_quoting_engine_answers_as_the_documentation_says(tmp_path: Path) -> None:
    done = subprocess.run(
        [
            sys.executable,
            "-m",
            "showcase",
            "bench",
            "answers",
            "--engine",
            "rehearsal",
            "--json",
            "--infer",
            "--out",
            str(tmp_path / "out"),
        ],
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    result = json.loads(done.stdout)
    rows = {row["group"]: row for row in result["sections"][0]["tables"][0]["rows"]}
    right = {arm: row["cells"]["right"] for arm, row in rows.items()}
    assert {arm: (round(each["value"] * each["of"]), each["of"]) for arm, each in right.items()} == {
        "given": (58, 60),
        "recalled": (52, 60),
        "extracted": (52, 60),
    }
    assert {row["arm"] for row in rows.values()} == {QUOTING}
    kept = result["sections"][1]["tables"][0]["rows"][0]["cells"]
    assert kept["survived"]["value"] == 1
    lines = (tmp_path / "out" / "samples.jsonl").read_text("utf-8")
    assert "You told me: Your cat is called Pixel" in lines, "a reader can look at each reply"
