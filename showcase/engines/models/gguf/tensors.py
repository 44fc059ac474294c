"""The list of tensors: how many weights there are, how they are stored, and whether the file has room for them."""

from __future__ import annotations

import math
import struct
from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING

from showcase.engines.models.gguf.quantisations import TENSOR_TYPES
from showcase.engines.models.gguf.source import UnreadableModelError

if TYPE_CHECKING:
    from showcase.engines.models.gguf.source import Source

MOST_TENSORS = 100_000
"""The largest models with one tensor for each expert of each layer have some 50,000."""

_LEAST_BYTES = 24  # an empty name, no dimensions, a type, an offset
_MOST_DIMENSIONS = 4
_MOST_NAME_BYTES = 256
_MOST_ELEMENTS = 2**63 - 1  # ggml counts them in an int64
_U32 = struct.Struct("<I")
_TAIL = struct.Struct("<IQ")
_SHAPES = tuple(struct.Struct(f"<{count}Q") for count in range(_MOST_DIMENSIONS + 1))


@dataclass(frozen=True, slots=True, kw_only=True)
class Tensors:
    """All tensors of a file.

    Attributes:
        count: How many.
        elements: Numbers in them: the parameters of the model, or of this part of it.
        size_bytes: What they take, None where one is stored in a way that this program does not know.
        end: Bytes from the beginning of the data to the end of the last one that is known.
        stored_as: The way in which most numbers are stored, None where there are none or where it is unknown.
    """

    count: int
    elements: int
    size_bytes: int | None
    end: int
    stored_as: str | None


def read_tensors(source: Source, count: int, alignment: int) -> Tensors:
    """Read the list of tensors, and nothing of what is in them.

    Raises:
        UnreadableModelError: The list cannot be what it says.
    """
    if count > MOST_TENSORS or count * _LEAST_BYTES > source.size:
        raise UnreadableModelError(f"it claims to have {count:,} tensors, which cannot be")
    names: set[bytes] = set()
    by_type: Counter[int] = Counter()
    end, total, known = 0, 0, True
    for _ in range(count):
        name = source.text(_MOST_NAME_BYTES, "the name of a tensor")
        if name in names:
            raise UnreadableModelError(f"it has the tensor {_shown(name)} twice")
        names.add(name)
        dimensions = source.number(_U32)
        if dimensions > _MOST_DIMENSIONS:
            raise UnreadableModelError(f"its tensor {_shown(name)} claims to have {dimensions:,} dimensions")
        form = _SHAPES[dimensions]
        shape = form.unpack(source.take(form.size))
        kind, offset = _TAIL.unpack(source.take(_TAIL.size))
        elements = math.prod(shape)
        if elements > _MOST_ELEMENTS or max(shape, default=0) > _MOST_ELEMENTS:
            raise UnreadableModelError(f"its tensor {_shown(name)} claims to have {elements:,} elements")
        if offset % alignment:
            raise UnreadableModelError(
                f"its tensor {_shown(name)} begins at {offset:,}, not at a multiple of {alignment}"
            )
        by_type[kind] += elements
        size = _size(name, shape, kind, elements)
        known = known and size is not None
        total += size or 0
        end = max(end, offset + (size or 0))
    most = by_type.most_common(1)
    return Tensors(
        count=count,
        elements=sum(by_type.values()),
        size_bytes=total if known else None,
        end=max(end, total),  # tensors that lie in one another are none that a model was written with
        stored_as=TENSOR_TYPES[most[0][0]][0] if most and most[0][1] and most[0][0] in TENSOR_TYPES else None,
    )


def _size(name: bytes, shape: tuple[int, ...], kind: int, elements: int) -> int | None:
    if kind not in TENSOR_TYPES:
        return None
    called, block, block_bytes = TENSOR_TYPES[kind]
    if shape and shape[0] % block:
        raise UnreadableModelError(
            f"its tensor {_shown(name)} has rows of {shape[0]:,} elements, and {called} stores {block} at a time"
        )
    return elements // block * block_bytes


def _shown(name: bytes) -> str:
    return repr(name.decode("utf-8", "replace"))
