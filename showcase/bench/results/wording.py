"""A result in the words that the terminal and the page share: no figure reads otherwise in one than in the other."""

from __future__ import annotations

import math
import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from showcase.bench.results.result import Cell, Column, EngineUsed, Result, Row, Scalar
    from showcase.evidence import Model

NOT_OBSERVED = "not observed"
CALCULATED = "calculated"
REHEARSAL_HEAD = "This run measures plumbing, not model quality."
REHEARSAL = (
    "The rehearsal engine is no language model: it answers by rule. That the calls were made and counted shows here; "
    "how long a model takes and how good its replies are does not."
)
QUICK_HEAD = "A glance, not a measurement."
QUICK = (
    "A glance was asked for (--quick): where samples are few, intervals are wide, and a difference within them says "
    "nothing."
)

_WHOLE = 1e15
"""From here on a figure is written by its power of ten: a double holds no more whole digits."""
_MOST_DIGITS = 9
_SIGNIFICANT = 2
_MOMENT = re.compile(r"([0-9]{4}-[0-9]{2}-[0-9]{2})[T ]([0-9]{2}:[0-9]{2}:[0-9]{2})(?:\.[0-9]+)?(?:Z|\+00:00)")
_UTC = " UTC"
_GIB = 1024**3
_SITTINGS = 6
_SHORT_DIGEST = 12
_NOTHING = ("0", "none")
"""What a server says of a size or a quantization that a model does not have."""
_HUNDRED = 100.0


def formatted(cell: Cell, column: Column) -> str:
    """Return the figure without its unit, which stands in the head; a share is in per cent."""
    value = cell.value
    if value is None:
        return NOT_OBSERVED
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, str):
        return value
    return f"{_share(value, column.digits)} %" if column.unit == "share" else number(value, column.digits)


def interval(cell: Cell, column: Column) -> str:
    """Return both ends in the unit of the figure, joined by a dash; nothing where there is no interval."""
    if cell.low is None and cell.high is None:
        return ""
    write = _share if column.unit == "share" else number
    low = None if cell.low is None else write(cell.low, column.digits)
    high = None if cell.high is None else write(cell.high, column.digits)
    sign = " %" if column.unit == "share" else ""
    if low is None:
        return f"up to {high}{sign}"
    if high is None:
        return f"from {low}{sign}"
    # A dash beside a minus reads as two of either.
    joined = f"{low} to {high}" if "\u2212" in low + high else f"{low}\u2013{high}"
    return joined + sign


def head(column: Column) -> str:
    """Return the head of a column with the unit of its figures, where it does not end in it."""
    named = column.unit in ("", "share") or column.title.lower().endswith(column.unit.lower())
    return column.title if named else f"{column.title} ({column.unit})"


def count(cell: Cell) -> str:
    """Return from how many samples a figure is; nothing where it does not say."""
    return "" if cell.of is None else f"n = {number(cell.of)}"


def count_of(row: Row) -> int | None:
    """Return from how many samples all figures of a row are; None where they are not of as many."""
    of = {cell.of for cell in row.cells.values() if cell.of is not None}
    return of.pop() if len(of) == 1 else None


def number(value: float, digits: int = 0) -> str:
    """Return a number with separators of thousands and a true minus.

    What is not zero does not read as zero: it gets as many decimals as its first two digits need.
    """
    try:
        amount = float(value)
    except OverflowError:
        amount = math.inf if value > 0 else -math.inf
    if math.isnan(amount):
        return "not a number"
    if math.isinf(amount):
        return "above 1e308" if amount > 0 else "below \u22121e308"
    if abs(amount) >= _WHOLE:
        return f"{amount:.3g}".replace("-", "\u2212")
    decimals = min(max(digits, 0), _MOST_DIGITS)
    written = f"{value:,}" if isinstance(value, int) and not decimals else f"{amount:,.{decimals}f}"
    if amount and not written.strip("-0.,"):
        written = f"{amount:.{_SIGNIFICANT}g}"
    elif not amount:
        written = written.lstrip("-")
    return written.replace("-", "\u2212")


def standing(result: Result) -> str:
    """Return whether all samples were taken."""
    if result.finished:
        return f"finished: {_counted(result.taken, 'sample')}"
    return f"unfinished: {number(result.taken)} of {_counted(result.planned, 'sample')}"


def facts_lines(result: Result) -> tuple[tuple[str, str], ...]:
    """Return what the figures were taken with, a label and its words a line."""
    asked = "; ".join(f"{name} {words}" for name, words in settings_lines(result))
    return (*taken_with(result), ("Settings", asked or "none"))


