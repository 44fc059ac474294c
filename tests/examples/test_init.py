"""`showcase init`: what it writes, and what it refuses to."""

from __future__ import annotations

import os
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest
from trying import CHROMA, EXAMPLES, TRIES, Project

from showcase.documents.example_files import FILES

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

HEAVY = {"mem0", "chromadb", "ollama", "psutil", "pydantic", "jinja2", "numpy", "rich", "httpx"}
ROOT = hasattr(os, "geteuid") and os.geteuid() == 0
FILE_OF_100_BYTES = """
import os, resource, sys
resource.setrlimit(resource.RLIMIT_FSIZE, (100, 100))
os.execv(sys.argv[1], sys.argv[1:])
"""


def init(*arguments: str, cwd: Path | None = None) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "showcase", "init", *arguments],
        capture_output=True,
        text=True,
        cwd=cwd,
        timeout=60,
        check=False,
    )


def assert_written(place: Path) -> None:
    assert {path.name for path in place.iterdir()} == set(FILES)
    for name in FILES:
        assert (place / name).read_bytes() == (EXAMPLES / name).read_bytes()
        assert os.access(place / name, os.X_OK) == name.endswith(".sh")


def test_it_writes_every_example_and_says_so(tmp_path: Path) -> None:
    done = init(str(tmp_path / "new"))
    assert done.returncode == 0, done.stderr
    assert_written(tmp_path / "new")
    assert done.stdout.splitlines()[:-1] == [str(tmp_path / "new" / name) for name in FILES]


def test_a_directory_that_is_empty_will_do(tmp_path: Path) -> None:
    assert init(".", cwd=tmp_path).returncode == 0
    assert_written(tmp_path)


def a_file(place: Path) -> Path:
    place.write_text("mine", encoding="utf-8")
    return place


def beneath_a_file(place: Path) -> Path:
    return a_file(place) / "new"


def without_a_parent(place: Path) -> Path:
    return place / "new"


def not_empty(place: Path) -> Path:
    place.mkdir()
    (place / FILES[0]).write_text("mine", encoding="utf-8")
    return place


def not_empty_but_for_a_hidden_file(place: Path) -> Path:
    place.mkdir()
    (place / ".hidden").touch()
    return place


def read_only(place: Path) -> Path:
    place.mkdir(mode=0o555)
    return place


def in_a_read_only_one(place: Path) -> Path:
    return read_only(place) / "new"


def one_that_may_not_be_looked_into(place: Path) -> Path:
    place.mkdir(mode=0o300)
    return place


def a_link_that_leads_nowhere(place: Path) -> Path:
    place.symlink_to(place.parent / "nowhere")
    return place


def too_long(place: Path) -> Path:
    return place.parent / ("n" * 300)


REFUSED: dict[Callable[[Path], Path], str] = {
    a_file: "is a file, and a directory is needed",
    beneath_a_file: "is a file, and a directory is needed",
    without_a_parent: "there is no directory",
    not_empty: "is not empty, and nothing is written over",
    not_empty_but_for_a_hidden_file: "is not empty",
    read_only: "takes no file",
    in_a_read_only_one: "takes no file",
    one_that_may_not_be_looked_into: "takes no file",
    a_link_that_leads_nowhere: "is a link that leads nowhere",
    too_long: "cannot be the name of a directory",
}


@pytest.mark.parametrize("make", REFUSED, ids=lambda make: make.__name__)
def test_where_it_cannot_it_says_why_and_leaves_all_as_it_was(make: Callable[[Path], Path], tmp_path: Path) -> None:
    if ROOT and "read" in make.__name__ + REFUSED[make] and REFUSED[make] == "takes no file":
        pytest.skip("root may write and look everywhere")
    place = make(tmp_path / "place")
    before = {path: path.stat() for path in tmp_path.rglob("*") if path.exists()}
    done = init(str(place))
    assert done.returncode == 2, done.stdout
    assert REFUSED[make] in done.stderr
    assert done.stderr.startswith("error: ")
    assert "\n  fix: " in done.stderr
    assert "Traceback" not in done.stderr
    after = {path: path.stat() for path in tmp_path.rglob("*") if path.exists()}
    assert {path: (stat.st_mode, stat.st_size, stat.st_mtime_ns) for path, stat in after.items()} == {
        path: (stat.st_mode, stat.st_size, stat.st_mtime_ns) for path, stat in before.items()
    }


