"""Where the store is that a person keeps from day to day, on each system."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from showcase.documents import resources
from showcase.errors import UsageError
from showcase.settings.store_place import StorePlace, default_store, store_place

VARIABLES = ("SHOWCASE_STORE", "XDG_DATA_HOME", "LOCALAPPDATA")


@pytest.fixture(autouse=True)
def _nothing_set(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in VARIABLES:
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setattr(resources, "home", lambda: Path("/home/anna"))


@pytest.mark.parametrize(
    ("system", "variables", "expected"),
    [
        ("linux", {}, "/home/anna/.local/share/local-memory-showcase"),
        ("linux", {"XDG_DATA_HOME": "/data"}, "/data/local-memory-showcase"),
        ("linux", {"XDG_DATA_HOME": "data"}, "/home/anna/.local/share/local-memory-showcase"),
        ("linux", {"XDG_DATA_HOME": ""}, "/home/anna/.local/share/local-memory-showcase"),
        ("linux", {"LOCALAPPDATA": "/data"}, "/home/anna/.local/share/local-memory-showcase"),
        ("darwin", {"XDG_DATA_HOME": "/data"}, "/home/anna/Library/Application Support/local-memory-showcase"),
        ("win32", {"LOCALAPPDATA": "/data"}, "/data/local-memory-showcase"),
        ("win32", {}, "/home/anna/AppData/Local/local-memory-showcase"),
        ("linux", {"SHOWCASE_STORE": "/mine", "XDG_DATA_HOME": "/data"}, "/mine"),
        ("win32", {"SHOWCASE_STORE": "mine", "LOCALAPPDATA": "/data"}, "mine"),
        ("linux", {"SHOWCASE_STORE": ""}, "/home/anna/.local/share/local-memory-showcase"),
    ],
)
def test_the_store_of_every_day_is_where_the_system_keeps_data(
    monkeypatch: pytest.MonkeyPatch, system: str, variables: dict[str, str], expected: str
) -> None:
    monkeypatch.setattr(sys, "platform", system)
    for name, value in variables.items():
        monkeypatch.setenv(name, value)
    assert default_store() == Path(expected)


def test_without_a_home_it_is_said_what_to_set(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "platform", "linux")
    monkeypatch.setattr(resources, "home", lambda: None)
    with pytest.raises(UsageError) as refused:
        default_store()
    assert "SHOWCASE_STORE" in refused.value.hint
    monkeypatch.setenv("SHOWCASE_STORE", "/mine")
    assert default_store() == Path("/mine")


def test_a_store_is_told_by_the_database_in_it(tmp_path: Path) -> None:
    beside = StorePlace(root=tmp_path, chroma=tmp_path / "mem0_chroma", home=tmp_path / "mem0_home")
    assert store_place(tmp_path) == beside
    (tmp_path / "chroma.sqlite3").touch()
    assert store_place(tmp_path) == StorePlace(root=tmp_path, chroma=tmp_path, home=tmp_path / "mem0_home")


@pytest.mark.skipif(sys.platform == "win32", reason="no links for an ordinary user")
def test_a_database_that_is_a_link_to_nowhere_is_one_that_was_named(tmp_path: Path) -> None:
    (tmp_path / "chroma.sqlite3").symlink_to(tmp_path / "gone")
    assert store_place(tmp_path).chroma == tmp_path


def test_what_is_not_there_has_a_place_all_the_same(tmp_path: Path) -> None:
    assert store_place(tmp_path / "new").chroma == tmp_path / "new" / "mem0_chroma"
