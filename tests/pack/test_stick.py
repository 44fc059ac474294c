"""Whatever moment a stick is pulled at: it is told from a whole one, what is ours is known, a second time ends it."""

from __future__ import annotations

import hashlib
import io
import os
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING

import pytest

from showcase.errors import StoreError, UsageError
from showcase.pack import manifest
from showcase.pack.journal import UNFINISHED
from showcase.pack.manifest import MANIFEST, SCHEMA, SUMS
from showcase.pack.stick import LOCK, ChangedError, Stick

if TYPE_CHECKING:
    from collections.abc import Callable

FIRST = {PurePosixPath("wheels/a.whl"): b"a", PurePosixPath("wheels/b.whl"): b"b" * 9, MANIFEST: SCHEMA.encode()}
SECOND = {PurePosixPath("wheels/b.whl"): b"B" * 9, PurePosixPath("models/c"): b"c", MANIFEST: SCHEMA.encode() + b"2"}


class PulledError(BaseException):
    """The stick is gone at this moment: nothing that would tidy up may count on going on."""


def write(place: Path, files: dict[PurePosixPath, bytes]) -> None:
    stick = Stick(place)
    with stick.being_written():
        for path in stick.own - {*files, SUMS, UNFINISHED}:
            stick.remove(path)
        for path, data in files.items():
            stick.write(path, data)
        sums = {path: hashlib.sha256(data).hexdigest() for path, data in files.items()}
        stick.finish(manifest.dump_sums(sums))


def contents(place: Path) -> dict[PurePosixPath, bytes]:
    stick = Stick(place)
    return {path: (place / path).read_bytes() for path in stick.files() if path != SUMS}


def pull_at(moment: int, monkeypatch: pytest.MonkeyPatch) -> Callable[[], bool]:
    """Let one call that changes a disk fail, and all after it; return what tells whether it came to that."""
    count = 0

    def counted(real: Callable[..., object]) -> Callable[..., object]:
        def call(*arguments: object, **named: object) -> object:
            nonlocal count
            if "UNFINISHED.lock" in str(arguments[0]):
                return real(*arguments, **named)
            count += 1
            if count > moment:
                raise PulledError
            return real(*arguments, **named)

        return call

    monkeypatch.setattr(os, "fsync", counted(os.fsync))
    for name in ("replace", "unlink", "open", "mkdir", "rmdir"):
        monkeypatch.setattr(Path, name, counted(getattr(Path, name)))
    return lambda: count > moment


def test_pulled_at_every_moment(tmp_path: Path) -> None:
    for moment in range(200):
        place = tmp_path / str(moment)
        write(place, FIRST)
        with pytest.MonkeyPatch.context() as patched:
            pulled = pull_at(moment, patched)
            try:
                write(place, SECOND)
            except PulledError:
                assert pulled()
            else:
                assert not pulled()
                break
        (place / LOCK).unlink(missing_ok=True)
        if not Stick(place).is_unfinished:
            found = contents(place)
            found.pop(UNFINISHED.with_name("UNFINISHED.txt.part"), None)
            assert found in (FIRST, SECOND), "else it would be taken for a whole one"
        write(place, SECOND)
        assert contents(place) == SECOND
    assert moment > 30


def test_nobody_else_writes_meanwhile(tmp_path: Path) -> None:
    stick = Stick(tmp_path / "stick")
    with stick.being_written(), pytest.raises(StoreError, match="being written"), Stick(stick.place).being_written():
        pass


def test_a_directory_that_leads_elsewhere_is_not_written_to(tmp_path: Path) -> None:
    """Also where a list on the stick calls it ours: whoever made the stick would choose where we write and remove."""
    place = tmp_path / "stick"
    write(place, FIRST)
    mine = tmp_path / "mine"
    mine.mkdir()
    (mine / "a.whl").write_text("mine")
    for path in (place / "wheels").iterdir():
        path.unlink()
    (place / "wheels").rmdir()
    (place / "wheels").symlink_to(mine)
    (place / SUMS).write_text(f"{(place / SUMS).read_text()}{'0' * 64}  wheels\n")
    with pytest.raises(UsageError, match="nothing of others is touched: wheels"):
        write(place, SECOND)
    assert (mine / "a.whl").read_text() == "mine"


def test_a_file_of_a_person_that_was_added_to_the_checksums_stays_theirs(tmp_path: Path) -> None:
    place = tmp_path / "stick"
    write(place, FIRST)
    (place / "handout.pdf").write_text("mine")
    (place / SUMS).write_text(f"{(place / SUMS).read_text()}{hashlib.sha256(b'mine').hexdigest()}  handout.pdf\n")
    with pytest.raises(UsageError, match=r"nothing of others is touched: handout\.pdf"):
        write(place, SECOND)
    assert (place / "handout.pdf").read_text() == "mine"


@pytest.mark.skipif(os.name == "nt", reason="links need a right there")
def test_a_link_that_takes_the_place_of_a_half_file_is_not_followed(tmp_path: Path) -> None:
    mine = tmp_path / "mine.txt"
    mine.write_text("mine")
    stick = Stick(tmp_path / "stick")
    with stick.being_written():
        (stick.place / "a.part").symlink_to(mine)
        stick.write(PurePosixPath("a"), b"whole")
    assert mine.read_text() == "mine"
    assert (stick.place / "a").read_bytes() == b"whole"


def test_what_changes_while_it_is_copied_is_not_taken(tmp_path: Path) -> None:
    stick = Stick(tmp_path / "stick")
    digest = hashlib.sha256(b"whole").hexdigest()
    with stick.being_written():
        for data in (b"who", b"wholes", b"WHOLE"):
            with pytest.raises(ChangedError):
                stick.copy(io.BytesIO(data), PurePosixPath("a"), digest=digest, size=5)
            assert not (stick.place / "a").exists()
        stick.copy(io.BytesIO(b"whole"), PurePosixPath("a"), digest=digest, size=5)
    assert stick.is_unfinished
