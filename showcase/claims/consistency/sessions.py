"""What one process of a run says of itself, and what was seen of it: who it was, what it did, said and was answered."""

from __future__ import annotations

from typing import TYPE_CHECKING

from showcase.claims.consistency.bounds import (
    MOST_S,
    in_order,
    is_amount,
    is_exit_code,
    is_pid,
    is_tokens,
    twice,
)
from showcase.claims.consistency.order import CONTROLS
from showcase.claims.consistency.states import of_state

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from showcase.evidence import MemoryRow, PromptRead, Recall, Reply, Run, Session

PHASES = ("spawned", "imported", "opened", "planted", "searched", "listed", "asked", "first-token", "replied", "exit")
"""Moments of a process's life that a log can name."""

OF_FACTS = {"planted": "planted", "listed": "listed", "searched": "recalled", "asked": "messages"}
"""Moment to the fact that was said in it."""

OPENING_LINES = 2
"""Lines of the system message before the first fact: what the assistant is, and that facts follow."""

CLOSE = 1e-5
"""How far a score, a distance and a cosine may be from what one makes of the other: the last two are rounded to
six digits."""


def contradictions(run: Run) -> Iterator[str]:
    """Yield what cannot be so."""
    for item in (*run.sessions, *run.controls):
        name = f"control {item.scene}" if item in run.controls else f"session {item.number}"
        found = [*_process(item, run), *_user(item, run)]
        if item.exit_code == 0 and item.fault is None:
            # What a process that failed says may have come in part, and nothing that rests on it is upheld.
            found += [*_moments(item), *_planted(item, run), *_rows(item, run), *_asked(item), *_counted(item, run)]
        for what in found:
            yield f"{name}: {what}"
        for switch in item.telemetry:
            if not switch.read_from:
                yield f"{name}: a switch of {switch.library} was read from nowhere"
        if twice((switch.library, switch.switch) for switch in item.telemetry) is not None:
            yield f"{name}: a switch of telemetry was reported twice"
        for when, state in (("before", item.store_before), ("after", item.store_after)):
            if state is not None:
                yield from (f"{name}: the store {when} it {what}" for what in of_state(state))


def _process(item: Session, run: Run) -> Iterator[str]:
    # Elsewhere than on Linux the kernel itself is the last ancestor of all, process 0.
    ancestors = item.ancestors if run.platform.system == "Linux" or item.ancestors[-1:] != (0,) else item.ancestors[:-1]
    for number in (item.pid, item.confirmed_pid, item.ppid, *ancestors):
        if not is_pid(number):
            yield f"there is no process {number}"
    if item.scene in CONTROLS and None not in (item.pid, item.confirmed_pid) and item.pid != item.confirmed_pid:
        yield f"it says that it is process {item.pid}, and the process table {item.confirmed_pid}"
    if item.pid is None and any(phase.name == "spawned" for phase in item.phases):
        yield "it said that it began, and not which process it was"
    confirmed = item.confirmed_pid is not None
    if confirmed is not (item.ppid is not None) or confirmed is not (item.create_time is not None):
        yield "the process table confirmed it in part"
    if confirmed and (item.ancestors[:1] != (item.ppid,) or twice(item.ancestors) is not None):
        yield "the process table names another parent than the first of its ancestors, or one of them twice"
    if item.create_time is not None and not 0.0 < item.create_time < MOST_S * 100:
        yield f"it began {item.create_time} s after the epoch"
    if not is_exit_code(item.exit_code):
        yield f"it ended with the status {item.exit_code}, which there is not"


def _moments(item: Session) -> Iterator[str]:
    names = [phase.name for phase in item.phases]
    if not {"spawned", "imported", "opened", "exit"} <= set(names) <= set(PHASES) or twice(names) is not None:
        yield "it ended as it should, and its moments are not those of such a process, each once"
    for name, fact in OF_FACTS.items():
        there = getattr(item, fact) not in (None, ())
        if there and name not in names:
            yield f"it says what was {name}, and not when"
    for name, known in (("listed", item.listed), ("searched", item.recalled)):
        if name in names and known is None:
            yield f"it says when it {name}, and not what it found"
    if "asked" in names and not item.messages:
        yield "it says when it asked, and not what"
    reply = item.reply
    if ("first-token" in names) is not bool(reply and reply.tokens):
        yield "it says when the reply began, or that there was one, and not both"
    if (reply is None) is not (not item.messages):
        yield "it asked something or got a reply, and not both"
    if item.messages and "replied" not in names:
        yield "it ended as it should, and its reply did not"


def _user(item: Session, run: Run) -> Iterator[str]:
    if run.scenario is None:
        return
    if not all((*run.scenario.first.memories, *run.scenario.second.memories)):
        yield "the scenario has a memory without words"
    second = item.scene in ("second-user", "unfiltered-read")
    user = run.scenario.second if second else run.scenario.first
    if item.user_id != user.id:
        yield f"it acted as {item.user_id!r}, and its scene is of {user.id!r}"
    if item.question is not None and item.question != user.question:
        yield "it asked another question than the scenario's"


def _planted(item: Session, run: Run) -> Iterator[str]:
    asked = item.recalled is not None or bool(item.messages)
    if asked is not (item.question is not None):
        yield "it searched or asked, and has a question, or neither: it says both"
    if item.scene not in ("plant", "second-user"):
        if item.planted:
            yield "it planted something, which its scene does not"
    elif run.scenario is not None and not run.options.infer:
        user = run.scenario.first if item.scene == "plant" else run.scenario.second
        if [row.text for row in item.planted] != list(user.memories):
            yield "it planted other memories than the scenario's, or in another order"


