"""The figures of `bench memory`, from the samples that are there."""

from __future__ import annotations

import statistics
from typing import TYPE_CHECKING

from showcase.bench.memory.neighbours import settled
from showcase.bench.memory.pays import pays_section
from showcase.bench.results import intervals
from showcase.bench.results.result import Cell, Column, Row, Section, Table
from showcase.engines.models.footprint import EXTRACTION_NUM_CTX

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from showcase.bench.memory.judging import Kept
    from showcase.bench.memory.playing import Asked, Played, PlayedTurn

NAIVE = "naive"
CUT = "not judged: its prompt was cut, or nobody knows whether it was"
_FIVE = 5
_MS = 1000


def sections(played: Mapping[str, Sequence[Played]]) -> tuple[Section, ...]:
    """Return cost, what was kept, what was found, and when it pays; `played` by arm, with none where none was taken."""
    played = {arm: [settled(sample) for sample in samples] for arm, samples in played.items()}
    return (_cost(played), _kept(played), _questions(played), pays_section(played))


def judged(sample: Played) -> bool:
    """Return whether the chat model read every prompt of the memory whole: else its figures are not its quality."""
    return all(turn.prompt_outcome in {None, "whole"} for turn in sample.turns)


def _cost(played: Mapping[str, Sequence[Played]]) -> Section:
    columns = (
        Column(key="chat_calls", title="LLM calls", unit=""),
        Column(key="embed_calls", title="embedding calls", unit=""),
        Column(key="read_tokens", title="read by the LLM", unit="tokens"),
        Column(key="written_tokens", title="written by it", unit="tokens"),
        Column(key="search", title="search", unit="ms", digits=1),
        Column(key="store", title="store", unit="ms", digits=1),
        Column(key="prompt_tokens", title="prompt of the turn", unit="tokens"),
    )
    rows = []
    for arm, samples in played.items():
        turns = [turn for sample in samples for turn in sample.turns]
        cells = {
            "chat_calls": _median(turns, lambda turn: turn.chat_calls),
            "embed_calls": _median(turns, lambda turn: turn.embed_calls),
            "read_tokens": _median(turns, lambda turn: turn.read_tokens),
            "written_tokens": _median(turns, lambda turn: turn.written_tokens),
            "search": _median(turns, lambda turn: None if turn.search_s is None else turn.search_s * _MS),
            "store": _median(turns, lambda turn: None if turn.store_s is None else turn.store_s * _MS),
            "prompt_tokens": _median(turns, lambda turn: turn.prompt.tokens),
        }
        rows.append(Row(arm=arm, cells=cells))
    table = Table(
        key="cost",
        title="A turn: the median of all turns",
        columns=columns,
        rows=tuple(rows),
        interval=intervals.SPREAD,
        notes=(
            "Calls and tokens are those that the memory makes itself, beside the reply to the user.",
            (
                "Tokens are counted by the server; the prompt of the turn has the rules, five rows at most or the "
                "history, and what the user says."
            ),
        ),
    )
    return Section(key="cost", title="What a turn costs", text=_contexts(played), tables=(table,))


def _contexts(played: Mapping[str, Sequence[Played]]) -> tuple[str, ...]:
    said = []
    for arm, samples in played.items():
        turns = [turn for sample in samples for turn in sample.turns if turn.prompt_outcome is not None]
        contexts = {turn.context for turn in turns if turn.context is not None}
        if contexts and min(contexts) < EXTRACTION_NUM_CTX:
            said.append(
                f"{arm}: the chat model has a context of {min(contexts)} tokens, and extraction needs "
                f"{EXTRACTION_NUM_CTX}. mem0 sends no num_ctx; a model that has it: showcase models create --pull."
            )
        unread = [turn for turn in turns if turn.prompt_outcome != "whole"]
        if unread:
            cut = sum(turn.prompt_outcome == "cut" for turn in unread)
            whole = sum(map(judged, samples))
            kept = (
                "what it kept is not judged."
                if not whole
                else (
                    f"what it kept is judged in the {whole} of {len(samples)} plays whose prompts were all read whole."
                )
            )
            said.append(
                f"{arm}: of {len(turns)} prompts {cut} were cut, and of {len(unread) - cut} nobody knows. Its costs "
                f"are those of prompts that were not read whole, and {kept}"
            )
    return tuple(said)


def _kept(played: Mapping[str, Sequence[Played]]) -> Section:
    columns = (
        Column(key="facts", title="facts held", unit="share"),
        Column(key="rows", title="rows", unit="rows"),
        Column(key="junk", title="hold no fact", unit="share"),
        Column(key="duplicates", title="repeat others", unit="share"),
        Column(key="wrong", title="say the contrary", unit="share"),
        Column(key="stale", title="hold no longer", unit="share"),
        Column(key="nothing", title="turns with facts, nothing stored", unit="share"),
        Column(key="bad_replies", title="unusable replies", unit="share"),
    )
    rows = [Row(arm=arm, cells=_kept_cells(samples)) for arm, samples in played.items() if arm != NAIVE]
    table = Table(
        key="kept",
        title="What lay in the store at the end, against what was told",
        columns=columns,
        rows=tuple(rows),
        interval=f"{intervals.WILSON}; of rows the least and the most",
        notes=(
            "A row is judged by words; one that holds more than three facts is no memory and counts as holding none.",
            (
                "Rows and facts of one conversation, and its repeats, are no independent samples: the intervals are "
                "too narrow for other conversations."
            ),
            "mem0 2.2 adds and never replaces: a fact that holds no longer stays beside the one that replaced it.",
        ),
    )
    return Section(key="kept", title="What got stored", tables=(table,))


