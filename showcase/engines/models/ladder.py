"""The ladder of chat models: order and thresholds are those of the published course."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING

from showcase.documents.resources import directory
from showcase.engines.model_names import short
from showcase.engines.models import modelfile
from showcase.engines.models.sizes import GB
from showcase.errors import UsageError
from showcase.shell.advice import near

if TYPE_CHECKING:
    from showcase.engines.models.modelfile import Modelfile

REHEARSAL = "rehearsal"
"""Where no rung fits: the engine that needs no model."""

NUM_CTX_STEPS = (16_384, 12_288, 8_192, 4_096)


@dataclass(frozen=True, slots=True, kw_only=True)
class Rung:
    """A chat model that this project configures.

    Attributes:
        tag: Its name in Ollama, and of its Modelfile.
        least_bytes: With less free memory than this it is not considered.
        above: Whether exactly `least_bytes` is still too little.
        rule: The threshold in words.
    """

    tag: str
    least_bytes: int
    above: bool = False
    rule: str

    def considered_with(self, free_bytes: int) -> bool:
        """Tell whether the course's thresholds admit this rung."""
        return free_bytes > self.least_bytes if self.above else free_bytes >= self.least_bytes

    @property
    def modelfile(self) -> Modelfile:
        """Its Modelfile."""
        return _modelfile(self.tag)

    @property
    def base(self) -> str:
        """The model in the Ollama library that it is made from."""
        return self.modelfile.base

    @property
    def num_ctx(self) -> int:
        """The context that its Modelfile asks for."""
        return int(self.modelfile.parameters()["num_ctx"])


LADDER = (
    Rung(tag="qwen3-4b-mem", least_bytes=6 * GB, rule="with 6 GB free or more"),
    Rung(tag="gemma3-4b-mem", least_bytes=0, rule="where it fits below that"),
    Rung(tag="qwen2-5-1-5b-mem", least_bytes=3 * GB, above=True, rule="above 3 GB"),
    Rung(tag="llama3-2-1b-mem", least_bytes=0, rule="up to 3 GB"),
)


def rung(tag: str) -> Rung:
    """Return the rung with that tag; `:latest` may follow.

    Raises:
        UsageError: There is none.
    """
    name = short(tag)
    for candidate in LADDER:
        if candidate.tag == name:
            return candidate
    tags = [each.tag for each in LADDER]
    raise UsageError(f"there is no rung {tag!r}{near(tag, tags)}", hint=f"one of {', '.join(tags)}")


@cache
def _modelfile(tag: str) -> Modelfile:
    return modelfile.read(directory("modelfiles") / f"{tag}.Modelfile")
