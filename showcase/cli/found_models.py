"""What `showcase models list` prints: a table that fits 80 columns, where each lies, and what was skipped."""

from __future__ import annotations

import textwrap
import time
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

import click

from showcase.cli.words import as_typed, one_line, printable

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    from showcase.engines.models.found.listing import Alias, FoundModel, Listing
    from showcase.engines.models.gguf.model import GgufModel

COLUMNS = 80
_LEAST_NAME = 12
_HEAD = ("#", "model", "kind", "size", "stored", "params", "context", "template")
_RIGHT = (0, 3, 5, 6)
_NAME = 1
_BETWEEN_LINES_S = 2.0
_THOUSAND = 1000


class DigestProgress:
    """Tells on stderr how far a file was read."""

    def __init__(self, name: str) -> None:
        self._name = one_line(name, 60)
        self._next = time.monotonic() + _BETWEEN_LINES_S

    def __call__(self, done: int, total: int) -> None:
        """Take note of the bytes that were read."""
        from showcase.engines.models.sizes import show_size  # noqa: PLC0415 - `--help` must not wait

        if time.monotonic() >= self._next:
            self._next = time.monotonic() + _BETWEEN_LINES_S
            percent = done * 100 // total if total else 100
            click.echo(f"  SHA-256 of {self._name}: {percent}% of {show_size(total)}", err=True)


def listing_lines(listing: Listing, *, digests: bool) -> Iterator[str]:
    """Yield a listing for people.

    Args:
        listing: It.
        digests: Whether digests were computed.
    """
    models = [each for each in listing.models if not each.problem]
    skipped = [each for each in listing.models if each.problem]
    if models:
        yield from _table([_cells(number, each) for number, each in enumerate(models, 1)])
        yield ""
        for number, each in enumerate(models, 1):
            yield from _place_lines(number, each, digests=digests)
    else:
        yield "No model was found."
    if skipped:
        yield ""
        yield f"Skipped, {len(skipped)}:"
        for each in skipped:
            yield from _skipped_lines(each)
    yield ""
    yield from _wrapped(_looked(listing), indent="")
    from showcase.engines.embedded.model_file import as_option  # noqa: PLC0415 - `--help` must not wait

    if (runnable := next((named for each in models if (named := as_option(each)) is not None), None)) is not None:
        yield f"Without a daemon: {as_typed(f'showcase run --engine embedded --chat-model {runnable}')}"
    if not models:
        yield "Where models lie elsewhere, name the folder or the file."
        yield f"Next: {as_typed('showcase models list PLACE')}"


def listing_document(listing: Listing, *, digests: bool) -> dict[str, Any]:
    """Return the same as a document, with all that the files say; a template by its length."""
    return {
        "models": [_model_document(each, digests=digests) for each in listing.models if not each.problem],
        "skipped": [_model_document(each, digests=digests) for each in listing.models if each.problem],
        "looked": [{"place": each.place, "path": str(each.path), "there": each.there} for each in listing.looked],
    }


def _model_document(found: FoundModel, *, digests: bool) -> dict[str, Any]:
    first = found.aliases[0]
    document: dict[str, Any] = {
        "name": first.name,
        "place": first.place,
        "path": _path(first.path),
        "problem": found.problem or None,
        "size_bytes": found.size_bytes,
        "parts": [str(path) for path in found.parts],
        "template": found.template,
        "license": found.license,
        "also": [{"name": each.name, "place": each.place, "path": _path(each.path)} for each in found.aliases[1:]],
        "projectors": sorted({str(path) for each in found.aliases if each.beside for path in each.beside.projectors}),
        "adapters": sorted({str(path) for each in found.aliases if each.beside for path in each.beside.adapters}),
        "named_sha256": found.named_digest,
        "sha256": found.digest,
        "known": None if found.known is None else asdict(found.known),
        "compared": digests and found.digest is not None,
        "model": None,
    }
    if found.model is not None:
        facts = asdict(found.model)
        for key in ("identity", "chat_template"):
            del facts[key]
        template = found.model.chat_template
        facts["chat_template_characters"] = None if template is None else len(template)
        document["model"] = facts
    return document


def _path(path: Path | None) -> str | None:
    return None if path is None else str(path)


def _cells(number: int, found: FoundModel) -> tuple[str, ...]:
    model = found.model
    if model is None:  # what has no problem was read
        raise AssertionError(found)
    template = found.template or ("none" if model.kind in {"chat", "base"} else "")
    return (
        str(number),
        one_line(found.aliases[0].name),
        model.kind,
        _size(found.size_bytes or 0),
        one_line(model.quantisation or (f"~{model.stored_as}" if model.stored_as else "?")),
        _count(model.parameters),
        "?" if model.context_length is None else str(model.context_length),
        template,
    )


