"""Devices, the kernel's settings and namespaces made inside: what the sealed can open, and what stays locked."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from sealing import run

from showcase.clock import RunClock
from showcase.witnesses.seal import ipc
from showcase.witnesses.seal.devices import COMPUTING, PLAIN
from showcase.witnesses.seal.witness import SealWitness
from showcase.witnesses.syscalls.witness import SyscallsWitness

COMPILER = shutil.which("gcc")

DEVICES = """
import os, stat
def opened(path):
    for flags in (os.O_RDONLY, os.O_WRONLY, os.O_RDWR):
        try: descriptor = os.open(path, flags | os.O_NONBLOCK | os.O_NOCTTY)
        except OSError: continue
        found = os.fstat(descriptor); os.close(descriptor); return found
for folder, _, names in os.walk("/dev"):
    for path in (os.path.join(folder, name) for name in names):
        if os.path.islink(path) or folder.startswith(("/dev/shm", "/dev/mqueue", "/dev/hugepages")): continue
        found = opened(path)
        if found and not stat.S_ISREG(found.st_mode) and found.st_rdev != os.makedev(1, 3): print(path[5:])
"""


def test_no_device_can_be_opened_but_those_of_use() -> None:

    sealed = run(DEVICES)
    found = set(sealed.output.split())
    assert {"zero", "random", "ptmx"} <= found, sealed.errors
    assert {name for name in found if name not in PLAIN and not name.startswith((*COMPUTING, "pts/ptmx"))} == set()


def test_another_terminal_of_the_same_user_is_covered_and_its_own_keeps_its_name() -> None:
    ours, theirs = os.openpty()
    other, place = os.openpty()
    script = f"""
import os, sys
print(os.ttyname(0))
os.write(os.open({os.ttyname(place)!r}, os.O_WRONLY | os.O_NOCTTY), b"seen outside")
"""

    syscalls = SyscallsWitness()
    seal = SealWitness(syscalls)
    for witness in (syscalls, seal):
        witness.start(RunClock())
    name = os.ttyname(theirs)
    done = subprocess.run(
        syscalls.wrap("child", [sys.executable, "-c", script]),
        stdin=theirs,
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )
    syscalls.leave("child", 0)
    assert done.stdout == f"{name}\n", done.stderr
    os.set_blocking(other, False)
    with pytest.raises(BlockingIOError):
        os.read(other, 99)
    syscalls.stop()
    for descriptor in (ours, theirs, other, place):
        os.close(descriptor)


WRITABLE = """
import os
for path in ("/proc/sysrq-trigger", "/proc/sys/kernel/core_pattern", "/sys/kernel/uevent_helper", "/proc/irq", "/sys"):
    if os.path.exists(path) and not os.statvfs(path).f_flag & os.ST_RDONLY: print(path)
for line in open("/proc/self/mountinfo"):
    place = line.split()[4]
    if place.startswith("/sys/") and not os.statvfs(place).f_flag & os.ST_RDONLY: print(place)
