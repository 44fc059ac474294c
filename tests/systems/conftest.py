"""A Python that is like one on macOS, as far as Linux can be like it."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from showcase import runlog

if TYPE_CHECKING:
    from showcase.evidence import Run

HERE = Path(__file__).parent / "like_macos"
TIMEOUT_S = 300


class Mac:
    """Where programs run without `/proc`, in a Python that believes to be on macOS.

    It is an environment of its own: what makes Python so is read by whatever is started with the same interpreter,
    however its variables and its way to modules are set.
    """

    def __init__(self, place: Path) -> None:
        self.procfs = place / "moved"
        self.told = place / "told.json"
        self.procfs.mkdir()
        own = place / "python"
        packages = own / "lib" / f"python{sys.version_info[0]}.{sys.version_info[1]}" / "site-packages"
        packages.mkdir(parents=True)
        (own / "bin").mkdir()
        base = Path(sys._base_executable).resolve()  # type: ignore[attr-defined]
        self.python = own / "bin" / "python"
        self.python.symlink_to(base)
        (own / "pyvenv.cfg").write_text(f"home = {base.parent}\ninclude-system-site-packages = false\n")
        ours = [each for each in sys.path if Path(each).name in {"site-packages", "dist-packages"}]
        project = Path(runlog.__file__).parents[2]
        (packages / "a.pth").write_text("\n".join(map(str, (*ours, project, HERE))) + "\n")
        line = f"import like_macos; like_macos.become({str(self.procfs)!r}, {str(self.told)!r})"
        (packages / "b.pth").write_text(line + "\n")
        self.tell()

    def tell(self, *denied: int, root: bool = False) -> None:
        """Say of which processes psutil tells nothing more than that they are there, and whether it is root's."""
        self.told.write_text(json.dumps({"denied": denied, "root": root}))

    def command(self, *arguments: str) -> list[str]:
        """Return the command that runs Python there."""
        return [sys.executable, str(HERE / "hidden.py"), str(self.procfs), str(self.python), *arguments]

    def run(self, *arguments: str, cwd: Path | None = None) -> subprocess.CompletedProcess[str]:
        """Run Python there."""
        return subprocess.run(
            self.command(*arguments), capture_output=True, text=True, encoding="utf-8", timeout=TIMEOUT_S, cwd=cwd,
            env={**os.environ, "NO_PROXY": "*"}, check=False,
        )  # fmt: skip

    def program(self, *arguments: str, cwd: Path | None = None) -> subprocess.CompletedProcess[str]:
        """Run the program there."""
        return self.run("-m", "showcase", *arguments, cwd=cwd)

    def beside_a_server(self, who: str, *arguments: str, cwd: Path | None = None) -> subprocess.CompletedProcess[str]:
        """Run the program there beside a server that is none of its children; see `beside.py`."""
        done = self.run(str(HERE / "beside.py"), str(self.told), who, *arguments, cwd=cwd)
        self.tell()
        return done

    def verdicts(self, log: Path) -> tuple[Run, dict[str, str]]:
        """Return a log, and what each claim comes to, once that is what `verify` there says too."""
        run = runlog.read(log)
        again = self.program("verify", str(log), "--json")
        assert "Traceback" not in again.stderr
        derived = {each["id"]: each["status"] for each in json.loads(again.stdout)["claims"]}
        stored = {each.id: each.status for each in run.claims}
        assert derived == stored, again.stdout
        return run, stored


@pytest.fixture(scope="session")
def mac(tmp_path_factory: pytest.TempPathFactory) -> Mac:
    if sys.platform != "linux":
        pytest.skip("it is Linux that is made like macOS")
    made = Mac(tmp_path_factory.mktemp("mac"))
    tried = made.run("-c", "import sys; sys.exit(sys.platform != 'darwin')")
    if tried.returncode != 0 and tried.stderr.startswith(("unshare: ", "mount: ")):
        pytest.skip(f"no namespace without /proc can be made here: {tried.stderr.strip()}")
    assert tried.returncode == 0, tried.stderr
    return made
