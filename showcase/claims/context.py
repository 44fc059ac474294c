"""Claim `context`: the model read every prompt whole. A server that cuts one says nothing of it."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from showcase.claims import limits, own_daemon
from showcase.claims.consistency.sessions import called
from showcase.claims.interface import broken, inconclusive, upheld
from showcase.claims.own_daemon import Silence
from showcase.claims.reading import all_sessions, counted, first_flaw, listing, pointer
from showcase.engines.models.truncation import PromptCount, contradiction, judge
from showcase.engines.models.truncation import count as as_count
from showcase.evidence import LEVELS

if TYPE_CHECKING:
    from showcase.evidence import EmptyAdd, PromptRead, Run, Session, Verdict


class Context:
    """No prompt of an `add` or a chat was cut, by the server's own counts, and each was counted."""

    id = "context"
    title = "No prompt was cut"

    def judge(self, run: Run) -> Verdict:
        """Return what follows from the counts of each prompt that was sent."""
        processes = (*run.sessions, *run.controls)
        sent = [(item, place, read) for item in processes for place, read in _sent(run, item)]
        cut = [each for each in sent if each[2].outcome == "cut" == judge(_counts(each[2]))]
        if cut:
            return broken(
                self,
                _standing(run, [read for _, _, read in cut]).level,
                listing([_how_it_was_cut(item, read) for item, _, read in cut]),
                evidence=[place for _, place, _ in cut],
            )
        gap = first_flaw(run, all_sessions(run)) or _uncounted(run)
        if gap is None and not sent:
            gap = "no prompt was seen"
        if gap is None:
            gap = next((why for item, _, read in sent if (why := _why_unknown(item, read)) is not None), None)
        evidence = [pointer(run, item, "prompts") for item in processes if item.prompts]
        if gap is not None:
            return inconclusive(self, gap, evidence=evidence)
        standing = _standing(run, [read for _, _, read in sent])
        said = [limits.COUNTS.text if standing.level == "self-reported" else limits.EXACT.text, *standing.limits]
        if any(read.own_tokens is None for _, _, read in sent):
            said.append(limits.UNCOUNTED.of())
        empty = [add for item in run.sessions for add in item.empty_adds]
        if empty:
            said.append(limits.EMPTY_ADDS.of(adds=counted(len(empty), "add"), causes=listing(_causes(empty))))
        longest = max((read for _, _, read in sent), key=lambda read: read.evaluated_tokens or 0)
        room = f" of {longest.context_length}" if longest.context_length else ""
        return upheld(
            self,
            standing.level,
            f"{counted(len(sent), 'prompt')} read whole; the longest had {longest.evaluated_tokens}{room} tokens",
            evidence=evidence,
            limits=said,
        )


def _standing(run: Run, reads: list[PromptRead]) -> Silence:
    """Return how strong the counts are.

    Where the engine of the run made its tokens of every prompt itself, and was seen to be who answered, they are
    recorded, or sampled where it was looked at in intervals alone: another may have answered between two looks. Any
    other server's count is its own word.
    """
    if run.engine is None or run.engine.kind != "embedded" or not all(read.exact for read in reads):
        return Silence(level="self-reported")
    found = own_daemon.silence(run)
    return replace(found, level=max(found.level, "recorded", key=LEVELS.index))


def _sent(run: Run, item: Session) -> list[tuple[str, PromptRead]]:
    """Return the prompts that were sent to be read; a preflight sends one to be counted."""
    return [
        (pointer(run, item, "prompts", str(number)), read)
        for number, read in enumerate(item.prompts)
        if read.purpose != "preflight"
    ]


def _how_it_was_cut(item: Session, read: PromptRead) -> str:
    own = "does not fit" if read.own_tokens is None else f"has {read.own_tokens} tokens"
    room = "" if read.context_length is None else f" in a context of {read.context_length}"
    return f"{called(item)}: of a prompt ({read.purpose}) that {own}, {read.evaluated_tokens} were read{room}"


def _why_unknown(item: Session, read: PromptRead) -> str | None:
    """Return why a prompt may have been cut, None where the counts themselves say that it was not.

    What the process made of them is not taken on trust: a log of an earlier version may call a count of 0 whole.
    """
    what = _no_count(item, read)
    if what is None and read.outcome == judge(_counts(read)) == "whole":
        return None
    what = what or (
        "its context could not be read"
        if as_count(read.context_length) is None and read.own_tokens is None
        else "its counts do not show that it was read whole"
    )
    return f"whether a prompt ({read.purpose}) of {called(item)} was cut is unknown: {what}"


def _counts(read: PromptRead) -> PromptCount:
    return PromptCount(
        own_tokens=read.own_tokens,
        refused=read.refused,
        evaluated_tokens=read.evaluated_tokens,
        context_length=read.context_length,
    )


def _no_count(item: Session, read: PromptRead) -> str | None:
    """Return why the server's count of a prompt is none, None where it is one."""
    if read.evaluated_tokens is None:
        return "the server did not count a prompt"
    for number in (read.evaluated_tokens, read.own_tokens):
        if number is not None and as_count(number) is None:
            return f"the server says that it has {number} tokens, which is no count"
    replied = item.reply.prompt_tokens if read.purpose == "chat" and item.reply is not None else None
    if replied is not None and as_count(replied) is None:
        return f"its reply says that {replied} tokens of it were read, which is no count"
    return contradiction(_counts(read))


def _uncounted(run: Run) -> str | None:
    """Return which session sent a prompt that nobody counted, None where all were."""
    for item in (*run.sessions, *run.controls):  # a control of an older log asked nothing
        purposes = [read.purpose for read in item.prompts]
        if item.messages and "chat" not in purposes:
            return f"{called(item)} did not say how much of its question was read"
        users = (run.scenario.first, run.scenario.second) if run.scenario else ()
        planted = {"plant": users[:1], "second-user": users[1:]}.get(item.scene, ()) if run.options.infer else ()
        if any(purposes.count("add") < len(user.memories) for user in planted):
            return f"session {item.number} did not say of each add how much of its prompt was read"
    return None


def _causes(empty: list[EmptyAdd]) -> list[str]:
    return list(dict.fromkeys(add.cause for add in empty))
