"""A participant's machine: one line installs, with no network at all, and says what is wrong where it cannot."""

from __future__ import annotations

import ast
import json
import os
import shutil
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest
from sticks import PYTHON, another_python, make_model, make_wheel, pack

from showcase.pack import installers
from showcase.pack.platforms import this_python

if TYPE_CHECKING:
    from pathlib import Path

    from conftest import Teacher

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="scripts of POSIX shells")

ALONE = 'ip link set lo up && test "$(ls /sys/class/net)" = lo 2>/dev/null || test "$(grep -c : /proc/net/dev)" = 1'


@pytest.fixture(scope="session")
def bin_directory(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A PATH with this Python and no other, under the name that it has everywhere."""
    place = tmp_path_factory.mktemp("bin")
    (place / f"python{this_python()}").symlink_to(os.path.realpath(PYTHON))
    (place / "python3").symlink_to(os.path.realpath(PYTHON))
    for name in ("sh", "dirname", "ls", "grep", "ip", "test"):
        found = shutil.which(name)
        if found:
            (place / name).symlink_to(found)
    return place


def install(
    stick: Path, home: Path, path: Path, *arguments: str, before: tuple[str, ...] = (), **variables: str
) -> subprocess.CompletedProcess[str]:
    home.mkdir(exist_ok=True)
    return subprocess.run(
        [*before, "/bin/sh", str(stick / "install.sh"), *arguments],
        cwd=home, env={"HOME": str(home), "PATH": str(path), **variables}, capture_output=True, text=True, check=False,
        timeout=120,
    )  # fmt: skip


@pytest.fixture(scope="session")
def alone() -> tuple[str, ...]:
    """Return what runs a command where nothing but loopback exists; skip where that is forbidden."""
    unshare = shutil.which("unshare")
    if unshare is None:
        pytest.skip("no unshare here")
    before = (unshare, "-Urn", "/bin/sh", "-c", f'{ALONE}; exec "$@"', "sh")
    done = subprocess.run([*before, "true"], capture_output=True, text=True, check=False)
    if done.returncode:
        pytest.skip(f"no namespace without a network here: {done.stderr.strip()}")
    return before


def test_it_installs_where_nothing_but_loopback_exists(
    whole: Path, tmp_path: Path, bin_directory: Path, alone: tuple[str, ...]
) -> None:
    home = tmp_path / "a home"
    (home / ".ollama" / "models").mkdir(parents=True)
    before = sorted(path.name for path in whole.rglob("*"))
    devices = subprocess.run([*alone, "/bin/cat", "/proc/net/dev"], capture_output=True, text=True, check=True).stdout
    assert [line.partition(":")[0].strip() for line in devices.splitlines() if ":" in line] == ["lo"]
    # What a participant's machine may be set to must not lead pip or Python elsewhere.
    (tmp_path / "pip.conf").write_text("[global]\nindex-url = http://127.0.0.1:1\nno-binary = :all:\n")
    spoiled = {"PIP_CONFIG_FILE": str(tmp_path / "pip.conf"), "PIP_REQUIRE_HASHES": "1", "PYTHONPATH": "/nowhere"}
    done = install(whole, home, bin_directory, before=alone, **spoiled)
    assert done.returncode == 0, done.stderr
    assert done.stdout.startswith("ready: showcase 9.9, Python "), done.stdout
    program = home / "local-memory-showcase" / ".venv" / "bin" / "showcase"
    assert subprocess.run([program], capture_output=True, text=True, check=True).stdout == "showcase, version 9.9\n"
    there = sorted(path.name for path in program.parents[1].glob("lib/*/site-packages/*.dist-info"))
    assert "local_memory_showcase-9.9.dist-info" in there
    assert not [name for name in there if name.startswith("of_windows")]
    assert sorted(path.name for path in whole.rglob("*")) == before, "nothing is written on the stick"
    model = home / ".ollama/models/manifests/registry.ollama.ai/library/tiny/latest"
    assert json.loads(model.read_text())["layers"]
    # The next lines can be typed, spaces and all.
    typed = done.stdout.splitlines()[2].strip()
    assert subprocess.run(["/bin/sh", "-c", f"{typed} && test -x .venv/bin/showcase"], check=False).returncode == 0


def test_models_go_where_ollama_looks_and_over_nothing(whole: Path, tmp_path: Path) -> None:
    models = tmp_path / "models"
    theirs = make_model(models, "tiny", "latest", b"their own")
    before = theirs.read_bytes()
    script = (
        "import sys; sys.dont_write_bytecode = True; sys.path.insert(0, sys.argv[1]); import install, install_models\n"
        "sums, pack = install.read_stick(); install_models.copy_models(install.STICK, sums, pack['models'], print)"
    )

    def copy(stick: Path, **variables: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [sys.executable, "-c", script, str(stick)],
            env={**os.environ, **variables}, capture_output=True, text=True, check=False,
        )  # fmt: skip

    done = copy(whole, OLLAMA_MODELS=str(models))
    assert "tiny:latest: is there in another version, which stays" in done.stdout, done.stderr
    assert theirs.read_bytes() == before
    theirs.unlink()
    done = copy(whole, OLLAMA_MODELS=str(models))
    assert "copied to" in done.stdout
    assert theirs.read_bytes() == (whole / "models" / theirs.relative_to(models)).read_bytes()
    assert len(list((models / "blobs").iterdir())) == 3, "the configuration is the same one"
    assert "is there already" in copy(whole, OLLAMA_MODELS=str(models)).stdout
    # No Ollama: none is made.
    done = copy(whole, HOME=str(tmp_path), PATH=str(tmp_path), OLLAMA_MODELS="")
    assert "No Ollama was found here" in done.stdout
    # A blob that changed on the stick gets no name there.
    broken = shutil.copytree(whole, tmp_path / "broken")
    for blob in (broken / "models/blobs").iterdir():
        blob.write_bytes(blob.read_bytes()[:-1] + b"?")
    done = copy(broken, OLLAMA_MODELS=str(tmp_path / "new"))
    assert "DamagedError" in done.stderr
    assert not [path for path in (tmp_path / "new").rglob("*") if path.is_file()]


def test_a_stick_for_another_python(teacher: Teacher, tmp_path: Path, bin_directory: Path) -> None:
    stick = tmp_path / "stick"
    assert pack(stick, *teacher, "--python", another_python(), "--no-models").returncode == 0
    done = install(stick, tmp_path / "home", bin_directory)
    assert done.returncode == 1
    assert f"this is Python {this_python()}" in done.stderr
    assert f"with Python {another_python()}" in done.stderr
    assert not list((tmp_path / "home").iterdir())


@pytest.mark.parametrize("what", ["wheel", "installer", "unfinished", "manifest", "surplus", "page"])
def test_a_stick_that_is_not_whole_installs_nothing(
    stick: Path, tmp_path: Path, bin_directory: Path, what: str
) -> None:
    path = stick
    if what == "unfinished":
        (stick / "UNFINISHED.txt").write_text("")
    elif what == "surplus":
        path = make_wheel(stick / "wheels", "compiled", "99.0")
    elif what == "page":  # whose links pip follows
        path = stick / "wheels" / "._index.html"
        path.write_text('<a href="http://127.0.0.1:1/compiled-99.0-py3-none-any.whl">compiled</a>')
    else:
        path = {"wheel": next((stick / "wheels").glob("pip*")), "installer": stick / "install.ps1"}.get(
            what, stick / "pack.json"
        )
        path.write_bytes(path.read_bytes() + b" ")
    done = install(stick, tmp_path / "home", bin_directory)
    assert done.returncode == 1
    surplus = f"{path.name} is on the stick, and was not packed"
    said = {"unfinished": "cut short", "surplus": surplus, "page": surplus}
    assert said.get(what, f"{path.name} is not as it was written") in done.stderr
    assert not list((tmp_path / "home").iterdir())


def test_what_is_in_the_way_stays(whole: Path, tmp_path: Path, bin_directory: Path) -> None:
    (tmp_path / "home/local-memory-showcase/.venv").mkdir(parents=True)
    (tmp_path / "home/local-memory-showcase/.venv/mine").write_text("mine")
    done = install(whole, tmp_path / "home", bin_directory)
    assert done.returncode == 1
    assert "is no environment of Python" in done.stderr
    assert (tmp_path / "home/local-memory-showcase/.venv/mine").read_text() == "mine"


def test_a_machine_without_python(whole: Path, tmp_path: Path) -> None:
    (tmp_path / "bin").mkdir()
    (tmp_path / "bin/dirname").symlink_to(shutil.which("dirname") or "dirname")
    done = install(whole, tmp_path / "home", tmp_path / "bin")
    assert done.returncode == 1
    assert f"no Python was found here, and this stick has wheels for Python {this_python()}" in done.stderr


def test_a_python_that_makes_no_environment(whole: Path, tmp_path: Path, bin_directory: Path) -> None:
    """As a minimal one of Debian, whose `venv` is in a package of its own."""
    blind = tmp_path / "bin"
    blind.mkdir()
    for path in bin_directory.iterdir():
        if not path.name.startswith("python"):
            (blind / path.name).symlink_to(path.readlink())
    script = blind / f"python{this_python()}"
    script.write_text(
        f"#!{os.path.realpath(PYTHON)}\n"
        "import os, runpy, sys\n"
        "if '-m' in sys.argv: sys.exit('No module named venv')\n"
        "if '-c' in sys.argv: sys.exit(0)\n"
        "sys.argv = sys.argv[1:]\n"
        f"sys.executable = {str(script)!r}\n"
        "sys.path.insert(0, os.path.dirname(sys.argv[0]))\n"
        "runpy.run_path(sys.argv[0], run_name='__main__')\n"
    )
    script.chmod(0o755)
    done = install(whole, tmp_path / "home", blind)
    assert done.returncode == 1, done.stdout
    assert "No module named venv" in done.stderr
    assert "apt install python3-venv" in done.stderr


def test_every_python_that_may_start_them_can_read_them() -> None:
    """Else a syntax error would stand where the sentence belongs that names the Python that is needed."""
    for path in installers.FOLDER.glob("*.py"):
        ast.parse(path.read_text("utf-8"), feature_version=(3, 7))


def test_scripts_of_windows_are_as_its_programs_read_them(whole: Path) -> None:
    for name in ("install.bat", "install.ps1", "READ ME.txt"):
        data = (whole / name).read_bytes()
        data.decode("ascii")
        assert data.count(b"\n") == data.count(b"\r\n") > 5
        assert b"@PYTHONS@" not in data
    assert f"in ({this_python()}) do" in (whole / "install.bat").read_text()
    assert b"\r" not in (whole / "install.sh").read_bytes()
    assert subprocess.run(["/bin/sh", "-n", str(whole / "install.sh")], check=False).returncode == 0
