"""Keeps what this process had in memory out of the files of an index.

Chroma's index of vectors (hnswlib) writes a file of all the room that it asked the system for, the part too in which no
vector is yet. What stands there is what the process had there before: texts, vectors, whatever was let go of. Seen with
chromadb 1.5.9: a memory that was forgotten came back in `data_level0.bin`, with a query. `index_room` takes it out of
an index that no process has open; this lets nothing come in where one has.
"""

from __future__ import annotations

import ctypes

_PERTURB, _FILLING = -6, 0xA5
"""M_PERTURB of mallopt(3), and a byte: glibc fills what it hands out with its complement, what it gets back with it."""


def fill_what_is_handed_out() -> bool:
    """Let the system's allocator hand out nothing that this process had there before; tell whether it does: glibc."""
    try:
        return bool(ctypes.CDLL(None).mallopt(_PERTURB, _FILLING))
    except (AttributeError, OSError, TypeError):  # no glibc, or no library to ask
        return False
