"""Whole runs and audits without `/proc`, seal, system calls and netlink: what macOS leaves, on Linux.

It is not macOS. Its kernel, its psutil and its programs are those of Linux; what is taken away is what Linux alone has.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from pathlib import Path

    from conftest import Mac

CLIENT = "import urllib.request as u; u.urlopen('http://127.0.0.1:{port}/api/version').read()"
LEAK = (
    "import socket; s = socket.socket(); s.settimeout(2)\n"
    "try: s.connect(('192.0.2.7', 9))\nexcept OSError: pass\n"
)  # fmt: skip


def test_nothing_of_linux_is_left_there(mac: Mac) -> None:
    """The positive control of everything here."""
    looked = (
        "import os, platform, socket, sys, psutil\n"
        "print(sys.platform, platform.system(), os.listdir('/proc'), hasattr(socket, 'AF_NETLINK'))\n"
        "print(psutil.Process().ppid() > 0, psutil.Process().net_connections())\n"
        "try: psutil.net_connections()\n"
        "except psutil.AccessDenied: print('denied')\n"
    )
    done = mac.run("-c", looked)
    assert done.stdout.splitlines() == ["darwin Darwin [] False", "True []", "denied"], done.stderr


def test_a_whole_run_is_upheld_as_sampled(mac: Mac, tmp_path: Path) -> None:
    mac.tell()
    out = tmp_path / "out"
    done = mac.program("run", "--engine", "rehearsal", "--out", str(out))
    assert "Traceback" not in done.stderr
    assert done.returncode == 0, done.stdout + done.stderr
    run, verdicts = mac.verdicts(out / "run-log.json")
    assert run.platform.system == "Darwin"
    assert set(verdicts.values()) == {"upheld"}
    levels = {each.id: each.level for each in run.claims}
    assert levels["egress"] == "sampled", levels
    assert "enforced" not in levels.values()
    page = (out / "mem0-cross-session-showcase.html").read_text(encoding="utf-8")
    assert "a POSIX shell on macOS" in page
    assert "</html>" in page
    again = mac.program("report", str(out / "run-log.json"), "-o", str(tmp_path / "again.html"))
    assert (again.returncode, "Traceback" in again.stderr) == (0, False), again.stderr


def test_a_run_beside_a_server_says_that_it_could_not_look(mac: Mac, tmp_path: Path) -> None:
    out = tmp_path / "out"
    done = mac.beside_a_server(
        "user", "run", "--engine", "ollama", "--ollama-host", "http://127.0.0.1:{port}", "--no-drill", "--out", str(out)
    )  # fmt: skip
    assert "Traceback" not in done.stderr
    assert done.returncode == 3, done.stdout + done.stderr
    run, verdicts = mac.verdicts(out / "run-log.json")
    assert verdicts.pop("daemon") == "inconclusive"
    assert "broken" not in verdicts.values()
    (daemon,) = run.daemons
    assert (daemon.sight, daemon.looks, daemon.processes, daemon.sockets) == ("none", 0, (), ())
    assert "this system does not say who listens" in daemon.unseen
    told = next(each.reason for each in run.claims if each.id == "daemon")
    assert "could not be seen" in told
    assert "showcase run --start-ollama" in told


@pytest.mark.parametrize(("code", "status", "verdict"), [("print(1)", 0, "upheld"), (LEAK, 1, "broken")])
def test_an_audit_says_what_it_saw(mac: Mac, tmp_path: Path, code: str, status: int, verdict: str) -> None:
    mac.tell()
    log, page = tmp_path / "log.json", tmp_path / "page.html"
    done = mac.program(
        "audit", "--log", str(log), "--report", str(page), "--", str(mac.python), "-c", code, cwd=tmp_path
    )  # fmt: skip
    assert "Traceback" not in done.stderr
    assert done.returncode == status, done.stderr
    run, verdicts = mac.verdicts(log)
    assert verdicts == {"egress": verdict}
    assert (
        {name for name, each in run.witnesses.items() if each.active} == {"sockets", "hook"}
        if isinstance(run.witnesses, dict)
        else True
    )
    assert "</html>" in page.read_text(encoding="utf-8")


def test_an_audit_is_not_sealed_there(mac: Mac, tmp_path: Path) -> None:
    done = mac.program("audit", "--seal", "--", str(mac.python), "-c", "open('ran', 'w')", cwd=tmp_path)
    assert done.returncode == 4, done.stderr
    assert "Traceback" not in done.stderr
    assert not (tmp_path / "ran").exists()


@pytest.mark.parametrize("who", ["user", "hidden", "root"])
def test_an_audited_client_s_server(mac: Mac, tmp_path: Path, who: str) -> None:
    """Upheld only where the server's sockets were listed; where psutil refused that, it could not look."""
    log = tmp_path / "log.json"
    done = mac.beside_a_server(
        who, "audit", "--allow", "127.0.0.1:{port}", "--log", str(log), "--",
        str(mac.python), "-c", CLIENT, cwd=tmp_path,
    )  # fmt: skip
    assert "Traceback" not in done.stderr
    run, verdicts = mac.verdicts(log)
    (daemon,) = run.daemons
    if who == "root":
        assert daemon.sight == "processes", daemon
        assert daemon.looks > 1
        assert (verdicts, done.returncode) == ({"egress": "upheld", "daemon": "upheld"}, 0), run.claims
    else:
        assert (daemon.sight, daemon.looks, daemon.sockets) == ("none", 0, ())
        assert verdicts["daemon"] == "inconclusive"
        assert done.returncode == 3
        assert daemon.unseen in next(each.reason for each in run.claims if each.id == "daemon")


@pytest.mark.parametrize("command", [["doctor", "--out", "out"], ["doctor", "--json"], ["drill", "--short"]])
def test_what_else_looks_at_the_machine(mac: Mac, tmp_path: Path, command: list[str]) -> None:
    mac.tell()
    done = mac.program(*command, cwd=tmp_path)
    assert "Traceback" not in done.stdout + done.stderr
    assert "/proc" not in done.stdout + done.stderr
    assert done.returncode in (0, 3), done.stdout + done.stderr
