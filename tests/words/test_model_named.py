"""A model's file is meant where it was typed, whatever directory a command works in; a name stays a name."""

from __future__ import annotations

from pathlib import Path

import pytest

from showcase.cli.model_named import ModelType


@pytest.mark.parametrize("given", ["model.gguf", "models/Model.GGUF", "./model", "../model.gguf"])
def test_a_file_is_relative_to_where_it_was_typed(given: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    meant = ModelType().convert(given, None, None)
    monkeypatch.chdir("/")
    assert Path(meant) == tmp_path / given
    assert Path(meant).is_absolute()


def test_home_is_the_users(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    assert ModelType().convert("~/model.gguf", None, None) == str(tmp_path / "model.gguf")


@pytest.mark.parametrize("given", ["auto", "qwen2.5-coder:0.5b", "somebody/model:tag", "rehearsal"])
def test_a_name_stays_as_it_is(given: str) -> None:
    assert ModelType().convert(given, None, None) == given
