"""The headline of a run in plain words: what was told, remembered, seen and sent, a sentence each.

A sentence stands only where the claims that it states are upheld. Where one is broken or open another stands in its
place, which says that and no more.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from showcase.claims.reading import returned, session
from showcase.claims.store_server import away, on_the_way, server_of
from showcase.report.audit_words import BEYOND, NOT_SEEN, audit_words
from showcase.report.names import Names, names
from showcase.report.sentences import Part, Sentence, in_words, sentence, some, user
from showcase.report.standing import Standing
from showcase.report.text import clipped
from showcase.report.titles import subject
from showcase.report.tried import tried

if TYPE_CHECKING:
    from showcase.evidence import Attempt, Run, Session, Store


def plain_words(run: Run, *, redacted: bool = False) -> tuple[Sentence, ...]:
    """Return the headline of a run or an audit, in the order in which it is read."""
    if not run.claims:
        return (sentence("inconclusive", "Nothing was judged."),)
    standing = Standing(run)
    if run.command is not None:
        return audit_words(run, standing, redacted=redacted)
    named = names(run)
    return (
        *_remembered(run, standing, named),
        _seen_by_the_second(run, standing, named),
        *_forgotten(run, standing, named),
        *_left(run, standing, named),
        *_besides(standing),
    )


def _remembered(run: Run, standing: Standing, named: Names) -> tuple[Sentence, ...]:
    """Return what was told and what came of it: the claims `persistence` and `processes`."""
    first, second, who = session(run, 1), session(run, 2), user(named.first)
    status = standing.status("persistence")
    if status == "inconclusive" or first is None or second is None or not first.planted:
        return (sentence("inconclusive", "Whether a new program remembers what {} said could not be shown.", who),)
    told = len(first.planted)
    words = f"{{}} told one program {some(told, 'thing')}."
    if run.options.infer:  # a model made of what was said what it likes
        words = f"From what {{}} said one program kept {some(told, 'memory', 'memories')}."
    opening = sentence("upheld", words, who)
    mine = {row.memory_id for row in first.planted}
    back = len({row.memory_id for row in second.recalled or ()} & mine)
    if status == "broken":
        return (opening, _not_remembered(first, second, back))
    return (opening, _as_told(standing, told, back))


def _as_told(standing: Standing, told: int, back: int) -> Sentence:
    them = _of(back, told)
    separate = standing.status("processes")
    if separate == "broken":
        return sentence("broken", f"A later program remembered {them}, but the programs were not apart.")
    if separate == "inconclusive":
        they = {"it": "it", "them": "they"}.get(them, them)
        return sentence("inconclusive", f"{they} came back later; whether to a new program could not be shown.")
    if standing.level("persistence") == "self-reported":
        return sentence("upheld", f"A new program says that it remembered {them}.")
    return sentence("upheld", f"A new program remembered {them}.")


def _not_remembered(first: Session, second: Session, back: int) -> Sentence:
    if not back:
        return sentence(
            "broken", f"A later program remembered {'none of them' if len(first.planted) > 1 else 'nothing'}."
        )
    listed = {row.memory_id for row in second.listed or ()}
    gone = sum(row.memory_id not in listed for row in first.planted)
    if gone:
        return sentence("broken", f"A later program had lost {_of(gone, len(first.planted))}.")
    told = {(row.memory_id, row.text, row.user_id) for row in first.planted}
    if {(row.memory_id, row.text, row.user_id) for row in returned(second)} <= told:
        they = "they" if len(told) > 1 else "it"
        return sentence("broken", f"{they} came back, and not by way of the store alone.")
    return sentence("broken", "What a later program remembered is not what was told.")


def _of(some_of_them: int, all_of_them: int) -> str:
    if some_of_them < all_of_them:
        return f"{in_words(some_of_them)} of them"
    return "it" if all_of_them == 1 else "them"


def _forgotten(run: Run, standing: Standing, named: Names) -> tuple[Sentence, ...]:
    """Return what came of forgetting the first user: the claim `erasure`; nothing where nobody was to be forgotten."""
    if run.options.forget is None:
        return ()
    status, who = standing.status("erasure"), user(named.first)
    words = {
        "upheld": "Then {} was forgotten, and no file of the store holds any of it.",
        "broken": "Then {} was to be forgotten, and was not.",
        "inconclusive": "Whether anything of {} is left could not be shown.",
    }
    return (sentence(status, words[status], who),)


def _seen_by_the_second(run: Run, standing: Standing, named: Names) -> Sentence:
    """Return what the second user saw of it: the claim `isolation`."""
    status, who = standing.status("isolation"), user(named.second)
    if status == "inconclusive":
        return sentence(status, "Whether {} saw any of it could not be shown.", who)
    if status == "upheld":
        return sentence(status, "{} saw none of it.", who)
    return _leaked(run, who, user(named.first))


def _leaked(run: Run, who: Part, whose: Part) -> Sentence:
    first, third = session(run, 1), session(run, 3)
    if first is None or third is None:
        return sentence("broken", "{} saw what somebody else told.", who)
    mine = {row.memory_id for row in first.planted}
    rows = returned(third)
    got = len(mine & {row.memory_id for row in rows})
    if got:
        many = "all" if got == len(mine) else f"{in_words(got)} of the {some(len(mine), 'thing')}"
        return sentence("broken", f"{{}} saw {many} that {{}} told.", who, whose)
    if any(row.user_id not in (None, third.user_id) for row in rows):
        return sentence("broken", "{} saw what somebody else told.", who)
    return sentence("broken", "{} saw something of what {} told.", who, whose)


def _left(run: Run, standing: Standing, named: Names) -> tuple[Sentence, ...]:
    """Return what left this computer: the claims `egress`, `engine-local` and, where there is a server, `daemon`."""
    status = standing.status("egress")
    found = tried(run, lambda row: _program(row, named)) if status == "broken" else ()
    beyond = _server(run, standing)
    if found:
        return (*found, *beyond)
    store = away(run)
    if status != "upheld":
        if store is None:
            return (sentence("inconclusive", NOT_SEEN), *beyond)
        return (
            sentence("inconclusive", f"Whether anything went elsewhere than to {_at(store)} could not be seen."),
            *beyond,
        )
    if store is not None:
        words = f"Memories left this computer: they went to {_at(store)} alone, {on_the_way(store)}"
        there = "What became of them there could not be seen."
        return (sentence("inconclusive", f"{words}."), sentence("inconclusive", there), *beyond)
    which = "model server" if server_of(run) is None else "model server and their store's server"
    if beyond:
        return (sentence("upheld", f"The programs reached only their {which}."), *beyond)
    judged = [claim for claim in ("engine-local", "daemon") if standing.judged(claim)]
    if not standing.upheld(*judged):
        that = "that" if server_of(run) is None else "those"
        return (
            sentence(
                "inconclusive",
                f"The programs reached only their {which}; whether {that} passed anything on could not be seen.",
            ),
        )
    return (_nothing_left(run, standing),)


def _at(store: Store) -> str:
    return f"the store at {clipped(store.where, 60)}".replace("{", "").replace("}", "")


def _server(run: Run, standing: Standing) -> tuple[Sentence, ...]:
    """Return where the model server, or the store's, is broken: it is elsewhere, or not closed."""
    found = []
    if standing.status("engine-local") == "broken":
        found.append(sentence("broken", "The model server, or a model of it, is on another computer."))
    if standing.judged("daemon") and standing.status("daemon") == "broken":
        found.append(sentence("broken", f"{subject(run)} {BEYOND}."))
    return tuple(found)


