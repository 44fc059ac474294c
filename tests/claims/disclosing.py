"""A second user who is told what is given, and memories of both as they are given."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from editing import with_session

if TYPE_CHECKING:
    from showcase.evidence import Run, User


def told(log: Run, text: str, number: int = 3) -> Run:
    """Return the log with this reply in session 3, as it was streamed and as it was whole."""
    reply = log.sessions[number - 1].reply
    assert reply is not None
    tokens = tuple(replace(reply.tokens[0], text=word) for word in text.split(" "))
    tokens = tuple(replace(token, text=f" {token.text}" if place else token.text) for place, token in enumerate(tokens))
    return with_session(log, number, reply=replace(reply, text=text, tokens=tokens))


def with_memories(log: Run, first: tuple[str, ...], second: tuple[str, ...]) -> Run:
    """Return the log with other memories of both users, as if they had been planted and recalled."""
    assert log.scenario is not None
    scenario = replace(
        log.scenario,
        first=replace(log.scenario.first, memories=first),
        second=replace(log.scenario.second, memories=second),
    )

    def renamed(rows: Any, user: User) -> Any:
        before = log.scenario.first if user is scenario.first else log.scenario.second  # type: ignore[union-attr]
        texts = dict(zip(before.memories, user.memories, strict=False))
        return rows and tuple(
            replace(row, text=texts[row.text]) for row in rows if row.user_id != user.id or row.text in texts
        )

    def rewritten(item: Any) -> Any:
        user = scenario.second if item.scene == "second-user" else scenario.first
        old = log.scenario.second if user is scenario.second else log.scenario.first  # type: ignore[union-attr]
        changes: dict[str, Any] = {
            name: renamed(getattr(item, name), user) for name in ("planted", "listed", "recalled")
        }
        if item.messages:
            system = item.messages[0].content
            for before, after in zip(old.memories, user.memories, strict=False):
                system = system.replace(before, after)
            changes["messages"] = (replace(item.messages[0], content=system), *item.messages[1:])
        return replace(item, **changes)

    reader = next(item for item in log.controls if item.scene == "unfiltered-read")
    texts = {**dict(zip(log.scenario.first.memories, first, strict=False))}
    texts |= dict(zip(log.scenario.second.memories, second, strict=False))
    found = tuple(replace(row, text=texts[row.text]) for row in reader.listed or () if row.text in texts)
    controls = tuple(replace(item, listed=found) if item is reader else item for item in log.controls)
    return replace(log, scenario=scenario, sessions=tuple(map(rewritten, log.sessions)), controls=controls)