@pytest.mark.skipif(sys.platform == "win32", reason="no such limit")
@pytest.mark.parametrize("there", [True, False])
def test_what_could_not_be_finished_is_taken_back(there: bool, tmp_path: Path) -> None:
    place = tmp_path / "new"
    if there:
        place.mkdir()
    command = [sys.executable, "-m", "showcase", "init", str(place)]
    done = subprocess.run(
        [sys.executable, "-c", FILE_OF_100_BYTES, *command], capture_output=True, text=True, timeout=60, check=False
    )
    assert done.returncode == 4, done.stdout
    assert "takes no more: File too large" in done.stderr
    assert list(tmp_path.rglob("*")) == ([place] if there else [])


def test_help_waits_for_nothing() -> None:
    command = [sys.executable, "-X", "importtime", "-m", "showcase", "init", "--help"]
    done = subprocess.run(command, capture_output=True, text=True, check=True, timeout=60)
    loaded = {line.rpartition("|")[2].strip().partition(".")[0] for line in done.stderr.splitlines()}
    assert not loaded & HEAVY
    assert "DIR" in done.stdout


def outcome(project: Project, *pytest_arguments: str, **variables: str) -> tuple[int, str]:
    done = project.run(*test_command(project, *pytest_arguments), **variables)
    return done.returncode, done.stdout + done.stderr


def test_command(project: Project, *arguments: str) -> tuple[str, ...]:
    fresh = ("-p", "no:cacheprovider", "-rs", "-c", os.devnull, "--rootdir", str(project.place))
    return (sys.executable, "-m", "pytest", *fresh, *arguments, "test_privacy.py")


test_command.__test__ = False  # type: ignore[attr-defined]


@pytest.mark.usefixtures("sealable")
def test_the_test_that_is_written_out_passes_and_leaves_nothing_in_your_memories(project: Project) -> None:
    for _ in range(TRIES):  # again where the machine was too busy to look: nothing was found out then
        status, said = outcome(project)
        if "was not looked at for" not in said:
            break
    assert status == 0, said
    assert "3 passed" in said
    assert not list(project.place.glob("*.store"))


@pytest.mark.usefixtures("sealable")
def test_the_test_that_is_written_out_fails_where_something_leaves(project: Project) -> None:
    project.change(
        CHROMA, "    there =", "    __import__('socket').socket().connect_ex(('192.0.2.10', 8080))\n    there ="
    )
    status, said = outcome(project, "-k", CHROMA)
    assert status == 1, said
    assert "1 failed" in said
    assert "192.0.2.10:8080" in said


@pytest.mark.usefixtures("sealable")
def test_the_test_that_is_written_out_fails_where_the_script_does(project: Project) -> None:
    project.change(CHROMA, "    there =", "    sys.exit(3)\n    there =")
    status, said = outcome(project, "-k", CHROMA)
    assert status == 1, said
    assert "1 failed" in said


@pytest.mark.usefixtures("sealable")
@pytest.mark.parametrize("required", [True, False])
def test_without_a_server_it_is_skipped_and_says_so(required: bool, project: Project) -> None:
    variables = {"OLLAMA_HOST": "127.0.0.1:1"} | ({"AUDIT_REQUIRED": "1"} if required else {})
    status, said = outcome(project, "-k", "model_server", **variables)
    assert ("2 errors" if required else "2 skipped") in said
    assert "no model server answers at 127.0.0.1:1" in said
    assert status == (1 if required else 0)


@pytest.mark.parametrize("required", [True, False])
def test_without_a_seal_it_is_skipped_and_says_so(
    required: bool, project: Project, unsealable: tuple[str, ...]
) -> None:
    variables = {"AUDIT_REQUIRED": "1"} if required else {}
    done = project.run(*unsealable, *test_command(project), **variables)
    assert ("3 errors" if required else "3 skipped") in done.stdout
    assert "nothing can be sealed here" in done.stdout
    assert done.returncode == (1 if required else 0)


def test_without_this_program_it_fails(project: Project) -> None:
    (project.place / "showcase").mkdir()
    (project.place / "showcase" / "__init__.py").touch()
    status, said = outcome(project)
    assert status == 1, said
    assert "No module named showcase.__main__" in said
