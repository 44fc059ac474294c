"""The collector rests while a large library is imported, and goes on after, whatever the import came to."""

from __future__ import annotations

import gc
import weakref
from typing import TYPE_CHECKING

import pytest

from showcase.memory.heavy_import import without_collecting

if TYPE_CHECKING:
    from collections.abc import Iterator


class Cyclic:
    def __init__(self) -> None:
        self.itself = self


@pytest.fixture(autouse=True)
def _as_before() -> Iterator[None]:
    yield
    gc.enable()


def test_it_rests_meanwhile_and_goes_on_after() -> None:
    frozen = gc.get_freeze_count()
    with without_collecting():
        assert not gc.isenabled()
        kept = weakref.ref(Cyclic())
    assert gc.isenabled()
    assert gc.get_freeze_count() > frozen
    later = weakref.ref(Cyclic())
    gc.collect()
    assert later() is None, "what is made after is looked at"
    assert kept() is not None, "and what was there is not"


def test_it_goes_on_where_the_import_fails() -> None:
    with pytest.raises(ImportError), without_collecting():
        raise ImportError
    assert gc.isenabled()


def test_where_it_rested_before_it_rests_on() -> None:
    gc.disable()
    with without_collecting():
        pass
    assert not gc.isenabled()
