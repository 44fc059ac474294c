"""A file of somebody else's benchmark, read strictly: LongMemEval or LoCoMo, by what it is made of."""

from __future__ import annotations

import re
from collections import Counter
from typing import TYPE_CHECKING, Any

from showcase.bench.recall.asked import Asked, RecallSet, Told
from showcase.bench.recall.oddities import ODDITIES
from showcase.documents import reading, strict_json
from showcase.errors import UsageError
from showcase.shell import here

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence
    from pathlib import Path

    from showcase.bench.recall.asked import Origin

MAX_BYTES = 64 * 1024**2
MOST_ROWS = 20_000
"""Rows of a whole file. Each of them is embedded some nine times: for two passes of four stores, and once in memory."""

ABSTAIN = "_abs"
"""How the ids of LongMemEval's questions end that have no answer."""

ADVERSARIAL = 5
"""LoCoMo's category of questions that have no answer in what was said."""

LOCOMO_KINDS = {number: f"category {number}" for number in range(1, 5)} | {ADVERSARIAL: "category 5: no answer"}
"""Numbers, as in the file: what each is called differs from one paper to the next."""

_SESSION = re.compile(r"session_([0-9]{1,6})")
_TURN = re.compile(r"D:?0*([0-9]+):0*([0-9]+)")
"""How the published file names a turn, and miswrites it: D11:26, D:11:26, D30:05."""

_BETWEEN = re.compile(r"[;,\s]+")
_LONGEST_KIND = 60

_FORMS = "LongMemEval is a list of objects with question_id and haystack_sessions, LoCoMo one with conversation and qa"


class _WrongError(Exception):
    """What is wrong with a document, and where."""


def _parsed(data: bytes) -> Any:  # noqa: ANN401 - whatever JSON holds
    try:
        return strict_json.parse(data)
    except ValueError as why:
        raise _WrongError(f"it is not JSON: {why}") from why


def read(path: Path, *, at_most: int | None = None, most_rows: int | None = None) -> RecallSet:
    """Return what a file holds.

    Args:
        path: Its name; `-` is standard input.
        at_most: Questions that are taken at most; None for all.
        most_rows: See `RecallSet.glance`; None for all.

    Raises:
        UsageError: It cannot be read, has neither form, or is too large.
    """
    try:
        document = _parsed(reading.read(path, limit=MAX_BYTES))
        found = parse(document)
    except reading.UnreadableError as why:
        raise UsageError(f"cannot read {path}: {why}", hint=f"see what it is: {here().who_may(path)}") from why
    except (ValueError, _WrongError) as why:
        raise UsageError(f"{path} cannot be used: {why}", hint=_FORMS) from why
    if most_rows is not None:
        found = found.glance(questions=at_most or len(found.asked), rows=most_rows)
    elif at_most is not None:
        found = found.fewer(at_most)
    if len(found.told) > MOST_ROWS:
        raise UsageError(
            f"{path} has {len(found.told):,} rows, and at most {MOST_ROWS:,} are measured",
            hint="take fewer of its questions: --questions 50",
        )
    return found


def parse(document: Any) -> RecallSet:  # noqa: ANN401 - any JSON value
    """Return what a document holds.

    Raises:
        ValueError: It has neither form; says where.
    """
    if not isinstance(document, list) or not document:
        raise ValueError("it is no list with anything in it")
    first = document[0]
    names = set(first) if isinstance(first, dict) else set()
    try:
        if {"question_id", "haystack_sessions"} <= names:
            origin: Origin = "longmemeval"
            told, asked, odd = _collected(document, _longmemeval)
        elif {"conversation", "qa"} <= names:
            origin = "locomo"
            told, asked, odd = _collected(document, _locomo)
        else:
            raise ValueError(f"it is neither LongMemEval nor LoCoMo: its first entry has {_some(names)}")
    except _WrongError as why:
        raise ValueError(str(why)) from why
    if not any(each.right for each in asked):
        raise ValueError("none of its questions names a row that answers it")
    return RecallSet(origin=origin, told=told, asked=asked, odd={name: odd[name] for name in ODDITIES if odd[name]})


