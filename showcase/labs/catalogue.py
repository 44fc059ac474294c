"""The labs there are: those of this program, and a teacher's own."""

from __future__ import annotations

from collections import Counter
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

from showcase.errors import UsageError
from showcase.labs import folder
from showcase.shell.advice import quoted

if TYPE_CHECKING:
    from showcase.labs.lab import Lab

COURSE = Path(__file__).with_name("course")


@cache
def labs(own: Path | None = None) -> tuple[Lab, ...]:
    """Return the labs of a course by their numbers.

    Args:
        own: A directory with a folder for each lab of a teacher's own, in place of those of this program.

    Raises:
        UsageError: There is none, two have one number, or one is not whole.
    """
    course = COURSE if own is None else own
    try:
        folders = [path for path in sorted(course.iterdir()) if (path / folder.FRAME).is_file()]
    except OSError as error:
        raise UsageError(
            f"cannot look into {course}: {error.strerror}", hint="name the directory in which the labs' folders lie"
        ) from error
    if not folders:
        raise UsageError(
            f"there is no lab in {course}: no folder of it holds a {folder.FRAME}",
            hint="name the directory above the lab's folder; docs/labs.md says what one holds",
        )
    found = sorted((folder.read(path) for path in folders), key=lambda lab: lab.number)
    number, count = Counter(lab.number for lab in found).most_common(1)[0]
    if count > 1:
        both = " and ".join(lab.folder.name for lab in found if lab.number == number)
        raise UsageError(f"{both} have the same number {number}", hint="give one of them another, in its lab.toml")
    return tuple(found)


def lab(number: int, own: Path | None = None) -> Lab:
    """Return a lab.

    Raises:
        UsageError: There is none of that number; with those that are there.
    """
    there = labs(own)
    found = next((each for each in there if each.number == number), None)
    if found is None:
        option = "" if own is None else f" --labs {quoted(own)}"
        raise UsageError(
            f"there is no lab {number}; there are {there[0].number} to {there[-1].number}",
            hint=f"see them: showcase lab list{option}",
        )
    return found