def _table(rows: Sequence[tuple[str, ...]]) -> Iterator[str]:
    widths = [max(len(row[column]) for row in (_HEAD, *rows)) for column in range(len(_HEAD))]
    others = sum(widths) - widths[_NAME] + 2 * (len(widths) - 1)
    widths[_NAME] = min(widths[_NAME], max(COLUMNS - others, _LEAST_NAME))
    for row in (_HEAD, *rows):
        cells = [
            cell.rjust(width) if column in _RIGHT else _cut(cell, width).ljust(width)
            for column, (cell, width) in enumerate(zip(row, widths, strict=True))
        ]
        yield "  ".join(cells).rstrip()


def _cut(text: str, width: int) -> str:
    """Return `text` cut in the middle: what tells two files apart often stands at the end."""
    if len(text) <= width:
        return text
    end = (width - 1) * 2 // 3
    return f"{text[: width - 1 - end]}…{text[-end:]}"


def _place_lines(number: int, found: FoundModel, *, digests: bool) -> Iterator[str]:
    model = found.model
    if model is None:
        return
    first = found.aliases[0]
    yield f"{number}  {first.place}: {printable(first.name)}"
    yield f"   {printable(str(first.path))}"
    if len(found.parts) > 1:
        yield f"   in {len(found.parts)} files, of which this is the first"
    for each in found.aliases[1:]:
        yield f"   also {_alias(each)}"
    yield from _wrapped("; ".join(_said(found, model)), indent="   ")
    if digests and found.digest is not None:
        yield f"   SHA-256 {found.digest}"
        known = found.known
        yield from _wrapped(
            "unknown to us: none of the few files whose makers' digests ship with this program"
            if known is None
            else f"known: {known.file} as {known.publisher} publishes it, {known.license}",
            indent="   ",
        )
    elif digests:
        yield "   SHA-256: not computed for a model in several files"


def _said(found: FoundModel, model: GgufModel) -> list[str]:
    """Return what there is to say of a model beside its figures."""
    said = [f"{model.kind}: {model.kind_reason}"]
    if model.stored_as and not (model.quantisation or "").startswith(model.stored_as):
        said.append(f"most of its numbers are stored as {model.stored_as}")
    if found.template == "Ollama":
        said.append("its template is Ollama's, which llama.cpp does not read")
    said.append(f"licence: {one_line(found.license, 60)}" if found.license else "licence: not said")
    if source := model.source or next(iter(model.made_from), None) or model.organization:
        said.append(f"from {one_line(source, 100)}")
    beside = [each.beside for each in found.aliases if each.beside]
    if any(each.projectors for each in beside):
        said.append("with a projector")
    if any(each.adapters for each in beside):
        said.append("with an adapter, which changes it")
    return said


def _skipped_lines(found: FoundModel) -> Iterator[str]:
    first = found.aliases[0]
    yield f"-  {first.place}: {printable(first.name)}"
    if first.path is not None:
        yield f"   {printable(str(first.path))}"
    for each in found.aliases[1:]:
        yield f"   also {_alias(each)}"
    yield from _wrapped(one_line(found.problem), indent="   ")


def _alias(alias: Alias) -> str:
    where = "" if alias.path is None else f", {printable(str(alias.path))}"
    return f"{alias.place}: {printable(alias.name)}{where}"


def _looked(listing: Listing) -> str:
    there = dict.fromkeys(each.place for each in listing.looked if each.there)
    absent = dict.fromkeys(each.place for each in listing.looked if each.place not in there)
    parts = [f"Looked at: {', '.join(there)}." if there else "Nothing was there to look at."]
    if absent:
        parts.append(f"Not there: {', '.join(absent)}.")
    return " ".join([*parts, "Nothing was downloaded, started or asked."])


def _wrapped(text: str, *, indent: str) -> list[str]:
    return textwrap.wrap(
        printable(text),
        COLUMNS,
        initial_indent=indent,
        subsequent_indent=indent,
        break_long_words=False,
        break_on_hyphens=False,
    )


def _size(amount: int) -> str:
    from showcase.engines.models.sizes import GIB, show_size  # noqa: PLC0415 - `--help` must not wait

    return f"{amount / GIB:.1f} GiB" if amount >= 10 * GIB else show_size(amount)


def _count(count: int | None) -> str:
    """Return a number of parameters as people write it: 494M, 1.54B."""
    if count is None:
        return "?"
    value = float(count)
    for unit in ("", "K", "M", "B", "T"):
        if value < _THOUSAND or unit == "T":
            return f"{value:.3g}{unit}" if value < _THOUSAND else f"{value:.0f}{unit}"
        value /= _THOUSAND
    raise AssertionError(count)
