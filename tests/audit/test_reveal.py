"""`--reveal`: certificates of a run's own authority, made by a process that nothing of the command's reaches."""

from __future__ import annotations

import contextlib
import json
import os
import shlex
import shutil
import signal
import ssl
import subprocess
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

import psutil
import pytest
from auditing import TIMEOUT_S, Auditor, audit_command, python

from showcase import runlog
from showcase.audit.authority import authority
from showcase.shell import advice
from showcase.witnesses.sink.certificates import Authority

if TYPE_CHECKING:
    from collections.abc import Callable

CHECKOUT = Path(__file__).resolve().parents[2]
HOSTS = [
    "host.example",
    "HOST.Example",
    "my_host.example",
    "r3---sn-a.example",
    f"{'x' * 60}.example",
    "1.2.3.4",
    "::1",
]
"""Names that programs ask for, also those that IDNA 2008 knows not, and addresses."""


def shake(*ends: ssl.SSLObject) -> None:
    for _ in range(4):
        for end in ends:
            with contextlib.suppress(ssl.SSLWantReadError):
                end.do_handshake()


@pytest.mark.parametrize("version", [ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3], ids=["1.2", "1.3"])
@pytest.mark.parametrize("host", HOSTS)
def test_a_certificate_of_ours_is_one_to_openssl(host: str, version: ssl.TLSVersion, tmp_path: Path) -> None:
    issuing = Authority()
    (tmp_path / "leaf.pem").write_bytes(issuing.issue(host))
    server = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    server.load_cert_chain(tmp_path / "leaf.pem")
    for asked, trusts in ((host, True), ("other.example", False), ("192.0.2.1", False)):
        client = ssl.create_default_context(cadata=issuing.certificate.decode())
        client.verify_flags |= ssl.VERIFY_X509_STRICT  # the default from Python 3.13 on
        client.minimum_version = client.maximum_version = version
        ends = [ssl.MemoryBIO() for _ in range(2)]
        theirs = client.wrap_bio(ends[0], ends[1], server_hostname=asked)
        ours = server.wrap_bio(ends[1], ends[0], server_side=True)
        if trusts:
            shake(theirs, ours)
            (named,) = (theirs.getpeercert() or {})["subjectAltName"]
            assert named[1].lower() in {host.lower(), "0:0:0:0:0:0:0:1"}
        else:
            with pytest.raises(ssl.SSLCertVerificationError):
                shake(theirs, ours)


@pytest.mark.parametrize("host", ["", "straße.example"])
def test_what_can_be_in_no_certificate_gets_none(host: str) -> None:
    with pytest.raises(ValueError, match=r"."):
        Authority().issue(host)


def test_an_authority_has_imported_all_that_it_needs_before_it_is_ready() -> None:
    """Packages may be rewritten while the command runs: what was imported before is what is used."""
    script = (
        "import json, sys, threading, socket\n"
        "from showcase.witnesses.sink import certificates\n"
        "ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)\n"
        "threading.Thread(target=certificates.main, args=(theirs.detach(),)).start()\n"
        "ours.recv(1 << 16)\n"
        "before = set(sys.modules)\n"
        f"for host in {[*HOSTS, 'x@y', '*', '-', 'a' * 300]!r}:\n"
        "    ours.sendall(host.encode()); assert ours.recv(1 << 16)\n"
        "ours.sendall(b'\\xff'); assert ours.recv(1 << 16) == b'\\0'\n"
        "ours.close()\n"
        "print(json.dumps(sorted(set(sys.modules) - before)))\n"
    )
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, timeout=60, check=True)
    assert json.loads(done.stdout) == []


