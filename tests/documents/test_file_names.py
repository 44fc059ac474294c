"""Names that mean something else on Windows, paths too long for it, and files that it lets nobody replace."""

from __future__ import annotations

from contextlib import closing
from pathlib import Path
from types import SimpleNamespace

import pytest

from showcase.documents import destination, file_names, leftovers
from showcase.documents.destination import Destination, UnwritableError, check_apart
from showcase.errors import StoreError
from showcase.orchestrator.output_directory import claiming


@pytest.mark.parametrize(
    ("name", "why"),
    [
        ("con", "device"), ("CON.txt", "device"), ("aux.json", "device"), ("nul", "device"), ("nul.tar.gz", "device"),
        ("com1", "device"), ("LPT9.html", "device"), ("com\u00b9.x", "device"), ("out\\prn\\x", "device"),
        (r"C:\runs\Aux", "device"), ("conin$", "device"), ("con .txt", "device"), ("nul:stream", "device"),
        ("ab:c", "':'"), (r"C:\a\b:c", "':'"), ("a?b", "'?'"), ("a*", "'*'"), ('a"b', "'\"'"), ("a<b", "'<'"),
        (r"\\.\PhysicalDrive0", "leads to a device"), ("//./COM1", "leads to a device"),
        (r"\\?\GLOBALROOT\Device\Null", "leads to a device"),
        ("a\x07b", "'\\x07'"), ("out.", "period"), ("out ", "space"), ("out.\\x", "period"),
    ],
)  # fmt: skip
def test_names_that_mean_something_else(name: str, why: str) -> None:
    said = file_names.why_no_name(name, "win32")
    assert said is not None
    assert why in said
    assert file_names.why_no_name(name, "linux") is None


@pytest.mark.parametrize(
    "name",
    ["out", "console", "com10", "auxiliary.json", ".", "..", "..\\out", r"C:\runs\out.d", "C:/runs/out", "Zoë", "nule",
     r"\\server\share\out", "com", r"\\?\C:\runs\out", r"\\?\UNC\server\share\out", "my con", ".hidden"],
)  # fmt: skip
def test_names_that_mean_themselves(name: str) -> None:
    assert file_names.why_no_name(name, "win32") is None


def test_a_path_that_is_too_long_with_what_is_made_in_it() -> None:
    fits = "C:\\" + "x" * (file_names.MOST_CHARACTERS - 3)
    assert file_names.why_too_long(fits, "win32") is None
    assert "260 characters" in (file_names.why_too_long(fits + "x", "win32") or "")
    assert "with what is made in it (80)" in (file_names.why_too_long(fits, "win32", below=80) or "")
    assert file_names.why_too_long("C:\\" + "\U0001f600" * 130, "win32"), "two units each, as Windows counts"
    assert file_names.why_too_long("/" + "x" * 3000, "linux") is None
    assert file_names.why_too_long("/" + "x" * 423, "linux", below=80) is None
    assert "SQLite opens no database" in (file_names.why_too_long("/" + "x" * 424, "linux", below=80) or "")
    assert file_names.why_too_long("/" + "\u00e4" * 300, "darwin", below=80), "bytes, not characters"


def test_a_run_s_longest_path_has_room_below_its_directory(finished: object) -> None:
    out: Path = finished.out  # type: ignore[attr-defined]
    longest = max(len(str(path.relative_to(out))) + 1 for path in out.rglob("*"))
    # A moment at which a draft has the name of one that was killed, and eight more characters, is in between.
    assert longest <= file_names.BELOW_A_RUN - 10


@pytest.fixture
def windows(monkeypatch: pytest.MonkeyPatch) -> None:
    """Names mean what they mean on Windows; nothing else does."""
    monkeypatch.setattr(file_names, "sys", SimpleNamespace(platform="win32"))


def test_a_run_refuses_them(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    claiming._check_name(tmp_path / "con")
    monkeypatch.setattr(file_names, "sys", SimpleNamespace(platform="win32"))
    for name in ("con", "out.", "x" * 250):
        with pytest.raises(StoreError, match="cannot be an output directory") as refused:
            claiming._check_name(tmp_path / name)
        assert "--out " in refused.value.hint
        with pytest.raises(StoreError), claiming.claim(tmp_path / name):
            pass
        assert claiming.obstacle(tmp_path / name) is not None
    assert list(tmp_path.iterdir()) == []


@pytest.mark.usefixtures("windows")
def test_a_document_refuses_them(tmp_path: Path) -> None:
    with pytest.raises(UnwritableError, match="the name of a device"):
        Destination(tmp_path / "aux.json")
    assert list(tmp_path.iterdir()) == []


def test_the_null_device_is_written_to() -> None:
    assert file_names.is_null("NUL", "win32")
    assert not file_names.is_null("nul.json", "win32")
    assert not file_names.is_null("nul", "linux")


@pytest.mark.usefixtures("windows")
def test_there_is_room_for_the_draft_of_a_document(tmp_path: Path) -> None:
    """What is written beside it first has a longer name than many a document."""
    assert len(leftovers.marked(".showcase-")) + len("12345678") + 1 <= file_names.BESIDE
    room = file_names.MOST_CHARACTERS - len(str(tmp_path)) - 1
    place = tmp_path / ("x" * (room - 10))
    place.mkdir()
    with pytest.raises(UnwritableError, match="with what is made in it"):
        Destination(place / "a.json")
    assert list(place.iterdir()) == []


def test_names_that_differ_by_case_are_one_file_where_the_disk_says_so(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    names = (tmp_path / "Log.json", tmp_path / "log.JSON")
    check_apart([Destination(path) for path in names], {})
    monkeypatch.setattr(destination, "folds_case", lambda _: True)
    with pytest.raises(UnwritableError, match="would be overwritten"):
        check_apart([Destination(path) for path in names], {})
    assert file_names.folded("Stra\u00dfe") == file_names.folded("STRASSE")
    assert file_names.folded("Zoe\u0308") == file_names.folded("ZO\u00cb")


@pytest.mark.parametrize("number", destination.HELD_OPEN)
def test_what_windows_lets_nobody_replace_is_kept_beside(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, number: int
) -> None:
    log = tmp_path / "log.json"
    log.write_text("old")
    (tmp_path / "log-2.json").write_text("somebody's")
    refused = PermissionError(13, "it is being used by another process")
    refused.winerror = number  # type: ignore[attr-defined]

    def held_open(*_: object) -> None:
        raise refused

    with closing(Destination(log)) as place:
        monkeypatch.setattr(Path, "replace", held_open)
        with pytest.raises(UnwritableError, match="another program has it open") as told:
            place.write(b"new")
    assert str(tmp_path / "log-3.json") in told.value.message
    assert (tmp_path / "log-3.json").read_text() == "new"
    assert log.read_text() == "old"
    assert sorted(path.name for path in tmp_path.iterdir()) == ["log-2.json", "log-3.json", "log.json"]
    assert "see which: " in told.value.hint
