"""What is packed is what each machine needs, and nothing is pretended of what cannot be had."""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
import zipfile
from typing import TYPE_CHECKING

import pytest
from sticks import another_python, here, make_model, make_wheel, pack

from showcase.pack import manifest, own_wheel, pip_process, wheel_file
from showcase.pack.platforms import PLATFORMS, this_python

if TYPE_CHECKING:
    from pathlib import Path

    from conftest import Teacher


def wheels(stick: Path) -> set[str]:
    return {path.name.partition("-")[0] for path in (stick / "wheels").iterdir()}


def test_a_stick_for_this_machine(whole: Path) -> None:
    pack_json = manifest.load((whole / "pack.json").read_bytes(), source="it")
    assert [(each.platform, each.python) for each in pack_json.targets] == [(here(), this_python())]
    assert [each.name for each in pack_json.models] == ["tiny:latest"]
    if (program := shutil.which("sha256sum")) is not None:
        done = subprocess.run([program, "--quiet", "-c", "SHA256SUMS"], cwd=whole, check=False, capture_output=True)
        assert done.returncode == 0, done.stdout
    listed = manifest.load_sums((whole / "SHA256SUMS").read_bytes(), source="it")
    assert {str(path) for path in listed} | {"SHA256SUMS"} == {
        path.relative_to(whole).as_posix() for path in whole.rglob("*") if path.is_file()
    }
    names = [part for path in whole.rglob("*") for part in path.relative_to(whole).parts]
    assert not any(character in name for name in names for character in ':<>"|?*\\'), "exFAT and Windows take no such"
    assert all(path.stat().st_mode & 0o444 == 0o444 for path in whole.rglob("*")), "whoever gets it reads it"


def test_each_machine_gets_what_its_own_conditions_ask_for(teacher: Teacher, tmp_path: Path) -> None:
    """And not what those of the Python ask for that packs, as pip by itself would have it."""
    stick = tmp_path / "stick"
    asked = ("--platform", "windows-x86_64", "--python", "3.10", "--no-models")
    done = pack(stick, *teacher, *asked, "--extra", "more", "--json")
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout)["targets"][0]["wheels"] == 7
    assert wheels(stick) == {
        "local_memory_showcase",
        "pip",
        "of_windows",
        "of_old",
        "needs_new",
        "compiled",
        "of_extra",
    }
    assert (stick / "wheels/needs_new-1.0-py3-none-any.whl").is_file(), "2.0 is for a newer Python"
    # The second time nothing of the first is asked for again, and what nobody wants any more is gone.
    asked = ("--platform", "linux-x86_64", "--python", "3.12", "--no-models")
    done = pack(stick, *teacher, *asked)
    assert done.returncode == 0, done.stderr
    assert wheels(stick) == {"local_memory_showcase", "pip", "of_posix", "of_patch", "needs_new", "of_new", "compiled"}
    assert len(list((stick / "wheels").glob("compiled*"))) == 1


def test_the_registry_is_asked_for_what_is_missing_alone(
    teacher: Teacher, stick: Path, whole: Path, tmp_path: Path
) -> None:
    nothing = tmp_path / "source"
    nothing.mkdir()
    before = {path: path.stat().st_mtime_ns for path in stick.rglob("*.whl")}
    done = pack(stick, *teacher, PIP_FIND_LINKS=str(nothing))
    assert done.returncode == 0, done.stderr
    assert "registry" not in done.stderr
    assert {path: path.stat().st_mtime_ns for path in stick.rglob("*.whl")} == before
    # A wheel that changed on the stick is not one that is there.
    wheel = next((stick / "wheels").glob("compiled*"))
    wheel.write_bytes(wheel.read_bytes() + b"x")
    done = pack(stick, *teacher)
    assert done.returncode == 0, done.stderr
    assert "registry that pip is set to is asked" in done.stderr
    assert wheel.read_bytes() == (whole / "wheels" / wheel.name).read_bytes()


def test_what_has_no_wheel_is_named_and_nothing_is_written(teacher: Teacher, tmp_path: Path) -> None:
    asked = ("--platform", "macos-x86_64", "--platform", "linux-x86_64", "--python", "3.12", "--no-models")
    done = pack(tmp_path / "stick", *teacher, *asked)
    assert done.returncode == 4
    said = "macos-x86_64 with Python 3.12: no wheel of compiled>=1, which local-memory-showcase asks for"
    assert said in done.stderr
    assert "--without macos-x86_64:3.12" in done.stderr
    assert not (tmp_path / "stick").exists()


def test_without_a_registry_that_is_said(teacher: Teacher, tmp_path: Path) -> None:
    done = pack(
        tmp_path / "stick",
        *teacher,
        "--no-models",
        PIP_NO_INDEX="0",
        PIP_FIND_LINKS="",
        PIP_INDEX_URL="http://127.0.0.1:1/simple",
        PIP_RETRIES="1",
    )
    assert done.returncode == 4
    assert "the package registry did not give" in done.stderr


def test_pip_is_needed_and_said_to_be(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pip_process, "find_spec", lambda _: None)
    with pytest.raises(Exception, match="has no pip") as caught:
        pip_process.check()
    assert "pip install" in caught.value.hint  # type: ignore[attr-defined]


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("--platform", "windows"), "the platform 'windows' to ask for; did you mean 'windows-x86_64'?"),
        (("--python", "3.9"), "'3.9'"),
        (("--without", "linux:3.12"), "--without linux:3.12"),
        (("--model", "tiny", "--no-models"), "contradict"),
        (("--extra", "mor"), "did you mean 'more'?"),
    ],
)
def test_what_is_mistyped(teacher: Teacher, tmp_path: Path, arguments: tuple[str, ...], said: str) -> None:
    done = pack(tmp_path / "stick", *teacher, *arguments)
    assert done.returncode == 2
    assert said in done.stderr
    assert not (tmp_path / "stick").exists()


