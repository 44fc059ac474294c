"""Planted leaks come out as documented, a blind witness does not, and the command says which it was."""

from __future__ import annotations

import json
import subprocess
import sys
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from showcase.errors import UsageError
from showcase.evidence import WitnessReport
from showcase.witnesses import interface
from showcase.witnesses.drill.catalogue import LEAKS, SHORT, WITNESSES
from showcase.witnesses.drill.decoys import Decoys
from showcase.witnesses.drill.exercise import run
from showcase.witnesses.drill.matrix import Matrix, Row, drill
from showcase.witnesses.drill.plants import PLANTS, Target
from showcase.witnesses.hook import HookWitness
from showcase.witnesses.syscalls.command import FAULT

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from showcase.clock import RunClock

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture(scope="module")
def matrix() -> Matrix:
    return drill()


def test_every_leak_of_the_catalogue_can_be_planted_and_no_other() -> None:
    assert set(PLANTS) == {leak.id for leak in LEAKS}
    assert {tuple(leak.expected) for leak in LEAKS} == {WITNESSES}
    assert set(SHORT) <= set(PLANTS)


def test_each_result_is_as_documented_or_better(matrix: Matrix) -> None:
    assert matrix.worse == ()
    assert [row.leak.id for row in matrix.rows] == [leak.id for leak in LEAKS]


@pytest.mark.parametrize("leak", LEAKS, ids=[leak.id for leak in LEAKS])
def test_a_leak_that_was_not_planted_says_why(matrix: Matrix, leak: Any) -> None:
    row = next(row for row in matrix.rows if row.leak == leak)
    for name, result in row.results.items():
        assert result != "unavailable" or row.obstacle or matrix.unavailable.get(name)


def test_a_leak_that_a_witness_breaks_is_worse_than_documented() -> None:
    leak = next(leak for leak in LEAKS if leak.id == "tcp-connect")
    assert Row(leak=leak, results={"syscalls": "unavailable"}, obstacle=None, broken=True).worse == ("syscalls",)


def test_what_may_keep_a_leak_from_being_planted_is_the_machine(matrix: Matrix) -> None:
    may_lack = {"ipv6", "program", "static-binary", "raw-syscall", "vsock", "fast-open"}
    may_lack |= set() if matrix.enclosed else {"dns-lookup", "raw-socket"}
    assert {row.leak.id for row in matrix.rows if row.obstacle} <= may_lack


def test_no_witness_is_unavailable_by_a_fault_of_ours(matrix: Matrix) -> None:
    assert not [reason for reason in matrix.unavailable.values() if FAULT in reason]


def test_what_the_documentation_says_is_missed_is_explained(matrix: Matrix) -> None:
    for row in matrix.rows:
        if "missed" in row.leak.expected.values():
            assert row.leak.why


class Blind:
    """A witness that looks at nothing."""

    name = "syscalls"

    def unavailable(self) -> str | None:
        return None

    def start(self, clock: RunClock) -> None: ...

    def wrap(self, role: str, command: Sequence[str]) -> tuple[str, ...]:  # noqa: ARG002 - the interface's
        return tuple(command)

    def enter(self, role: str, pid: int) -> None: ...

    def heard(self, role: str, pid: int, event: Mapping[str, Any]) -> None: ...

    def leave(self, role: str, pid: int) -> None: ...

    def stop(self) -> interface.Testimony:
        return interface.Testimony(report=WitnessReport(name=self.name, active=True, counts={}), attempts=())


def test_a_blind_witness_misses_what_a_seeing_one_catches(tmp_path: Path) -> None:
    leak = next(leak for leak in LEAKS if leak.id == "refused")
    decoys = Decoys(tmp_path, everywhere=False)
    try:
        trial = run(leak, [Blind(), HookWitness()], decoys, Target("127.0.0.1", decoys.ports, decoys.path))
    finally:
        decoys.close()
    assert trial.result(leak, "syscalls") == "missed"
    assert trial.result(leak, "hook") == "caught"
    row = Row(leak=leak, results={"syscalls": "missed", "hook": "caught"}, obstacle=None)
    assert row.worse == ("syscalls",)


def test_a_seal_that_lets_a_leak_through_or_writes_nothing_down_is_worse(tmp_path: Path) -> None:
    leak = next(leak for leak in LEAKS if leak.id == "tcp-connect")
    decoys = Decoys(tmp_path, everywhere=False)
    sieve = Blind()
    sieve.name = "seal"
    try:
        trial = run(leak, [sieve], decoys, Target("127.0.0.1", decoys.ports, decoys.path))
    finally:
        decoys.close()
    assert trial.reached
    assert trial.result(leak, "seal") == "missed"
    assert replace(trial, reached=False).result(leak, "seal") == "missed", "prevented, but nobody wrote it down"
    assert Row(leak=leak, results={"seal": "missed"}, obstacle=None).worse == ("seal",)


def test_unknown_names_are_refused() -> None:
    with pytest.raises(UsageError, match="no-such-leak"):
        drill(["no-such-leak"])


def test_the_command_prints_the_matrix_as_json() -> None:
    command = [sys.executable, "-m", "showcase", "drill", "--json", "--leak", "refused", "--leak", "connect-ex"]
    done = subprocess.run(command, capture_output=True, text=True, timeout=120, check=False, cwd=ROOT)
    assert done.returncode == 0, done.stderr
    leaks = json.loads(done.stdout)["leaks"]
    assert [leak["id"] for leak in leaks] == ["refused", "connect-ex"]
    assert leaks[0]["witnesses"]["hook"] == "caught"
    assert leaks[0]["expected"]["sockets"] == "missed"
