"""What a lab's `verify.py` looks at: the real state that the participant left, and what their programs do.

Whatever is not there is told by a `NothingToSeeError`, which becomes a check that is `unseen`: it is never met.
"""

from __future__ import annotations

import filecmp
import os
import sqlite3
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from showcase.errors import ShowcaseError
from showcase.evidence import Run, Verdict
from showcase.labs.notebook import Check
from showcase.labs.starting import RUN

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from showcase.erasure.residue import Looked
    from showcase.evidence import Session
    from showcase.labs.programs import Ran
    from showcase.labs.talking import Talk

_DATABASE = "chroma.sqlite3"
_ROWS = """
SELECT e.embedding_id,
       MAX(CASE WHEN m.key = 'user_id' THEN m.string_value END),
       MAX(CASE WHEN m.key = 'data' THEN m.string_value END)
FROM embeddings e JOIN embedding_metadata m ON m.id = e.id
GROUP BY e.id ORDER BY e.id
"""
"""How mem0 keeps a memory in Chroma: its words under `data`, beside the user's id."""


class NothingToSeeError(Exception):
    """There is nothing to look at yet, or it cannot be looked at; the message says what is missing."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """A memory as it lies in a store, read by `sqlite3` alone."""

    id: str
    user: str | None
    text: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Logged:
    """A run log with what follows from it, judged anew: what the file says of itself is not believed.

    Attributes:
        path: Where it lies.
        run: What it holds.
        verdicts: By the claims' names.
    """

    path: Path
    run: Run
    verdicts: dict[str, Verdict]

    def status(self, claim: str) -> str:
        """Return `upheld`, `broken` or `inconclusive`; `not judged` where this log is not there to answer it."""
        found = self.verdicts.get(claim)
        return "not judged" if found is None else found.status


@dataclass(frozen=True, slots=True, kw_only=True)
class Workspace:
    """One lab of one participant, as `verify.py` sees it.

    Attributes:
        here: The participant's directory of this lab.
        given: What the lab gave at the start, as it was then.
        findings: What was found, by name, without white space around it.
        prediction: What was predicted.
        recorded: Whether it is about the recorded run.
    """

    here: Path
    given: Path
    findings: dict[str, str]
    prediction: str
    recorded: bool

    def finding(self, name: str) -> str:
        """Return what was found.

        Raises:
            NothingToSeeError: Nobody said.
        """
        found = self.findings.get(name, "")
        if not found:
            raise NothingToSeeError(f"nothing was said about {name}: --finding {name}=…")
        return found

    def file(self, name: str) -> Path:
        """Return a file of the participant's.

        Raises:
            NothingToSeeError: It is not there.
        """
        path = self.here / name
        if not path.is_file():
            raise NothingToSeeError(f"there is no {name} in {self.here}")
        return path

    def changed(self, name: str) -> bool:
        """Tell whether a file is another than the one that was given.

        Raises:
            NothingToSeeError: It is not there.
        """
        return self.file(name).read_bytes() != (self.given / name).read_bytes()

    def log(self, name: str) -> Logged:
        """Return a run log.

        Args:
            name: Of the file, or of the directory of a run.

        Raises:
            NothingToSeeError: It is not there, or is none.
        """
        path = self.here / name
        path = path / "run-log.json" if path.is_dir() else path
        if not path.is_file():
            raise NothingToSeeError(f"there is no run log {path}")
        self._check_whose(path)
        return _logged(path)

    def _check_whose(self, path: Path) -> None:
        """Refuse the recorded run in the place of one's own, and where it was changed."""
        recorded = self.given.with_name(RUN)
        if self.recorded and path.parent == self.here / RUN:
            if not filecmp.cmp(path, recorded / path.name, shallow=False):
                raise NothingToSeeError(f"{path.name} is not as it was recorded: it was changed")
        elif any(filecmp.cmp(path, each, shallow=False) for each in recorded.glob("*.json")):
            raise NothingToSeeError(f"{path.name} is the run that was recorded, and not yours")

    def logs(self, name: str) -> tuple[Logged, ...]:
        """Return all logs of a run's directory, the oldest first: those too that a later run kept.

        Raises:
            NothingToSeeError: There is none, or one of them is none.
        """
        found = [_logged(path) for path in sorted((self.here / name).glob("run-log*.json"))]
        if not found:
            raise NothingToSeeError(f"there is no run log in {self.here / name}")
        return tuple(sorted(found, key=lambda each: each.run.ended_at))

    def lives(self, session: Session) -> bool:
        """Tell whether the process of a session lives still: its pid may be another's by now."""
        from showcase.processes.table import look_up  # noqa: PLC0415 - heavy

        now = None if session.pid is None else look_up(session.pid)
        return now is not None and now.create_time == session.create_time

    def rows(self, store: str) -> tuple[Row, ...]:
        """Return the memories of a store, without Chroma and without changing it.

        Args:
            store: The directory that was named with `--store` or `--out`, or Chroma's own.

        Raises:
            NothingToSeeError: There is none, or it cannot be read.
        """
        from showcase.inspection.look import place_of  # noqa: PLC0415 - `--help` must not wait for it

        try:
            database = place_of(self.here / store).chroma / _DATABASE
        except ShowcaseError as error:
            raise NothingToSeeError(error.message) from error
        if not database.is_file():
            raise NothingToSeeError(f"there is no store in {self.here / store}")
        try:
            with closing(sqlite3.connect(f"{database.absolute().as_uri()}?mode=ro", uri=True, timeout=5)) as opened:
                found = opened.execute(_ROWS).fetchall()
        except sqlite3.Error as error:
            raise NothingToSeeError(f"the store in {self.here / store} cannot be read: {error}") from error
        return tuple(Row(id=row, user=user, text=text) for row, user, text in found)

    def residue(self, store: str, text: str) -> Looked:
        """Look through every byte of a store for a text; see `inspect --residue`; NothingToSeeError without one."""
        from showcase.erasure.residue import look_for  # noqa: PLC0415 - heavy
        from showcase.inspection.look import place_of  # noqa: PLC0415 - as above

        if not (self.here / store).is_dir():
            raise NothingToSeeError(f"there is no store in {self.here / store}")
        try:
            return look_for(place_of(self.here / store), text, progress=lambda _done, _total: None)
        except ShowcaseError as error:
            raise NothingToSeeError(error.message) from error

    def run(
        self,
        program: str,
        *arguments: str,
        engine: bool = False,
        typed: str | None = None,
        variables: dict[str, str] | None = None,
        timeout_s: float = 60.0,
    ) -> Ran:
        """Run a Python program of the participant's, in their directory, and return what it said.

        It gets an environment of its own, in which nothing phones home; nothing else keeps it from the network, and
        it is the participant's own program, which they have run themselves.

        Args:
            program: Its file, below their directory.
            arguments: What follows it.
            engine: Whether the rehearsal engine listens meanwhile; OLLAMA_HOST names it then.
            typed: Its standard input, nothing where it is None.
            variables: Added to its environment.
            timeout_s: After which it is ended, in seconds.

        Raises:
            NothingToSeeError: It is not there.
        """
        from showcase.labs import programs  # noqa: PLC0415 - `--help` must not wait for it

        path = self.file(program)
        with programs.environment(self.here, engine=engine) as around:
            return programs.run(
                (programs.PYTHON, str(path.absolute()), *arguments),
                around | programs.BESIDE | (variables or {}),
                self.here,
                typed=typed,
                timeout_s=timeout_s,
            )

    @contextmanager
    def talk(self, program: str, *arguments: str, given: bool = False) -> Iterator[Talk]:
        """Start a Python program that stays, and yield it to be talked with; see `talking`.

        Args:
            program: Its file, below the participant's directory.
            arguments: What follows it.
            given: Whether it is the one that the lab gave, as it was then.

        Raises:
            NothingToSeeError: It is not there.
        """
        from showcase.labs import programs, talking  # noqa: PLC0415 - `--help` must not wait for it

        path = self.given / program if given else self.file(program)
        with programs.environment(self.here, engine=False) as around:
            alone = {"PYTHONDONTWRITEBYTECODE": "1"} if given else {}  # nothing is written where labs are installed
            command = (programs.PYTHON, str(path.absolute()), *arguments)
            with talking.talk(command, around | programs.BESIDE | alone, self.here) as begun:
                yield begun

    def showcase(self, *arguments: str, engine: bool = False, timeout_s: float = 120.0) -> Ran:
        """Run a command of this program in the participant's directory, and return what it said.

        Without `engine` it finds the model server that the participant's own commands find.
        """
        from showcase.labs import programs  # noqa: PLC0415 - as above

        with programs.environment(self.here, engine=engine) as around:
            if not engine and "OLLAMA_HOST" in os.environ:
                around |= {"OLLAMA_HOST": os.environ["OLLAMA_HOST"]}
            return programs.run((programs.PYTHON, "-m", "showcase", *arguments), around, self.here, timeout_s=timeout_s)


def _logged(path: Path) -> Logged:
    from showcase import claims, runlog  # noqa: PLC0415 - heavy

    try:
        run = runlog.read(path, files_only=True)
    except ShowcaseError as error:
        raise NothingToSeeError(error.message) from error
    return Logged(path=path, run=run, verdicts={verdict.id: verdict for verdict in claims.judge(run)})


def met(check: str, seen: str) -> Check:
    """Return a check that is met, with what was seen."""
    return Check(id=check, status="met", seen=seen)


def unmet(check: str, seen: str) -> Check:
    """Return a check that is not met, with what is there in its place."""
    return Check(id=check, status="unmet", seen=seen)


def judged(check: str, seen: str, *, holds: bool) -> Check:
    """Return a check that is met where it holds."""
    return met(check, seen) if holds else unmet(check, seen)


def listed(some: Sequence[str]) -> str:
    """Return a few words as a sentence has them; "none" where there are none."""
    return ", ".join(some) or "none"
