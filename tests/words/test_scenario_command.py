"""`showcase scenario new | check`: a file of one's own, and the place of each fault in it."""

from __future__ import annotations

import os
import stat
from typing import TYPE_CHECKING

import pytest
from program import showcase

from showcase.documents.toml_places import Places
from showcase.scenes import scenario

if TYPE_CHECKING:
    from pathlib import Path

GOOD = """\
title = "Tea"
question = "tea?"

[[users]]
id = "alice"
memories = ["I like tea."]

[[users]]
id = "bob"
memories = ["I like coffee."]
"""
not_as_root = pytest.mark.skipif(
    not hasattr(os, "geteuid") or os.geteuid() == 0, reason="root may write anywhere: permissions stop only others"
)


def test_a_new_one_is_commented_sound_and_private(tmp_path: Path) -> None:
    done = showcase("scenario", "new", cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    path = tmp_path / "scenario.toml"
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert path.read_text("utf-8").count("#") > 8
    assert scenario.read(path) == scenario.read()
    assert "scenario check scenario.toml" in done.stdout


@pytest.mark.parametrize("what", ["file", "link", "dangling link", "directory", "pipe"])
def test_what_is_there_stays_as_it_is(tmp_path: Path, what: str) -> None:
    path = tmp_path / "mine.toml"
    kept = tmp_path / "kept"
    if what == "file":
        path.write_text("mine")
    elif what == "link":
        kept.write_text("mine")
        path.symlink_to(kept)
    elif what == "dangling link":
        path.symlink_to(kept)
    elif what == "directory":
        path.mkdir()
    else:
        os.mkfifo(path)
    before = path.lstat()
    done = showcase("scenario", "new", "mine.toml", cwd=tmp_path)
    assert done.returncode == 2
    assert "is there already; it is left as it is" in done.stderr
    assert "mine-2.toml" in done.stderr
    assert (path.lstat().st_ino, path.lstat().st_size) == (before.st_ino, before.st_size)
    assert kept.exists() == (what == "link")


@not_as_root
def test_none_is_written_where_none_may_be(tmp_path: Path) -> None:
    closed = tmp_path / "closed"
    closed.mkdir(mode=0o500)
    done = showcase("scenario", "new", cwd=closed)
    assert done.returncode == 2
    assert "Permission denied" in done.stderr
    assert f"scenario new {closed}" not in done.stderr
    missing = showcase("scenario", "new", "no/such.toml", cwd=tmp_path)
    assert (missing.returncode, "mkdir -p no && " in missing.stderr) == (2, True)


def test_a_sound_one_is_told_with_what_it_holds(tmp_path: Path) -> None:
    (tmp_path / "a b.toml").write_text(GOOD)
    done = showcase("scenario", "check", "a b.toml", cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    assert "“Tea”" in done.stdout
    assert "alice (session 1 and 2): 1 memory, asks “tea?”" in done.stdout
    assert "run --scenario 'a b.toml'" in done.stdout
    assert done.stderr == ""


@pytest.mark.parametrize(
    ("old", "new", "line", "column", "because"),
    [
        ('title = "Tea"', 'titel = "Tea"', 1, 1, "did you mean 'title'?"),
        ('title = "Tea"', "title = 3", 1, 9, "the title is not a text"),
        ('title = "Tea"', 'title = "Tea', 1, 13, "is not TOML"),
        ('title = "Tea"', "title = \u201cTea\u201d", 1, 9, "straight quotes"),
        ('question = "tea?"', "question = []", 2, 12, "not a text"),
        ('question = "tea?"', 'question = "tea?"\nquestion = "x"', 3, 15, "is not TOML"),
        ('id = "alice"', 'id = "al ice"', 5, 6, "mem0 cuts white space off"),
        ('id = "alice"', 'name = "alice"', 5, 1, "unknown key 'name'"),
        ('id = "alice"', "id = 7", 5, 6, "needs an id"),
        ('id = "bob"', 'id = "alice"', 9, 6, "it is there already"),
        ('id = "bob"', 'id = "Alice"', 9, 6, "cannot be told from 'alice'"),
        ('["I like tea."]', '"I like tea."', 6, 12, "no list of texts"),
        ('["I like tea."]', "[]", 6, 12, "plants nothing"),
        ('["I like tea."]', '[\n  "a",\n  "",\n]', 8, 3, "empty"),
        ('["I like tea."]', '["a", "# b", 5]', 6, 25, "not a text"),
        ('["I like tea."]', '["a", """\nb""", "a"]', 7, 7, "twice"),
        ('["I like tea."]', '["a" "b"]', 6, 17, "comma"),
        ('["I like coffee."]', '["x", "I like tea."]', 10, 18, "both users"),
        ('[[users]]\nid = "bob"', '[[user]]\nid = "bob"', 8, 1, "did you mean 'users'?"),
        ('id = "bob"', 'id = "bob"\ntitle = "x"', 10, 1, "above the first [[users]]"),
    ],
)
def test_line_column_and_the_line_itself(  # noqa: PLR0917 - pytest passes them by name
    tmp_path: Path, old: str, new: str, line: int, column: int, because: str
) -> None:
    assert GOOD.count(old) == 1
    text = GOOD.replace(old, new)
    (tmp_path / "c.toml").write_text(text, encoding="utf-8")
    done = showcase("scenario", "check", "c.toml", cwd=tmp_path)
    assert done.returncode == 2
    said = done.stderr.splitlines()
    at = said.index(next(each for each in said if each.startswith(f"error: c.toml, line {line}, column {column}: ")))
    assert because in f"{said[at]}\n{said[at + 3]}", done.stderr
    assert said[at + 1].removeprefix(f"  {line} | ") == text.splitlines()[line - 1]
    assert said[at + 2].index("^") == len(f"  {line} | ") + column - 1
    assert said[at + 3].startswith("  fix: ")


@pytest.mark.parametrize(
    "value", ["3", '"x"', "{}", "[]", "[1, 2]", "[[], []]", '[{}, {memories = {}, question = 3, id = ""}]']
)
def test_users_of_any_type_are_faults(tmp_path: Path, value: str) -> None:
    path = tmp_path / "w.toml"
    path.write_text(f"users = {value}\n")
    found = scenario.check(path)
    assert found.scenario is None
    assert all(fault.place.line == 1 for fault in found.faults)
    assert found.faults


def test_every_fault_is_told_at_once(tmp_path: Path) -> None:
    (tmp_path / "c.toml").write_text(GOOD.replace('"alice"', '"a b"').replace('["I like coffee."]', "[]"))
    said = showcase("scenario", "check", "c.toml", cwd=tmp_path).stderr
    assert [line.split(",")[1] for line in said.splitlines() if line.startswith("error")] == [" line 5", " line 10"]


def test_a_run_names_the_commands(tmp_path: Path) -> None:
    (tmp_path / "c d.toml").write_text("title = [")
    done = showcase("run", "--scenario", "c d.toml", cwd=tmp_path)
    assert done.returncode == 2
    assert "scenario check 'c d.toml'" in done.stderr
    (tmp_path / "class.toml").write_text(GOOD)
    missing = showcase("run", "--scenario", "clas.toml", cwd=tmp_path)
    assert "did you mean 'class.toml'?" in missing.stderr
    assert "scenario new clas.toml" in missing.stderr


def test_a_byte_order_mark_and_windows_lines_are_read(tmp_path: Path) -> None:
    path = tmp_path / "w.toml"
    path.write_bytes(b"\xef\xbb\xbf" + GOOD.replace("\n", "\r\n").encode())
    assert scenario.read(path).first.id == "alice"
    path.write_bytes(GOOD.replace("\n", "\r\n").replace('"bob"', '"b b"').encode())
    (fault,) = scenario.check(path).faults
    assert (fault.place.line, fault.place.column) == (9, 6)


def test_characters_that_end_lines_elsewhere_end_none_here(tmp_path: Path) -> None:
    path = tmp_path / "w.toml"
    path.write_text(GOOD.replace("I like tea.", "I like\u2028tea\x85.").replace('"bob"', '"b b"'), encoding="utf-8")
    (fault,) = scenario.check(path).faults
    assert fault.place.line == 9


def test_keys_in_comments_and_texts_are_no_keys(tmp_path: Path) -> None:
    text = GOOD.replace('["I like tea."]', '["""\n[[users]]\nid = 3\n""", "memories = 4"] # id = 5')
    path = tmp_path / "w.toml"
    path.write_text(text.replace('"bob"', '"b b"'))
    (fault,) = scenario.check(path).faults
    assert fault.place.line == 12


def test_inline_users_have_places_too() -> None:
    text = 'users = [{id = "a", memories = ["x"]}, {id = "b", "memories" = [\n  "y", 3]}]\n'
    places = Places(text)
    assert (places.value("users", 1, "memories", 1).line, places.value("users", 1, "memories", 1).column) == (2, 8)
    assert places.key("users", 1, "memories").column == 51
    assert places.key("users", 1, "none").column == 1


def test_many_faults_are_not_all_told(tmp_path: Path) -> None:
    path = tmp_path / "w.toml"
    path.write_text(GOOD.replace('"I like tea."', ", ".join("1" for _ in range(5000))))
    assert len(scenario.check(path).faults) == scenario.MOST_FAULTS


def test_a_long_line_is_shown_around_the_place(tmp_path: Path) -> None:
    path = tmp_path / "w.toml"
    path.write_text(GOOD.replace('"I like tea."', ", ".join(f'"tea {n}"' for n in range(200)) + ", \x223\x22, 4"))
    said = showcase("scenario", "check", str(path)).stderr.splitlines()
    assert len(said[1]) < 130
    assert said[1][said[2].index("^")] == "4"


@pytest.mark.parametrize("hostile", ["\x1b[2J", "\u202e"])
def test_nothing_of_a_file_reaches_the_terminal_as_it_is(tmp_path: Path, hostile: str) -> None:
    path = tmp_path / "w.toml"
    path.write_text(GOOD.replace("alice", f"a{hostile}").replace('"Tea"', f'"{hostile}"'), encoding="utf-8")
    done = showcase("scenario", "check", str(path))
    assert done.returncode == 2
    assert hostile not in done.stderr