def taken_with(result: Result) -> tuple[tuple[str, str], ...]:
    """Return the server, its models, the machine and when, a label and its words a line."""
    machine = result.machine
    parts = [machine.system, machine.processor, _counted(machine.cores, "core")]
    parts.append(f"{number(machine.memory_bytes / _GIB, 1)} GiB" if _fits(machine.memory_bytes) else "memory not told")
    installed = [f"showcase {result.program}", f"Python {machine.python}"]
    installed += [f"{name} {version}" for name, version in sorted(machine.versions.items())]
    return (
        ("Engine", engine(result.engine)),
        *models(result.engine),
        ("Machine", ", ".join(part for part in parts if part)),
        ("Versions", ", ".join(installed)),
        (
            "When",
            _few(
                [f"{span(each.began_at, each.ended_at)}, {_counted(each.taken, 'sample')}" for each in result.sittings]
            ),
        ),
        ("Load average", _few([_load(each.load_before, each.load_after) for each in result.sittings])),
    )


def engine(used: EngineUsed | None) -> str:
    """Return which server answered."""
    if used is None:
        return "none took part"
    if used.kind == "rehearsal":
        return f"rehearsal engine, no language model ({used.version})"
    if used.kind == "embedded":
        return f"embedded engine, llama.cpp in a process of the run ({used.version})"
    return f"Ollama {used.version}"


def models(used: EngineUsed | None) -> tuple[tuple[str, str], ...]:
    """Return the models that were asked, a label and its words a line; none where no server took part."""
    if used is None:
        return ()
    named = (("Chat model", used.chat_model), ("Embedding model", used.embed_model))
    return tuple((label, model(each)) for label, each in named if each is not None)


def model(told: Model) -> str:
    """Return a model with the beginning of its digest."""
    digest = "digest not told" if told.digest is None else f"digest {short_digest(told.digest)}"
    parts = (told.name, told.parameter_size, told.quantization, digest)
    return ", ".join(part for part in parts if part and part not in _NOTHING)


def short_digest(digest: str) -> str:
    """Return as much of a digest as Ollama lists."""
    return digest.removeprefix("sha256:")[:_SHORT_DIGEST]


def span(began_at: str, ended_at: str) -> str:
    """Return from when to when; the day is said once."""
    begin, end = moment(began_at), moment(ended_at)
    day, _, began = begin.removesuffix(_UTC).partition(" ")
    same = begin.endswith(_UTC) and end.endswith(_UTC) and end.startswith(f"{day} ")
    return f"{day} {began} to {end.removeprefix(f'{day} ')}" if same else f"{begin} to {end}"


def moment(told: str) -> str:
    """Return a moment without its parts of a second; one that is no moment of UTC stays as it is."""
    found = _MOMENT.fullmatch(told)
    return f"{found[1]} {found[2]}{_UTC}" if found else told


def settings_lines(result: Result) -> tuple[tuple[str, str], ...]:
    """Return what was asked for, a name and its value a line."""
    return tuple((name, setting(value)) for name, value in result.settings.items())


def setting(value: Scalar) -> str:
    """Return a setting as it is typed: a seed has no separators."""
    if value is None:
        return "none"
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, int) and abs(value) >= _WHOLE:
        return number(value)
    return str(value) or "none"


def _share(value: float, digits: int) -> str:
    """Return a share in per cent. What is not all of it does not read as all of it."""
    per_cent = float(value) * _HUNDRED if _fits(value) else (math.inf if value > 0 else -math.inf)
    decimals = min(max(digits, 0), _MOST_DIGITS)
    while per_cent < _HUNDRED and decimals < _MOST_DIGITS and round(per_cent, decimals) >= _HUNDRED:
        decimals += 1
    return number(per_cent, decimals)


def _fits(value: float) -> bool:
    try:
        return math.isfinite(float(value))
    except OverflowError:
        return False


def _load(before: float | None, after: float | None) -> str:
    told = [f"{number(load, 2)} {when}" for load, when in ((before, "before"), (after, "after")) if load is not None]
    return ", ".join(told) or "not told by this system"


def _few(lines: list[str]) -> str:
    left = len(lines) - _SITTINGS
    shown = "; ".join(lines[:_SITTINGS]) or "not told"
    return f"{shown}; and {_counted(left, 'more sitting')}" if left > 0 else shown


def _counted(amount: int, noun: str) -> str:
    return f"{number(amount)} {noun}{'' if amount == 1 else 's'}"
