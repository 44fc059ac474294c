"""A conversation on the rehearsal engine: one engine a process of the runner, a store a test."""

from __future__ import annotations

import os
from contextlib import contextmanager
from typing import TYPE_CHECKING

import pytest

from showcase.conversation.conversation import Conversation, Manner
from showcase.engines import everyday
from showcase.memory.backends import opening
from showcase.settings import OLLAMA
from showcase.settings.store_place import store_place

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from contextlib import AbstractContextManager
    from pathlib import Path

    from showcase.engines.everyday import Opened

    Talk = Callable[..., AbstractContextManager[Conversation]]


@pytest.fixture(scope="session")
def server() -> Iterator[Opened]:
    wanted = everyday.Wanted(engine="rehearsal", ollama=OLLAMA, limit_s=60, environment=os.environ)
    with everyday.opened(wanted, note=lambda _: None) as opened:
        yield opened


@pytest.fixture
def talk(server: Opened, tmp_path: Path) -> Talk:
    """Return what opens a conversation on this test's own store, as one process after the other would."""

    @contextmanager
    def opened(
        user_id: str = "alice", *, may_use: Callable[..., bool] = lambda *_: False, **manner: object
    ) -> Iterator[Conversation]:
        kept = opening.look(store_place(tmp_path / "store"))
        with opening.opened(kept, server, name="chroma", limit_s=60) as backend:
            how = Manner(user_id=user_id, **{"top_k": 3, "threshold": 0.3, **manner})  # type: ignore[arg-type]
            yield Conversation(backend, server, how, may_use=may_use)

    return opened