def _kept_cells(samples: Sequence[Played]) -> dict[str, Cell]:
    read = [sample for sample in samples if judged(sample)]
    if samples and not read:
        return {"rows": Cell(value=None, of=0, note=CUT), "facts": Cell(value=None, of=0, note=CUT)}
    kept = [sample.kept for sample in read if sample.kept is not None]
    stored = sum(each.rows for each in kept)

    def share(count: Callable[[Kept], int]) -> Cell:
        return intervals.share(sum(map(count, kept)), stored)

    turns = [turn for sample in read for turn in sample.turns]
    asked = [turn for turn in turns if turn.chat_calls]
    telling = [turn for turn in turns if turn.tells]
    return {
        "facts": intervals.share(sum(each.held for each in kept), sum(each.told for each in kept)),
        "rows": intervals.median([each.rows for each in kept]),
        "junk": share(lambda each: each.junk),
        "duplicates": share(lambda each: each.duplicates),
        "wrong": share(lambda each: each.wrong),
        "stale": share(lambda each: each.stale),
        "nothing": intervals.share(sum(not turn.added for turn in telling), len(telling)),
        "bad_replies": intervals.share(sum(bad_reply(turn) for turn in asked), len(asked)),
    }


def bad_reply(turn: PlayedTurn) -> bool:
    """Return whether the model's reply to an extraction could not be used."""
    return bool(turn.failed) or turn.empty in {"not JSON", "reply cut", "thinking", "transport error", "unexplained"}


def _questions(played: Mapping[str, Sequence[Played]]) -> Section:
    arms = [arm for arm in played if arm != NAIVE]
    found = {arm: [each for sample in played[arm] if judged(sample) for each in sample.questions] for arm in arms}
    base = found.get("chroma", [])
    rows = []
    for arm in arms:
        note = CUT if played[arm] and not any(map(judged, played[arm])) else ""
        cells = {
            "hit_at_5": _hits(found[arm], _FIVE, note),
            "hit_at_1": _hits(found[arm], 1, note),
            "search": intervals.median([each.search_s * _MS for each in found[arm]]),
            "prompt_tokens": intervals.median(
                [each.prompt.tokens for each in found[arm] if each.prompt.tokens is not None]
            ),
        }
        if arm != "chroma" and base and found[arm]:
            cells["p_chroma"] = _against(found[arm], base)
        rows.append(Row(arm=arm, cells=cells))
    table = Table(
        key="questions",
        title="Questions of which a row among the first five holds the answer",
        columns=(
            Column(key="hit_at_5", title="found in five", unit="share"),
            Column(key="hit_at_1", title="found first", unit="share"),
            Column(key="p_chroma", title="p against chroma", digits=3),
            Column(key="search", title="search", unit="ms", digits=1),
            Column(key="prompt_tokens", title="prompt with the rows", unit="tokens"),
        ),
        rows=tuple(rows),
        interval=f"{intervals.WILSON}; of times and tokens the least and the most",
        notes=(
            "p is that of McNemar's exact test on the same questions of the first repeat, found in five.",
            "Of some dozen rows five are a large part: a store of thousands is another matter.",
        ),
    )
    names = dict.fromkeys(each.id for arm in arms for each in found[arm])
    places = tuple(
        Row(arm=arm, cells={name: _place([each for each in found[arm] if each.id == name]) for name in names})
        for arm in arms
    )
    each_one = Table(
        key="places",
        title="At which place the answer was found, question by question",
        columns=tuple(Column(key=name, title=name.replace("_", " ")) for name in names),
        rows=places,
        notes=("The median of all repeats.",),
    )
    return Section(key="questions", title="What is found", tables=(table, each_one) if names else (table,))


def _hits(asked: Sequence[Asked], most: int, note: str) -> Cell:
    if not asked:
        return Cell(value=None, of=0, note=note)
    return intervals.share(sum(each.rank is not None and each.rank <= most for each in asked), len(asked))


def _place(asked: Sequence[Asked]) -> Cell:
    ranks = [each.rank for each in asked if each.rank is not None]
    if not asked:
        return Cell(value=None, of=0)
    return Cell(value=statistics.median(ranks) if ranks else "none", of=len(asked))


def _against(asked: Sequence[Asked], base: Sequence[Asked]) -> Cell:
    first = _first(asked)
    other = _first(base)
    both = first.keys() & other.keys()
    only = sum(first[each] and not other[each] for each in both)
    lost = sum(other[each] and not first[each] for each in both)
    return Cell(value=intervals.mcnemar(only, lost), of=len(both))


def _first(asked: Sequence[Asked]) -> dict[str, bool]:
    hits: dict[str, bool] = {}
    for each in asked:
        hits.setdefault(each.id, each.rank is not None and each.rank <= _FIVE)
    return hits


def _median(turns: Sequence[PlayedTurn], of: Callable[[PlayedTurn], float | None]) -> Cell:
    return intervals.median([value for turn in turns if (value := of(turn)) is not None])
