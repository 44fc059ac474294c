"""What is packed, and a stick that is whole: made once, copied by whoever breaks one."""

from __future__ import annotations

import shutil
from importlib.util import find_spec
from typing import TYPE_CHECKING, NamedTuple

import pytest
from sticks import make_model, make_source, pack

from showcase.pack.platforms import this_platform

if TYPE_CHECKING:
    from pathlib import Path


class Teacher(NamedTuple):
    """A machine that packs: a directory instead of a registry, and its models."""

    source: Path
    models: Path


@pytest.fixture(scope="session")
def teacher(tmp_path_factory: pytest.TempPathFactory) -> Teacher:
    if find_spec("pip") is None:
        pytest.skip("this Python has no pip; an environment of uv has none")
    if this_platform() is None:
        pytest.skip("this machine is none that a stick can be for")
    place = tmp_path_factory.mktemp("teacher")
    make_source(place / "source")
    make_model(place / "models", "tiny", "latest", b"weights" * 1000)
    make_model(place / "models", "far", "latest", b"", config={"remote_host": "https://far.example"})
    return Teacher(place / "source", place / "models")


@pytest.fixture(scope="session")
def whole(teacher: Teacher, tmp_path_factory: pytest.TempPathFactory) -> Path:
    stick = tmp_path_factory.mktemp("whole") / "my stick"
    done = pack(stick, *teacher)
    assert done.returncode == 0, done.stderr
    return stick


@pytest.fixture
def stick(whole: Path, tmp_path: Path) -> Path:
    """A copy of the whole one."""
    return shutil.copytree(whole, tmp_path / "my stick")
