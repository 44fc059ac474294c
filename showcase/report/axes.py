"""The axis of a plot: where a number stands on it, and which numbers are written beside it."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from showcase.bench.results.wording import number

if TYPE_CHECKING:
    from collections.abc import Sequence

_TICKS = 6
_STEPS = (1.0, 2.0, 5.0, 10.0)
_LEAST_POWER, _MOST_POWER = -307, 307
"""Powers of ten that a double holds in full."""
_PRECISION = 1e-12
"""A range below this share of its numbers is one number: a step would be lost in their rounding."""
_LARGEST = 1.7e308

_COMPACT = 1e5
_ALL = 100.0
_DIGITS = 3


@dataclass(frozen=True, slots=True, kw_only=True)
class Tick:
    """A number beside an axis, and where it stands: per cent of the way from the lower end to the upper one."""

    label: str
    at: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Axis:
    """A range of numbers.

    Attributes:
        low: Its lower end.
        high: Its upper end, above the lower one.
        log: Whether equal ways are equal ratios; both ends are then above zero.
    """

    low: float
    high: float
    log: bool

    def at(self, value: float) -> float:
        """Return per cent of the way, from 0 to 100 whatever the number."""
        if self.log:
            if value <= 0:
                return 0.0
            low, high, value = math.log10(self.low), math.log10(self.high), math.log10(value)
        else:
            # Halves: the way between two doubles may be longer than any double.
            low, high, value = self.low / 2, self.high / 2, value / 2
        return min(max((value - low) / (high - low), 0.0), 1.0) * _ALL

    def ticks(self) -> tuple[Tick, ...]:
        """Return a handful of round numbers in the range."""
        marks = _powers(self.low, self.high) if self.log else _steps(self.low, self.high)
        return tuple(Tick(label=label(mark), at=self.at(mark)) for mark in marks)


def axis(values: Sequence[float], scale: Literal["linear", "log"], *, from_zero: bool = False) -> Axis:
    """Return the axis that holds all of some numbers, which may be none, one, or all the same.

    Args:
        values: Finite; above zero where the scale is logarithmic.
        scale: Which.
        from_zero: Whether a linear axis without a negative number begins at zero, so that heights compare.
    """
    if scale == "log":
        low, high = (min(values), max(values)) if values else (1.0, 10.0)
        first, last = _clamped(math.floor(math.log10(low))), _clamped(math.ceil(math.log10(high)))
        low = max(mark for mark in _within(first, first) if mark <= low or mark == _within(first, first)[0])
        high = min((mark for mark in _within(last - 1, last) if mark >= high), default=_LARGEST)
        return Axis(low=low, high=high if high > low else low * _STEPS[-1], log=True)
    low, high = (min(values), max(values)) if values else (0.0, 1.0)
    if from_zero and low > 0:
        low = 0.0
    half = high / 2 - low / 2
    if half <= max(abs(low), abs(high)) * _PRECISION:
        around = max(abs(low) / 2, 1.0)
        low, high = max(low - around, -_LARGEST), min(high + around, _LARGEST)
    elif from_zero and math.isfinite(step := _step(high - low, _TICKS - 1)):
        low = max(math.floor(low / step) * step, -_LARGEST)
        high = min(math.ceil(high / step) * step, _LARGEST)
    return Axis(low=low, high=high, log=False)


def label(mark: float) -> str:
    """Return a number in as few characters as it needs."""
    size = abs(mark)
    if size and (size >= _COMPACT * 10 or size < 1 / _COMPACT):
        return f"{mark:.3g}".replace("e+0", "e").replace("e+", "e").replace("e-0", "e\u2212").replace("-", "\u2212")
    written = f"{mark:.6g}"
    decimals = len(written.partition(".")[2]) if "e" not in written else 6
    return number(mark, decimals)


def written(value: float) -> str:
    """Return a number with four digits that mean something, or all of its whole ones."""
    if not finite(value):
        return number(value)
    size = abs(float(value))
    if float(value).is_integer() or size >= 10**_DIGITS:
        return number(value)
    return (
        number(value, max(_DIGITS - math.floor(math.log10(size)), 0))
        if size >= 1
        else f"{value:.3g}".replace("-", "\u2212")
    )


def finite(value: float) -> bool:
    """Tell whether a number can be drawn: one that is whole may be longer than any double."""
    try:
        return math.isfinite(float(value))
    except OverflowError:
        return False


def _step(span: float, parts: int) -> float:
    """Return the least of 1, 2 and 5 times a power of ten that divides a range into no more than some parts."""
    if not math.isfinite(span) or span <= 0:
        return math.inf
    rough = span / parts
    power = _clamped(math.floor(math.log10(rough))) if rough > 0 else _LEAST_POWER
    return next((step * 10.0**power for step in _STEPS if step * 10.0**power >= rough), math.inf)


def _steps(low: float, high: float) -> list[float]:
    step = _step(high - low, _TICKS + 1)
    if not math.isfinite(step):
        return [low, high]
    first = math.ceil(low / step)
    marks = [(first + index) * step for index in range(2 * _TICKS)]
    # A sum of steps misses the end by a rounding.
    return [min(mark, high) for mark in marks if mark <= high + step * _PRECISION * 1e3] or [low, high]


def _powers(low: float, high: float) -> list[float]:
    first, last = _clamped(math.ceil(math.log10(low))), _clamped(math.floor(math.log10(high)))
    decades = last - first
    if decades >= 2:  # noqa: PLR2004 - three numbers and more
        stride = math.ceil((decades + 1) / _TICKS)
        return [10.0**power for power in range(first, last + 1, stride)]
    return [mark for mark in _within(first - 1, last) if low <= mark <= high] or [low, high]


def _within(first: int, last: int) -> list[float]:
    """Return 1, 2 and 5 times each power of ten that a double holds."""
    return [part * 10.0**power for power in range(_clamped(first), _clamped(last) + 1) for part in _STEPS[:-1]]


def _clamped(power: int) -> int:
    return min(max(power, _LEAST_POWER), _MOST_POWER)