def test_a_supervisor_that_reveals_loads_no_package() -> None:
    """It starts without site-packages, and what it needs for `--reveal` is there all the same."""
    script = (
        f"import sys; sys.path.insert(0, {str(CHECKOUT)!r})\n"
        "import showcase.witnesses.syscalls.supervisor.supervise, showcase.witnesses.seal.station\n"
        "import showcase.witnesses.sink.reveal\n"
        "print(*{name.partition('.')[0] for name in sys.modules} - sys.stdlib_module_names)"
    )
    done = subprocess.run(
        [sys.executable, "-I", "-S", "-c", script], capture_output=True, text=True, timeout=60, check=True
    )
    assert set(done.stdout.split()) <= {"showcase", "__main__"}


def issuing_below(parent: int) -> list[psutil.Process]:
    found = psutil.Process(parent).children(recursive=True)
    return [each for each in found if "showcase.witnesses.sink.certificates" in " ".join(each.cmdline())]


def test_an_authority_ends_with_the_audit_and_leaves_no_file() -> None:
    with authority() as trusted:
        (process,) = issuing_below(os.getpid())
        assert os.getsid(process.pid) == process.pid  # Ctrl-C and Ctrl-Z are not for it
        assert trusted.certificate.stat().st_mode & 0o777 == 0o600
        assert b"PRIVATE" not in b"".join(each.read_bytes() for each in trusted.certificate.parent.iterdir())
    assert not process.is_running()
    assert not trusted.certificate.parent.exists()


def test_an_authority_ends_where_who_started_it_was_killed() -> None:
    script = (
        "import time\nfrom showcase.audit.authority import authority\n"
        "with authority():\n    print('ready', flush=True)\n    time.sleep(60)\n"
    )
    with subprocess.Popen([sys.executable, "-c", script], stdout=subprocess.PIPE, text=True) as starting:
        assert starting.stdout is not None
        assert starting.stdout.readline() == "ready\n"
        (process,) = issuing_below(starting.pid)
        starting.kill()
    process.wait(timeout=30)


PYTHON = (
    "import sys, contextlib, urllib.request as u\n"
    "with contextlib.suppress(OSError): u.urlopen(sys.argv[1], b'my dog is called Biscuit', timeout=20)"
)
CLIENTS = {
    "curl": ["curl", "-sS", "--max-time", "20", "-o", "/dev/null", "-d", "my dog is called Biscuit"],
    "node": [
        "node",
        "-e",
        "fetch(process.argv[1], {method: 'POST', body: 'my dog is called Biscuit'}).then(() => 0, () => 0)",
    ],
    "python": [sys.executable, "-c", PYTHON],
}


@pytest.mark.usefixtures("sealable")
@pytest.mark.parametrize("host", ["tls.example", "my_host.example"])
@pytest.mark.parametrize("client", CLIENTS)
def test_what_clients_would_have_sent_is_read(client: str, host: str, run: Auditor) -> None:
    command = CLIENTS[client]
    if shutil.which(command[0]) is None:
        pytest.skip(f"no {client} here")
    done = run("--seal=sink", "--reveal", "--", *command, f"https://{host}/said", NO_PROXY="*")
    read = [(each.host, each.trusted, each.path, each.body) for each in done.run.requests]
    assert read == [(host, True, "/said", "my dog is called Biscuit")], done.stderr


@pytest.mark.usefixtures("sealable")
def test_what_runs_on_while_the_job_is_stopped_is_revealed(tmp_path: Path) -> None:
    script = (
        "import pathlib, sys, time, urllib.request as u\n"
        "place = pathlib.Path(sys.argv[1])\n"
        "(place / 'began').touch()\n"
        "while not (place / 'go').exists(): time.sleep(0.02)\n"
        "try: u.urlopen('https://tls.example/said', timeout=20)\n"
        "except OSError as error: (place / 'answer').write_text(str(error))\n"
        "(place / 'done').touch()\n"
    )
    log = tmp_path / "log.json"
    arguments = ("--seal=sink", "--reveal", "--log", str(log), *python(script, str(tmp_path)))
    with subprocess.Popen(audit_command(*arguments), env={**os.environ, "NO_PROXY": "*"}) as front:
        try:
            until((tmp_path / "began").exists)
            front.send_signal(signal.SIGSTOP)
            (tmp_path / "go").touch()
            until((tmp_path / "done").exists)
        finally:
            front.send_signal(signal.SIGCONT)
        front.wait(TIMEOUT_S)
    assert "503" in (tmp_path / "answer").read_text()
    assert [each.trusted for each in runlog.read(log).requests] == [True]


