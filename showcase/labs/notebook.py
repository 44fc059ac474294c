"""The participant's notebook: what was predicted, asked and found, in a directory of their own."""

from __future__ import annotations

import os
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from functools import cache
from typing import TYPE_CHECKING, Literal

from showcase.clock import utc_now
from showcase.documents import reading, strict_json
from showcase.documents.file_names import BELOW_A_RUN, why_unfit
from showcase.errors import StoreError, UsageError
from showcase.evidence.fact import Fact
from showcase.shell import here
from showcase.shell.advice import quoted

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from pydantic import TypeAdapter

FILE = "notebook.json"
LOCK = f".{FILE}.lock"
EARLIER = "earlier"
"""Where a reset puts what there was: somebody may have written a file there."""

BELOW = len("/lab-12/run") + BELOW_A_RUN
"""Characters of the longest path that a lab makes below the directory."""

VERSION: Literal[1] = 1
_MAX_BYTES = 16 * 1024 * 1024

CheckStatus = Literal["met", "unmet", "unseen"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Check(Fact):
    """One thing that was looked at.

    Attributes:
        id: As `lab.toml` has it.
        status: `met`; `unmet`, where something else is there; `unseen`, where there was nothing to look at.
        seen: What was seen, as a sentence without its full stop.
    """

    id: str
    status: CheckStatus
    seen: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Page(Fact):
    """One lab of a participant.

    Attributes:
        number: Of the lab.
        started_at: When, in UTC.
        prediction: What was typed before anything ran; a choice's name, where the lab has choices.
        recorded: Whether the recorded run takes the place of one.
        hints: How many were asked for.
        solution_seen: Whether the solution was asked for, or played.
        findings: What was found, by name.
        looked_at: When it was verified last; None: never.
        verified_at: When everything was met for the first time; None: never.
        checks: What was seen last.
    """

    number: int
    started_at: str
    prediction: str
    recorded: bool = False
    hints: int = 0
    solution_seen: bool = False
    findings: dict[str, str] = field(default_factory=dict)
    looked_at: str | None = None
    verified_at: str | None = None
    checks: tuple[Check, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Notebook(Fact):
    """All of a participant.

    Attributes:
        schema: Says what the file is.
        version: Of this form.
        name: Whose it is, as they typed it; None: nobody said.
        language: Of the texts.
        current: The lab that was started last; None: none is.
        pages: By the labs' numbers.
        checked_in: The line of the check-in; None: there was none.
    """

    schema: Literal["showcase/lab-notebook"] = "showcase/lab-notebook"
    version: Literal[1] = VERSION
    name: str | None = None
    language: str = "en"
    current: int | None = None
    pages: tuple[Page, ...] = ()
    checked_in: str | None = None

    def page(self, number: int) -> Page | None:
        """Return the page of a lab, None where it was not started."""
        return next((page for page in self.pages if page.number == number), None)

    def with_page(self, page: Page) -> Notebook:
        """Return it with this page in the place of the one of its number."""
        others = [each for each in self.pages if each.number != page.number]
        return replace(self, pages=tuple(sorted((*others, page), key=lambda each: each.number)))

    def without_page(self, number: int) -> Notebook:
        """Return it as if that lab had never been started."""
        current = None if self.current == number else self.current
        return replace(self, current=current, pages=tuple(page for page in self.pages if page.number != number))


def directory_of(root: Path, number: int) -> Path:
    """Return where a participant works on a lab."""
    return root / f"lab-{number:02}"


def read(root: Path) -> Notebook:
    """Return the notebook in a directory; an empty one where there is none yet.

    Raises:
        UsageError: Something else lies there.
        StoreError: It is damaged.
    """
    why = why_unfit(root, below=BELOW)
    if why is not None:
        raise UsageError(f"{root} cannot be the name of a directory: {why}", hint="name another: --dir DIR")
    path = root / FILE
    if not os.path.lexists(path):
        _check_free(root)
        return Notebook()
    from pydantic import ValidationError  # noqa: PLC0415 - heavy, and `--help` must not wait for it

    again = here().move(path, path.with_name(f"{FILE}.damaged"))
    try:
        data = reading.read(path, limit=_MAX_BYTES, files_only=True)
        strict_json.parse(data)
        return _adapter().validate_json(data)
    except (reading.UnreadableError, ValueError, ValidationError) as error:
        why = str(error) if not isinstance(error, ValidationError) else "it is of another version, or was edited"
        raise StoreError(
            f"{path} cannot be read: {why.splitlines()[0]}",
            hint=f"put it aside and begin a new one; what the labs left stays: {again}",
        ) from error


def _check_free(root: Path) -> None:
    if root.is_dir() and any(path.name != LOCK for path in root.iterdir()):
        another = quoted(root.with_name(root.name + "-2"))
        raise UsageError(
            f"{root} holds files, and no {FILE}: it is not the directory of a participant",
            hint=f"name one that is not there yet: showcase lab start 1 --dir {another}",
        )
    if os.path.lexists(root) and not root.is_dir():
        raise UsageError(f"{root} is no directory", hint="name one that is not there yet: --dir DIR")


@cache
def _adapter() -> TypeAdapter[Notebook]:
    from pydantic import TypeAdapter  # noqa: PLC0415 - as above

    return TypeAdapter(Notebook)


@contextmanager
def opened(root: Path, *, begins: bool = False) -> Iterator[Writer]:
    """Open a notebook to write in it; two at a time would lose what one of them wrote.

    Args:
        root: The participant's directory.
        begins: Whether to begin one where there is none.

    Raises:
        UsageError: There is none, something else lies there, or another command is writing in it.
        StoreError: It is damaged, or the directory takes no file.
    """
    from filelock import FileLock, Timeout  # noqa: PLC0415 - `--help` must not wait for it

    read(root)
    if not begins and not (root / FILE).exists():
        raise UsageError(f"no lab was started in {root}", hint="showcase lab start 1; or where you started: --dir DIR")
    try:
        root.mkdir(mode=0o700, parents=True, exist_ok=True)
        lock = FileLock(root / LOCK, mode=0o600)
        with lock.acquire(timeout=10):
            yield Writer(root)
    except Timeout as error:
        raise UsageError(
            f"another command is at work in {root}", hint="wait for it; or a directory of your own: --dir DIR"
        ) from error
    except OSError as error:
        raise StoreError(
            f"cannot write in {root}: {error.strerror or error}", hint=f"see who may: {here().who_may(root)}"
        ) from error


class Writer:
    """A notebook that is open.

    Attributes:
        root: Its directory.
        book: What stands in it.
    """

    def __init__(self, root: Path) -> None:
        self.root = root
        self.book = read(root)

    def write(self, book: Notebook) -> None:
        """Write it down, whole or not at all.

        Raises:
            StoreError: It cannot be written.
        """
        from showcase.runlog import write_private  # noqa: PLC0415 - heavy

        write_private(self.root / FILE, _adapter().dump_json(book, indent=2) + b"\n")
        self.book = book


def new_page(number: int, prediction: str, *, recorded: bool) -> Page:
    """Return the page of a lab that is being started."""
    return Page(number=number, started_at=utc_now(), prediction=prediction, recorded=recorded)


def put_aside(root: Path, number: int) -> Path | None:
    """Move what a lab left out of the way; return where it lies now, None where there was nothing.

    Raises:
        StoreError: It cannot be moved.
    """
    place = directory_of(root, number)
    if not os.path.lexists(place):
        return None
    stamp = utc_now().replace(":", "").replace("+0000", "Z")
    target = root / EARLIER / f"{place.name}-{stamp}"
    try:
        target.parent.mkdir(mode=0o700, exist_ok=True)
        place.rename(target)
    except OSError as error:
        raise StoreError(
            f"cannot move {place} out of the way: {error.strerror or error}",
            hint=f"end what still uses it; see: {here().who_has_open(place)}",
        ) from error
    return target
