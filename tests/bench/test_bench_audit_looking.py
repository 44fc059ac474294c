"""What `bench audit` counts and times: a watcher that misses, one that sees others, a way that nobody watches."""

from __future__ import annotations

import io
import json
from contextlib import contextmanager
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

import pytest
from test_bench_audit import PLAN, cells, spent

from showcase.bench.audit import adding, caught, figures, plan, watchers
from showcase.bench.audit.sample import Connects, Spent, Taken
from showcase.errors import ShowcaseError
from showcase.processes.protocol.events import Timed

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence


def test_each_figure_is_of_its_own_measure_and_in_its_own_unit() -> None:
    samples = {
        "connect/hook/0": Taken(connects=Connects(made=100, median_us=30.0, p99_us=90.0)),
        "start/bare/0": spent(0.01),
        "run/watched/0": spent(6.0, cpu_s=3.0),
    }
    shown = figures.sections(PLAN, samples)
    hook = cells(shown, "connect", "hook")
    assert (hook["median"].value, hook["p99"].value, hook["ratio"].value) == (30.0, 90.0, None)
    assert cells(shown, "start", "bare")["ms"].value == 10.0
    run = cells(shown, "run", "watched")
    assert (run["seconds"].value, run["cpu"].value, run["ratio"].value) == (6.0, 3.0, None)


