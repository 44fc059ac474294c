"""What a verdict says of a command that its seal refused something, or that ran with root's rights."""

from __future__ import annotations

import ctypes
import os
import shutil
import stat
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from auditing import Auditor, python

from showcase import claims

if TYPE_CHECKING:
    from showcase.evidence import Run, Verdict

sealable = pytest.mark.usefixtures("sealable")
SETGROUPS = "import ctypes, os, sys; ctypes.CDLL(None).setgroups(1, (ctypes.c_uint * 1)(os.getgid())); "


def egress(run: Run) -> Verdict:
    return next(verdict for verdict in claims.judge(run) if verdict.id == "egress")


@sealable
def test_a_command_that_was_refused_and_failed_shows_nothing(run: Auditor) -> None:
    done = run("--seal", *python(SETGROUPS + "sys.exit(100)"))
    assert done.egress.status == "inconclusive"
    assert "the seal refused it setgroups (1 time), and it ended with exit status 100" in done.egress.reason
    assert "the seal refused it setgroups (1 time): it may not have got to what it does elsewhere" in done.stderr


@sealable
def test_a_command_that_was_refused_and_went_on_is_judged_and_it_is_said(run: Auditor) -> None:
    done = run("--seal", *python(SETGROUPS + "print('went on')"))
    assert (done.egress.status, done.egress.level) == ("upheld", "enforced")
    assert "the seal refused it setgroups (1 time), so it may not have got to" in done.egress.reason
    command = done.run.command
    assert command is not None
    killed = replace(done.run, command=replace(command, exit_code=-15, ended_by="duration", limit_s=0.001))
    assert egress(killed).status == "upheld", "it was ended by the audit, and did not fail"
    crashed = replace(done.run, command=replace(command, exit_code=-11))
    assert egress(crashed).status == "inconclusive"


SANDBOX = """
import ctypes, sys
libc = ctypes.CDLL(None)
libc.unshare(0x10020000)  # CLONE_NEWUSER, CLONE_NEWNS
mounted = libc.mount(b"none", b"/", None, 0x44000, None)  # MS_REC, MS_PRIVATE: what bubblewrap does first
sys.exit(int(sys.argv[1]) if mounted else 0)
"""
WAY_OUT = "if that was a sandbox of its own, run what it holds without it, as with --no-sandbox"


@sealable
@pytest.mark.parametrize(("status", "verdict"), [(1, "inconclusive"), (0, "upheld")])
def test_who_was_refused_a_sandbox_of_its_own_is_told_what_to_do(
    run: Auditor, tmp_path: Path, status: int, verdict: str
) -> None:
    page = tmp_path / "page.html"
    done = run("--seal", "--report", str(page), *python(SANDBOX, str(status)))
    assert done.egress.status == verdict
    assert "the seal refused it mount (1 time)" in done.egress.reason
    for told in (done.egress.reason, done.stderr, page.read_text(encoding="utf-8")):
        assert WAY_OUT in told


@pytest.mark.usefixtures("watched")
def test_who_was_refused_a_sandbox_without_a_seal_is_told_so_too(run: Auditor) -> None:
    done = run(*python(SANDBOX, "1"))
    if "it was refused" not in done.stderr:
        pytest.skip("nothing fences it here, or this user may have no namespace")
    assert f"watched, it was refused mount (1 time): it may not have got to what it does elsewhere; {WAY_OUT}" in (
        done.stderr
    )


SU = Path(shutil.which("su") or "su")


@pytest.mark.usefixtures("watched", "sealable")
@pytest.mark.skipif(os.geteuid() == 0, reason="of root's files root takes no more")
@pytest.mark.skipif(not SU.exists() or not SU.stat().st_mode & stat.S_ISUID, reason="su is not setuid here")
@pytest.mark.parametrize(("options", "who"), [(("--seal",), "the seal"), ((), "watched, it was")])
@pytest.mark.parametrize("program", ["su", str(SU)])
def test_a_setuid_program_that_failed_shows_nothing(
    run: Auditor, options: tuple[str, ...], who: str, program: str
) -> None:
    """It runs without its privilege, and some end at once for that, before any call that is asked about."""
    done = run(*options, "--", program, "no-such-user-here")
    assert done.egress.status == "inconclusive", done.stderr
    assert f"{who} refused" in done.egress.reason
    assert "the privilege of its file (1 time)" in done.egress.reason


