"""Stores that cannot be used, and disks that are full: caught before the first memory is added."""

from __future__ import annotations

import json
import os
import shutil
import sqlite3
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest
from planting import Ended, command, not_as_root

from showcase import runlog

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from planting import Place

KEEP = ("--engine", "rehearsal", "--keep-store", "--phase", "1")

OTHER_DIMENSION = """
import sys, chromadb
client = chromadb.PersistentClient(sys.argv[1])
client.delete_collection("mem0")
collection = client.create_collection("mem0")
collection.add(ids=["1"], embeddings=[[0.1] * 768], metadatas=[{"user_id": "carol", "data": "planted elsewhere"}])
"""

LOCK = """
import sqlite3, sys
database = sqlite3.connect(sys.argv[1], isolation_level=None)
database.execute("begin exclusive")
print("locked", flush=True)
sys.stdin.read()
"""


@pytest.fixture
def store(place: Place, planted_store: Path) -> Path:
    """The store of a place where an earlier run planted."""
    shutil.copytree(planted_store, place.out)
    return place.out / "mem0_chroma"


@pytest.fixture
def locked(store: Path) -> Iterator[Path]:
    holder = subprocess.Popen(
        [sys.executable, "-c", LOCK, store / "chroma.sqlite3"], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    )
    with holder:
        assert holder.stdout is not None
        assert holder.stdout.readline() == b"locked\n"
        yield store
        holder.communicate()


def nothing_planted(place: Place) -> None:
    log = runlog.read(place.out / "run-log.json")
    assert [session.planted for session in log.sessions] == [()]
    assert list(place.out.glob("run-log.*Z.json")), "the earlier log is kept"


def test_a_locked_store(place: Place, locked: Path) -> None:
    said = place.run(*KEEP).complaint(4)
    assert "is locked by another process" in said
    assert f"lsof {locked}/chroma.sqlite3" in said
    nothing_planted(place)


