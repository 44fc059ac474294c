"""A store that is open here while its files are replaced, and what a process that opens one leaves in its index."""

from __future__ import annotations

import subprocess
import sys
from typing import TYPE_CHECKING

import pytest
from kept_stores import everything, made, row, vector

from showcase.errors import StoreError
from showcase.memory.collections import Collections
from showcase.memory.stored import to_metadata

if TYPE_CHECKING:
    from pathlib import Path

SECRET, STAYS, LATER = row("my locker code is obsidian-4711"), row("I drink tea", "bob"), row("I came later", "bob")

ERASES = """
import sys
from pathlib import Path
from showcase.erasure import erasing
from showcase.erasure.order import Order
from showcase.memory.backends.opening import look
from showcase.settings.store_place import store_place

erasing.check_alone = lambda _: None  # somebody opens the store between this look and the switch
kept = look(store_place(Path(sys.argv[1])))
erasing.erase(Order(kept=kept, user_id="alice", ids=(sys.argv[2],), everything=False, key=bytes(32)))
"""


@pytest.mark.parametrize("linked", [False, True])
def test_nothing_is_written_to_files_that_are_the_store_s_no_more(tmp_path: Path, linked: bool) -> None:
    """It would be gone with them, and nobody would know. A file with another name is not written over, and reads on."""
    place = made(tmp_path / "s", "shared", [SECRET, STAYS])
    if linked:
        (tmp_path / "kept.sqlite3").hardlink_to(place.chroma / "chroma.sqlite3")
    with Collections(place, "shared") as rows:
        assert rows.search("bob", vector(STAYS.text), at_most=1)
        subprocess.run([sys.executable, "-c", ERASES, str(place.root), SECRET.memory_id], check=True, timeout=120)
        assert rows.changed()
        with pytest.raises(StoreError, match="converted meanwhile"):
            rows.put("bob", {LATER.memory_id: (to_metadata(LATER), vector(LATER.text))})
        rows.refresh()
        rows.put("bob", {LATER.memory_id: (to_metadata(LATER), vector(LATER.text))})
    assert set(everything(place, "shared")) == {STAYS.memory_id, LATER.memory_id}


FILLED = """
import ctypes, sys
from pathlib import Path
from showcase.memory.collections import Collections
from showcase.memory.heap import fill_what_is_handed_out
from showcase.settings.store_place import store_place

with Collections(store_place(Path(sys.argv[1])), "shared") as rows:
    assert list(rows.rows("bob"))  # opens it, which is to see to it
    libc = ctypes.CDLL(None)
    libc.malloc.restype = ctypes.c_void_p
    held = libc.malloc(4096)
    ctypes.memset(held, 0x77, 4096)
    libc.free(ctypes.c_void_p(held))
    again = libc.malloc(4096)
    sys.stdout.write("known" if 0x77 in ctypes.string_at(again, 4096) else "nothing")
    sys.stderr.write(str(fill_what_is_handed_out()))
"""


def test_who_opens_a_store_is_handed_no_memory_of_before(tmp_path: Path) -> None:
    """An index is written with whatever the process is handed."""
    place = made(tmp_path / "s", "shared", [STAYS])
    done = subprocess.run(
        [sys.executable, "-c", FILLED, str(place.root)], capture_output=True, text=True, check=True, timeout=120
    )
    if done.stderr != "True":
        pytest.skip("the allocator here fills nothing")
    assert done.stdout == "nothing"
