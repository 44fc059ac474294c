"""Plays the events of a run to the live view, again and again.

`python played.py ROUNDS REFRESHES SEED LOG [--linger]`. With `--linger` it stays a while in the middle of an answer,
for somebody to look. After each round comes a line of its own on the terminal, and in the end LOG gets the plain lines
of the same events.
"""

from __future__ import annotations

import contextlib
import io
import json
import random
import sys
import threading
import time
from pathlib import Path
from typing import TYPE_CHECKING

import click

from showcase import __version__
from showcase.cli.live import LiveProgress
from showcase.cli.plain import PlainProgress
from showcase.evidence import MemoryRow, Message
from showcase.processes.protocol.events import (
    Asked,
    Exit,
    Imported,
    Opened,
    Planted,
    Replied,
    Searched,
    Spawned,
    Streamed,
)

if TYPE_CHECKING:
    from collections.abc import Iterator

    from showcase.processes.protocol.events import Event
    from showcase.progress import Progress

sys.path.append(str(Path(__file__).parents[1]))  # where pytest finds it; this is run as a program too
from saying import recall, reply

MEMORIES = (
    "I like green tea, and I never drink coffee at night.",
    "私は京都の小さな喫茶店で抹茶を飲むのが好きです。そして夜は決してコーヒーを飲みません。",
    "Family 👩‍👩‍👧‍👦 and flag 🇩🇪 and thumb 👍🏽, each of which terminals find of another width.",
    "Zoe\u0308 said naïve cafe\u0301 things.",
)
QUESTION = "any ideas for somewhere to eat tonight?"
USERS = {"session 1": "alice", "session 2": "アリス", "session 3": "bob"}

LINGERS = (9, 19, 29)
"""Words of the second answer after which it lingers."""


def words(number: int) -> list[str]:
    return [f"word{number}x{place} " for place in range(60)] + [f"end-of-answer-{number}"]


def spawned(pid: int) -> Event:
    return Spawned(pid=pid, hook=True, version=__version__)


def events(number: int) -> Iterator[Event]:
    yield spawned(4000 + number)
    yield Imported()
    yield Opened()
    if number != 2:
        for text in MEMORIES:
            yield Planted(rows=(MemoryRow(memory_id=text, text=text, user_id="u"),))
    if number > 1:
        rows = tuple(recall(text, cosine=0.9 - place / 5) for place, text in enumerate(MEMORIES))
        yield Searched(question=QUESTION, rows=rows)
        told = Message(role="system", content="\n".join(MEMORIES)), Message(role="user", content=QUESTION)
        yield Asked(question=QUESTION, messages=told)
        for word in words(number):
            yield Streamed(text=word, at_s=0.0)
        yield Replied(reply=reply("".join(words(number))))
    yield Exit()


def play(progress: Progress, chance: random.Random | None, *, lingers: bool = False) -> None:
    """Play three sessions, a control beside the second, and notes from another thread."""

    def wait() -> None:
        if chance is not None and chance.random() < 0.1:
            time.sleep(chance.random() / 200)

    progress.begin(USERS, lambda: {"hook": {"events": 7}, "sockets": {"samples": 1234, "sockets": 5}})
    for number in (1, 2, 3):
        progress.note(f"note before session {number}: " + "the server is slow " * 6)
        note = threading.Thread(target=progress.note, args=(f"a note from elsewhere, in session {number}",))
        for place, event in enumerate(events(number)):
            progress.event(f"session {number}", event)
            if number == 2 and place == 2:
                progress.event("control empty-store", spawned(4009))
            if place == 3:
                note.start()
            streamed = event.text.strip() if isinstance(event, Streamed) else ""
            if lingers and number == 2 and streamed in [f"word2x{each}" for each in LINGERS]:
                time.sleep(2)
            wait()
        note.join()
        progress.ended(f"session {number}", 0)
        wait()
        if number == 2:
            progress.ended("control empty-store", 0)
    progress.note("the last note")
    progress.end()


def main() -> None:
    rounds, refreshes, seed, log = int(sys.argv[1]), float(sys.argv[2]), int(sys.argv[3]), Path(sys.argv[4])
    chance = random.Random(seed)  # noqa: S311 - chance, not secrecy
    for number in range(rounds):
        play(LiveProgress(refreshes=refreshes), chance, lingers=sys.argv[5:] == ["--linger"])
        click.echo(f"=== end of round {number}", err=True)
    with contextlib.redirect_stderr(io.StringIO()) as plain:
        play(PlainProgress(), None)
    log.write_text(json.dumps(plain.getvalue().splitlines()), encoding="utf-8")


if __name__ == "__main__":
    main()