def _nothing_left(run: Run, standing: Standing) -> Sentence:
    carried = None if run.storage is None else run.storage.carried_by
    level = standing.level("egress", *(["daemon"] if standing.judged("daemon") else []))
    if standing.open_to_others and level in ("enforced", "recorded"):
        level = "sampled"
    words = {
        "self-reported": "By the programs' own account nothing left this computer",
        "sampled": "Nothing was seen to leave this computer",
    }.get(level, "Nothing left this computer")
    if carried:
        return sentence("upheld", words + " over the network; {} carries files from it.", Part(clipped(carried, 60)))
    return sentence("upheld", f"{words}.")


def _program(row: Attempt, named: Names) -> Part:
    """Return which program of the run an attempt is of."""
    numbered = {"session 1": "the first program", "session 2": "the second program", "engine": "the model server"}
    if row.role == "session 3":
        return (
            Part(f"{named.second.text}'s program", "user") if named.second.kind == "user" else Part("the third program")
        )
    return Part(numbered.get(row.role, "a program of this run"))


def _besides(standing: Standing) -> tuple[Sentence, ...]:
    """Return what else is broken and no sentence above speaks of."""
    words = {
        "processes": "The programs were not apart from each other.",
        "telemetry": "Telemetry of a library was on, or its host was called.",
        "context": "The model was given more than it could read.",
    }
    said = standing.status("persistence") == "upheld"  # with it, how far the programs were apart
    return tuple(
        sentence("broken", text)
        for claim, text in words.items()
        if standing.status(claim) == "broken" and not (claim == "processes" and said)
    )
