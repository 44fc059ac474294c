"""A document is read once, whatever it is, in bounded memory and time; and every reader takes it for the same."""

from __future__ import annotations

import gzip
import hashlib
import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from program import Finished, showcase

from showcase.documents import reading, strict_json
from showcase.engines.models import modelfile
from showcase.errors import ShowcaseError
from showcase.scenes.scenario import read as read_scenario

if TYPE_CHECKING:
    from collections.abc import Callable

TIMEOUT_S = 60


@pytest.fixture
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reading, "WRITER_S", 0.2)


def bash(line: str, *arguments: str) -> subprocess.CompletedProcess[str]:
    """Run a line of bash in which `showcase` is this program."""
    whole = f'showcase() {{ "{sys.executable}" -m showcase "$@"; }}; {line}'
    return subprocess.run(
        ["/bin/bash", "-c", whole, "bash", *arguments], capture_output=True, text=True, timeout=TIMEOUT_S, check=False
    )


@pytest.mark.parametrize(
    "line",
    [
        'showcase verify - < "$1"',
        'showcase verify /dev/stdin < "$1"',
        'cat "$1" | showcase verify -',
        'cat "$1" | showcase verify /dev/stdin',
        'cat "$1" | showcase verify /proc/self/fd/0',
        'showcase verify <(cat "$1")',
        'showcase verify /dev/fd/7 7< "$1"',
        'mkfifo "$1.pipe"; cat "$1" > "$1.pipe" & showcase verify "$1.pipe"',
    ],
)
def test_verify_digests_what_it_judged(finished: Finished, tmp_path: Path, line: str) -> None:
    log = tmp_path / "log.json"
    log.write_bytes((finished.out / "run-log.json").read_bytes())
    done = bash(line, str(log))
    assert done.returncode == 0, done.stderr
    assert f"SHA-256: {hashlib.sha256(log.read_bytes()).hexdigest()}" in done.stdout
    assert "The log's own verdicts are the same." in done.stdout


def test_a_report_of_a_pipe(finished: Finished, tmp_path: Path) -> None:
    log = str(finished.out / "run-log.json")
    page = tmp_path / "page.html"
    done = bash('cat "$1" | showcase report - -o "$2"', log, str(page))
    assert done.returncode == 0, done.stderr
    assert page.read_bytes().startswith(b"<!")
    out = bash('showcase report <(cat "$1") -o - | head -c 2', log)
    assert out.stdout == "<!"
    nowhere = bash('cat "$1" | showcase report -', log)
    assert nowhere.returncode == 2
    assert "name the page: -o FILE" in nowhere.stderr


def test_a_report_never_goes_over_a_log_whatever_it_is_called(finished: Finished, tmp_path: Path) -> None:
    log = tmp_path / "run-log.json"
    log.write_bytes((finished.out / "run-log.json").read_bytes())
    (tmp_path / "link").symlink_to("run-log.json")
    for arguments in (
        (str(log), "-o", str(tmp_path / "link")),
        (str(tmp_path / "link"), "-o", str(log)),
        ("--class", str(tmp_path), "-o", str(log)),
    ):
        done = showcase("report", *arguments)
        assert done.returncode == 2, done.stderr
        assert "would be overwritten" in done.stderr
    assert log.read_bytes() == (finished.out / "run-log.json").read_bytes()


def test_a_class_waits_for_nobody(finished: Finished, tmp_path: Path) -> None:
    for name in ("anna", "ben", "carla", "dora"):
        (tmp_path / name).mkdir()
    (tmp_path / "anna" / "run-log.json").write_bytes((finished.out / "run-log.json").read_bytes())
    os.mkfifo(tmp_path / "ben" / "run-log.json")
    (tmp_path / "carla" / "run-log.json").symlink_to("/dev/zero")
    (tmp_path / "dora" / "run-log.json").mkdir()
    done = showcase("report", "--class", str(tmp_path))
    assert done.returncode == 2, done.stderr
    assert done.stderr.count("cannot read") == 3
    page = (tmp_path / "class.html").read_text("utf-8")
    for words in ("it is no regular file", "it is a device", "it is a directory"):
        assert words in page


def _fifo(path: Path) -> None:
    os.mkfifo(path)


def _sparse(path: Path) -> None:
    with path.open("wb") as file:
        file.truncate(10 * 1024**3)


def _link_to(target: str) -> Callable[[Path], None]:
    return lambda path: path.symlink_to(target)


SPECIAL = [
    (_link_to("/dev/zero"), "it is a device"),
    (_link_to("/dev/urandom"), "it is a device"),
    (_link_to("/dev/null"), "it is a device"),
    (_fifo, "it is a pipe that nobody writes to"),
    (lambda path: path.mkdir(), "it is a directory"),
    (_sparse, "it is larger than"),
    (_link_to("itself"), "symbolic links"),
]


@pytest.mark.usefixtures("quick")
@pytest.mark.parametrize(("plant", "words"), SPECIAL)
@pytest.mark.parametrize("reader", [read_scenario, modelfile.read])
def test_special_files_end_in_words(
    tmp_path: Path, plant: Callable[[Path], None], words: str, reader: Callable[[Path], object]
) -> None:
    path = tmp_path / "itself"
    plant(path)
    with pytest.raises(ShowcaseError, match=words):
        reader(path)


