"""What a participant hands in: where they are, from their notebook."""

from __future__ import annotations

import codecs
import json
from functools import cache
from typing import TYPE_CHECKING, Any

from showcase import __version__
from showcase.clock import utc_now
from showcase.documents import strict_json
from showcase.errors import RunLogError
from showcase.evidence.lab import LAB_RECORD, LabProgress, LabRecord

if TYPE_CHECKING:
    from collections.abc import Iterable

    from pydantic import TypeAdapter

    from showcase.labs.lab import Lab
    from showcase.labs.notebook import Notebook

_HINT = "let the participant write it again: showcase lab verify --json"


@cache
def _adapter() -> TypeAdapter[LabRecord]:
    from pydantic import TypeAdapter  # noqa: PLC0415 - heavy, and `--help` must not wait for it

    return TypeAdapter(LabRecord)


def record_of(book: Notebook, labs: Iterable[Lab]) -> LabRecord:
    """Return where a participant is."""
    return LabRecord(
        program=__version__,
        name=book.name,
        checked_in=book.checked_in,
        written_at=utc_now(),
        labs=tuple(_progress(book, lab) for lab in labs),
    )


def _progress(book: Notebook, lab: Lab) -> LabProgress:
    page, title = book.page(lab.number), lab.text(book.language).title
    count = len(lab.frame.checks)
    if page is None:
        return LabProgress(number=lab.number, title=title, status="not started", checks=count)
    verified = page.verified_at is not None
    return LabProgress(
        number=lab.number,
        title=title,
        status="verified" if verified else "started",
        predicted=came_true(lab, page.prediction) if verified else None,
        recorded=page.recorded,
        hints=page.hints,
        solution_seen=page.solution_seen,
        met=sum(check.status == "met" for check in page.checks),
        checks=count,
        unmet=next((f"{check.id}: {check.seen}" for check in page.checks if check.status != "met"), None),
    )


def came_true(lab: Lab, prediction: str) -> bool | None:
    """Tell whether a prediction was the one that comes true; None where there were no choices."""
    return prediction == lab.solution.prediction if lab.frame.choices else None


def dump(record: LabRecord) -> str:
    """Return a record as JSON, in ASCII."""
    return json.dumps(json.loads(_adapter().dump_json(record)), indent=2)


def is_one(document: object) -> bool:
    """Tell whether a JSON document says that it is a record."""
    return isinstance(document, dict) and document.get("schema") == LAB_RECORD


def _in_utf8(data: bytes) -> bytes:
    """Return a document as it was printed: the `>` of Windows PowerShell writes UTF-16, with a mark before it."""
    if data.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return data.decode("utf-16").encode()
    return data.removeprefix(codecs.BOM_UTF8)


def load(data: bytes, *, source: str) -> LabRecord:
    """Read a record.

    Raises:
        RunLogError: It is none.
    """
    from pydantic import ValidationError  # noqa: PLC0415 - as above

    try:
        data = _in_utf8(data)
        document: Any = strict_json.parse(data)
    except ValueError as error:
        raise RunLogError(f"{source} is not JSON: {error}", hint=_HINT) from error
    if not is_one(document):
        raise RunLogError(f"{source} is no lab record: its schema is not {LAB_RECORD!r}", hint=_HINT)
    try:
        return _adapter().validate_json(data)
    except ValidationError as error:
        first = error.errors(include_url=False, include_input=False)[0]
        place = "/" + "/".join(str(part) for part in first["loc"])
        raise RunLogError(f"{source}: at {place}: {first['msg']}", hint=_HINT) from error
