"""What a session on a server is told and says: no password in a fault, the marks of runs, the digest of rows."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

import pytest
from runs_on_servers import rows_of, run_on

from showcase.cli.step import commands
from showcase.errors import StoreError
from showcase.evidence import Endpoint, Model
from showcase.memory import row_state, run_mark, store_record
from showcase.memory.store_record import made_by
from showcase.processes.protocol.orders import Recall, UnfilteredRead
from showcase.progress import Pause
from showcase.scenes.faults import in_words
from showcase.settings import Settings
from showcase.settings.store_address import OF_A_RUN, StoreAddress, parse
from showcase.settings.store_place import StorePlace
from showcase.shell.advice import run_command
from showcase.stores.interface import Row

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from showcase.bench.stores.servers import Server

SECRET = "p@ss word/%"  # noqa: S105 - planted
URL = "postgresql://u@127.0.0.1:1/d?collection=of_a_test"


def task(**changes: Any) -> Recall:
    facts: dict[str, Any] = {
        "user_id": "alice",
        "memories": (),
        "question": "?",
        "store": "/nowhere/store",
        "home": "/nowhere/home",
        "endpoint": Endpoint(address="127.0.0.1", port=1),
        "chat_model": "c",
        "embed_model": "e",
        "dimensions": 4,
        "infer": False,
        "top_k": 5,
        "hold": False,
        "limit_s": 1.0,
        "address": URL,
    }
    return Recall(**{**facts, **changes})


@pytest.mark.parametrize("order", [task(), UnfilteredRead(store="/nowhere/store", address=URL)])
@pytest.mark.parametrize("said", [SECRET, quote(SECRET, safe="")])
def test_a_password_in_an_error_of_anybodys_is_taken_out(
    monkeypatch: pytest.MonkeyPatch, order: Recall | UnfilteredRead, said: str
) -> None:
    monkeypatch.setenv("SHOWCASE_STORE_SECRET", SECRET)

    def connects() -> None:
        with in_words(order):
            raise RuntimeError(f"cannot connect to redis://u:{said}@127.0.0.1:1")

    with pytest.raises(StoreError) as caught:
        connects()
    assert said not in str(caught.value)
    assert str(caught.value) == "RuntimeError: cannot connect to redis://u:…@127.0.0.1:1"
    assert caught.value.__cause__ is None
    assert caught.value.__suppress_context__


def test_any_other_error_passes_as_it_is(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SHOWCASE_STORE_SECRET", SECRET)
    with pytest.raises(RuntimeError, match="something else"), in_words(task()):
        raise RuntimeError("something else")


class TestMarks:
    MODEL = Model(name="e", dimensions=4)

    def test_a_run_knows_its_own_and_every_command_reads_it(self, tmp_path: Path) -> None:
        mark = run_mark.written(self.MODEL, ("alice", "bob"))
        assert run_mark.is_of_a_run(mark)
        assert "alice" not in mark
        place = StorePlace(root=tmp_path, chroma=tmp_path, home=tmp_path)
        record = store_record.parsed(mark.encode(), place, "a mark", hint="")
        assert (record.embed_model, record.dimensions) == ("e", 4)

    @pytest.mark.parametrize(
        "mark",
        [
            None,
            "",
            "table of the accounting",
            "[]",
            '{"run": true}',
            store_record.document(made_by(MODEL, layout="shared")).decode(),
            '{"format": "local-memory-showcase store", "run": "true"}',
            '{"format": "local-memory-showcase store", "run": true}',
            '{"format": "local-memory-showcase store", "run": [], "run": []}',
        ],
    )
    def test_nobody_elses_is_one(self, mark: str | None) -> None:
        assert not run_mark.is_of_a_run(mark)


class Held:
    """A table that holds what it is given, in the order in which it is given."""

    def __init__(self, *rows: Row, broken: bool = False) -> None:
        found = parse(URL)
        assert found is not None
        self.address: StoreAddress = found
        self._rows = rows
        self._broken = broken

    def exists(self) -> bool:
        return True

    def pages(self, _user_id: str | None, *, vectors: bool = False) -> Iterator[list[Row]]:
        assert vectors
        for row in self._rows:
            if self._broken:
                raise StoreError("it went away")
            yield [row]

    def close(self) -> None:
        pass


ONE = Row(memory_id="a", beside={"data": "x", "user_id": "alice"}, vector=(1.0, 0.5))
OTHER = Row(memory_id="b", beside={"data": "y", "user_id": "bob"}, vector=(0.0, 1.0))


class TestTheStateByRows:
    def digest(self, *rows: Row) -> str:
        state = row_state.look(Held(*rows))  # type: ignore[arg-type]  # as much of a table as is asked for
        assert state is not None
        assert (state.by, state.files, state.tables[0].rows) == ("rows", (), len(rows))
        return state.digest

    def test_the_order_of_reading_says_nothing(self) -> None:
        assert self.digest(ONE, OTHER) == self.digest(OTHER, ONE)
        again = replace(ONE, beside=dict(reversed(list(ONE.beside.items()))))
        assert self.digest(again, OTHER) == self.digest(ONE, OTHER)

    @pytest.mark.parametrize(
        "changed",
        [
            replace(ONE, memory_id="c"),
            replace(ONE, vector=(1.0, 0.5000001)),
            replace(ONE, vector=(1.0, 0.5, 0.0)),
            replace(ONE, beside={**ONE.beside, "data": "X"}),
            replace(ONE, beside={**ONE.beside, "user_id": "bob"}),
            replace(ONE, beside={**ONE.beside, "more": None}),
        ],
    )
    def test_whatever_changes_in_a_row_changes_it(self, changed: Row) -> None:
        assert self.digest(changed, OTHER) != self.digest(ONE, OTHER)

    def test_a_row_that_goes_or_comes_changes_it(self) -> None:
        assert len({self.digest(ONE), self.digest(ONE, OTHER), self.digest(OTHER), self.digest()}) == 4

    def test_what_cannot_be_read_is_no_state(self) -> None:
        assert row_state.look(Held(ONE, broken=True)) is None  # type: ignore[arg-type]  # as above


def test_what_is_looked_at_in_a_pause_is_the_servers(tmp_path: Path) -> None:
    pause = Pause(
        role="session 1",
        user_id="alice",
        pid=1,
        alive=False,
        store=tmp_path,
        address=URL,
        endpoint=Endpoint(address="127.0.0.1", port=1),
        sessions_left=1,
        took_s=1.0,
    )
    told = [command for command, _ in commands(pause)]
    assert any(URL in command and command.startswith("showcase memories list --store ") for command in told)
    assert not any("sqlite" in command for command in told)


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("redis://127.0.0.1:6379", "--store redis://127.0.0.1:6379"),
        ("redis://127.0.0.1:6379?collection=mem0", "--store 'redis://127.0.0.1:6379?collection=mem0'"),
        ("redis://127.0.0.1:6379?collection=other", "--store 'redis://127.0.0.1:6379?collection=other'"),
    ],
)
def test_a_person_is_told_the_command_of_this_very_store(text: str, told: str) -> None:
    address = parse(text, collection=OF_A_RUN)
    assert address is not None
    assert told in run_command(Settings(under_test=address))
    assert parse(address.url(OF_A_RUN), collection=OF_A_RUN) == address
    assert "--allow-store" in run_command(Settings(under_test=address, allow_store=True))


def test_vectors_of_another_model_are_not_planted_beside(
    postgresql_server: Server, collection: str, tmp_path: Path
) -> None:
    with rows_of(postgresql_server, collection) as rows:
        rows.make(256)
        mark = json.loads(run_mark.written(Model(name="another-embedder", dimensions=256), ("alice",)))
        rows.set_mark(json.dumps(mark))
    done = run_on(postgresql_server, collection, tmp_path / "out", "--keep-store")
    assert done.exit_code == 4, done.stdout + done.stderr
    assert "was made with the embedding model another-embedder" in done.stderr
