"""What ships: the examples by name, in a checkout, in a wheel and in a source archive, and nothing beside them."""

from __future__ import annotations

import importlib.util
import os
import shutil
import subprocess
import sys
import zipfile
from fnmatch import fnmatch
from typing import TYPE_CHECKING, Any

import pytest
from trying import CHECKOUT

import showcase
from showcase.documents.example_files import FILES

if sys.version_info >= (3, 11):
    import tomllib
else:
    import tomli as tomllib

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture(scope="module")
def build() -> dict[str, Any]:
    return dict(tomllib.loads((CHECKOUT / "pyproject.toml").read_text(encoding="utf-8"))["tool"]["hatch"]["build"])


def listed() -> set[str]:
    git = shutil.which("git") or pytest.skip("git is not installed")
    done = subprocess.run([git, "ls-files", "examples"], capture_output=True, text=True, cwd=CHECKOUT, check=False)
    if done.returncode or not done.stdout:
        pytest.skip(f"no repository here: {done.stderr.strip()}")
    return {line.removeprefix("examples/") for line in done.stdout.splitlines()}


def test_every_file_of_the_repository_is_written_out() -> None:
    assert listed() == set(FILES)


def test_the_wheel_takes_them_by_name(build: dict[str, Any]) -> None:
    taken = build["targets"]["wheel"]["force-include"]
    assert {name: place for name, place in taken.items() if name.startswith("examples")} == {
        f"examples/{name}": f"showcase/examples/{name}" for name in FILES
    }


def test_the_source_archive_takes_them_and_nothing_that_was_remembered(build: dict[str, Any]) -> None:
    patterns = [it for it in build["targets"]["sdist"]["include"] if it.startswith("/examples")]
    taken = {name for name in FILES if any(fnmatch(f"/examples/{name}", pattern) for pattern in patterns)}
    assert taken == set(FILES)
    for other in ("chat_with_memory.py.store/chroma.sqlite3", "audits/own.py.json"):
        assert not any(fnmatch(f"/examples/{other}", pattern) for pattern in patterns)


def assembled(build: dict[str, Any], site: Path) -> None:
    """Lay out what the wheel's own table says, where nothing can build one."""
    shutil.copytree(CHECKOUT / "showcase", site / "showcase", ignore=shutil.ignore_patterns("__pycache__"))
    for name, place in build["targets"]["wheel"]["force-include"].items():
        source, target = CHECKOUT / name, site / place
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copytree(source, target) if source.is_dir() else shutil.copy(source, target)


def built(site: Path, scratch: Path) -> None:
    """Build the wheel, offline, and unpack it."""
    program = "import os, sys; from hatchling.build import build_wheel; build_wheel(sys.argv[1])"
    source = scratch / "source"
    shutil.copytree(CHECKOUT, source, ignore=shutil.ignore_patterns(".venv", ".git", "__pycache__", "node_modules"))
    (source / "examples" / "chat_with_memory.py.store").mkdir(exist_ok=True)
    (source / "examples" / "chat_with_memory.py.store" / "history.db").write_text("remembered", encoding="utf-8")
    scratch.joinpath("wheels").mkdir()
    done = subprocess.run(
        [sys.executable, "-c", program, str(scratch / "wheels")],
        cwd=source,
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    (wheel,) = (scratch / "wheels").glob("*.whl")
    with zipfile.ZipFile(wheel) as archive:
        assert not [name for name in archive.namelist() if ".store" in name]
        archive.extractall(site)


@pytest.mark.parametrize("how", ["built", "assembled"])
def test_an_installed_package_writes_them_out(how: str, build: dict[str, Any], tmp_path: Path) -> None:
    site, place = tmp_path / "site", tmp_path / "new"
    if how == "built" and importlib.util.find_spec("hatchling") is None:
        pytest.skip("hatchling is not installed: no wheel can be built offline")
    assembled(build, site) if how == "assembled" else built(site, tmp_path)
    program = "import showcase, sys; print(showcase.__file__); from showcase.cli import main; main()"
    done = subprocess.run(
        [sys.executable, "-c", program, "init", str(place)],
        capture_output=True,
        text=True,
        cwd=tmp_path,
        env={**os.environ, "PYTHONPATH": str(site)},
        timeout=60,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert done.stdout.startswith(str(site))  # not the checkout's
    assert {path.name for path in place.iterdir()} == set(FILES)
    for name in FILES:
        assert (place / name).read_bytes() == (CHECKOUT / "examples" / name).read_bytes()
    assert os.access(place / "audit_my_script.sh", os.X_OK)


def test_what_is_imported_here_has_them() -> None:
    from showcase.documents.resources import directory  # noqa: PLC0415 - beside what it is compared with

    found = directory("examples")
    assert found.parent in {CHECKOUT, type(found)(showcase.__file__).parent}
    for name in FILES:
        assert (found / name).read_bytes() == (CHECKOUT / "examples" / name).read_bytes()