status = dict(line.split(":", 1) for line in open("/proc/self/status"))
print([int(status["Cap" + kind], 16) for kind in ("Inh", "Prm", "Eff", "Bnd", "Amb")], int(status["NoNewPrivs"]))
"""


def test_the_kernel_takes_no_orders_by_files_and_no_capability_is_left() -> None:
    assert run(WRITABLE).output == "[0, 0, 0, 0, 0] 1\n"


@pytest.mark.root
def test_a_second_mount_of_the_settings_is_no_way_to_them(tmp_path: Path) -> None:
    """A directory for chroot has one: what root owns there it could write without any capability."""
    mount, umount = shutil.which("mount"), shutil.which("umount")
    assert mount is not None
    assert umount is not None
    second = tmp_path / "proc"
    second.mkdir()
    if subprocess.run([mount, "-t", "proc", "proc", second], capture_output=True, check=False).returncode:
        pytest.skip("root may mount nothing here")
    try:
        script = f"import os; print(os.statvfs({str(second / 'sys')!r}).f_flag & os.ST_RDONLY)"
        assert run(script).output == f"{os.ST_RDONLY}\n"
    finally:
        subprocess.run([umount, second], check=True)


REFUSED = 42
NESTED = """
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <stdio.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>
#include <string.h>
static void put(const char *path, const char *text) {
  int file = open(path, O_WRONLY); if (file >= 0) { write(file, text, strlen(text)); close(file); }
}
#define OPENS(what) do { if ((what) >= 0) printf("%s\\n", #what); } while (0)
int main(int count, char **given) {
  char map[64]; int user = getuid(), outer = open(given[2], O_RDONLY); const char *here = given[1];
  OPENS(outer);
  if (unshare(CLONE_NEWUSER | CLONE_NEWNS | CLONE_NEWNET | CLONE_NEWIPC | CLONE_NEWPID)) {
    perror("unshare"); return 42;
  }
  sprintf(map, "0 %d 1", user); put("/proc/self/uid_map", map);
  int child = fork(), how = 0;
  if (child < 0) { perror("fork"); return 42; }
  if (child) { wait(&how); fprintf(stderr, "wait status %d\\n", how); return how != 0; }
  OPENS(setns(outer, 0));
  OPENS(umount2("/proc/sys", MNT_DETACH)); OPENS(umount2("/sys", MNT_DETACH)); OPENS(umount2("/dev/shm", MNT_DETACH));
  OPENS(umount2("/dev/kmsg", MNT_DETACH));
  OPENS(mount(0, "/proc/sys", 0, MS_REMOUNT | MS_BIND, 0)); OPENS(mount(0, "/sys", 0, MS_REMOUNT | MS_BIND, 0));
  OPENS(mount("proc", here, "proc", 0, 0)); OPENS(mount("sysfs", here, "sysfs", 0, 0));
  OPENS(mount("devtmpfs", here, "devtmpfs", 0, 0)); OPENS(mount("/dev", here, 0, MS_BIND, 0));
  OPENS(mount("/proc", here, 0, MS_BIND, 0)); OPENS(mount("/", here, 0, MS_BIND, 0));
  OPENS(open("/proc/1/root", O_RDONLY)); OPENS(open(given[2], O_RDONLY));
  sprintf(map, "%s/device", here); OPENS(mknod(map, S_IFCHR | 0600, 10 << 8 | 200));
  printf("tried\\n"); return 0;
}
"""


@pytest.mark.skipif(COMPILER is None, reason="needs a compiler")
@pytest.mark.parametrize("landlock", [True, False])
def test_a_namespace_of_users_made_inside_opens_nothing(tmp_path: Path, landlock: bool) -> None:
    """With all capabilities in a namespace of its own a process still finds every cover locked."""
    program, place = tmp_path / "nested", tmp_path / "here"
    place.mkdir()
    (tmp_path / "nested.c").write_text(NESTED)
    assert COMPILER is not None
    subprocess.run([COMPILER, "-w", "-o", program, tmp_path / "nested.c"], check=True)
    script = f"""
import os, subprocess, sys
sys.path.insert(0, {str(Path(ipc.__file__).parents[3])!r})
from showcase.witnesses.seal import devices, ipc, namespace
from showcase.witnesses.syscalls.supervisor import fence
if not {landlock}: fence.raise_fence = lambda **_: 0
namespace.enter(); namespace.protect_settings(); namespace.cover_services()
ipc.cover_shared(); devices.cover(); namespace.give_up_rights()
os.execv(sys.argv[1], sys.argv[1:])
"""
    command = [sys.executable, "-c", script, str(program), str(place), f"/proc/{os.getpid()}/ns/net"]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode == REFUSED:
        pytest.skip(f"no namespaces are made inside of a seal here: {done.stderr}")
    assert done.stdout == "tried\n", (done.returncode, done.stderr)