def _rows(item: Session, run: Run) -> Iterator[str]:
    for what, found in (("planted", item.planted), ("listed", item.listed), ("recalled", item.recalled)):
        if twice(row.memory_id for row in found or ()) is not None or not all(row.memory_id for row in found or ()):
            yield f"it {what} a row twice, or one without an id"
    if item.inventoried and not run.options.keep_store:
        yield "it found rows of an earlier run in a store that was emptied"
    if item.listed is None:
        yield "it ended as it should, and did not list"
    else:
        yield from _listed(item, item.listed)
    for row in item.recalled or ():
        yield from _similar(row)
    if item.recalled is not None and len(item.recalled) > run.options.top_k:
        yield f"it recalled {len(item.recalled)} rows, and asked for {run.options.top_k}"


def _listed(item: Session, listed: Sequence[MemoryRow]) -> Iterator[str]:
    """Hold what a process planted and recalled against what it listed: rows of its own user, all of them."""
    there = {row.memory_id: (row.text, row.user_id) for row in listed}
    for what, found in (("planted", item.planted), ("recalled", item.recalled or ())):
        strange = next((row for row in found if there.get(row.memory_id) != (row.text, row.user_id)), None)
        if strange is not None:
            yield f"it {what} a row that its list does not hold, or holds otherwise: {strange.memory_id}"
    if item.scene == "plant" and not set(there) <= {row.memory_id for row in item.planted} | set(item.inventoried):
        yield "its list holds a row that was not there before and that it did not plant"


def _similar(row: Recall) -> Iterator[str]:
    """Hold score, distance and cosine of a row against each other; mem0 may add to its score, and takes nothing off."""
    if not 0.0 <= row.distance < float("inf") or not abs(row.cosine - (1 - row.distance / 2)) <= CLOSE:
        yield f"a row is at the distance {row.distance} and has the cosine {row.cosine}"
    elif not 1 / (1 + row.distance) - CLOSE <= row.score < float("inf"):
        yield f"a row at the distance {row.distance} has the score {row.score}"


def _asked(item: Session) -> Iterator[str]:
    chats = [read for read in item.prompts if read.purpose == "chat"]
    if item.messages:
        if [message.role for message in item.messages] != ["system", "user"]:
            yield "it asked with other than one system message and one question"
        elif item.messages[1].content != item.question:
            yield "it asked another question than it says"
        elif not _made_of_rows(item.messages[0].content, item):
            yield "its prompt is not made of what it recalled alone"
    if len(chats) > 1 or (chats and not item.messages):
        yield "it says more than once how much of its question was read, or asked none"
    for read in item.prompts:
        yield from _read(read)
    if item.reply is not None:
        yield from _reply(item.reply, item)
        if chats and chats[0].evaluated_tokens != item.reply.prompt_tokens:
            yield "the server counted the tokens of its question in two ways"


def _made_of_rows(system: str, item: Session) -> bool:
    """Return whether a system message is its opening lines and then one line for each row that was recalled."""
    facts = "".join(f"\n- {row.text}" for row in item.recalled or ())
    return system.endswith(facts) and len(system.removesuffix(facts).splitlines()) <= OPENING_LINES


def _counted(item: Session, run: Run) -> Iterator[str]:
    """Hold the prompts that were counted against what was added; a prompt of an `add` is one of an extraction."""
    purposes = [read.purpose for read in item.prompts]
    added = [name for name in purposes if name != "chat"]
    if added and (not run.options.infer or item.scene not in ("plant", "second-user")):
        yield "it says how prompts of an extraction were read, and there was none"
    first = item.scene == "plant" and added[:1] == ["preflight"]
    if "preflight" in added[first:]:
        yield "mem0's own prompt was counted ahead where nobody does"
    elif run.scenario is not None and added:
        user = run.scenario.first if item.scene == "plant" else run.scenario.second
        if len(added) - first > len(user.memories):
            yield "it says of more prompts how they were read than it added memories"


def _read(read: PromptRead) -> Iterator[str]:
    for number in (read.own_tokens, read.evaluated_tokens, read.context_length):
        if not is_tokens(number, least=1):
            yield f"a prompt or a context has {number} tokens"
    own, evaluated, context = read.own_tokens, read.evaluated_tokens, read.context_length
    if read.purpose == "preflight":
        if read.refused is not (own is None) or evaluated is not None or read.outcome != "whole":
            yield "mem0's own prompt was counted ahead, and the log does not say that it fits"
        return
    if read.outcome != "whole":
        return
    if read.refused or evaluated is None or (own is None and context is None):
        yield "a prompt was read whole, and nobody can know that"
    elif own is not None and evaluated < own:
        yield f"a prompt of {own} tokens was read whole, and {evaluated} were read"
    elif context is not None and evaluated > context:
        yield f"a prompt was read whole, {evaluated} tokens in a context of {context}"


def _reply(reply: Reply, item: Session) -> Iterator[str]:
    if "".join(token.text for token in reply.tokens) != reply.text:
        yield "its reply is not what was streamed"
    if not in_order(0.0, *(token.at_s for token in reply.tokens), MOST_S):
        yield "its reply did not come in the order of time"
    if reply.done_reason == "":
        yield "its reply ended for a reason without a name"
    if not is_tokens(reply.prompt_tokens, least=1) or not is_tokens(reply.reply_tokens, least=1 if reply.text else 0):
        yield f"its prompt has {reply.prompt_tokens} tokens, and its reply {reply.reply_tokens}"
    lived_s = MOST_S if item.ended_s is None else item.ended_s - item.started_s
    for took_s in (reply.total_s, reply.load_s, reply.prompt_s, reply.reply_s, *(t.at_s for t in reply.tokens[-1:])):
        if not is_amount(took_s, lived_s):
            yield f"the server took {took_s} s for its reply, and it lived {lived_s:.1f} s"
