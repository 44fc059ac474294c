"""Why a reply could be what it is: the memories in the prompt, what just missed it, the prompt itself, its tokens."""

from __future__ import annotations

from typing import TYPE_CHECKING

from showcase.conversation.prompt import one_line

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from showcase.conversation.turn import Lack, Prepared, Turn
    from showcase.evidence import Message, Reply
    from showcase.memory.ranking import Ranked, Selection, Weights
    from showcase.memory.stored import Change, Stored

SOURCES = {
    "typed": "typed by its user",
    "extracted": "extracted by the chat model",
    "imported": "imported",
    "unknown": "who wrote it, it does not say",
}
NOTHING_COVERS = "Nothing in memory covers this."
LEFT_OUT = "What memory holds on this was left out of the prompt, because it reads like an order."
LACKS: Mapping[Lack, str] = {
    "nothing": "There is no memory of this user.",
    "questions": "Only questions of this user are stored.",
    "beyond": "What is nearest to it are questions alone.",
}
_ALONE = (1.0, 0.0, 0.0)


def why(turn: Turn, weights: Weights) -> Iterator[str]:
    """Yield the account of a turn, a line each."""
    if turn.selection is None:
        yield "No memory was searched for this turn."
    else:
        yield from memories(turn, turn.selection, weights)
    yield ""
    yield from shown_prompt(turn.messages)
    yield ""
    yield tokens(turn.reply)
    yield _read(turn)
    if turn.left_out:
        yield left_out(turn.left_out, turn.budget)
    yield ""
    if not turn.saved:
        yield "Nothing of this turn was stored."
    else:
        yield from changes(turn.changes)


def memories(turn: Turn, selection: Selection, weights: Weights) -> Iterator[str]:
    """Yield which memories were used, and what was nearest of those that were not."""
    kept_out = {row.memory_id for row in turn.withheld}
    if not selection.used:
        yield nothing(turn, selection)
    for each in selection.used:
        mark = "  left out of the prompt, because it reads like an order" if each.row.memory_id in kept_out else ""
        yield f"{each.rank}. {one_line(each.row.text)}{mark}"
        yield f"   {parts(each, weights)}; {origin(each.row)}"
    below = selection.below
    if below is not None and selection.used:
        cut = (
            f"below the threshold {selection.threshold:.2f}"
            if selection.why_below == "threshold"
            else f"behind the first {len(selection.used)}"
        )
        yield f"next, {cut}: {one_line(below.row.text)}"
        yield f"   {parts(below, weights)}; {origin(below.row)}"


def nothing(turn: Prepared, selection: Selection) -> str:
    """Return why no memory is in a prompt: what was found was left out, or nothing is known; then what was nearest."""
    if selection.used:
        return LEFT_OUT
    near = selection.nearest
    if near is None:
        return f"{NOTHING_COVERS} {LACKS[turn.lack or 'nothing']}"
    return (
        f"{NOTHING_COVERS} The nearest has cosine {near.cosine:.2f}, the threshold is {selection.threshold:.2f}: "
        f"{one_line(near.row.text)}"
    )


def parts(ranked: Ranked, weights: Weights) -> str:
    """Return the parts of a row's place, also those that do not count."""
    if (weights.relevance, weights.recency, weights.importance) == _ALONE:
        beside = f"recency {ranked.recency:.3f}, importance {ranked.importance:.3f}"
        return f"cosine {ranked.cosine:.3f}, which alone counts; {beside}"
    return (
        f"score {ranked.score:.3f} = cosine {ranked.cosine:.3f} × {weights.relevance:g}, "  # noqa: RUF001 - a product
        f"recency {ranked.recency:.3f} × {weights.recency:g}, "  # noqa: RUF001 - likewise
        f"importance {ranked.importance:.3f} × {weights.importance:g}"  # noqa: RUF001 - likewise
    )


def origin(row: Stored) -> str:
    """Return who wrote a row, and when."""
    when = f" {row.created_at[:16].replace('T', ' ')} UTC" if row.created_at else ""
    pinned = ", pinned" if row.pinned else ""
    prompts = "1 prompt" if row.recalled == 1 else f"{row.recalled} prompts"
    often = f", in {prompts} so far" if row.recalled else ""
    return f"{SOURCES[row.source]}{when}{pinned}{often}"


def shown_prompt(messages: Sequence[Message]) -> Iterator[str]:
    """Yield a prompt as it was sent, message by message."""
    for message in messages:
        yield f"{message.role}:"
        yield from (f"  {line}" for line in message.content.splitlines())


def tokens(reply: Reply) -> str:
    """Return the server's own counts and times."""
    if reply.prompt_tokens is None:
        return "The server counted no tokens: the reply was cut off."
    read = "" if reply.prompt_s is None else f" in {reply.prompt_s:.2f} s"
    wrote = "" if reply.reply_s is None else f" in {reply.reply_s:.2f} s"
    return f"Tokens, as the server counts: prompt {reply.prompt_tokens}{read}, reply {reply.reply_tokens}{wrote}."


def changes(made: Sequence[Change]) -> Iterator[str]:
    """Yield what became of rows, in the words of the backend that reported it."""
    if not made:
        yield "Nothing was stored: the backend reported no event."
    for change in made:
        whose = "proposed by this program" if change.by == "showcase" else f"as {change.by} reported it"
        before = f" (was: {one_line(change.old_text)})" if change.old_text else ""
        yield f"{change.event} {change.memory_id[:8]}: {one_line(change.text)}{before}, {whose}"


def left_out(turns: int, budget: int) -> str:
    """Return that earlier turns are no longer in the prompt."""
    many = "1 earlier turn is" if turns == 1 else f"{turns} earlier turns are"
    return f"{many} no longer in the prompt: what was said recently has a budget of {budget} tokens."


def _read(turn: Turn) -> str:
    read = turn.read
    if read is None or read.outcome == "unknown":
        return "Whether the whole prompt was read is not known."
    context = "" if read.context_length is None else f" of a context of {read.context_length}"
    if read.outcome == "cut":
        return f"The server CUT this prompt: it read {read.evaluated_tokens} tokens{context}."
    return f"The prompt was read whole: {read.evaluated_tokens} tokens{context}."
