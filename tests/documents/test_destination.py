"""A file that somebody names is replaced or refused before anything runs; what is no file never loses its place."""

from __future__ import annotations

import os
import stat
import threading
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from folding import folding
from places import TIMEOUT_S, _directory, _socket, not_as_root

from showcase.documents import destination
from showcase.documents.destination import Destination, UnwritableError, check_apart

if TYPE_CHECKING:
    from collections.abc import Callable


def write(path: Path, data: bytes = b"new") -> None:
    with closing(Destination(path)) as place:
        place.write(data)


def refused(path: Path) -> str:
    with pytest.raises(UnwritableError) as caught:
        Destination(path)
    assert caught.value.hint
    return caught.value.message


def test_a_link_stays_a_link_and_its_target_is_replaced_where_it_lies(tmp_path: Path) -> None:
    (tmp_path / "far").mkdir()
    target = tmp_path / "far" / "log.json"
    target.write_bytes(b"old")
    (tmp_path / "second").symlink_to(Path("far") / "log.json")
    link = tmp_path / "first"
    link.symlink_to("second")
    before = target.stat().st_ino
    write(link)
    assert link.is_symlink()
    assert (tmp_path / "second").is_symlink()
    assert target.read_bytes() == b"new"
    assert target.stat().st_ino != before, "replaced at once, not written over"
    assert stat.S_IMODE(target.stat().st_mode) == 0o600
    assert [entry.name for entry in (tmp_path / "far").iterdir()] == ["log.json"]


def test_a_dangling_link_makes_its_target(tmp_path: Path) -> None:
    (tmp_path / "link").symlink_to("target")
    write(tmp_path / "link")
    assert (tmp_path / "link").is_symlink()
    assert (tmp_path / "target").read_bytes() == b"new"


def test_a_dangling_link_into_nowhere_and_links_in_a_circle_are_refused(tmp_path: Path) -> None:
    (tmp_path / "link").symlink_to("nowhere/target")
    assert "is no directory" in refused(tmp_path / "link")
    (tmp_path / "circle").symlink_to("circle")
    assert "circle" in refused(tmp_path / "circle")


def test_another_name_of_a_file_keeps_what_it_had(tmp_path: Path) -> None:
    (tmp_path / "log").write_bytes(b"old")
    (tmp_path / "other").hardlink_to(tmp_path / "log")
    write(tmp_path / "log")
    assert (tmp_path / "log").read_bytes() == b"new"
    assert (tmp_path / "other").read_bytes() == b"old"


def _protected(path: Path) -> None:
    path.touch(0o444)


@pytest.mark.parametrize(
    ("plant", "words"),
    [
        (_directory, "it is a directory"),
        (_socket, "it is a socket"),
        (_protected, "it is write-protected"),
        (os.mkfifo, "it is a pipe that nobody reads"),
    ],
)
def test_what_is_no_file_to_replace_is_refused(tmp_path: Path, plant: Callable[[Path], None], words: str) -> None:
    place = tmp_path / "place"
    plant(place)
    before = place.lstat()
    assert words in refused(place)
    assert place.lstat().st_ino == before.st_ino


@not_as_root
@pytest.mark.parametrize("link", ["/etc/passwd", "/dev/zero", "/dev/full", "/dev/urandom"])
def test_another_users_file_and_devices_are_refused(tmp_path: Path, link: str) -> None:
    (tmp_path / "link").symlink_to(link)
    assert "it belongs to another user" in refused(Path(link)) or "it is a device" in refused(Path(link))
    assert refused(tmp_path / "link")


@not_as_root
def test_a_directory_that_takes_no_file_is_refused(tmp_path: Path) -> None:
    (tmp_path / "closed").mkdir(mode=0o500)
    assert "Permission denied" in refused(tmp_path / "closed" / "log")


@pytest.mark.root
@pytest.mark.skipif(os.geteuid() != 0, reason="makes a device node")
def test_the_device_that_swallows_everything_keeps_its_place(tmp_path: Path) -> None:
    null = tmp_path / "null"
    os.mknod(null, 0o666 | stat.S_IFCHR, os.makedev(1, 3))
    (tmp_path / "link").symlink_to("null")
    for name in ("null", "link"):
        write(tmp_path / name)
        assert stat.S_ISCHR(null.lstat().st_mode)
    os.mknod(tmp_path / "zero", 0o666 | stat.S_IFCHR, os.makedev(1, 5))
    assert "it is a device" in refused(tmp_path / "zero")
    os.mknod(tmp_path / "disk", 0o600 | stat.S_IFBLK, os.makedev(7, 200))
    assert "it is a device" in refused(tmp_path / "disk")