def test_nothing_of_others_is_touched(teacher: Teacher, stick: Path, tmp_path: Path) -> None:
    (stick / "slides.pdf").write_text("mine")
    done = pack(stick, *teacher)
    assert done.returncode == 2
    assert "slides.pdf" in done.stderr
    assert (stick / "slides.pdf").read_text() == "mine"
    # A list of checksums makes nothing ours: many directories of downloads have one.
    downloads = tmp_path / "downloads"
    downloads.mkdir()
    (downloads / "SHA256SUMS").write_text(f"{'0' * 64}  image.iso\n")
    (downloads / "image.iso").write_text("mine")
    done = pack(downloads, *teacher)
    assert done.returncode == 2
    assert {path.name for path in downloads.iterdir()} == {"SHA256SUMS", "image.iso"}


KILLED = """
import os, signal, sys
from showcase.pack.stick import Stick
copy = Stick.copy
def killed(self, source, path, **known):
    if "blobs" in str(path):
        (self.place / "models/blobs").mkdir(parents=True)
        self._journal.note(path, known["digest"])
        (self.place / (str(path) + ".part")).write_bytes(source.read(3))
        os.kill(os.getpid(), signal.SIGKILL)
    return copy(self, source, path, **known)
Stick.copy = killed
from showcase.cli import main
main(sys.argv[1:])
"""


@pytest.mark.skipif(sys.platform == "win32", reason="no SIGKILL there")
def test_one_that_was_killed_is_told_from_a_whole_one_and_finished(teacher: Teacher, tmp_path: Path) -> None:
    stick = tmp_path / "stick"
    own = next((teacher.source.parent / "own").iterdir())
    variables = {"PIP_NO_INDEX": "1", "PIP_FIND_LINKS": str(teacher.source), "OLLAMA_MODELS": str(teacher.models)}
    done = subprocess.run(
        [sys.executable, "-c", KILLED, "pack", str(stick), "--wheel", str(own)],
        env={**os.environ, **variables}, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == -signal.SIGKILL, done.stderr
    assert list(stick.rglob("*.part"))
    checked = pack(stick, *teacher, "--check")
    assert checked.returncode == 1
    assert "cut short" in checked.stdout
    # The next one wants no models: what the killed one left of them is known to be ours, and goes.
    done = pack(stick, *teacher, "--no-models", PIP_FIND_LINKS=str(tmp_path))
    assert done.returncode == 0, done.stderr
    assert "registry" not in done.stderr, "its wheels were whole"
    assert not list(stick.rglob("*.part"))
    assert not (stick / "models").exists()
    assert pack(stick, *teacher, "--check").returncode == 0


def test_an_installed_program_is_put_together_again(tmp_path: Path) -> None:
    """Of pip here, which is installed as this program may be: the same files, which install."""
    if not (wheel_file and pip_process.find_spec("pip")):
        pytest.skip("no pip here")
    path = own_wheel.from_installed("pip", tmp_path)
    with zipfile.ZipFile(path) as archive:
        assert archive.testzip() is None
        names = archive.namelist()
    assert "pip/__main__.py" in names
    assert not [name for name in names if "__pycache__" in name or name.endswith(("INSTALLER", "direct_url.json"))]
    assert wheel_file.read(path).name == "pip"
    again = own_wheel.from_installed("pip", tmp_path)
    assert again.read_bytes() == path.read_bytes()


def test_no_other_program_is_packed_as_this_one(tmp_path: Path) -> None:
    other = make_wheel(tmp_path, "local_memory_showcases")
    with pytest.raises(Exception, match="not of this program"):
        own_wheel.obtain(other, tmp_path / "x", say=print)
    with pytest.raises(Exception, match="is not installed here"):
        own_wheel.from_installed("no-such-program", tmp_path)


def test_a_model_that_is_broken_is_no_reason_to_pack_none(teacher: Teacher, tmp_path: Path) -> None:
    models = tmp_path / "models"
    make_model(models, "tiny", "latest", b"weights")
    make_model(models, "cut", "1b", b"whole").write_text("{")
    done = pack(tmp_path / "stick", teacher.source, models)
    assert done.returncode == 0, done.stderr
    assert "left out: the model cut:1b is not whole" in done.stderr
    # Named, it is an error.
    done = pack(tmp_path / "stick", teacher.source, models, "--model", "cut:1b")
    assert done.returncode == 4
    # A blob that is not what its name says ends the packing, and the stick says that it is unfinished.
    blob = next(path for path in (models / "blobs").iterdir() if path.read_bytes() == b"weights")
    blob.write_bytes(b"WEIGHTS")
    done = pack(tmp_path / "other", teacher.source, models, "--model", "tiny")
    assert done.returncode == 4
    assert "not what its name says" in done.stderr
    assert pack(tmp_path / "other", *teacher, "--check").returncode == 1


def test_every_platform_is_in_the_help() -> None:
    from showcase.cli.pack import command  # noqa: PLC0415 - click reads it at once

    (option,) = [each for each in command.params if each.name == "platforms"]
    assert all(name in option.help for name in PLATFORMS)  # type: ignore[attr-defined]
    assert another_python() != this_python()