class _Rows:
    """The rows of one haystack; what is said twice in it is one row, as no ranking could tell the two apart."""

    def __init__(self, user: str) -> None:
        self.user = user
        self.told: list[Told] = []
        self._by_text: dict[str, str] = {}
        self.odd: Counter[str] = Counter()

    def add(self, text: str, when: str | None) -> str | None:
        """Return the id of the row of a text; None for an empty one."""
        text = text.strip()
        if not text:
            self.odd["turns_without_text"] += 1
            return None
        if text in self._by_text:
            self.odd["turns_repeated"] += 1
        else:
            self._by_text[text] = f"{self.user}-{len(self.told) + 1}"
            self.told.append(Told(id=self._by_text[text], user=self.user, text=text, when=when))
        return self._by_text[text]


def _collected(
    document: Sequence[Any], entry: Callable[[Any, str, str], tuple[_Rows, list[Asked]]]
) -> tuple[tuple[Told, ...], tuple[Asked, ...], Counter[str]]:
    told: list[Told] = []
    asked: list[Asked] = []
    odd: Counter[str] = Counter()
    for number, each in enumerate(document):
        rows, questions = entry(each, f"h{number + 1}", f"entry {number + 1}")
        if not rows.told:
            raise _WrongError(f"entry {number + 1}: nothing is said in it")
        told += rows.told
        asked += questions
        odd += rows.odd
    ids = [each.id for each in asked]
    twice = next((each for each in ids if ids.count(each) > 1), None) if len(set(ids)) != len(ids) else None
    if twice is not None:
        raise _WrongError(f"the question id {twice[:40]!r} is there twice")
    return tuple(told), tuple(asked), odd


def _longmemeval(entry: Any, user: str, where: str) -> tuple[_Rows, list[Asked]]:  # noqa: ANN401 - any JSON value
    """Read a question with the sessions that it is asked of.

    The rows that are right are the turns marked `has_answer`. A question of which no turn is marked is left out, as its
    authors do where they judge retrieval: a session that is named does not need each of its turns.
    """
    question_id = _text(entry, "question_id", where)
    where = f"{where} ({question_id[:40]})"
    sessions = _list(entry, "haystack_sessions", where)
    ids = [_string(each, f"{where}: haystack_session_ids") for each in _list(entry, "haystack_session_ids", where)]
    dates = [_string(each, f"{where}: haystack_dates") for each in _list(entry, "haystack_dates", where)]
    if not len(sessions) == len(ids) == len(dates):
        raise _WrongError(f"{where}: {len(sessions)} sessions, {len(ids)} ids and {len(dates)} dates do not fit")
    rows = _Rows(user)
    marked: list[str | None] = []
    for session_id, date, session in zip(ids, dates, sessions, strict=True):
        if not isinstance(session, list):
            raise _WrongError(f"{where}: session {session_id[:40]} is no list of turns")
        for place, turn in enumerate(session, start=1):
            here = f"{where}, session {session_id[:40]}, turn {place}"
            row = rows.add(_text(turn, "content", here, empty=True), date)
            has_answer = turn.get("has_answer")
            if has_answer is not None and not isinstance(has_answer, bool):
                raise _WrongError(f"{here}: has_answer is neither true nor false")
            if has_answer:
                marked.append(row)
    abstains = question_id.endswith(ABSTAIN)
    kind = "abstention" if abstains else _text(entry, "question_type", where)
    if len(kind) > _LONGEST_KIND or not kind.isprintable():
        raise _WrongError(f"{where}: question_type is longer than {_LONGEST_KIND} letters, or none that can be shown")
    right = () if abstains else _known(marked)
    if not right and not abstains:
        rows.odd["questions_left_out"] += 1
        return rows, []
    if not abstains and None in marked:
        rows.odd["questions_of_unknown_evidence"] += 1
    text = _text(entry, "question", where)
    return rows, [Asked(id=question_id, user=user, text=text, kind=kind, right=right)]