@pytest.mark.root
@pytest.mark.skipif(os.geteuid() != 0, reason="gives a link away")
def test_another_users_link_in_a_shared_place_is_not_followed(tmp_path: Path) -> None:
    shared = tmp_path / "shared"
    shared.mkdir()
    shared.chmod(0o1777)
    theirs, mine = shared / "log.json", tmp_path / "mine"
    mine.write_bytes(b"old")
    theirs.symlink_to(mine)
    os.chown(theirs, 12345, 12345, follow_symlinks=False)
    assert refused(theirs).endswith(("it is a link of another user", "Permission denied"))
    assert mine.read_bytes() == b"old"


def test_a_device_is_never_renamed_over_though_it_came_meanwhile(tmp_path: Path) -> None:
    place = tmp_path / "log"
    with closing(Destination(place)) as held:
        os.mkfifo(place)
        with pytest.raises(UnwritableError, match="it became a"):
            held.write(b"new")
    assert stat.S_ISFIFO(place.lstat().st_mode)
    assert [entry.name for entry in tmp_path.iterdir()] == ["log"], "no temporary file is left"


def test_a_pipe_is_held_for_its_reader_from_before_the_run(tmp_path: Path) -> None:
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    got: list[bytes] = []
    reader = os.open(pipe, os.O_RDONLY | os.O_NONBLOCK)
    os.set_blocking(reader, True)
    with closing(Destination(pipe)) as held:
        thread = threading.Thread(target=lambda: got.append(_until_end(reader)))
        thread.start()
        held.write(b"x" * 300_000)  # more than a pipe holds
    thread.join(TIMEOUT_S)
    os.close(reader)
    assert got == [b"x" * 300_000]
    assert stat.S_ISFIFO(pipe.lstat().st_mode)


def _until_end(descriptor: int) -> bytes:
    pieces = []
    while piece := os.read(descriptor, 65536):
        pieces.append(piece)
    return b"".join(pieces)


def test_a_reader_that_went_is_told_of(tmp_path: Path) -> None:
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    reader = os.open(pipe, os.O_RDONLY | os.O_NONBLOCK)
    with closing(Destination(pipe)) as held:
        os.close(reader)
        with pytest.raises(UnwritableError, match="whoever read it has gone"):
            held.write(b"new")


def test_a_file_that_cannot_be_renamed_over_is_written_in_its_place(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As a file that is mounted into a container: rename(2) says EBUSY."""
    place = tmp_path / "log"
    place.write_bytes(b"a longer one than the new")

    def busy(_path: Path, _target: Path) -> None:
        raise OSError(destination.errno.EBUSY, "Device or resource busy")

    monkeypatch.setattr(destination.Path, "replace", busy)
    write(place)
    assert place.read_bytes() == b"new"
    assert [entry.name for entry in tmp_path.iterdir()] == ["log"]


def test_one_place_for_two_documents_is_refused_by_whatever_names(tmp_path: Path) -> None:
    (tmp_path / "link").symlink_to("log")
    for exists in (False, True):
        if exists:
            (tmp_path / "log").touch()
        with closing(Destination(tmp_path / "log")) as first, closing(Destination(tmp_path / "link")) as second:
            with pytest.raises(UnwritableError, match="is the same file as"):
                check_apart([first, second], {})
            check_apart([first], {"an input": tmp_path / "nobody's"})
    with (
        closing(Destination(tmp_path / "link")) as over,
        pytest.raises(UnwritableError, match="the same file as an input"),
    ):
        check_apart([over], {"an input": tmp_path / "log"})


@pytest.mark.root
@pytest.mark.skipif(os.geteuid() != 0, reason="mounts a file system")
def test_names_that_differ_in_case_where_case_makes_no_other_name(tmp_path: Path) -> None:
    with folding(tmp_path) as place, pytest.raises(UnwritableError, match="is the same file as"):
        check_apart([Destination(place / "Log.json"), Destination(place / "log.JSON")], {})


def test_names_that_differ_in_case_where_case_makes_another(tmp_path: Path) -> None:
    check_apart([Destination(tmp_path / "Log.json"), Destination(tmp_path / "log.JSON")], {})


def test_a_place_is_asked_whether_it_folds_case(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Planted: a file system that finds the file of another case."""
    there = os.path.lexists

    def folded(path: str | Path) -> bool:
        return there(path) or any(each.name.lower() == Path(path).name.lower() for each in Path(path).parent.iterdir())

    monkeypatch.setattr(os.path, "lexists", folded)
    with pytest.raises(UnwritableError, match="is the same file as"):
        check_apart([Destination(tmp_path / "Straße.json"), Destination(tmp_path / "STRASSE.json")], {})
