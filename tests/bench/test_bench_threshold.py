"""What a threshold is judged on has no say in which is chosen, and a model that tells nothing apart is seen to."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from showcase.bench.threshold.cases import CHOSEN_ON, JUDGED_ON, cases
from showcase.bench.threshold.choosing import Questions, choose, questions
from showcase.bench.threshold.measurement import PIECE, Threshold
from showcase.bench.threshold.sample import Cosines, Piece

if TYPE_CHECKING:
    from showcase.bench.results.result import Cell

ROOT = Path(__file__).resolve().parents[2]


def bench(pieces: int | None = None) -> Threshold:
    return Threshold(embed_model="planted", embed=lambda _text: (1.0, 0.0), engine=None, pieces=pieces)


def planted(measured: Threshold, chosen_on: Cosines, held_out: Cosines) -> dict[str, Piece]:
    """Plant one piece to choose on and five held-out ones: those would outvote it, were they asked."""
    return {
        step: Piece(cosines=(held_out if step.startswith(JUDGED_ON) else chosen_on,) * PIECE)
        for step in measured.steps()
        if step.startswith(JUDGED_ON) or step == f"{CHOSEN_ON[0]}/0"
    }


def row(measured: Threshold, samples: dict[str, Piece]) -> dict[str, Cell]:
    return measured.sections(samples)[0].tables[0].rows[0].cells


def test_what_is_held_out_has_no_say() -> None:
    measured = bench()
    chosen_on = Cosines(known=0.6, unknown=0.405)
    agreeing = row(measured, planted(measured, chosen_on, chosen_on))
    contrary = row(measured, planted(measured, chosen_on, Cosines(known=0.3, unknown=0.1)))
    assert agreeing["threshold"].value == contrary["threshold"].value == 0.41
    outvoted = questions([chosen_on] * PIECE + [Cosines(known=0.3, unknown=0.1)] * 5 * PIECE)
    assert choose(outvoted) == 0.11, "which is what it would have chosen"
    assert contrary["chosen_found"].value == contrary["refused"].value == 1
    assert contrary["found"].value == 0, "and it is judged by what is held out"
    assert contrary["found"].high is not None
    assert 0 < contrary["found"].high < 0.1
    assert agreeing["found"].value == 1


def test_the_threshold_is_the_one_with_the_most_of_both_shares() -> None:
    apart = Questions(known=(0.6, 0.7, 0.8), unknown=(0.1, 0.2, 0.55))
    assert choose(apart) == 0.56
    assert apart.found(0.56) == apart.refused(0.56) == 3
    assert choose(Questions(known=(0.2, 0.7, 0.8), unknown=(0.1, 0.3, 0.4))) == 0.41
    blind = Questions(known=(0.5,) * 4, unknown=(0.5,) * 4)
    chosen = choose(blind)
    assert chosen is not None
    assert blind.found(chosen) + blind.refused(chosen) == 4, "vectors that tell nothing apart are worth a coin"


def test_of_equals_the_smallest_is_chosen_and_of_half_a_question_none() -> None:
    assert choose(Questions(known=(0.9, 0.8), unknown=(0.2,))) == 0.21
    assert choose(Questions(known=(0.5, 0.5), unknown=(0.5, 0.5))) == 0.0
    assert choose(Questions(known=(0.5,), unknown=())) is None
    assert questions([Cosines(known=0.5, unknown=None)]) == Questions(known=(0.5,), unknown=())


def test_of_equals_the_smallest_is_chosen_though_a_sum_of_fifths_is_none() -> None:
    # 5/5 + 1/5 and 4/5 + 2/5 are as much, and not as doubles.
    equals = Questions(known=(0.3, 0.8, 0.8, 0.8, 0.8), unknown=(0.1, 0.4, 0.9, 0.9, 0.9))
    assert choose(equals) == 0.11


def test_each_share_is_of_its_own_questions() -> None:
    measured = bench()
    held_out = {
        step: Piece(
            cosines=(
                *[Cosines(known=0.6, unknown=0.9)] * 3,
                Cosines(known=0.1, unknown=0.1),
                *[Cosines(known=0.6, unknown=None)] * (PIECE - 4),
            )
        )
        for step in measured.steps()
        if step == f"{JUDGED_ON}/0"
    }
    chosen_on = Piece(cosines=(Cosines(known=0.6, unknown=0.405),) * PIECE)
    found = row(measured, {f"{CHOSEN_ON[0]}/0": chosen_on, **held_out})
    assert {key: (cell.value, cell.of) for key, cell in found.items() if key not in ("threshold", "built_in")} == {
        "found": (0.9, 10), "refused": (0.25, 4), "chosen_found": (1.0, 10), "chosen_refused": (1.0, 10),
    }  # fmt: skip
    assert found["built_in"].note == "which is no measurement"


def test_few_samples_say_so_and_none_raise() -> None:
    measured = bench()
    empty = row(measured, {})
    assert all(cell.value is None for key, cell in empty.items() if key != "built_in")
    samples = planted(measured, Cosines(known=0.6, unknown=0.2), Cosines(known=0.6, unknown=0.2))
    only_held_out = {step: each for step, each in samples.items() if step.startswith(JUDGED_ON)}
    assert row(measured, only_held_out)["threshold"].value is None
    assert measured.sections(only_held_out)[0].plots
    some = row(measured, {f"{CHOSEN_ON[0]}/0": samples[f"{CHOSEN_ON[0]}/0"]})
    assert some["threshold"].note == f"chosen on {PIECE} of {sum(len(cases(name)) for name in CHOSEN_ON)} questions"
    assert (some["found"].value, some["found"].of) == (None, 0)
    assert "--threshold" not in " ".join(measured.sections(samples)[0].text), "few questions recommend nothing"


def test_pieces_hold_each_question_once_and_a_model_that_tells_nothing_apart_refuses_nothing_it_finds() -> None:
    measured = bench()
    samples = {step: measured.take(step, doing=lambda _: None) for step in measured.steps()}
    assert len(samples) == len(set(measured.steps()))
    for name in (*CHOSEN_ON, JUDGED_ON):
        there = [each for step, piece in samples.items() if step.startswith(name) for each in piece.cosines]
        assert len(there) == len(cases(name)) > 0
    assert "--threshold 0.00" in " ".join(measured.sections(samples)[0].text)
    figures = row(measured, samples)
    assert figures["found"].value == 1
    assert figures["refused"].value == 0
    assert [step.split("/")[0] for step in bench(1).steps()] == [*CHOSEN_ON, JUDGED_ON]
    (plot,) = measured.sections(samples)[0].plots
    assert {each.arm: (each.points[0].y, each.points[-1].y) for each in plot.series} == {
        "found": (1, 1),
        "refused": (0, 0),
    }
    assert (plot.series[0].points[0].x, plot.series[0].points[-1].x) == (0, 1)


def test_the_built_in_threshold_is_what_the_command_measures(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "showcase", "bench", "threshold", "--engine", "rehearsal"]
    done = subprocess.run(
        [*command, "--json", "--out", str(tmp_path / "out")],
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
        cwd=ROOT,
    )
    assert done.returncode == 0, done.stderr
    table = json.loads(done.stdout)["sections"][0]["tables"][0]
    cells = table["rows"][0]["cells"]
    assert cells["threshold"]["value"] == cells["built_in"]["value"] == 0.38
    told = next(
        line for line in (ROOT / "docs" / "ask.md").read_text("utf-8").splitlines() if "rehearsal-embed" in line
    )
    _, _, threshold, found, refused, _ = (part.strip() for part in told.split("|"))
    assert float(threshold) == cells["threshold"]["value"]
    for words, cell in ((found, cells["found"]), (refused, cells["refused"])):
        assert int(words.split()[0]) == round(cell["value"] * cell["of"])
        assert f"{cell['low']:.0%}".rstrip("%") in words
        assert f"{cell['high']:.0%}".rstrip("%") in words
        assert cell["of"] == 50
        assert cell["value"] == pytest.approx(0.84)
