"""Files of others: what is read of them, what is counted as odd, and what is wrong in them, by its place."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

from showcase.bench.recall import given
from showcase.bench.recall.asked import RecallSet, Told
from showcase.bench.recall.oddities import sentence
from showcase.errors import UsageError

if TYPE_CHECKING:
    from pathlib import Path


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
        {"speaker": "Bo", "dia_id": "D1:2", "text": "!"},
        {"speaker": "Bo", "dia_id": "D1:3", "text": "", "img_url": ["x"], "blip_caption": "a photo of a pier"},
        {"speaker": "Bo", "dia_id": "D1:4", "text": "!", "img_url": ["x"]},
        {"speaker": "Bo", "dia_id": "D1:5", "text": " "},
    ],
}  # fmt: skip
LOCOMO = {
    "sample_id": "c", "conversation": CONVERSATION,
    "qa": [
        {"question": "What did Ann buy?", "answer": "a boat", "evidence": ["D1:1"], "category": 4},
        {"question": "What did Bo buy?", "adversarial_answer": "a boat", "evidence": ["D1:1"], "category": 5},
        {"question": "Whose turn is missing?", "answer": "?", "evidence": ["D9:9"], "category": 1},
        {"question": "When was it?", "answer": 2025, "evidence": ["D1:2; D:1:1", "D", "D01:03"], "category": 2},
        {"question": "Is nothing named?", "answer": "?", "category": 3},
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
    assert [each.right for each in locomo.asked] == [("h1-1",), (), ("h1-2", "h1-1", "h1-3")]
    assert locomo.told[2].text == "Bo: [shares a photo of a pier]"
    assert locomo.odd == {
        "questions_left_out": 2, "questions_of_unknown_evidence": 1, "evidence_unknown": 2, "evidence_mended": 2,
        "turns_repeated": 1, "turns_without_text": 1, "images_by_caption": 1, "images_unseen": 1,
    }  # fmt: skip
    assert locomo.fewer(1).odd == locomo.odd, "what is said of the file is of all of it"
    assert sentence(locomo.odd).endswith("of which the row holds what was said beside it: 1.")
    assert sentence({}) == ""
    assert read([LONG]).odd == {"turns_repeated": 1}
    unmarked = {**LONG, "question_id": "q-3", "haystack_sessions": [turns("Hello."), turns("Wilma came.")]}
    assert read([LONG, unmarked]).odd["questions_left_out"] == 1, "a session named is no turn that answers"
    two = [LONG, {**LONG, "question_id": "q-2"}]
    assert len(given.read(file, most_rows=3).of_user) == len(read(two).glance(questions=9, rows=5).of_user) == 1
    assert len(read(two).glance(questions=9, rows=6).of_user) == 2
    assert locomo.told[0] == Told(id="h1-1", user="h1", text="Ann: I bought a boat.", when="1 pm on 2 May, 2025")
    wrong = {
        "neither LongMemEval nor LoCoMo": [{"something": 1}],
        "no list": {"conversation": {}, "qa": []},
        r"entry 1 \(q-1\): 2 sessions, 1 ids": [{**LONG, "haystack_session_ids": ["s1"]}],
        "is there twice": [LONG, LONG],
        "category": [{**LOCOMO, "qa": [{"question": "?", "evidence": [], "category": True}]}],
        "surrogate": [{**LONG, "question": "\ud800"}],
        "names a row": [{**LONG, "question_id": "q_abs"}],
        "session s2, turn 1: has_answer is neither": [
            {**LONG, "haystack_sessions": [[], [{**turns("a")[0], "has_answer": "true"}]]}
        ],
        "session s1, turn 1: content is no text": [{**LONG, "haystack_sessions": [[7], []]}],
        "can be shown": [{**LONG, "question_type": "\x1b[31m"}],
        "'D1:1' is there twice": [
            {**LOCOMO, "conversation": {**CONVERSATION, "session_3": [CONVERSATION["session_1"][0]]}}
        ],
        "session_1, turn 1: blip_caption is no text": [
            {
                **LOCOMO,
                "conversation": {"session_1": [{"speaker": "A", "dia_id": "D1:1", "text": "a", "blip_caption": 7}]},
            }
        ],
    }
    for what, document in wrong.items():
        with pytest.raises(UsageError, match=what):
            read(document)
