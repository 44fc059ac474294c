"""What the filter decides, on every machine it is written for: its program is run here, instruction by instruction."""

from __future__ import annotations

import struct

import pytest

from showcase.witnesses.syscalls.filter import bpf
from showcase.witnesses.syscalls.filter.abi import FAMILIES, X32, Abi
from showcase.witnesses.syscalls.filter.program import (
    ALLOW,
    ALWAYS_SEALED,
    BY_REGISTER,
    IOCTLS,
    NO_SUCH_CALL,
    NOTIFY,
    program,
)

MACHINES = sorted(FAMILIES)


def decide(machine: str, arch: int, number: int, *arguments: int, sealed: bool = False) -> int:
    """Run the program as the kernel does."""
    six = [*arguments, *[0] * (6 - len(arguments))]
    data = struct.pack("<IIQ6Q", number, arch, 0, *(value & (1 << 64) - 1 for value in six))
    code, at, loaded = program(FAMILIES[machine], sealed=sealed), 0, 0
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
@pytest.mark.parametrize("sealed", [False, True])
def test_every_jump_fits_its_byte(machine: str, sealed: bool) -> None:
    code = program(FAMILIES[machine], sealed=sealed)
    assert all(0 <= jump < 256 for each in code for jump in (each.if_true, each.if_false))


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
        if name not in (*ALWAYS_SEALED, *BY_REGISTER, "clone3"):
            assert decide(machine, abi.arch, number, 2, 1, 100, 0, 0) == NOTIFY, name


EVERY = [(machine, abi) for machine in MACHINES for abi in FAMILIES[machine]]
NAMES = [abi.name for _, abi in EVERY]


@pytest.mark.parametrize(("machine", "abi"), EVERY, ids=NAMES)
@pytest.mark.parametrize("sealed", [False, True])
def test_a_request_to_type_is_asked_about_whatever_the_upper_half_holds(machine: str, abi: Abi, sealed: bool) -> None:
    number = abi.numbers["ioctl"]
    for request in IOCTLS:
        for upper in (0, 1 << 32, 0xFFFFFFFF << 32):
            assert decide(machine, abi.arch, number, 0, request | upper, 0, sealed=sealed) == NOTIFY
    assert decide(machine, abi.arch, number, 0, 0x5401, 0, sealed=sealed) == ALLOW, "TCGETS, as every program asks"


@pytest.mark.parametrize(("machine", "abi"), EVERY, ids=NAMES)
def test_a_seal_asks_about_what_it_refuses_and_nobody_else_does(machine: str, abi: Abi) -> None:
    for name in ALWAYS_SEALED:
        if name in abi.numbers:
            assert decide(machine, abi.arch, abi.numbers[name], sealed=True) == NOTIFY, name
            assert decide(machine, abi.arch, abi.numbers[name]) == ALLOW, name
    clone3 = abi.numbers["clone3"]
    assert (decide(machine, abi.arch, clone3), decide(machine, abi.arch, clone3, sealed=True)) == (ALLOW, NO_SUCH_CALL)


@pytest.mark.parametrize(("machine", "abi"), EVERY, ids=NAMES)
@pytest.mark.parametrize("name", ["clone", "unshare"])
def test_threads_pass_and_namespaces_are_asked_about(machine: str, abi: Abi, name: str) -> None:
    number, thread = abi.numbers[name], 0x3D0F00
    assert decide(machine, abi.arch, number, thread, sealed=True) == ALLOW
    for kind in (0x20000, 0x2000000, 0x4000000, 0x8000000, 0x10000000, 0x20000000, 0x40000000):
        assert decide(machine, abi.arch, number, kind | thread | 1 << 32, sealed=True) == NOTIFY
        assert decide(machine, abi.arch, number, kind) == (NOTIFY if kind == 0x40000000 else ALLOW)


@pytest.mark.parametrize("machine", MACHINES)
def test_other_calls_pass_and_unknown_interfaces_do_not(machine: str) -> None:
    assert decide(machine, FAMILIES[machine][0].arch, 9999) == ALLOW
    assert decide(machine, 0xDEAD, 0) == NO_SUCH_CALL
    assert X32.arch == FAMILIES["x86_64"][0].arch