def until(holds: Callable[[], bool]) -> None:
    deadline = time.monotonic() + TIMEOUT_S
    while not holds():
        assert time.monotonic() < deadline
        time.sleep(0.02)


@pytest.mark.parametrize(
    ("planted", "said"),
    [
        ({"sitecustomize.py": "import sys; sys.modules['cryptography'] = None"}, "which is not installed"),
        ({"cryptography/__init__.py": "raise ImportError('its library is broken')"}, "its library is broken"),
    ],
    ids=["missing", "broken"],
)
@pytest.mark.usefixtures("sealable")
def test_without_the_extra_nothing_is_started(planted: dict[str, str], said: str, run: Auditor, tmp_path: Path) -> None:
    for name, text in planted.items():
        place = tmp_path / "packages" / name
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_text(text)
    reveals = ("--seal=sink", "--reveal", "--", "touch", str(tmp_path / "ran"))
    done = run(*reveals, PYTHONPATH=str(tmp_path / "packages"))
    assert (done.exit_code, done.log.exists(), (tmp_path / "ran").exists()) == (4, False, False)
    assert said in done.stderr
    assert shlex.quote(f"{CHECKOUT}[reveal]") in done.stderr.replace("\n         ", " ")
    assert run("--seal=sink", "--", "true", PYTHONPATH=str(tmp_path / "packages")).exit_code == 0


class Installed:
    """What pip wrote down of this program (PEP 610)."""

    def __init__(self, came: object) -> None:
        self.requires = ['cryptography<60,>=43; extra == "reveal"', "click<9,>=8"]
        self._came = came

    def read_text(self, name: str) -> str | None:
        assert name == "direct_url.json"
        return None if self._came is None else json.dumps(self._came)


@pytest.mark.parametrize(
    ("came", "words"),
    [
        ({"url": "file://PLACE/a%20b", "dir_info": {}}, ["PLACE/a b[reveal]"]),
        ({"url": "file://PLACE/a%20b", "dir_info": {"editable": True}}, ["-e", "PLACE/a b[reveal]"]),
        ({"url": "file://PLACE/a.whl", "archive_info": {}}, ["PLACE/a.whl[reveal]"]),
        ({"url": "file://PLACE/gone", "dir_info": {}}, ["cryptography<60,>=43"]),
        ({"url": "https://git.example/a.git", "vcs_info": {}}, ["cryptography<60,>=43"]),
        (None, ["cryptography<60,>=43"]),
    ],
    ids=["checkout", "editable", "wheel", "gone", "git", "index"],
)
def test_the_extra_is_installed_from_where_this_program_came(
    came: dict[str, Any] | None, words: list[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "a b").mkdir()
    (tmp_path / "a.whl").touch()
    (tmp_path / "site").mkdir()
    if came is not None:
        came = came | {"url": came["url"].replace("PLACE", str(tmp_path))}
    monkeypatch.setattr(advice, "__file__", str(tmp_path / "site" / "showcase" / "shell" / "advice.py"))
    monkeypatch.setattr("importlib.metadata.distribution", lambda _: Installed(came))
    told = shlex.split(advice.install_extra("reveal", "cryptography"))
    expected = [word.replace("PLACE", str(tmp_path)) for word in words]
    assert told[told.index("install") + 1 :] in (expected, ["--python", sys.executable, *expected])


def test_the_extra_is_part_of_what_tests_need() -> None:
    pyproject = (CHECKOUT / "pyproject.toml").read_text(encoding="utf-8")
    assert pyproject.count('"cryptography>=43,<60"') == 2
