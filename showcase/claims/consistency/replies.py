"""What the model server answered, and how much of each prompt it says that it read."""

from __future__ import annotations

from typing import TYPE_CHECKING

from showcase.claims.consistency.bounds import MOST_S, in_order, is_amount, is_tokens, told
from showcase.claims.consistency.sessions import called, is_whole

if TYPE_CHECKING:
    from collections.abc import Iterator

    from showcase.evidence import PromptRead, Reply, Run, Session


def contradictions(run: Run) -> Iterator[str]:
    """Yield what cannot be so."""
    for item in filter(is_whole, (*run.sessions, *run.controls)):
        for what in (*_chat(item), *_counted(item, run), *_prompts(item, run)):
            yield f"{called(item)}: {what}"


def _chat(item: Session) -> Iterator[str]:
    chats = [read for read in item.prompts if read.purpose == "chat"]
    if len(chats) > 1 or (chats and not item.messages):
        yield "it says more than once how much of its question was read, or asked none"
    if item.reply is not None:
        yield from _reply(item.reply, item)
        if chats and chats[0].evaluated_tokens != item.reply.prompt_tokens:
            yield "the server counted the tokens of its question in two ways"


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


def _prompts(item: Session, run: Run) -> Iterator[str]:
    for read in item.prompts:
        yield from _read(read)
        if read.exact:
            yield from _exact(read, run)
        elif run.engine is not None and run.engine.kind == "embedded" and read.outcome == "whole":
            yield "the embedded engine tells the tokens of a prompt, and the log says that nobody asked it"


def _exact(read: PromptRead, run: Run) -> Iterator[str]:
    if run.engine is None or run.engine.kind != "embedded":
        yield "the tokens of a prompt were counted by the embedded engine, and the run had another one"
    plan = run.engine.plan if run.engine is not None else None
    if plan is not None and read.context_length not in (None, plan.num_ctx):
        yield f"a prompt was read in a context of {read.context_length}, and the engine has one of {told(plan.num_ctx)}"
    if (read.own_tokens is None) is not read.refused:
        yield "the tokens of a prompt were counted, and there is no count"
    if read.outcome == "whole" and read.evaluated_tokens not in (None, read.own_tokens):
        yield f"of exactly {read.own_tokens} tokens {read.evaluated_tokens} were read"


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
        yield f"its prompt has {told(reply.prompt_tokens)} tokens, and its reply {told(reply.reply_tokens)}"
    lived_s = MOST_S if item.ended_s is None else item.ended_s - item.started_s
    for took_s in (reply.total_s, reply.load_s, reply.prompt_s, reply.reply_s, *(t.at_s for t in reply.tokens[-1:])):
        if not is_amount(took_s, lived_s):
            yield f"the server took {told(took_s)} s for its reply, and it lived {told(lived_s)} s"
