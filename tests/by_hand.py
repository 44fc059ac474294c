"""A run of three phases, each typed by hand, made once; and a slip on the way."""

from __future__ import annotations

import json
import shutil
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from program import Finished, run
from shared import once

from showcase import runlog

if TYPE_CHECKING:
    import pytest

    from showcase.evidence import Run


@dataclass(frozen=True)
class ByHand:
    """What was typed in this order: phases 1 and 2, phase 3 with another `--top-k`, phase 3."""

    place: Path

    @property
    def out(self) -> Path:
        """The output directory, in which nobody writes."""
        return self.place / "out"

    @property
    def said(self) -> list[Finished]:
        """How each of the four ended."""
        ends = json.loads((self.place / "said.json").read_text(encoding="utf-8"))
        return [Finished(out=self.out, **end) for end in ends]

    def log(self, typed: int) -> Run:
        """Return the log as it was after so many were typed."""
        return runlog.read(self.place / f"log-{typed}.json")


def phases_by_hand(factory: pytest.TempPathFactory) -> ByHand:
    """Return them, played by whichever process came first."""

    def play(place: Path) -> None:
        ends = []
        for typed, arguments in enumerate((("1",), ("2",), ("3", "--top-k", "2"), ("3",)), start=1):
            done = run(place / "out", "--no-drill", "--phase", *arguments)
            ends.append({"exit_code": done.exit_code, "stdout": done.stdout, "stderr": done.stderr})
            shutil.copy(place / "out" / "run-log.json", place / f"log-{typed}.json")
        (place / "said.json").write_text(json.dumps(ends), encoding="utf-8")

    return ByHand(once(factory, "phases", play))
