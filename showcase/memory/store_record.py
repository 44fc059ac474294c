"""What a store says of itself: which embedding model made its vectors, and how its rows are laid out.

Chroma knows the dimension alone, and two models of one dimension give vectors that have nothing to do with each other.
"""

from __future__ import annotations

import json
import os
import uuid
from contextlib import suppress
from dataclasses import asdict, dataclass, replace
from typing import TYPE_CHECKING, Literal

from showcase.documents import new_file, regular_file, strict_json
from showcase.documents.destination import Destination, UnwritableError
from showcase.documents.regular_file import NoRegularFileError
from showcase.engines.model_names import same
from showcase.errors import StoreError
from showcase.evidence.fact import Fact
from showcase.memory.stored import now
from showcase.shell.advice import quoted

if TYPE_CHECKING:
    from pathlib import Path

    from showcase.evidence import Model
    from showcase.settings.store_place import StorePlace

Layout = Literal["shared", "per-user"]

RECORD = "showcase-store.json"
FORMAT = "local-memory-showcase store"
VERSION = 1
OF_A_RUN = "run"
"""Beside a server's rows alone: that a run made the collection, and may empty it. See `run_mark`."""
DECISION = "showcase-conversion.json"
"""Beside the record while a store is converted; see `conversion`."""

REPLACEMENT = "showcase-erasure"
"""Beside the record while files of the store are replaced; see `replacement`."""

_MOST_BYTES = 65_536


@dataclass(frozen=True, slots=True, kw_only=True)
class StoreRecord(Fact):
    """What stands in a store's `showcase-store.json`.

    Attributes:
        embed_model: Name of the model that made every vector.
        embed_digest: Its digest as the server told; None where it told none.
        dimensions: Numbers of a vector.
        layout: One collection for everybody, or one a user.
        created_at: ISO 8601, UTC.
    """

    embed_model: str
    embed_digest: str | None
    dimensions: int
    layout: Layout
    created_at: str


def path_of(place: StorePlace) -> Path:
    """Return where the record lies: beside mem0's history, which a new run removes with its store."""
    return place.home / RECORD


def read(place: StorePlace) -> StoreRecord | None:
    """Return what a store remembers, None where it remembers nothing.

    Raises:
        StoreError: The file is there and cannot be read, a newer version wrote it, or the store is being converted.
    """
    path = path_of(place)
    if os.path.lexists(place.home / DECISION):
        raise _unfinished(place)
    if os.path.lexists(place.home / REPLACEMENT):
        _check_replaced(place)
    try:
        data = regular_file.read(path, limit=_MOST_BYTES)
    except FileNotFoundError:
        return None
    except OSError as error:
        raise StoreError(f"{path} cannot be read: {error.strerror or error}", hint=_see(path)) from error
    return parsed(data, place, path, hint=_see(path))


def parsed(data: bytes, place: StorePlace, where: object, *, hint: str) -> StoreRecord:
    """Return the record that a document holds, which was found at `where`.

    Raises:
        StoreError: It is no record, or one of another version; `hint` says what to do then.
    """
    from pydantic import TypeAdapter, ValidationError  # noqa: PLC0415 - heavy

    try:
        document = strict_json.parse(data)
        if not isinstance(document, dict) or document.pop("format", None) != FORMAT:
            raise ValueError("it is no record of a store")  # noqa: TRY301 - one place says what it is not
        document.pop(OF_A_RUN, None)
        version = document.pop("version", None)
        if version != VERSION:
            raise StoreError(
                f"the store {place.named} was made by another version of this program (its record is of version "
                f"{version!r:.20}, known here is {VERSION})",
                hint="use the version of this program that wrote it, or a newer one",
            )
        return TypeAdapter(StoreRecord).validate_json(json.dumps(document))
    except (ValidationError, ValueError) as error:
        why = (
            f"{error.error_count()} of its fields are not as they should be"
            if isinstance(error, ValidationError)
            else str(error)
        )
        raise StoreError(f"{where} cannot be used: {why}", hint=hint) from error


def write(place: StorePlace, record: StoreRecord) -> None:
    """Write the record whole or not at all, for its owner only.

    Raises:
        StoreError: It cannot be written.
    """
    path = path_of(place)
    try:
        place.home.mkdir(mode=0o700, parents=True, exist_ok=True)
        with suppress(FileNotFoundError):
            regular_file.check(path, path.lstat())  # by a link, it would be written into somebody's file
        destination = Destination(path)
        try:
            destination.write(document(record))
        finally:
            destination.close()
    except UnwritableError as error:
        raise StoreError(error.message, hint=error.hint) from error
    except NoRegularFileError as error:
        raise StoreError(f"{path} cannot be written: {error.strerror}", hint=_see(path)) from error
    except OSError as error:
        raise StoreError(f"{place.home} cannot be made: {error.strerror or error}", hint=_why_not(place)) from error


