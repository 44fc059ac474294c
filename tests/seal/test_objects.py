"""Kernel objects that no network namespace holds: each is one of the seal's own, covered, refused or named."""

from __future__ import annotations

import ctypes
import os
import shutil
import subprocess
import sys
import uuid
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from sealing import QUIETLY, Sealed, run

from showcase.witnesses.seal import ipc, namespace

if TYPE_CHECKING:
    from collections.abc import Iterator

LIBC = ctypes.CDLL(None, use_errno=True)
KEY = 0x5CE91
SHARED = Path("/dev/shm")  # noqa: S108 - where POSIX shared memory lies
CTYPES = (
    QUIETLY
    + """
import ctypes
libc = ctypes.CDLL(None, use_errno=True)
def call(name, *arguments):
    ctypes.set_errno(0)
    result = getattr(libc, name)(*arguments)
    return result if result >= 0 else -ctypes.get_errno()
"""
)


def native(name: str) -> int:
    from showcase.witnesses.syscalls.filter import abi  # noqa: PLC0415 - not on other systems

    return abi.of_this_machine()[0].numbers[name]


def refused(sealed: Sealed) -> dict[str, int]:
    """What the supervisor says that it refused, from its own records."""
    from showcase.witnesses.syscalls.record.testimony import interpret  # noqa: PLC0415 - likewise

    counts = interpret("child", sealed.records, _Clock(), "syscalls").counts  # type: ignore[arg-type]
    return {name.removeprefix("refused "): number for name, number in counts.items() if name.startswith("refused ")}


class _Clock:
    def at_s(self, moment: float) -> float:
        return moment


@pytest.fixture
def queue() -> Iterator[int]:
    """A queue of System V outside, for anybody of this user who knows its key."""
    found = LIBC.msgget(KEY, 0o1600)
    if found < 0:
        pytest.skip("this kernel has no queues of System V")
    yield found
    LIBC.msgctl(found, 0, None)


@pytest.mark.usefixtures("queue")
def test_a_queue_of_system_v_outside_is_not_there_inside() -> None:
    sealed = run(CTYPES + f"print(call('msgget', {KEY}, 0), call('msgget', {KEY}, 0o1600) >= 0)")
    assert sealed.output == "-2 True\n", "there is none, and one may be made"
    assert sealed.coverage.complete, sealed.coverage.note


@pytest.mark.parametrize("script", ["call('shmget', {key}, 4096, 0)", "call('semget', {key}, 1, 0)"])
def test_memory_and_semaphores_of_system_v_outside_are_not_there_inside(script: str) -> None:
    memory, semaphore = LIBC.shmget(KEY, 4096, 0o1600), LIBC.semget(KEY, 1, 0o1600)
    try:
        assert run(CTYPES + f"print({script.format(key=KEY)})").output == "-2\n"
    finally:
        LIBC.shmctl(memory, 0, None)
        LIBC.semctl(semaphore, 0, 0)


def test_a_posix_queue_outside_is_not_there_inside_and_one_may_be_made() -> None:
    name = f"/{uuid.uuid4()}".encode()
    queue = LIBC.mq_open(name, os.O_CREAT | os.O_RDWR, 0o600, None)
    if queue < 0:
        pytest.skip("this kernel has no POSIX queues")
    try:
        sealed = run(CTYPES + f"print(call('mq_open', {name!r}, 2), call('mq_open', b'/own', 0o102, 0o600, None) > 2)")
    finally:
        LIBC.mq_unlink(name)
    assert sealed.output == "-2 True\n"


@pytest.mark.root
@pytest.mark.skipif(os.geteuid() != 0, reason="mounts")
def test_queues_that_are_mounted_outside_are_not_those_inside(tmp_path: Path) -> None:
    place = tmp_path / "a place"
    place.mkdir()
    subprocess.run(["/usr/bin/mount", "-t", "mqueue", "none", place], check=True)
    try:
        (place / "channel").touch()
        sealed = run("import os, sys; print(os.listdir(sys.argv[1]))", str(place))
        assert sealed.output == "[]\n"
        assert (place / "channel").exists()
    finally:
        (place / "channel").unlink()
        subprocess.run(["/usr/bin/umount", place], check=True)


def test_shared_memory_outside_is_not_there_inside_and_there_is_room_for_more() -> None:
    channel, folder = SHARED / str(uuid.uuid4()), SHARED / str(uuid.uuid4())
    if not channel.parent.is_dir():
        pytest.skip("there is no shared memory here")
    channel.write_text("from outside")
    folder.mkdir()
    (folder / "file").write_text("a file as any other")
    script = (
        QUIETLY
        + """
shared, folder = sys.argv[1:]
print(os.path.exists(shared), open(folder + "/file").read())
open(shared + "-inside", "w").write("from inside")
from multiprocessing import shared_memory
memory = shared_memory.SharedMemory(create=True, size=200 << 20); memory.buf[-1] = 1; memory.close(); memory.unlink()
print(os.statvfs("/dev/shm").f_blocks * os.statvfs("/dev/shm").f_frsize > 200 << 20)
"""
    )
    try:
        sealed = run(script, str(channel), str(folder))
        assert sealed.output == "False a file as any other\nTrue\n", sealed.errors
        assert not Path(f"{channel}-inside").exists()
    finally:
        channel.unlink()
        shutil.rmtree(folder)
    assert sealed.coverage.complete, sealed.coverage.note