def test_where_a_seal_is_forbidden_nothing_sealed_is_planned(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(plan, "why_unavailable", lambda *options: "no seal here" if options else None)
    monkeypatch.setattr(plan.shutil, "which", lambda name: None if name == "lsof" else f"/usr/bin/{name}")
    assert plan.missing() == {
        "lsof loop": "lsof is not installed", "sealed": "no seal here", "all, sealed": "no seal here",
    }  # fmt: skip


class _Sampler:
    """A sampler that saw one of the planted ports, and one of somebody else."""

    ports: tuple[int, ...] = ()
    stdout = io.StringIO("{}\n")

    def __init__(self, *_: object, **__: object) -> None:
        pass

    def communicate(self, _: str, *, timeout: float) -> tuple[str, None]:
        del timeout
        return json.dumps([*self.ports[:1], 1, 1]), None


def test_a_watcher_has_caught_what_it_saw_of_the_planted_ones_and_nothing_else(monkeypatch: pytest.MonkeyPatch) -> None:
    def played(order: Any, witnesses: Sequence[Any], spawned: Callable[[Any], None]) -> dict[str, tuple[Any, ...]]:
        ports = order["ports"]
        _Sampler.ports = tuple(ports)
        spawned(SimpleNamespace(pid=1))

        def rows(kind: str, *seen: int) -> tuple[Any, ...]:
            return tuple(SimpleNamespace(kind=kind, port=port) for port in seen)

        saw = {
            "sockets": rows("connect", ports[0], ports[0], 1),
            "hook": rows("connect", *ports),
            "syscalls": rows("resolve", *ports),
        }
        return {witness.name: saw[witness.name] for witness in witnesses}

    monkeypatch.setattr(caught, "play", played)
    monkeypatch.setattr(caught, "SyscallsWitness", _Named)
    monkeypatch.setattr(caught, "subprocess", SimpleNamespace(Popen=_Sampler, PIPE=-1))
    found = caught.caught(5, 3, ("sockets", "hook", "syscalls", "psutil loop"))
    assert found.planted == 3
    assert found.by == {"sockets": 1, "hook": 3, "syscalls": 0, "psutil loop": 1}
    assert set(caught.caught(5, 3, ("sockets", "hook")).by) == {"sockets", "hook"}, "who does not look caught nothing"


class _Named:
    """Stands in for the supervisor, which not every machine has."""

    name = "syscalls"

    def start(self, _: object) -> None:
        pass

    def wrap(self, _: str, command: Sequence[str]) -> tuple[str, ...]:
        return ("supervised", *command)

    def stop(self) -> None:
        pass


@pytest.fixture
def ran(monkeypatch: pytest.MonkeyPatch) -> list[tuple[str, ...]]:
    """Keep commands in place of running them; each tells a hundred times, of which one is long."""
    commands: list[tuple[str, ...]] = []

    @contextmanager
    def started(command: Sequence[str], **_: object) -> Iterator[Any]:
        commands.append(tuple(command))
        yield SimpleNamespace(communicate=lambda *_, **__: ("told\n", None), returncode=7)

    def finished(command: Sequence[str], **_: object) -> None:
        commands.append(tuple(command))

    monkeypatch.setattr(adding, "subprocess", SimpleNamespace(Popen=started, run=finished, PIPE=-1, DEVNULL=-3))
    monkeypatch.setattr(adding, "SyscallsWitness", _Named)
    monkeypatch.setattr(adding, "read_event", lambda _: Timed(seconds=(*[0.001] * 198, 0.5, 0.5)))
    return commands


def test_each_way_is_watched_as_it_is_called(ran: list[tuple[str, ...]], monkeypatch: pytest.MonkeyPatch) -> None:
    for way in ("nobody", "hook", "syscalls", "strace -f"):
        found = adding.connects(way, 4)
        assert (found.made, found.median_us) == (200, pytest.approx(1000)), way
        assert found.p99_us > 400_000, "two of two hundred are the slowest hundredth"
    nobody, hook, syscalls, strace = ran
    assert [json.loads(command[-1])["hook"] for command in ran] == [False, True, False, False]
    assert [command[0] for command in ran][:2] == [nobody[0]] * 2
    assert syscalls[0] == "supervised"
    assert "-f" in strace
    assert len(json.loads(hook[-1])["ports"]) == 4
    monkeypatch.setattr(adding, "read_event", lambda _: None)
    with pytest.raises(ShowcaseError, match="watched by hook, ended with 7"):
        adding.connects("hook", 4)


def test_a_start_is_under_a_supervisor_that_seals_where_it_is_called_so(ran: list[tuple[str, ...]]) -> None:
    pytest.importorskip("showcase.witnesses.syscalls.command")
    for way in ("bare", "watched", "sealed"):
        adding.start(way)
    assert ["--records" in command for command in ran] == [False, True, True]
    assert ["--seal" in command for command in ran] == [False, False, True]


def test_a_watcher_is_timed_with_whoever_watches_and_at_rest_nothing_connects(monkeypatch: pytest.MonkeyPatch) -> None:
    played: list[tuple[dict[str, Any], list[str]]] = []
    monkeypatch.setattr(
        watchers, "play", lambda order, watching, _: played.append((order, [each.name for each in watching]))
    )
    monkeypatch.setattr(watchers, "SyscallsWitness", _Named)
    for who in ("nobody", "sockets", "hook", "syscalls", "all, not sealed"):
        assert isinstance(watchers.watched(who, 100, 1.0), Spent)
    watchers.watched("hook", 0, 1.0)
    assert [names for _, names in played] == [
        [], ["sockets"], ["hook"], ["syscalls"], ["sockets", "hook", "syscalls"], ["hook"],
    ]  # fmt: skip
    assert [order["hook"] for order, _ in played] == [False, False, True, False, True, True]
    assert [len(order["ports"]) for order, _ in played] == [1] * 5 + [0]


def test_what_is_sealed_reaches_the_listener_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    seal = pytest.importorskip("showcase.witnesses.seal.witness")
    monkeypatch.setattr(seal, "SealWitness", lambda _: SimpleNamespace(name="seal", ports=()))
    monkeypatch.setattr(watchers, "SyscallsWitness", _Named)
    found = watchers._witnesses("all, sealed", 4711)
    assert [each.name for each in found] == ["sockets", "hook", "syscalls", "seal"]
    assert getattr(found[-1], "ports", None) == (4711,)
