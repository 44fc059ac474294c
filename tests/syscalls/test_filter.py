"""What the filter decides, on every machine it is written for: its program is run here, instruction by instruction."""

from __future__ import annotations

import struct

import pytest

from showcase.witnesses.syscalls import bpf
from showcase.witnesses.syscalls.abi import FAMILIES, X32, Abi
from showcase.witnesses.syscalls.filter import ALLOW, NO_SUCH_CALL, NOTIFY, program

MACHINES = sorted(FAMILIES)


def decide(machine: str, arch: int, number: int, *arguments: int) -> int:
    """Run the program as the kernel does."""
    six = [*arguments, *[0] * (6 - len(arguments))]
    data = struct.pack("<IIQ6Q", number, arch, 0, *(value & (1 << 64) - 1 for value in six))
    code, at, loaded = program(FAMILIES[machine]), 0, 0
    while True:
        instruction = code[at]
        at += 1
        match instruction.code:
            case bpf.LOAD:
                (loaded,) = struct.unpack_from("<I", data, instruction.value)
            case bpf.AND:
                loaded &= instruction.value
            case bpf.RETURN:
                return instruction.value
            case compare:
                value = instruction.value
                true = {bpf.EQUAL: loaded == value, bpf.ABOVE: loaded > value, bpf.AT_LEAST: loaded >= value}[compare]
                at += instruction.if_true if true else instruction.if_false


def native(machine: str, name: str, *arguments: int) -> int:
    abi = FAMILIES[machine][0]
    return decide(machine, abi.arch, abi.numbers[name], *arguments)


@pytest.mark.parametrize("machine", MACHINES)
def test_every_jump_fits_its_byte(machine: str) -> None:
    assert all(0 <= jump < 256 for each in program(FAMILIES[machine]) for jump in (each.if_true, each.if_false))


@pytest.mark.parametrize("machine", MACHINES)
@pytest.mark.parametrize(
    "name",
    ["connect", "sendmsg", "sendmmsg", "bind", "listen", "ptrace", "process_vm_writev", "pidfd_getfd", "request_key"],
)
def test_calls_that_name_somebody_are_always_asked_about(machine: str, name: str) -> None:
    assert native(machine, name) == NOTIFY


@pytest.mark.parametrize("machine", MACHINES)
@pytest.mark.parametrize(
    ("name", "arguments", "verdict"),
    [
        ("sendto", (3, 0, 1 << 20, 0, 0x7FFF0000), NOTIFY),
        ("sendto", (3, 0, 1 << 20, 0, 1 << 40), NOTIFY),
        ("sendto", (3, 0, 1472, 0, 0), NOTIFY),
        ("sendto", (3, 0, 1473, 0, 0), ALLOW),
        ("sendto", (3, 0, 1 << 33, 0, 0), ALLOW),
        ("write", (2, 0, 100), ALLOW),
        ("write", (3, 0, 100), NOTIFY),
        ("write", (3, 0, 0), NOTIFY),
        ("write", (3, 0, 1), ALLOW),
        ("write", (3, 0, 8), ALLOW),
        ("write", (3, 0, 1473), ALLOW),
        ("writev", (1, 0, 2), ALLOW),
        ("writev", (3, 0, 2), NOTIFY),
        ("socket", (1, 3, 0), ALLOW),
        ("socket", (2, 1 | 0o2000000, 6), ALLOW),
        ("socket", (10, 2, 17), ALLOW),
        ("socket", (2, 3, 255), NOTIFY),
        ("socket", (16, 3, 0), ALLOW),
        ("socket", (17, 3, 0), NOTIFY),
        ("socket", (40, 1, 0), NOTIFY),
    ],
)
def test_registers_decide(machine: str, name: str, arguments: tuple[int, ...], verdict: int) -> None:
    assert native(machine, name, *arguments) == verdict


@pytest.mark.parametrize(
    ("machine", "abi"),
    [(machine, abi) for machine in MACHINES for abi in FAMILIES[machine][1:]],
    ids=lambda value: value if isinstance(value, str) else value.name,
)
def test_every_call_of_another_interface_is_asked_about(machine: str, abi: Abi) -> None:
    for name, number in abi.numbers.items():
        assert decide(machine, abi.arch, number, 2, 1, 100, 0, 0) == NOTIFY, name


@pytest.mark.parametrize("machine", MACHINES)
def test_other_calls_pass_and_unknown_interfaces_do_not(machine: str) -> None:
    assert decide(machine, FAMILIES[machine][0].arch, 9999) == ALLOW
    assert decide(machine, 0xDEAD, 0) == NO_SUCH_CALL
    assert X32.arch == FAMILIES["x86_64"][0].arch