def begin(place: StorePlace, record: StoreRecord) -> StoreRecord:
    """Write the first record of a store, and return it; the one that another process wrote first where it agrees.

    Raises:
        StoreError: It cannot be written, or another process began the store otherwise.
    """
    path = path_of(place)
    # Whole before it has its name: a link is made or is not, and never takes the place of what is there.
    whole = path.with_name(f".{path.name}.{uuid.uuid4().hex}")
    try:
        place.home.mkdir(mode=0o700, parents=True, exist_ok=True)
        try:
            new_file.create(whole, document(record))
            try:
                os.link(whole, path)
            except FileExistsError:
                raise
            except OSError:  # a file system without hard links
                new_file.create(path, document(record))
        finally:
            whole.unlink(missing_ok=True)
    except FileExistsError:
        there = read(place)
        if there is None or not agree(record, there):
            is_now = "" if there is None else f": layout {there.layout}, vectors of {there.embed_model}"
            raise StoreError(
                f"another process began the store {place.named} meanwhile{is_now}", hint="the same command again"
            ) from None
        return there
    except OSError as error:
        raise StoreError(f"{path} cannot be made: {error.strerror or error}", hint=_see(place.home)) from error
    return record


def agree(one: StoreRecord, other: StoreRecord) -> bool:
    """Tell whether two records are of one layout and one model; a digest that one does not know is no difference."""
    digests = {one.embed_digest, other.embed_digest} - {None, ""}
    return (
        one.layout == other.layout
        and same(one.embed_model, other.embed_model)
        and one.dimensions == other.dimensions
        and len(digests) <= 1
    )


def made_by(model: Model, *, layout: Layout) -> StoreRecord:
    """Return the record of a store whose vectors `model` makes."""
    return StoreRecord(
        embed_model=model.name,
        embed_digest=model.digest,
        dimensions=model.dimensions or 0,
        layout=layout,
        created_at=now(),
    )


def remember(place: StorePlace, model: Model) -> None:
    """Write which model makes the vectors of a store that mem0 fills as it does by itself.

    Raises:
        StoreError: Another one made those that are there.
    """
    record = read(place)
    if record is not None and record.layout != "shared":
        raise StoreError(
            f"the store {place.named} has one collection a user, where mem0 by itself looks for nothing",
            hint=f"convert it: showcase memories move --store {quoted(place.named)} --layout shared",
        )
    after = made_by(model, layout="shared") if record is None else check_model(record, model, place)
    if record is None:
        begin(place, after)
    elif after != record:
        write(place, after)


def check_model(record: StoreRecord, model: Model, place: StorePlace, *, is_file: bool = False) -> StoreRecord:
    """Return the record where `model` made the store's vectors, with its digest where that was not known yet.

    `is_file` says that the model is run from its file, which is what a person then names.

    Raises:
        StoreError: Another model made them.
    """
    store = quoted(place.named)
    anew = f"make all vectors anew: showcase memories reembed --store {store} --embed-model {quoted(model.name)}"
    if is_file:
        anew = f"make all vectors anew: showcase memories reembed --store {store} --engine embedded --embed-model FILE"
    keep = f"or go on with that model: --embed-model {quoted(record.embed_model)}"
    if not same(record.embed_model, model.name):
        raise StoreError(
            f"the store {place.named} was made with the embedding model {record.embed_model}, not with {model.name}: "
            "their vectors have nothing to do with each other",
            hint=f"{anew}; {keep}",
        )
    if record.dimensions != (model.dimensions or record.dimensions):
        made = f"has vectors of {record.dimensions} dimensions, and {model.name} makes {model.dimensions}"
        raise StoreError(f"the store {place.named} {made}", hint=anew)
    if record.embed_digest and model.digest and record.embed_digest != model.digest:
        raise StoreError(
            f"the store {place.named} was made with another model of the name {model.name} (digest "
            f"{record.embed_digest[:12]}, now {model.digest[:12]})",
            hint=anew,
        )
    return record if record.embed_digest else replace(record, embed_digest=model.digest)


def _move(layout: Layout) -> str:
    """Return the command that brings to its end what was begun: it finds the store in the layout that it has."""
    per_user = layout == "per-user"
    return "showcase memories move --layout per-user" if per_user else "showcase memories move --layout shared"


def _unfinished(place: StorePlace) -> StoreError:
    from showcase.memory import conversion  # noqa: PLC0415 - it needs this module, and is asked only here

    decision = conversion.decided(place)
    per_user = decision is not None and decision.record.layout == "per-user"
    move = _move("per-user" if per_user else "shared")
    return StoreError(
        f"a conversion of the store {place.named} was interrupted after it was decided, and is unfinished",
        hint=f"finish it: {move} --store {quoted(place.named)}",
    )


def _check_replaced(place: StorePlace) -> None:
    """Refuse a store of which some files are old ones and some new.

    Raises:
        StoreError: It is one.
    """
    from showcase.memory import replacement  # noqa: PLC0415 - it needs this module, and is asked only here

    decision = replacement.decided(place)
    if decision is not None:
        raise StoreError(
            f"an erasure in the store {place.named} was interrupted after it was decided, and is unfinished",
            hint=f"finish it: {_move(decision.layout)} --store {quoted(place.named)}",
        )


def document(record: StoreRecord) -> bytes:
    """Return a record as it is written down."""
    return json.dumps({"format": FORMAT, "version": VERSION, **asdict(record)}, indent=1).encode() + b"\n"


def _see(path: Path) -> str:
    from showcase.shell import here  # noqa: PLC0415 - only where somebody is told

    return f"put it aside, and it is written anew with the next memory: {here().move(path, f'{path}-aside')}"


def _why_not(place: StorePlace) -> str:
    from showcase.shell import here  # noqa: PLC0415 - only where somebody is told

    above = next(path for path in (place.home, *place.home.parents) if path.exists())
    return f"see who may write there: {here().who_may(above)}; or name another directory: --store DIR"
