"""The header of a GGUF file: its pairs of key and value, and its list of tensors.

The format: `docs/gguf.md` of ggml; what is refused beyond it is what `gguf_init_from_file` in `ggml/src/gguf.cpp` of
llama.cpp refuses: an array in an array, a key or a tensor that is there twice. Version 2 and 3, little endian.
"""

from __future__ import annotations

import struct
from dataclasses import dataclass
from typing import TYPE_CHECKING

from showcase.engines.models.gguf.source import Source, UnreadableModelError, opened
from showcase.engines.models.gguf.tensors import Tensors, read_tensors

if TYPE_CHECKING:
    from pathlib import Path

Value = int | float | bool | str | list[int] | list[float] | list[bool] | None

MAGIC = b"GGUF"
VERSIONS = (2, 3)
MOST_PAIRS = 65_536
MOST_TEXT_BYTES = 2**20
"""Bytes of one text. The longest templates for chats have 30,000."""

MOST_KEPT_BYTES = 8 * 2**20
"""Bytes of all keys and values that are kept; as text of Python they take up to four times as much."""

MOST_KEPT_NUMBERS = 4096
"""Of a longer list only the length is kept: a vocabulary, not the heads of each layer."""

_NUMBER_BYTES = 40  # what Python takes for one in a list, at most
_LEAST_PAIR_BYTES = 13  # an empty key, a type, a byte
_ALIGNMENT = 32
_TEXT, _ARRAY, _BOOL = 8, 9, 7
_FORMS = {0: "B", 1: "b", 2: "H", 3: "h", 4: "I", 5: "i", 6: "f", _BOOL: "?", 10: "Q", 11: "q", 12: "d"}
_NUMBERS = {kind: struct.Struct(f"<{form}") for kind, form in _FORMS.items()}
_U32, _U64 = struct.Struct("<I"), struct.Struct("<Q")


@dataclass(frozen=True, slots=True, kw_only=True)
class Header:
    """What a header says.

    Attributes:
        version: Of the format.
        values: Key to value, in the order of the file; None for a list of which only the length was kept.
        lengths: Key to length, of every list.
        tensors: Its tensors.
        header_bytes: What comes before the tensors.
        file_bytes: The whole file.
        identity: Device and number of the file: two names of one file have the same.
    """

    version: int
    values: dict[str, Value]
    lengths: dict[str, int]
    tensors: Tensors
    header_bytes: int
    file_bytes: int
    identity: tuple[int, int]


def read_header(path: Path) -> Header:
    """Read the header of a file. Memory stays below some 60 MB, whatever the file.

    Raises:
        UnreadableModelError: It is no GGUF file, or one that is damaged, cut short or made to do harm.
    """
    with opened(path) as (descriptor, seen):
        source = Source(descriptor, seen.st_size)
        version = _version(source)
        tensor_count, pair_count = source.number(_U64), source.number(_U64)
        if pair_count > MOST_PAIRS or pair_count * _LEAST_PAIR_BYTES > source.size:
            raise UnreadableModelError(f"it claims to have {pair_count:,} pairs of key and value, which cannot be")
        pairs = _Pairs(source)
        for _ in range(pair_count):
            pairs.read_one()
        alignment = pairs.values.get("general.alignment", _ALIGNMENT)
        if type(alignment) is not int or alignment <= 0 or alignment & (alignment - 1):
            raise UnreadableModelError(
                f"its tensors are to begin at multiples of {repr(alignment)[:40]}, which is no power of 2"
            )
        tensors = read_tensors(source, tensor_count, alignment)
        start = -(-source.position // alignment) * alignment
        if tensors.count and start + tensors.end > seen.st_size:
            raise UnreadableModelError(
                f"it is cut short: its tensors reach to byte {start + tensors.end:,}, and the file has "
                f"{seen.st_size:,}, as where a download did not finish"
            )
        return Header(
            version=version,
            values=pairs.values,
            lengths=pairs.lengths,
            tensors=tensors,
            header_bytes=source.position,
            file_bytes=seen.st_size,
            identity=(seen.st_dev, seen.st_ino),
        )


def _version(source: Source) -> int:
    if source.size == 0:
        raise UnreadableModelError("it is empty")
    magic = source.take(min(len(MAGIC), source.size))
    if magic != MAGIC:
        raise UnreadableModelError(f"it is no GGUF file: it begins with {magic!r}")
    version = source.number(_U32)
    if version in VERSIONS:
        return version
    if int.from_bytes(version.to_bytes(4, "little"), "big") in VERSIONS:
        raise UnreadableModelError("it is big endian, for machines of another kind, and only little endian is read")
    if version == 1:
        raise UnreadableModelError("it is GGUF version 1, which llama.cpp no longer reads either")
    raise UnreadableModelError(f"it is GGUF version {version:,}, and 2 and 3 are known")


class _Pairs:
    """Reads pairs, and keeps of them what is small."""

    def __init__(self, source: Source) -> None:
        self.values: dict[str, Value] = {}
        self.lengths: dict[str, int] = {}
        self._source = source
        self._kept = 0

    def read_one(self) -> None:
        key = self._text(MOST_TEXT_BYTES, "a key")
        what = f"the value of {key[:100]!r}"
        if key in self.values:
            raise UnreadableModelError(f"it has the key {key[:100]!r} twice")
        kind = self._source.number(_U32)
        if kind == _TEXT:
            self.values[key] = self._text(MOST_TEXT_BYTES, what)
        elif kind == _ARRAY:
            self.values[key] = self._array(key, what)
        else:
            self.values[key] = _NUMBERS[self._known(kind, what)].unpack(self._source.take(_NUMBERS[kind].size))[0]

    def _array(self, key: str, what: str) -> Value:
        kind, length = self._source.number(_U32), self._source.number(_U64)
        self.lengths[key] = length
        if kind == _ARRAY:
            raise UnreadableModelError(f"{what} is a list of lists, which llama.cpp does not read either")
        if kind == _TEXT:
            self._source.skip_texts(length, what)
            return None
        size = _NUMBERS[self._known(kind, what)].size
        if length > MOST_KEPT_NUMBERS:
            self._source.skip(length * size, what)
            return None
        self._keep(length * _NUMBER_BYTES)
        return list(struct.unpack(f"<{length}{_FORMS[kind]}", self._source.take(length * size)))

    def _known(self, kind: int, what: str) -> int:
        if kind not in _NUMBERS:
            raise UnreadableModelError(f"{what} is of kind {kind:,}, which there is not")
        return kind

    def _text(self, most: int, what: str) -> str:
        raw = self._source.text(most, what)
        self._keep(len(raw))
        return raw.decode("utf-8", "replace")

    def _keep(self, size: int) -> None:
        self._kept += size
        if self._kept > MOST_KEPT_BYTES:
            raise UnreadableModelError(f"its keys and values are larger than {MOST_KEPT_BYTES // 2**20} MiB")
