"""Generation options: which there are, their types, and their values in force.

Names, types and defaults are those of Ollama's API. Those that steer sampling are handed to the backend; those that
steer hardware are checked and then have nothing to steer.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from showcase.engines.protocol.wire import ApiError

_INTEGERS = frozenset(
    {
        *("num_keep", "seed", "num_predict", "top_k", "repeat_last_n"),
        *("num_ctx", "num_batch", "num_gpu", "main_gpu", "num_thread"),
    }
)
_FLOATS = frozenset(
    {
        *("top_p", "min_p", "typical_p", "temperature"),
        *("repeat_penalty", "presence_penalty", "frequency_penalty"),
    }
)
_BOOLEANS = frozenset({"use_mmap"})
_SAMPLING = _FLOATS | {"seed", "top_k", "repeat_last_n"}

_RUNAWAY = 10
"""A reply ends after this many contexts."""

_LEAST_NUM_CTX = 4
"""What a real server makes of a smaller one, tokens."""

DEFAULT_NUM_CTX = 4096
"""What a real server takes on a machine with little video memory."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Options:
    """The options that change what a model does.

    Attributes:
        num_ctx: Context, tokens.
        num_predict: Most tokens of a reply; negative: no limit but the context.
        num_keep: Tokens at the head of a prompt that survive a cut; negative: as many as can.
        stop: Sequences that end a reply and are not part of it; the empty one ends it at once.
        sampling: Those that steer which token is taken, by name, as they were given.
    """

    num_ctx: int = DEFAULT_NUM_CTX
    num_predict: int = -1
    num_keep: int = 4
    stop: tuple[str, ...] = ()
    sampling: Mapping[str, float] = field(default_factory=dict)

    @property
    def most_tokens(self) -> int:
        """Most tokens of a reply: what was asked for, else as many as end one that runs away, as in Ollama."""
        return self.num_predict if self.num_predict > 0 else _RUNAWAY * self.num_ctx


def check(given: Mapping[str, Any]) -> None:
    """Checks the type of each known option; unknown names pass, as they do in Ollama.

    Raises:
        ApiError: 500 with Ollama's words.
    """
    for name, value in given.items():
        if value is None:
            continue
        number = isinstance(value, (int, float)) and not isinstance(value, bool)
        if name in _INTEGERS and not number:
            raise ApiError(500, f'option "{name}" must be of type integer')
        if name in _FLOATS and not number:
            raise ApiError(500, f'option "{name}" must be of type float32')
        if name in _BOOLEANS and not isinstance(value, bool):
            raise ApiError(500, f'option "{name}" must be of type boolean')
        if name == "stop":
            if not isinstance(value, list):
                raise ApiError(500, 'option "stop" must be of type array')
            if not all(isinstance(item, str) for item in value):
                raise ApiError(500, 'option "stop" must be of an array of strings')


def in_force(model: Mapping[str, Any], request: Mapping[str, Any], *, limit: int) -> Options:
    """Merges what the model says with what the request says; the request wins.

    Args:
        model: Parameters of the model.
        request: Options of the request.
        limit: The model's own context limit, tokens: a larger `num_ctx` is lowered to it in silence.

    Raises:
        ApiError: An option has the wrong type.
    """
    given = {**model, **{name: value for name, value in request.items() if value is not None}}
    check(given)
    default = Options()
    num_ctx = int(given.get("num_ctx", default.num_ctx))
    return Options(
        num_ctx=max(_LEAST_NUM_CTX, min(num_ctx, limit)),
        num_predict=int(given.get("num_predict", default.num_predict)),
        num_keep=int(given.get("num_keep", default.num_keep)),
        stop=tuple(given.get("stop", ())),
        sampling={name: value for name, value in given.items() if name in _SAMPLING},
    )
