"""The scenarios that ship: a file for each language, chosen by `--language`."""

from __future__ import annotations

import shutil
from typing import TYPE_CHECKING

import pytest
from program import showcase

from showcase.errors import UsageError
from showcase.scenes import scenario
from showcase.scenes.tasks import languages_of
from showcase.settings import Settings, languages
from showcase.shell.advice import run_command

if TYPE_CHECKING:
    from pathlib import Path


def test_english_is_the_usual_one() -> None:
    assert languages.there()[0] == "en"
    assert {"de", "ja"} <= set(languages.there())
    assert scenario.read() == scenario.read(language="en")


@pytest.mark.parametrize("language", languages.there())
def test_each_can_be_played_and_is_in_the_language_of_its_name(language: str) -> None:
    told = scenario.read(language=language)
    assert [each.tag for each in languages_of(told)] == [language]
    assert (told.first.id, told.second.id) == ("alice", "bob")
    assert (len(told.first.memories), len(told.second.memories)) == (4, 1)
    assert told.title != language


@pytest.mark.parametrize("command", [("run", "--engine", "rehearsal"), ("scenario", "new")])
def test_an_unknown_language_is_refused_with_those_that_are_there(command: tuple[str, ...], tmp_path: Path) -> None:
    done = showcase(*command, "--language", "jp", cwd=tmp_path)
    assert done.returncode == 2
    assert all(language in done.stderr for language in languages.there())
    assert list(tmp_path.iterdir()) == []
    with pytest.raises(UsageError, match="there are: en, de, ja"):
        languages.scenario("jp")


def test_a_file_more_is_a_language_more(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    shutil.copytree(languages.scenario().parent, tmp_path / "scenarios")
    (tmp_path / "scenarios" / "nl.toml").write_text('question = "Waar?"\n', encoding="utf-8")
    monkeypatch.setattr(languages, "_SCENARIOS", tmp_path / "scenarios")
    assert languages.there() == ("en", "de", "ja", "nl")
    with pytest.raises(UsageError, match=r"nl\.toml, line 1: 0 users"):
        scenario.read(language="nl")


def test_one_is_written_in_its_language_and_can_be_played(tmp_path: Path) -> None:
    assert showcase("scenario", "new", "eigenes.toml", "--language", "de", cwd=tmp_path).returncode == 0
    written = tmp_path / "eigenes.toml"
    assert written.read_bytes() == languages.scenario("de").read_bytes()
    assert scenario.read(written) == scenario.read(language="de")


def test_a_file_has_its_own_language(tmp_path: Path) -> None:
    done = showcase("run", "--language", "de", "--scenario", "mine.toml", cwd=tmp_path)
    assert (done.returncode, "exclude each other" in done.stderr) == (2, True)


def test_what_is_told_to_be_typed_names_the_language() -> None:
    assert "--language ja" in run_command(Settings(language="ja"))
    assert "--language" not in run_command(Settings())
