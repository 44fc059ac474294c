"""Whether a claim of the participant's own says the right word of logs that it has not seen, and reads nothing else."""

from __future__ import annotations

import json
import secrets
import shutil
import tempfile
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from showcase.labs import programs
from showcase.labs.workspace import NothingToSeeError, judged
from showcase.scenes.scenario import read

if TYPE_CHECKING:
    from collections.abc import Iterator

    from showcase.evidence import Run, Scenario
    from showcase.labs.notebook import Check
    from showcase.labs.workspace import Workspace

PROGRAM = "my_claim.py"
WORDS = ("upheld", "broken", "inconclusive")
OTHER = {"upheld": "broken", "broken": "upheld", "inconclusive": "upheld"}
SESSIONS = 3
LIMIT_S = 10.0
NO_LOGS = (b"", b"[]", b"{}", b'{"sessions": 3}', b"\xff\x00\xfe")
_SHOWN = 80
"""Characters of what a claim said that are shown."""

ALONE = """
import os, runpy, sys

program, log, elsewhere = sys.argv[1:]
DOORS = ("socket.", "subprocess.", "os.system", "os.exec", "os.posix_spawn", "os.fork", "urllib.")

def stop(what):
    os.write(2, f"it is no function of the log alone: {what}".encode())
    os._exit(97)

def watch(event, arguments):
    if event.startswith(DOORS):
        stop(event)
    if event == "open" and isinstance(arguments[0], (str, bytes)):
        path, flags = os.path.realpath(os.fsdecode(arguments[0])), arguments[2]
        if isinstance(flags, int) and flags & (os.O_WRONLY | os.O_RDWR):
            stop("it writes " + path)
        if path.startswith(elsewhere + os.sep):
            stop("it opens " + path)

sys.argv = [program, log]
sys.dont_write_bytecode = True
sys.addaudithook(watch)
runpy.run_path(program, run_name="__main__")
"""
"""Runs a claim, and ends it where it writes, asks the network, or opens what lies in the participant's directory."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Said:
    """What a claim said: one of the three words, or none; and the line."""

    word: str | None
    line: str


def verify(workspace: Workspace) -> Iterator[Check]:
    """Yield what the claim says of the run, of the two logs made from it, and of others."""
    log = workspace.log("run")
    yield own(log.run)
    facts = log.path.read_bytes()
    said = ask(workspace, facts)
    yield judged("upheld", f"of your run it says: {said.line}", holds=said.word == "upheld")
    answers = [(facts, said)]
    for check, word in (("broken", "broken"), ("unseen", "inconclusive")):
        made = from_the_run(workspace, f"{check}.json", log.run)
        said = ask(workspace, made)
        yield judged(check, f"of {check}.json it says: {said.line}", holds=said.word == word)
        answers.append((made, said))
    yield pure(workspace, answers)
    yield never(workspace, facts)


def own(run: Run) -> Check:
    """Look whether the scenario is another than the one that comes with the program."""
    played = [session.number for session in run.sessions if session.exit_code == 0]
    known = told_in(read())
    told = set() if run.scenario is None else told_in(run.scenario)
    return judged(
        "own",
        f"{len(played)} sessions were played; {len(told - known)} of {len(told)} memories are your own",
        holds=len(played) == SESSIONS and bool(told) and not told & known,
    )


def told_in(scenario: Scenario) -> set[str]:
    """Return all that is told in a scenario."""
    return {text for user in (scenario.first, scenario.second) for text in user.memories}


def from_the_run(workspace: Workspace, name: str, run: Run) -> bytes:
    """Return a log that was made from the run's.

    Raises:
        NothingToSeeError: It is none, of another run, or holds the same facts.
    """
    made = workspace.log(name)
    if made.run.run_id != run.run_id:
        raise NothingToSeeError(f"{name} is of another run than the last one in run: write it again")
    if replace(made.run, claims=()) == replace(run, claims=()):
        raise NothingToSeeError(f"{name} has the same facts as the log of the run: change what was seen")
    return made.path.read_bytes()


def pure(workspace: Workspace, answers: list[tuple[bytes, Said]]) -> Check:
    """Ask again of the same facts, where the log's own verdicts say something else, or nothing."""
    for facts, before in answers:
        for claims in ("as they are", "turned round", "taken out"):
            again = ask(workspace, with_claims(facts, claims))
            if again.word != before.word or again.word is None:
                told = f"it said: {before.line}; with the log's verdicts {claims}: {again.line}"
                return judged("pure", told, holds=False)
    return judged("pure", f"{3 * len(answers)} times asked again, it said the same", holds=True)


def with_claims(facts: bytes, how: str) -> bytes:
    """Return the same facts, written anew, with the verdicts that the log has of itself changed."""
    document = json.loads(facts)
    if how == "turned round":
        for claim in document["claims"]:
            claim["status"] = OTHER[claim["status"]]
    elif how == "taken out":
        document["claims"] = []
    return json.dumps(document, sort_keys=True).encode()


def never(workspace: Workspace, facts: bytes) -> Check:
    """Ask of a log in which nobody did anything, and of what is no log."""
    document = json.loads(facts)
    document |= {"sessions": [], "controls": [], "connections": [], "witnesses": []}
    said = ask(workspace, json.dumps(document).encode())
    if said.word != "inconclusive":
        return judged("never", f"of a log without sessions it says: {said.line}", holds=False)
    for text in NO_LOGS:
        said = ask(workspace, text)
        if said.word == "upheld":
            return judged("never", f"of what is no log it says: {said.line}", holds=False)
    return judged("never", "without sessions it is inconclusive, and what is no log upholds nothing", holds=True)


def ask(workspace: Workspace, facts: bytes) -> Said:
    """Run the claim on a log, in a directory where nothing else is, under a name that it cannot know.

    Raises:
        NothingToSeeError: It does not end.
    """
    with tempfile.TemporaryDirectory() as new:
        elsewhere = Path(new).resolve()
        program, alone = elsewhere / PROGRAM, elsewhere / "alone.py"
        shutil.copyfile(workspace.file(PROGRAM), program)
        alone.write_text(ALONE, encoding="utf-8")
        log = elsewhere / f"{secrets.token_hex(8)}.json"
        log.write_bytes(facts)
        with programs.environment(workspace.here, engine=False) as around:
            command = (programs.PYTHON, str(alone), str(program), str(log), str(workspace.here.resolve()))
            ran = programs.run(command, around, elsewhere, timeout_s=LIMIT_S)
    if ran.status is None:
        raise NothingToSeeError(f"{PROGRAM} did not end within {LIMIT_S:.0f} s")
    line = next((each.strip() for each in ran.out.splitlines() if each.strip()), "")
    word, _, why = line.partition(":")
    whole = ran.status == 0 and word.strip() in WORDS and bool(why.strip())
    shown = line if ran.status == 0 and line else ran.last_line
    return Said(word=word.strip() if whole else None, line=shown[:_SHOWN])