@pytest.mark.parametrize(("plant", "words"), SPECIAL)
def test_verify_of_special_files_ends_in_words(tmp_path: Path, plant: Callable[[Path], None], words: str) -> None:
    path = tmp_path / "itself"
    plant(path)
    done = showcase("verify", str(path))
    assert done.returncode == 2
    # A directory may be that of a run.
    assert ("is a directory without a run-log.json" if path.is_dir() else words) in done.stderr
    assert "  fix: " in done.stderr


def test_an_endless_pipe_is_cut_off(tmp_path: Path) -> None:
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    with subprocess.Popen(["/bin/cat", "/dev/zero"], stdout=os.open(pipe, os.O_RDWR)) as endless:
        try:
            with pytest.raises(reading.UnreadableError, match="it is larger than 4 MiB"):
                reading.read(pipe, limit=4 * 1024**2)
        finally:
            endless.kill()


def test_a_writer_that_is_silent_for_a_while_is_waited_for(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reading, "WRITER_S", 0.1)
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    with subprocess.Popen(
        ["/bin/bash", "-c", 'exec 3<>"$1"; echo here; sleep 1; printf late >&3', "bash", str(pipe)],
        stdout=subprocess.PIPE,
    ) as writer:
        assert writer.stdout is not None
        writer.stdout.readline()
        assert reading.read(pipe, limit=100) == b"late"


def test_ctrl_c_ends_a_wait_for_standard_input() -> None:
    waiting = subprocess.Popen(
        [sys.executable, "-m", "showcase", "verify", "-"], stdin=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )
    with waiting:
        _until_it_reads(waiting.pid)
        waiting.send_signal(signal.SIGINT)
        _, said = waiting.communicate(timeout=TIMEOUT_S)
    assert waiting.returncode == 3
    assert said.strip() == "interrupted"


def _until_it_reads(pid: int) -> None:
    """Wait until it sleeps in a read of its standard input."""
    read = {"x86_64": "0 0x", "aarch64": "63 0x"}[os.uname().machine]
    for _ in range(600):
        if Path(f"/proc/{pid}/syscall").read_text("ascii").startswith(read) and _leads_to_a_pipe(pid):
            return
        time.sleep(0.05)
    raise AssertionError("it never read")


def _leads_to_a_pipe(pid: int) -> bool:
    number = int(Path(f"/proc/{pid}/syscall").read_text("ascii").split()[1], 16)
    return str(Path(f"/proc/{pid}/fd/{number}").readlink()) == str(Path(f"/proc/{pid}/fd/0").readlink())


NESTED = b"[" * 300_000
TWICE = b'{"schema": 1, "schema": 2}'


@pytest.mark.parametrize(
    ("document", "words"),
    [
        (NESTED, "nested too deeply"),
        (NESTED + b"]" * 300_000, "nested too deeply"),
        (gzip.compress(b"{}", mtime=0), "compressed with gzip"),
        ('{"a": 1}'.encode("utf-16"), "UTF-16"),
        ('{"a": 1}'.encode("utf-16-le"), "UTF-16"),
        ('{"a": 1}'.encode("utf-32"), "UTF-16, UTF-32"),
        (b"\xef\xbb\xbf{}", "byte order mark"),
        (b'{"a": NaN}', "NaN is no number"),
        (b'{"a": -Infinity}', "-Infinity is no number"),
        (b'{"a": 1e999}', "too large"),
        (b'{"a": ' + b"9" * 5_000_000 + b"}", "does not fit into 64 bits"),
        (b'{"a": 9223372036854775808}', "does not fit into 64 bits"),
        (TWICE, "'schema' is there twice"),
        (b"[" + b"[],[]," * 6_000_000 + b"[]]", "more than 10,000,000 values"),
        (b'{"a": "\xff"}', "utf-8"),
        (b"", "Expecting value"),
    ],
)
def test_json_that_readers_would_take_for_different_things_is_refused(document: bytes, words: str) -> None:
    with pytest.raises(ValueError, match=words):
        strict_json.parse(document)


def test_json_in_its_bounds_is_what_it_says() -> None:
    document = {"a": [1, -1, 9223372036854775807, 0.5, None, True, "é😀", ""], "b": {"a": {}}}
    assert strict_json.parse(json.dumps(document).encode()) == document


@pytest.mark.parametrize("spoiled", ["NaN", "9" * 400, '1, "top_k": 2'])
def test_verify_names_what_is_wrong_with_a_number(finished: Finished, tmp_path: Path, spoiled: str) -> None:
    text = (finished.out / "run-log.json").read_text("utf-8")
    assert '"top_k": 5' in text
    log = tmp_path / "log.json"
    log.write_text(text.replace('"top_k": 5', f'"top_k": {spoiled}'), "utf-8")
    done = showcase("verify", str(log))
    assert done.returncode == 2
    assert "is not JSON" in done.stderr
