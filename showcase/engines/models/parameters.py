"""Parameters of a Modelfile: which there are, of which type, in which range.

Checked here because the server does not: it stores `num_ctx: "many"` and names that it does not know.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass

from showcase.shell.advice import near

Value = bool | int | float | str
Reader = Callable[[str], Value]

_TRUE = {"1", "t", "T", "TRUE", "true", "True"}
_FALSE = {"0", "f", "F", "FALSE", "false", "False"}
INT64_MAX = 2**63 - 1


@dataclass(frozen=True, slots=True, kw_only=True)
class Parameter:
    """One parameter: how its text is read, and which values make sense.

    Attributes:
        kind: What it is, in a word for an error message.
        read: Text to value; raises ValueError.
        low: Smallest value that makes sense, None for any.
        high: Largest value that makes sense, None for any.
        repeats: Whether several lines add up to a list.
    """

    kind: str
    read: Reader
    low: float | None = None
    high: float | None = None
    repeats: bool = False


def _whole(text: str) -> int:
    # As strconv.ParseInt reads it: no spaces, no underscores, no decimal point.
    if not text.lstrip("+-").isascii() or not text.lstrip("+-").isdigit() or abs(int(text)) > INT64_MAX:
        raise ValueError(text)
    return int(text)


def _decimal(text: str) -> float:
    value = float(text) if "_" not in text and text.strip() == text else math.nan
    if not math.isfinite(value):
        raise ValueError(text)
    return value


def _switch(text: str) -> bool:
    if text in _TRUE or text in _FALSE:
        return text in _TRUE
    raise ValueError(text)


_SHARE = Parameter(kind="a number from 0 to 1", read=_decimal, low=0, high=1)
_PENALTY = Parameter(kind="a number", read=_decimal)

PARAMETERS: dict[str, Parameter] = {
    "num_ctx": Parameter(kind="a whole number of tokens", read=_whole, low=1, high=2**31 - 1),
    "num_batch": Parameter(kind="a whole number", read=_whole, low=1),
    "num_gpu": Parameter(kind="a whole number of layers", read=_whole, low=-1),
    "main_gpu": Parameter(kind="a whole number", read=_whole, low=0),
    "num_thread": Parameter(kind="a whole number", read=_whole, low=0),
    "use_mmap": Parameter(kind="true or false", read=_switch),
    "num_keep": Parameter(kind="a whole number of tokens", read=_whole, low=-1),
    "num_predict": Parameter(kind="a whole number of tokens, -1 for no limit", read=_whole, low=-2),
    "seed": Parameter(kind="a whole number", read=_whole),
    "top_k": Parameter(kind="a whole number", read=_whole, low=0),
    "top_p": _SHARE,
    "min_p": _SHARE,
    "typical_p": _SHARE,
    "repeat_last_n": Parameter(kind="a whole number of tokens, -1 for num_ctx", read=_whole, low=-1),
    "temperature": Parameter(kind="a number from 0", read=_decimal, low=0),
    "repeat_penalty": _PENALTY,
    "presence_penalty": _PENALTY,
    "frequency_penalty": _PENALTY,
    "stop": Parameter(kind="a text", read=str, repeats=True),
}
"""Source: `Options` and `Runner` in `api/types.go` of Ollama 0.24; the ranges are ours."""

RETIRED = (
    "penalize_newline", "low_vram", "f16_kv", "logits_all", "vocab_only", "use_mlock", "mirostat",
    "mirostat_tau", "mirostat_eta",
)  # fmt: skip
"""Once known, now dropped by `ollama create` with a warning. Source: `parser/parser.go` of Ollama 0.24."""


def read_value(name: str, text: str) -> Value:
    """Return the value of parameter `name` written as `text`.

    Raises:
        ValueError: There is no such parameter, or the text is no value of it; the message says which.
    """
    if name in RETIRED:
        raise ValueError(f"the parameter {name} does nothing any more")
    if name not in PARAMETERS:
        raise ValueError(f"there is no parameter {name!r}{near(name, PARAMETERS)}")
    parameter = PARAMETERS[name]
    try:
        value = parameter.read(text)
    except ValueError:
        raise ValueError(f"{name} must be {parameter.kind}, not {text!r}") from None
    if isinstance(value, (int, float)) and not isinstance(value, bool):
        too_low = parameter.low is not None and value < parameter.low
        too_high = parameter.high is not None and value > parameter.high
        if too_low or too_high:
            raise ValueError(f"{name} must be {parameter.kind}, not {text!r}")
    return value