def test_what_this_kernel_cannot_hold_is_a_gap() -> None:
    """A kernel without namespaces of IPC, and a place that cannot be covered: said, and not whole."""
    script = """
import errno, os, sys
sys.path.insert(0, sys.argv[1])
from showcase.witnesses.seal import ipc, namespace
from showcase.witnesses.syscalls import kernel
real = kernel.library
def library(name, *arguments):
    if name == "unshare" and arguments[0] & namespace.CLONE_NEWIPC or name == "mount" and arguments[2] == b"tmpfs":
        raise OSError(errno.EINVAL if name == "unshare" else errno.EPERM, "forbidden")
    return real(name, *arguments)
kernel.library = library
print(namespace.enter(), ipc.cover_shared())
"""
    root = str(Path(ipc.__file__).parents[3])
    done = subprocess.run([sys.executable, "-c", script, root], capture_output=True, text=True, check=True)
    expected = [str(SHARED)] if SHARED.is_dir() else []
    assert done.stdout == f"{[namespace.QUEUES]} {expected}\n"


@pytest.mark.parametrize(
    ("name", "arguments", "error"),
    [
        ("add_key", "b'user', b'channel', b'x', 1, -3", 38),
        ("keyctl", "11, 1, 0, 0", 38),
        ("perf_event_open", "0, 0, -1, -1, 0", 13),
        ("userfaultfd", "0", 1),
        ("bpf", "0, 0, 0", 1),
        ("finit_module", "-1, b'', 0", 1),
    ],
)
def test_what_no_wall_holds_is_refused_and_counted(name: str, arguments: str, error: int) -> None:
    sealed = run(CTYPES + f"print([call('syscall', {native(name)}, {arguments}) for _ in range(3)])")
    assert sealed.output == f"{[-error] * 3}\n"
    assert refused(sealed) == {name: 3}
    assert sealed.coverage.complete, "it was refused, and nothing more is to be said"


def test_the_session_keyring_is_another_one() -> None:
    script = """
import os, sys
sys.path.insert(0, sys.argv[1])
from showcase.witnesses.seal import ipc, namespace
from showcase.witnesses.syscalls import kernel
def session():  # KEYCTL_GET_KEYRING_ID of KEY_SPEC_SESSION_KEYRING
    try: return kernel.system_call(int(sys.argv[2]), 0, -3, 1)
    except OSError: return None
namespace.enter()
before = session(); ipc.leave_session_keyring(); after = session()
print("none" if before is None else before != after)
"""
    command = [sys.executable, "-c", script, str(Path(ipc.__file__).parents[3]), str(native("keyctl"))]
    said = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    if said == "none\n":
        pytest.skip("this kernel has no keys")
    assert said == "True\n"


def test_limits_of_a_process_outside_are_no_channel() -> None:
    script = (
        CTYPES
        + """
limits = (ctypes.c_ulong * 2)(77, 99)
print(call('prlimit', int(sys.argv[1]), 7, limits, None), call('prlimit', os.getpid(), 7, None, limits))
"""
    )
    with subprocess.Popen([sys.executable, "-c", "import time; time.sleep(60)"]) as bystander:
        sealed = run(script, str(bystander.pid))
        bystander.kill()
    assert sealed.output == "-1 0\n"
    assert [(row.family, row.outcome) for row in sealed.calls] == [
        ("prlimit64", "outside of the watched tree, refused"),
        ("prlimit64", "inside the watched tree"),
    ]


def test_no_process_outside_can_be_opened_even_where_there_is_no_landlock() -> None:
    """What holds them is the namespace of users: its capabilities are none over a process outside (commoncap.c)."""
    script = """
import ctypes, os, sys
sys.path.insert(0, sys.argv[1])
from showcase.witnesses.seal import namespace
from showcase.witnesses.syscalls.supervisor import fence
fence.raise_fence = lambda **_: 0
pid = int(sys.argv[2]); namespace.enter(); namespace.give_up_rights()
libc = ctypes.CDLL(None, use_errno=True)
def refused(action):
    try: action()
    except PermissionError: return True
links = [lambda name=name: os.stat(f"/proc/{pid}/{name}") for name in ("fd/0", "root", "cwd", "exe", "ns/net")]
opened = [lambda name=name: open(f"/proc/{pid}/{name}", "rb") for name in ("mem", "environ", "maps")]
print([refused(each) for each in links + opened], libc.ptrace(16, pid, None, None))
"""
    with subprocess.Popen([sys.executable, "-c", "import time; time.sleep(60)"]) as bystander:
        root = str(Path(ipc.__file__).parents[3])
        done = subprocess.run(
            [sys.executable, "-c", script, root, str(bystander.pid)], capture_output=True, text=True, check=True
        )
        bystander.kill()
    assert done.stdout == f"{[True] * 8} -1\n"
