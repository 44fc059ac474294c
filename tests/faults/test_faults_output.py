"""Output directories that cannot be used: each is refused in a line, and left as it was."""

from __future__ import annotations

import shutil
from typing import TYPE_CHECKING

import pytest
from planting import finish, kill, not_as_root, wait_for_line

if TYPE_CHECKING:
    from planting import Place

REHEARSAL = ("--engine", "rehearsal")


def refused(place: Place) -> str:
    said = place.run(*REHEARSAL).complaint(4)
    assert "--out out-2" in said
    return said


def test_a_file(place: Place) -> None:
    place.out.write_text("mine")
    assert "is not a directory" in refused(place)
    assert place.out.read_text() == "mine"


def test_below_a_file(place: Place) -> None:
    place.directory.joinpath("file").write_text("mine")
    place.out = place.directory / "file" / "out"
    assert "Not a directory" in refused(place)


def test_a_link_to_somebody_s_files(place: Place) -> None:
    theirs = place.directory / "theirs"
    theirs.mkdir()
    (theirs / "thesis.txt").write_text("years of work")
    place.out.symlink_to(theirs)
    assert f"is a link to {theirs}" in refused(place)
    assert [entry.name for entry in theirs.iterdir()] == ["thesis.txt"]


def test_a_link_to_itself(place: Place) -> None:
    place.out.symlink_to(place.out)
    assert "out" in refused(place)


def test_a_link_inside(place: Place) -> None:
    place.out.mkdir()
    (place.out / ".showcase").write_text("{}")
    theirs = place.directory / "theirs"
    theirs.mkdir()
    (theirs / "thesis.txt").write_text("years of work")
    (place.out / "mem0_chroma").symlink_to(theirs)
    said = place.run(*REHEARSAL).complaint(4)
    assert f"fix: rm {place.out}/mem0_chroma" in said
    assert (theirs / "thesis.txt").is_file()


def test_a_directory_that_is_not_ours(place: Place) -> None:
    place.out.mkdir()
    (place.out / "thesis.txt").write_text("years of work")
    assert "holds files that this program did not create" in refused(place)
    assert [entry.name for entry in place.out.iterdir()] == ["thesis.txt"]


@not_as_root
@pytest.mark.parametrize("mode", [0o500, 0o000])
def test_a_parent_that_may_not_be_written(place: Place, mode: int) -> None:
    parent = place.directory / "parent"
    parent.mkdir(mode=mode)
    place.out = parent / "out"
    said = finish(place.start(*REHEARSAL)).complaint(4)
    parent.chmod(0o700)
    assert "Permission denied" in said
    assert not list(parent.iterdir())


def test_a_directory_in_use(place: Place) -> None:
    first = place.start(*REHEARSAL, "--phase", "1")
    wait_for_line(first, ["session 1", "started"])
    said = finish(place.start(*REHEARSAL)).complaint(4)
    assert "another run is using" in said
    assert finish(first).code == 3, "the first one is not disturbed"


def test_what_a_killed_run_left_is_cleared(place: Place) -> None:
    first = place.start(*REHEARSAL, "--phase", "2")
    wait_for_line(first, ["control empty-store", "started"])
    assert list(place.out.glob(".control-*"))
    kill(first)
    place.assert_nobody_left()
    for left in place.temporary.iterdir():
        shutil.rmtree(left)
    assert place.phase(2).code == 3
