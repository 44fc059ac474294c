"""What the documentation says of models and doctor is what the program does."""

from __future__ import annotations

import re
from pathlib import Path

from showcase.doctor.examination import CHECKS
from showcase.engines.models.emptiness import Cause
from showcase.engines.models.found.interface import Surroundings
from showcase.engines.models.found.ollama import SERVICE_MODELS
from showcase.engines.models.found.places import usual
from showcase.engines.models.gguf.source import MOST_HEADER_BYTES
from showcase.engines.models.modelfile import INSTRUCTIONS
from showcase.engines.models.plan import make_plan
from showcase.engines.models.sizes import GB, show_size

DOCS = Path(__file__).resolve().parents[2] / "docs"


def rows(page: str) -> list[list[str]]:
    text = (DOCS / page).read_text("utf-8")
    return [
        [cell.strip() for cell in line.strip("| ").split("|")] for line in re.findall(r"^\|.*\|$", text, re.MULTILINE)
    ]


def test_the_ladder_is_the_programs() -> None:
    said = [row for row in rows("models.md") if row[0].endswith("-mem`")]
    plan = make_plan(20 * GB, source="test")
    assert said == [
        [f"`{rung.tag}`", f"`{rung.base}`", rung.rule, show_size(rung.need.total_bytes)] for rung in plan.rungs
    ]


def test_every_cause_and_instruction_is_explained() -> None:
    said = {row[0] for row in rows("models.md")}
    assert said >= set(Cause.__args__)
    text = (DOCS / "models.md").read_text("utf-8")
    assert all(name in text for name in INSTRUCTIONS)


def test_every_check_of_the_doctor_is_listed() -> None:
    said = {name for row in rows("doctor.md") for name in row[0].split(", ")}
    assert said >= set(CHECKS)


def test_every_place_of_models_is_listed() -> None:
    said = [row[0] for row in rows("models.md")]
    here = Surroundings(variables={}, home=Path("/home/x"), system="linux")
    known = [place.name for place in usual(here)]
    assert [name for name in said if name in known] == known
    text = (DOCS / "models.md").read_text("utf-8")
    assert str(SERVICE_MODELS) in text
    assert f"{MOST_HEADER_BYTES // 2**20} MiB" in text
