"""Files that are damaged, or made to do harm: each is refused with its reason, in bounded memory and time."""

from __future__ import annotations

import os
import re
import struct
import subprocess
import sys
import time
from typing import TYPE_CHECKING

import pytest
from gguf_files import CHAT, TENSORS, gguf, head, pair, tensor, text, write

from showcase.engines.models.gguf.header import MOST_PAIRS, read_header
from showcase.engines.models.gguf.source import MOST_TEXTS, UnreadableModelError
from showcase.engines.models.gguf.tensors import MOST_TENSORS

if TYPE_CHECKING:
    from pathlib import Path

LIST, TEXT = 9, 8


def listed(kind: int, length: int, data: bytes = b"") -> bytes:
    return head(1) + text("k") + struct.pack("<IIQ", LIST, kind, length) + data


def with_tensors(*described: bytes, data: int = 4096) -> bytes:
    start = head(0, len(described)) + b"".join(described)
    return start + bytes(-len(start) % 32) + bytes(data)


WHOLE = gguf(CHAT)
HOSTILE: dict[str, tuple[bytes, str]] = {
    "empty": (b"", "it is empty"),
    "short magic": (b"GG", "no GGUF file"),
    "wrong magic": (b"PK\x03\x04" + bytes(100), "no GGUF file"),
    "magic alone": (b"GGUF", "cut short"),
    "version 1": (head(0, version=1), "version 1"),
    "version of tomorrow": (head(0, version=4), "version 4"),
    "big endian": (b"GGUF" + struct.pack(">IQQ", 3, 0, 0), "big endian"),
    "absurd count of pairs": (head(2**63), "pairs of key and value, which cannot be"),
    "more pairs than room": (head(MOST_PAIRS), "pairs of key and value, which cannot be"),
    "absurd count of tensors": (head(0, 2**64 - 1), "tensors, which cannot be"),
    "more tensors than room": (head(0, MOST_TENSORS), "tensors, which cannot be"),
    "text of 2^63 bytes": (head(1) + text("k") + struct.pack("<IQ", TEXT, 2**63) + bytes(99), "cut short or damaged"),
    "key of 2^64-1 bytes": (head(1) + struct.pack("<Q", 2**64 - 1) + bytes(99), "a key reaches to byte"),
    "text of 2 MiB": (head(1) + pair("k", b"x" * 2**21), "1,048,576 is the most"),
    "9 texts of 1 MiB": (
        head(9) + b"".join(pair(f"k{number}", b"x" * 2**20) for number in range(9)),
        "keys and values are larger than 8 MiB",
    ),
    "lists of numbers without end": (
        head(60) + b"".join(pair(f"k{number}", [1] * 4096) for number in range(60)),
        "keys and values are larger than 8 MiB",
    ),
    "list of 2^62 numbers": (listed(4, 2**62, bytes(64)), "cut short or damaged"),
    "list of 2^61 texts": (listed(TEXT, 2**61, bytes(64)), "cut short or damaged"),
    "text in a list beyond the end": (listed(TEXT, 2, struct.pack("<QQ", 2**62, 0)), "cut short or damaged"),
    "more texts than any vocabulary": (listed(TEXT, MOST_TEXTS + 1, bytes(8 * MOST_TEXTS + 8)), "2,000,000 texts"),
    "list of lists": (listed(LIST, 1, struct.pack("<IQ", LIST, 1) * 5000), "a list of lists"),
    "kind of value that there is not": (head(1) + text("k") + struct.pack("<I", 13) + bytes(99), "of kind 13"),
    "kind of element that there is not": (listed(77, 1, bytes(64)), "of kind 77"),
    "key twice": (head(2) + pair("k", 1) + pair("k", 2), "the key 'k' twice"),
    "cut in a key": (WHOLE[: WHOLE.index(b"llama.block_count") + 5], "a key reaches to byte"),
    "cut in the vocabulary": (WHOLE[: WHOLE.index(b"</s>")], "cut short"),
    "cut in the list of tensors": (WHOLE[: WHOLE.index(b"blk.0")], "cut short"),
    "cut in the weights": (WHOLE[:-64], "it is cut short: its tensors reach to byte"),
    "alignment of 0": (gguf({"general.alignment": 0}), "no power of 2"),
    "alignment of 33": (gguf({"general.alignment": 33}), "no power of 2"),
    "alignment in words": (gguf({"general.alignment": "32"}), "no power of 2"),
    "alignment of 2^31": (gguf({"general.alignment": 2**31}), "at a multiple of 2147483648|cut short"),
    "tensor twice": (with_tensors(tensor("t", (32,), 0, 0), tensor("t", (32,), 0, 128)), "the tensor 't' twice"),
    "tensor of 5 dimensions": (with_tensors(tensor("t", (1,) * 5, 0, 0)), "5 dimensions"),
    "tensor of 2^32-1 dimensions": (with_tensors(text("t") + struct.pack("<I", 2**32 - 1)), "dimensions"),
    "tensor of 2^64 elements": (with_tensors(tensor("t", (2**32, 2**32), 0, 0)), "elements"),
    "tensor whose 0 hides a 2^64": (with_tensors(tensor("t", (0, 2**64 - 1), 0, 0)), "elements"),
    "tensor beyond the end": (with_tensors(tensor("t", (32,), 0, 2**40)), "cut short"),
    "tensor at 2^64-32": (with_tensors(tensor("t", (32,), 0, 2**64 - 32)), "cut short"),
    "tensor off its place": (with_tensors(tensor("t", (32,), 0, 7)), "at a multiple of 32"),
    "tensors in one another": (
        with_tensors(*(tensor(f"t{number}", (1024,), 0, 0) for number in range(2)), data=4096),
        "cut short",
    ),
    "rows that no block fits": (with_tensors(tensor("t", (100,), 12, 0)), "stores 256 at a time"),
    "tensor with a name of 300 bytes": (with_tensors(tensor("t" * 300, (32,), 0, 0)), "256 is the most"),
    "zeros": (b"GGUF" + struct.pack("<IQQ", 3, 0, 9) + bytes(999), "the key '' twice"),
}