@sealable
def test_who_was_refused_something_else_is_told_nothing_of_sandboxes(run: Auditor) -> None:
    done = run("--seal", *python(SETGROUPS + "sys.exit(100)"))
    assert "sandbox" not in done.stderr


@sealable
def test_a_command_that_fails_for_reasons_of_its_own_is_judged(run: Auditor) -> None:
    done = run("--seal", "--", "sh", "-c", "exit 7")
    assert done.egress.status == ("inconclusive" if os.geteuid() == 0 else "upheld")
    assert "refused" not in done.egress.reason


@pytest.mark.usefixtures("watched")
def test_rights_of_root_make_a_sample_of_what_was_recorded(run: Auditor) -> None:
    log = run("--", "true").run
    reports = tuple(
        replace(each, counts={**each.counts, "privileged": 1}) if each.name == "syscalls" else each
        for each in log.witnesses
    )
    before, verdict = egress(log), egress(replace(log, witnesses=reports))
    assert verdict.status == "upheld"
    assert verdict.level == "sampled"
    assert any("run it as an ordinary user, or with --seal" in limit for limit in verdict.limits)
    assert before.level == ("sampled" if os.geteuid() == 0 else "recorded")


@pytest.mark.root
@pytest.mark.skipif(os.geteuid() != 0, reason="an ordinary user has no such rights")
@pytest.mark.usefixtures("watched", "sealable")
def test_root_is_told_so_unless_it_is_sealed(run: Auditor) -> None:
    assert run("--", "true").egress.level == "sampled"
    assert run("--seal", "--", "true").egress.level == "enforced"


@pytest.mark.root
@pytest.mark.skipif(os.geteuid() != 0, reason="an ordinary user loses no rights in a seal")
@pytest.mark.usefixtures("sealable")
def test_root_that_fails_for_want_of_its_rights_shows_nothing(run: Auditor, tmp_path: Path) -> None:
    place = tmp_path / "another's"
    place.mkdir(mode=0o700)
    os.chown(place, 65534, 65534)
    done = run("--seal", *python("import os, sys; os.listdir(sys.argv[1])", str(place)))
    assert done.egress.status == "inconclusive"
    assert "it was without the rights of root in its seal, and it ended with exit status 1" in done.egress.reason
    assert run("--seal", "--", "true").egress.status == "upheld"


@sealable
def test_queues_of_system_v_lead_nowhere(run: Auditor) -> None:
    libc = ctypes.CDLL(None)
    queue = libc.msgget(0x5CE92, 0o1600)
    if queue < 0:
        pytest.skip("this kernel has no queues of System V")
    script = (
        "import ctypes; libc = ctypes.CDLL(None); queue = libc.msgget(0x5CE92, 0); "
        "print(libc.msgsnd(queue, ctypes.byref((ctypes.c_long * 4)(1, 2, 3, 4)), 24, 0))"
    )
    try:
        done = run("--seal", *python(script))
        waiting = libc.msgrcv(queue, ctypes.byref((ctypes.c_long * 9)()), 64, 0, 0o4000)
    finally:
        libc.msgctl(queue, 0, None)
    assert (done.stdout, waiting) == ("-1\n", -1)
    assert (done.egress.status, done.egress.level) == ("upheld", "enforced")


@sealable
def test_typing_into_the_terminal_is_a_finding(run: Auditor) -> None:
    script = (
        "import fcntl, os, pty\n"
        "pid, terminal = pty.fork()\n"
        "if pid == 0:\n"
        "    try: fcntl.ioctl(0, 0x5412, b'x')\n"
        "    finally: os._exit(0)\n"
        "os.waitpid(pid, 0)\n"
    )
    done = run("--seal", *python(script))
    assert (done.egress.status, done.exit_code) == ("broken", 1)
    assert "TIOCSTI on /dev/pts/" in done.egress.reason
    assert "types into the terminal, as the person there would" in done.stderr