@pytest.mark.parametrize("damage", ["overwritten", "cut"])
def test_a_damaged_store(place: Place, store: Path, damage: str) -> None:
    file = store / "chroma.sqlite3"
    whole = file.read_bytes()
    file.write_bytes(b"no database at all " * 1000 if damage == "overwritten" else whole[: len(whole) // 2])
    said = place.run(*KEEP).complaint(4)
    assert "is damaged" in said
    assert "without --keep-store" in said
    nothing_planted(place)


@not_as_root
def test_a_store_that_may_not_be_written(place: Place, store: Path) -> None:
    try:
        store.chmod(0o500)
        (store / "chroma.sqlite3").chmod(0o400)
        said = place.run(*KEEP).complaint(4)
        assert "cannot be written" in said
        assert f"chmod -R u+rwX {store}" in said
        nothing_planted(place)
        # The same where the run would begin a new one: nothing is half removed.
        said = place.run(*KEEP[:2], "--phase", "1").complaint(4)
        assert "cannot" in said
        assert f"chmod -R u+rwX {store}" in said
        assert (store / "chroma.sqlite3").is_file()
    finally:
        store.chmod(0o700)


def test_a_store_of_another_dimension(place: Place, store: Path) -> None:
    subprocess.run([sys.executable, "-c", OTHER_DIMENSION, store], check=True)
    said = place.run(*KEEP).complaint(4)
    assert "its vectors have 768 dimensions, the model's 256" in said
    assert "--embed-model" in said
    nothing_planted(place)
    with sqlite3.connect(store / "chroma.sqlite3") as database:
        rows = database.execute("select string_value from embedding_metadata where key = 'data'").fetchall()
    database.close()
    assert rows == [("planted elsewhere",)]


def test_a_store_of_another_measure(place: Place, store: Path) -> None:
    """mem0's scores would be taken for cosines that they are not."""
    cosine = 'create_collection("mem0", metadata={"hnsw:space": "cosine"})'
    another = OTHER_DIMENSION.replace('create_collection("mem0")', cosine).replace("768", "256")
    assert "cosine" in another
    subprocess.run([sys.executable, "-c", another, store], check=True)
    said = place.run(*KEEP).complaint(4)
    assert "compares vectors by cosine" in said
    nothing_planted(place)


def on_a_small_disk(place: Place, kilobytes: int, *then: str) -> Ended:
    """Run a phase with its output on a disk of this size, in a mount namespace of its own; then list what is there.

    Skips where an ordinary user may make no such namespace.
    """
    disk = place.directory / "disk"
    disk.mkdir()
    mount = f'mount -t tmpfs -o size={kilobytes}k,mode=700 tmpfs "$0" && ' + " && ".join(then)
    arguments = command("run", "--out", str(disk / "out"), *place.witnesses, "--engine", "rehearsal", "--phase", "1")
    outside = ["unshare", "--user", "--map-root-user", "--mount"]
    if (
        shutil.which("unshare") is None
        or subprocess.run([*outside, "true"], check=False, capture_output=True).returncode
    ):
        pytest.skip("no mount namespace can be made here")
    done = subprocess.run(
        [*outside, "sh", "-c", f'{mount} "$@"; code=$?; ls -a "$0/out" >&2; exit $code', str(disk), *arguments],
        check=False,
        capture_output=True,
        text=True,
        timeout=120,
        env=place.environment(),
    )
    place.assert_nobody_left()
    return Ended(done.returncode, done.stdout, done.stderr)


@pytest.mark.parametrize("kilobytes", [64, 200, 330])
def test_a_full_disk(place: Place, kilobytes: int) -> None:
    """The smallest has no room for the store's tables, the largest none for page and log."""
    ended = on_a_small_disk(place, kilobytes, "true &&")
    said = ended.complaint(4)
    assert "No space left" in said or "full" in said
    assert "df -h" in said
    left = [line for line in ended.stderr.splitlines() if line.startswith(".run-log.json.")]
    assert not left, "no half-written file is left"


def test_a_log_that_finds_no_room_leaves_the_earlier_one(place: Place) -> None:
    fill = 'mkdir -m 700 "$0/out" && echo {} > "$0/out/.showcase" && echo earlier > "$0/out/run-log.json" &&'
    ended = on_a_small_disk(place, 330, fill)
    ended.complaint(4)
    listed = ended.stderr.splitlines()
    assert "run-log.json" in listed
    assert not [name for name in listed if name.startswith("run-log.2")]


def test_a_file_limit_on_the_log(place: Place) -> None:
    """The shell's limit on file sizes cuts the log as a full disk would: EFBIG for ENOSPC."""
    place.out.mkdir()
    (place.out / ".showcase").write_text("{}")
    (place.out / "run-log.json").write_text(json.dumps({"an": "earlier log"}))
    limited = "import os,resource,signal,sys;signal.signal(signal.SIGXFSZ,signal.SIG_IGN);"
    limited += (
        "resource.setrlimit(resource.RLIMIT_FSIZE,(4096,4096));os.execv(sys.executable,[sys.executable,*sys.argv[1:]])"
    )
    arguments = command("run", "--out", str(place.out), *place.witnesses, "--engine", "rehearsal", "--phase", "1")[1:]
    done = subprocess.run(
        [sys.executable, "-c", limited, *arguments],
        check=False,
        capture_output=True,
        text=True,
        timeout=120,
        # Not under coverage, whose own data file would meet the limit first.
        env={name: value for name, value in os.environ.items() if not name.startswith("COVERAGE_")}
        | {"TMPDIR": str(place.temporary)},
    )
    said = Ended(done.returncode, done.stdout, done.stderr).complaint(4)
    assert "File too large" in said or "full" in said
    assert (place.out / "run-log.json").read_text() == json.dumps({"an": "earlier log"})
    place.assert_clean()