def _locomo(entry: Any, user: str, where: str) -> tuple[_Rows, list[Asked]]:  # noqa: ANN401 - any JSON value
    """Read a conversation with its questions. One whose evidence names no turn of it is left out: who could judge?"""
    conversation = _object(entry, "conversation", where)
    rows = _Rows(user)
    ids: dict[str, str | None] = {}
    numbers = sorted(int(found[1]) for name in conversation if (found := _SESSION.fullmatch(name)))
    for number in numbers:
        date = conversation.get(f"session_{number}_date_time")
        when = date if isinstance(date, str) else None
        for place, turn in enumerate(_list(conversation, f"session_{number}", where), start=1):
            here = f"{where}, session_{number}, turn {place}"
            said = _said(turn, here, rows.odd)
            row = rows.add(f"{_text(turn, 'speaker', here)}: {said}" if said else "", when)
            dia_id = _text(turn, "dia_id", here)
            if dia_id in ids:
                raise _WrongError(f"{here}: the dia_id {dia_id[:40]!r} is there twice")
            ids[dia_id] = row
    asked = []
    for place, each in enumerate(_list(entry, "qa", where), start=1):
        here = f"{where}, question {place}"
        category = each.get("category") if isinstance(each, dict) else None
        if isinstance(category, bool) or category not in LOCOMO_KINDS:
            raise _WrongError(f"{here}: its category is none of 1 to 5")
        text = _text(each, "question", here)
        right = () if category == ADVERSARIAL else _right(each, ids, here, rows.odd)
        if right or category == ADVERSARIAL:
            asked.append(Asked(id=f"{user}-q{place}", user=user, text=text, kind=LOCOMO_KINDS[category], right=right))
    return rows, asked


def _said(turn: Any, where: str, odd: Counter[str]) -> str:  # noqa: ANN401 - any JSON value
    """Return what a turn says, with the caption of an image in the words in which the data's authors put it."""
    said = _text(turn, "text", where, empty=True).strip()
    caption = _text(turn, "blip_caption", where, empty=True).strip() if turn.get("blip_caption") is not None else ""
    if caption:
        odd["images_by_caption"] += 1
        return f"{said} [shares {caption}]".strip()
    odd["images_unseen"] += bool(turn.get("img_url"))
    return said


def _right(entry: Any, ids: Mapping[str, str | None], where: str, odd: Counter[str]) -> tuple[str, ...]:  # noqa: ANN401 - any JSON value
    """Return the rows that a question's evidence names; several names may stand in one string."""
    evidence = [] if entry.get("evidence") is None else _list(entry, "evidence", where)
    found: list[str | None] = []
    for name in (each for one in evidence for each in _BETWEEN.split(_string(one, f"{where}: evidence")) if each):
        turn = _TURN.fullmatch(name)
        meant = f"D{turn[1]}:{turn[2]}" if turn and name not in ids else name
        odd["evidence_mended"] += meant != name and meant in ids
        found.append(ids.get(meant))
        odd["evidence_unknown"] += found[-1] is None
    right = _known(found)
    if not right:
        odd["questions_left_out"] += 1
    elif None in found:
        odd["questions_of_unknown_evidence"] += 1
    return right


def _known(ids: Iterable[str | None]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(each for each in ids if each is not None))


def _object(entry: Any, name: str, where: str) -> dict[str, Any]:  # noqa: ANN401 - any JSON value
    value = entry.get(name) if isinstance(entry, dict) else None
    if not isinstance(value, dict):
        raise _WrongError(f"{where}: {name} is no object")
    return value


def _list(entry: Any, name: str, where: str) -> list[Any]:  # noqa: ANN401 - any JSON value
    value = entry.get(name) if isinstance(entry, dict) else None
    if not isinstance(value, list):
        raise _WrongError(f"{where}: {name} is no list")
    return value


def _text(entry: Any, name: str, where: str, *, empty: bool = False) -> str:  # noqa: ANN401 - any JSON value
    value = entry.get(name) if isinstance(entry, dict) else None
    text = _string(value, f"{where}: {name}")
    if not text.strip() and not empty:
        raise _WrongError(f"{where}: {name} is empty")
    return text


def _string(value: Any, where: str) -> str:  # noqa: ANN401 - any JSON value
    if not isinstance(value, str):
        raise _WrongError(f"{where} is no text")
    try:
        value.encode()
    except UnicodeEncodeError:
        raise _WrongError(f"{where} holds half a surrogate pair, which no UTF-8 has") from None
    return value


def _some(names: set[str]) -> str:
    return ", ".join(repr(each[:40]) for each in sorted(names)[:6]) or "no names"
