"""What a killed process left is removed by the next one; what belongs to a living one, or to somebody else, never."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from showcase.documents import leftovers
from showcase.witnesses.syscalls.command import why_unavailable

if TYPE_CHECKING:
    from collections.abc import Iterator

HOLD = """
import sys, tempfile, pathlib
from showcase.documents import leftovers
place = pathlib.Path(sys.argv[1])
made = leftovers.make("showcase-hook-", place)
(made / "inside").mkdir()
(made / "inside" / "file").write_text("x")
file, name = tempfile.mkstemp(dir=place, prefix=leftovers.marked(".showcase-"))
print(made, name, sep="\\n", flush=True)
sys.stdin.read()
"""


@pytest.fixture
def holder(tmp_path: Path) -> Iterator[tuple[subprocess.Popen[str], list[Path]]]:
    """A process that holds a directory and a file in `tmp_path`."""
    with subprocess.Popen(
        [sys.executable, "-c", HOLD, str(tmp_path)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as process:
        assert process.stdout is not None
        yield process, [Path(process.stdout.readline().strip()) for _ in range(2)]
        process.kill()


def test_what_a_killed_process_left_is_removed(
    tmp_path: Path, holder: tuple[subprocess.Popen[str], list[Path]]
) -> None:
    process, made = holder
    leftovers.sweep(tmp_path)
    assert all(path.exists() for path in made), "it lives"
    process.send_signal(signal.SIGKILL)
    process.wait()
    leftovers.sweep(tmp_path)
    assert not list(tmp_path.iterdir())


def test_a_process_that_has_the_id_again_is_another(
    tmp_path: Path, holder: tuple[subprocess.Popen[str], list[Path]]
) -> None:
    """Process ids are used again: who has it now began at another time."""
    process, made = holder
    directory = made[0]
    began = directory.name.split("-")[3]
    older = directory.with_name(directory.name.replace(f"-{began}-", f"-{int(began, 16) - 1:x}-"))
    directory.rename(older)
    assert process.poll() is None
    leftovers.sweep(tmp_path)
    assert not older.exists()
    assert made[1].exists()


def test_what_is_not_ours_stays(tmp_path: Path) -> None:
    gone = leftovers.marked("showcase-hook-").replace(f"-{os.getpid():x}-", "-7ffffff-")
    (tmp_path / "file").write_text("x")
    (tmp_path / f"{gone}abcdefg1").symlink_to(tmp_path / "file")
    (tmp_path / gone.rstrip("-")).mkdir()
    elsewhere = gone.split("-")
    elsewhere[4] = "000000" if elsewhere[4] != "000000" else "000001"
    (tmp_path / ("-".join(elsewhere) + "abcdefg2")).mkdir()
    (tmp_path / "showcase-hook-abcdefgh").mkdir()
    before = sorted(tmp_path.iterdir())
    leftovers.sweep(tmp_path)
    assert sorted(tmp_path.iterdir()) == before
    leftovers.sweep(tmp_path, elsewhere=True)  # a place that nobody shares
    assert not list(tmp_path.glob("*abcdefg2"))


@pytest.mark.root
@pytest.mark.skipif(os.geteuid() != 0, reason="gives a directory away")
def test_another_users_stays(tmp_path: Path, holder: tuple[subprocess.Popen[str], list[Path]]) -> None:
    process, made = holder
    process.kill()
    process.wait()
    os.chown(made[0], 12345, 12345)
    leftovers.sweep(tmp_path)
    assert [path.exists() for path in made] == [True, False]


@pytest.mark.parametrize(
    ("options", "left"), [((), ("hook",)), (("--seal=sink", "--reveal"), ("hook", "sink"))], ids=["plain", "revealing"]
)
def test_an_audit_that_was_killed_is_cleared_by_the_next(
    options: tuple[str, ...], left: tuple[str, ...], tmp_path: Path
) -> None:
    if options and (sys.platform != "linux" or why_unavailable("--seal", "")):
        pytest.skip("no seal can be made here")
    place = tmp_path / "tmp"
    place.mkdir()
    environment = {**os.environ, "TMPDIR": str(place)}
    audit = [sys.executable, "-m", "showcase", "audit", "--"]
    with subprocess.Popen(
        [*audit[:-1], *options, "--", sys.executable, "-c", "import sys; print(1, flush=True); sys.stdin.read()"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
        env=environment,
    ) as killed:
        assert killed.stdout is not None
        assert killed.stdout.readline() == "1\n"
        killed.kill()
    for kind in left:
        assert list(place.glob(f"showcase-{kind}-*"))
    done = subprocess.run([*audit, "true"], capture_output=True, text=True, check=False, timeout=60, env=environment)
    assert done.returncode == 0, done.stderr
    assert not list(place.iterdir())
