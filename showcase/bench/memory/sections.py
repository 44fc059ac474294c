"""The figures of `bench memory`, from the samples that are there."""

from __future__ import annotations

import statistics
from typing import TYPE_CHECKING

from showcase.bench.memory.neighbours import settled
from showcase.bench.memory.pays import NAIVE, pays_section
from showcase.bench.results import intervals
from showcase.bench.results.result import UNOBSERVED, Cell, Column, Row, Section, Table
from showcase.engines.models.footprint import EXTRACTION_NUM_CTX

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from showcase.bench.memory.judging import Kept
    from showcase.bench.memory.samples import Asked, Played, PlayedTurn

CUT = "not judged: its prompt was cut, or nobody knows whether it was"
_FIVE = 5
_MS = 1000


def sections(played: Mapping[str, Sequence[Played]]) -> tuple[Section, ...]:
    """Return cost, what was kept, what was found, and when it pays; `played` by arm, with none where none was taken."""
    played = {arm: [settled(sample) for sample in samples] for arm, samples in played.items()}
    return (_cost(played), _kept(played), _questions(played), pays_section(played))


def _cost(played: Mapping[str, Sequence[Played]]) -> Section:
    columns = (
        Column(key="chat_calls", title="LLM calls", unit=""),
        Column(key="embed_calls", title="embedding calls", unit=""),
        Column(key="read_tokens", title="read by the LLM", unit="tokens"),
        Column(key="written_tokens", title="written by the LLM", unit="tokens"),
        Column(key="search", title="search", unit="ms", digits=1),
        Column(key="store", title="store", unit="ms", digits=1),
        Column(key="prompt_tokens", title="prompt of the turn", unit="tokens"),
    )
    rows = []
    for arm, samples in played.items():
        turns = [turn for sample in samples for turn in sample.turns]
        cells = {
            "chat_calls": intervals.median(turn.chat_calls for turn in turns),
            "embed_calls": intervals.median(turn.embed_calls for turn in turns),
            "read_tokens": intervals.median(turn.read_tokens for turn in turns),
            "written_tokens": intervals.median(turn.written_tokens for turn in turns),
            "search": intervals.median(None if turn.search_s is None else turn.search_s * _MS for turn in turns),
            "store": intervals.median(None if turn.store_s is None else turn.store_s * _MS for turn in turns),
            "prompt_tokens": intervals.median(turn.prompt.tokens for turn in turns),
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
            whole = sum(each.read_whole for each in samples)
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
        Column(key="facts", title="facts that were kept", unit="share"),
        Column(key="rows", title="rows", unit="rows"),
        Column(key="junk", title="rows without a fact", unit="share"),
        Column(key="duplicates", title="rows that repeat another", unit="share"),
        Column(key="wrong", title="rows that say the contrary", unit="share"),
        Column(key="stale", title="rows that are out of date", unit="share"),
        Column(key="nothing", title="turns that told facts, and nothing was stored", unit="share"),
        Column(key="bad_replies", title="replies that could not be used", unit="share"),
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
    read = [sample for sample in samples if sample.read_whole]
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
        "nothing": intervals.share_of(not turn.added for turn in telling),
        "bad_replies": intervals.share_of(map(bad_reply, asked)),
    }


def bad_reply(turn: PlayedTurn) -> bool:
    """Return whether the model's reply to an extraction could not be used."""
    return bool(turn.failed) or turn.empty in {"not JSON", "reply cut", "thinking", "transport error", "unexplained"}


def _questions(played: Mapping[str, Sequence[Played]]) -> Section:
    arms = [arm for arm in played if arm != NAIVE]
    found = {arm: [each for sample in played[arm] if sample.read_whole for each in sample.questions] for arm in arms}
    base = found.get("chroma", [])
    rows = []
    for arm in arms:
        note = CUT if played[arm] and not any(each.read_whole for each in played[arm]) else ""
        cells = {
            "hit_at_5": _hits(found[arm], _FIVE, note),
            "hit_at_1": _hits(found[arm], 1, note),
            "search": intervals.median([each.search_s * _MS for each in found[arm]]),
            "prompt_tokens": intervals.median(each.prompt.tokens for each in found[arm]),
        }
        if arm != "chroma" and base and found[arm]:
            cells["p_chroma"] = _against(found[arm], base)
        rows.append(Row(arm=arm, cells=cells))
    table = Table(
        key="questions",
        title="Questions of which a row among the first five holds the answer",
        columns=(
            Column(key="hit_at_5", title="found in the first five", unit="share"),
            Column(key="hit_at_1", title="found first", unit="share"),
            Column(key="p_chroma", title="McNemar's p against chroma", digits=intervals.P_DIGITS),
            Column(key="search", title="search", unit="ms", digits=1),
            Column(key="prompt_tokens", title="prompt with the rows", unit="tokens"),
        ),
        rows=tuple(rows),
        interval=f"{intervals.WILSON}; of times and tokens the least and the most",
        notes=(
            "McNemar's test is the exact one, on the same questions of the first repeat, found in the first five.",
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
    return intervals.share_of(each.rank is not None and each.rank <= most for each in asked)


def _place(asked: Sequence[Asked]) -> Cell:
    ranks = [each.rank for each in asked if each.rank is not None]
    if not asked:
        return UNOBSERVED
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