@pytest.mark.parametrize("name", HOSTILE)
def test_it_is_refused_with_the_reason(tmp_path: Path, name: str) -> None:
    raw, reason = HOSTILE[name]
    path = tmp_path / "x.gguf"
    path.write_bytes(raw)
    began = time.process_time()
    with pytest.raises(UnreadableModelError, match=reason):
        read_header(path)
    assert time.process_time() - began < 1


def test_what_the_hostile_files_are_made_from_is_read(tmp_path: Path) -> None:
    """Else all of them would be refused for something else."""
    for raw in (WHOLE, with_tensors(*(tensor(n, s, k, 0) for n, s, k in TENSORS[:1])), listed(4, 2, bytes(8))):
        (tmp_path / "x.gguf").write_bytes(raw)
        assert read_header(tmp_path / "x.gguf").version == 3


def test_every_beginning_of_a_file_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "x.gguf"
    for length in range(0, len(WHOLE), 7):
        path.write_bytes(WHOLE[:length])
        with pytest.raises(UnreadableModelError):
            read_header(path)


def test_a_changed_byte_is_read_or_refused_and_nothing_else(tmp_path: Path) -> None:
    path = tmp_path / "x.gguf"
    end = WHOLE.index(b"blk.0") + 40
    for place in range(0, end, 3):
        for value in (0, 0x7F, 0xFF):
            path.write_bytes(WHOLE[:place] + bytes([value]) + WHOLE[place + 1 :])
            try:
                read_header(path)
            except UnreadableModelError as error:
                assert str(error)  # noqa: PT017 - either outcome is right


@pytest.mark.skipif(sys.platform == "win32", reason="needs `resource`, which Windows has not")
def test_memory_stays_bounded(tmp_path: Path) -> None:
    for number, (raw, _) in enumerate(HOSTILE.values()):
        (tmp_path / f"{number}.gguf").write_bytes(raw)
    kept = b"".join(pair(f"k{number}", "\N{GRINNING FACE}" * 2**18) for number in range(7))
    (tmp_path / "largest.gguf").write_bytes(head(7) + kept)
    code = """
import resource, sys
from pathlib import Path
from showcase.engines.models.gguf.header import read_header
from showcase.engines.models.gguf.source import UnreadableModelError
unit = 1 if sys.platform == "darwin" else 1024
before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * unit
for path in sorted(Path(sys.argv[1]).iterdir()):
    try:
        read_header(path)
    except UnreadableModelError:
        pass
print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * unit - before)
"""
    done = subprocess.run(
        [sys.executable, "-c", code, tmp_path], capture_output=True, text=True, timeout=60, check=True
    )
    assert int(done.stdout) < 64 * 2**20


def test_a_file_of_a_terabyte_is_not_read_through(tmp_path: Path) -> None:
    path = write(tmp_path / "x.gguf")
    try:
        os.truncate(path, 2**40)
    except OSError:
        pytest.skip("this file system keeps no file of that size")
    began = time.process_time()
    assert read_header(path).file_bytes == 2**40
    (tmp_path / "zeros").touch()
    os.truncate(tmp_path / "zeros", 2**40)
    with pytest.raises(UnreadableModelError, match="no GGUF file"):
        read_header(tmp_path / "zeros")
    assert time.process_time() - began < 1


def test_a_header_of_a_terabyte_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "x.gguf"
    path.write_bytes(listed(4, 2**36))
    try:
        os.truncate(path, 2**40)
    except OSError:
        pytest.skip("this file system keeps no file of that size")
    with pytest.raises(UnreadableModelError, match="its header is larger than 64 MiB"):
        read_header(path)


@pytest.mark.skipif(sys.platform == "win32", reason="what Windows has none of")
def test_what_is_no_file_is_not_waited_for(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe.gguf")
    (tmp_path / "nowhere.gguf").symlink_to("gone")
    (tmp_path / "itself.gguf").symlink_to("itself.gguf")
    (tmp_path / "directory.gguf").mkdir()
    (tmp_path / "pipe-by-link.gguf").symlink_to("pipe.gguf")
    for name, reason in (
        ("pipe.gguf", "a pipe, a device or a socket"),
        ("pipe-by-link.gguf", "a pipe, a device or a socket"),
        ("/dev/zero", "a pipe, a device or a socket"),
        ("directory.gguf", "it is a directory"),
        ("nowhere.gguf", "a link that leads nowhere: gone"),
        ("itself.gguf", "symbolic links"),
        ("absent.gguf", "there is no such file"),
        ("n\0l", "null"),
    ):
        with pytest.raises(UnreadableModelError, match=re.compile(reason)):
            read_header(tmp_path / name)


@pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() == 0, reason="root may read everything")
def test_a_file_that_may_not_be_read(tmp_path: Path) -> None:
    path = write(tmp_path / "x.gguf")
    path.chmod(0)
    with pytest.raises(UnreadableModelError, match="Permission denied"):
        read_header(path)
