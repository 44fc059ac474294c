"""A folder is read whole: what is missing or does not fit is told with its place, before anybody is taught by it."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

import pytest
from course_player import Player

from showcase.errors import StoreError, UsageError
from showcase.labs import catalogue, folder
from showcase.labs.notebook import new_page
from showcase.labs.starting import lay_out
from showcase.labs.verifying import are_met, verify

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path


def test_the_template_is_a_lab(own: Path, tmp_path: Path) -> None:
    (lab,) = catalogue.labs(own)
    player = Player(lab, tmp_path)
    player.play(lab.solution)
    assert are_met(player.look(lab.solution))
    assert len(lab.wrong) == 3
    for wrong in lab.wrong.values():
        player.play(wrong)
        assert {check.id for check in player.look(wrong) if check.status != "met"} == set(wrong.fails)


@pytest.mark.skipif(os.name == "nt", reason="links need a right there")
@pytest.mark.parametrize("leads_to", ["/dev/null", ".."])
def test_no_link_to_a_device_or_a_directory_is_laid_out(own: Path, tmp_path: Path, leads_to: str) -> None:
    (lab,) = catalogue.labs(own)
    lab.given.mkdir(exist_ok=True)
    (lab.given / "notes.txt").symlink_to(leads_to)
    with pytest.raises(StoreError, match="no regular file"):
        lay_out(lab, tmp_path, recorded=False)


def changed(name: str, old: str, new: str) -> Callable[[Path], None]:
    def change(place: Path) -> None:
        text = (place / name).read_text("utf-8")
        assert old in text
        (place / name).write_text(text.replace(old, new), encoding="utf-8")

    return change


def removed(name: str) -> Callable[[Path], None]:
    return lambda place: (place / name).unlink()


FAULTS: tuple[tuple[Callable[[Path], object], str], ...] = (
    (removed("verify.py"), "verify.py: it is missing"),
    (removed("text.en.toml"), "text.en.toml: it is missing"),
    (removed("solution.toml"), "solution.toml: it is missing"),
    (removed("wrong/removed.toml"), "it holds 2 wrong answers, 3 are needed"),
    (changed("lab.toml", "minutes = 5", 'minutes = "5"'), "lab.toml, line 2, column 1: minutes"),
    (changed("lab.toml", "minutes = 5", "minutes = 0"), "number and minutes are from 1"),
    (changed("lab.toml", "choices =", "choises ="), "line 3, column 1: choises"),
    (changed("lab.toml", '["counts", "other"]', "[]"), "without checks or steps teaches nothing"),
    (changed("lab.toml", 'edit = "count.py"', 'edit = "count.py'), "lab.toml: this is not TOML"),
    (changed("text.en.toml", "other = ", "others = "), "checks: 'other', 'others' is not in both"),
    (changed("text.en.toml", '["Run it.", ', "["), "steps: 1 sentences for 2"),
    (changed("text.en.toml", ', "Look at set()."', ""), "1 hints, 2 are the least"),
    (changed("text.en.toml", 'reading = "', 'reading = "' + "word " * 500), "the reading has 5"),
    (changed("solution.toml", '"two"', '"three"'), "the prediction 'three' is no choice"),
    (changed("solution.toml", 'to = "count.py"', 'to = "../count.py"'), "does not lie in the participant's directory"),
    (changed("solution.toml", 'to = "count.py"', 'to = "/etc/count.py"'), "does not lie in the participant's"),
    (changed("solution.toml", "solved/count.py", "solved/none.py"), "there is no solved/none.py"),
    (changed("solution.toml", 'to = "count.py"', ""), "an act has one of command, copy (with to) and remove"),
    (changed("wrong/constant.toml", 'fails = ["other"]', "fails = []"), "does not say why somebody takes it"),
    (changed("wrong/constant.toml", 'fails = ["other"]', 'fails = ["both"]'), "fails: 'both'"),
    (changed("verify.py", "def verify(", "def look("), "it has no function verify(workspace)"),
    (changed("verify.py", "yield judged", "yeld judged"), "it is no Python"),
    (changed("lab.toml", "choices", 'needs = ["linux"]\nchoices'), "and has no recorded run"),
    (changed("lab.toml", "choices", 'needs = ["root"]\nchoices'), "needs"),
    (lambda place: (place / "verfy.py").write_text(""), "no part of a lab is called so; did you mean 'verify.py'?"),
)  # fmt: skip


@pytest.mark.parametrize(("fault", "words"), FAULTS, ids=range(len(FAULTS)))
def test_what_does_not_fit_is_told_with_its_place(own: Path, fault: Callable[[Path], object], words: str) -> None:
    fault(own / "counting")
    with pytest.raises(UsageError) as raised:
        folder.read(own / "counting")
    assert words in raised.value.message
    assert "counting" in raised.value.message
    assert raised.value.hint


def test_two_labs_of_one_number_and_a_directory_without_any_are_refused(own: Path, tmp_path: Path) -> None:
    (own / "again").symlink_to(own / "counting")
    with pytest.raises(UsageError, match="again and counting have the same number 1"):
        catalogue.labs(own)
    (tmp_path / "empty").mkdir()
    with pytest.raises(UsageError, match=r"no folder of it holds a lab\.toml"):
        catalogue.labs(tmp_path / "empty")
    with pytest.raises(UsageError, match="cannot look into"):
        catalogue.labs(tmp_path / "none")


@pytest.mark.parametrize(
    ("body", "words"),
    [
        ("    raise KeyError('x')\n    yield", "it fails: KeyError: 'x'"),
        ("    yield judged('none', 'x', holds=True)", "which lab.toml does not have, or twice"),
        ("    yield judged('counts', 'x', holds=True)\n    yield judged('counts', 'x', holds=True)", "or twice"),
        ("    yield 'counts'", "it yields 'counts'"),
    ],
)
def test_a_verify_that_is_wrong_says_so_and_verifies_nothing(own: Path, tmp_path: Path, body: str, words: str) -> None:
    (own / "counting" / "verify.py").write_text(
        f"from showcase.labs.workspace import judged\n\n\ndef verify(workspace):\n{body}\n"
    )
    (lab,) = catalogue.labs(own)
    player = Player(lab, tmp_path)
    player.play(lab.solution)
    with pytest.raises(UsageError) as raised:
        player.look(lab.solution)
    assert words in raised.value.message


def test_what_verify_leaves_out_is_never_met(own: Path, tmp_path: Path) -> None:
    code = "from showcase.labs.workspace import judged\n\n\ndef verify(workspace):\n"
    (own / "counting" / "verify.py").write_text(code + "    yield judged('counts', 'x', holds=True)\n")
    (lab,) = catalogue.labs(own)
    player = Player(lab, tmp_path)
    player.play(lab.solution)
    seen = player.look(lab.solution)
    assert [check.status for check in seen] == ["met", "unseen"]
    assert not are_met(seen)
    assert not are_met(())


def test_a_participant_without_a_directory_has_nothing_met(own: Path, tmp_path: Path) -> None:
    (lab,) = catalogue.labs(own)
    assert {check.status for check in verify(lab, tmp_path, new_page(1, "two", recorded=False))} == {"unseen"}
