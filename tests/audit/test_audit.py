"""An audit finds what leaves, allows what is allowed, and leaves the command as it is."""

from __future__ import annotations

import hashlib
import json
import os
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest
from auditing import Auditor, audit_command, python

from showcase.audit.weaknesses import weaknesses

if TYPE_CHECKING:
    from pathlib import Path

    from serving import Serve

CONNECT = "import socket, sys; socket.create_connection((sys.argv[1], int(sys.argv[2])))"
pytestmark = pytest.mark.usefixtures("watched")


def test_a_command_that_contacts_nobody_is_upheld(run: Auditor) -> None:
    done = run("--", "sh", "-c", "echo said; exit 3")
    assert (done.exit_code, done.stdout) == (0, "said\n")
    assert (done.egress.status, done.egress.level) == ("upheld", "recorded")
    assert done.run.command is not None
    assert done.run.command.exit_code == 3
    assert "ended with exit status 3" in done.stderr


def test_a_port_of_somebody_else_is_a_finding_and_a_rule_allows_it(run: Auditor, serve: Serve) -> None:
    outside_port = serve().port
    script = python(CONNECT, "127.0.0.1", str(outside_port))
    found = run(*script)
    assert found.exit_code == 1
    assert str(outside_port) in found.egress.reason
    for rule in (f"127.0.0.1:{outside_port}", f"localhost:{outside_port}", "127.0.0.0/8:*", f"*:{outside_port}"):
        assert run("--allow", rule, *script).exit_code == 0, rule
    assert run("--allow", f"127.0.0.1:{outside_port - 1}", *script).exit_code == 1
    assert run("--allow", "192.0.2.0/24", *script).exit_code == 1


def test_a_connection_within_the_audited_tree_is_no_finding(run: Auditor) -> None:
    done = run(
        *python(
            "import socket, subprocess, sys\n"
            "server = socket.create_server(('127.0.0.1', 0))\n"
            "port = str(server.getsockname()[1])\n"
            f"subprocess.run([sys.executable, '-c', {CONNECT!r}, '127.0.0.1', port], check=True)"
        )
    )
    assert done.exit_code == 0, done.stderr
    assert [row.count for row in done.rows("connect") if row.family == "inet"] == [1]


def test_the_hook_names_the_package_and_leaves_the_users_own_sitecustomize(
    run: Auditor, tmp_path: Path, outside_port: int
) -> None:
    (tmp_path / "phoning").mkdir()
    (tmp_path / "phoning" / "__init__.py").write_text(
        "import socket\ndef home(port):\n    socket.create_connection(('127.0.0.1', port))\n"
    )
    (tmp_path / "sitecustomize.py").write_text("import builtins\nbuiltins.customized = 'mine'\n")
    done = run(
        *python(
            f"import sys, phoning; phoning.home({outside_port})\n"
            "print(customized, any('inject' in entry for entry in sys.path))"
        ),
        PYTHONPATH=str(tmp_path),
    )
    assert done.stdout == "mine False\n"
    row = next(row for row in done.rows("connect") if row.port == outside_port)
    assert row.package == "__main__ > phoning"
    assert set(row.witnesses) >= {"hook", "syscalls"}


def test_python_that_refuses_the_hook_is_still_seen(run: Auditor, outside_port: int) -> None:
    done = run("--", sys.executable, "-I", "-S", "-c", CONNECT, "127.0.0.1", str(outside_port))
    assert done.exit_code == 1
    assert [row.witnesses for row in done.rows("connect") if row.port == outside_port] == [("syscalls",)]


def test_verify_derives_the_same_verdict_and_notices_another(run: Auditor, tmp_path: Path, outside_port: int) -> None:
    done = run(*python(CONNECT, "127.0.0.1", str(outside_port)))
    verify = [sys.executable, "-m", "showcase", "verify"]
    assert subprocess.run([*verify, str(done.log)], capture_output=True, check=False).returncode == 1
    document = json.loads(done.log.read_text())
    document["connections"] = []
    forged = tmp_path / "forged.json"
    forged.write_text(json.dumps(document))
    said = subprocess.run([*verify, str(forged)], capture_output=True, text=True, check=False)
    assert "! egress: the log says broken" in said.stdout


def test_json_is_alone_on_stdout(run: Auditor) -> None:
    done = run("--json", "--", "sh", "-c", "echo said")
    assert done.document["command"]["exit_code"] == 0
    assert {claim["id"] for claim in done.document["claims"]} >= {"egress"}
    assert [witness["name"] for witness in done.document["witnesses"] if witness["active"]]
    assert "said" in done.stderr


def test_pass_exit_returns_the_commands_status_only_where_nothing_was_found(run: Auditor, outside_port: int) -> None:
    assert run("--pass-exit", "--", "sh", "-c", "exit 7").exit_code == 7
    assert run("--pass-exit", "--", "sh", "-c", "kill -TERM $$").exit_code == 128 + 15
    assert run("--pass-exit", *python(CONNECT, "127.0.0.1", str(outside_port))).exit_code == 1


def test_a_duration_ends_a_daemon_and_one_that_ignores_it(run: Auditor) -> None:
    polite = run("--for", "300ms", "--", "sleep", "60")
    assert polite.run.command is not None
    assert (polite.exit_code, polite.run.command.ended_by, polite.run.command.exit_code) == (0, "duration", -15)
    deaf = run("--for", "300ms", "--", "sh", "-c", "trap '' TERM; while true; do sleep 1; done")
    assert deaf.run.command is not None
    assert (deaf.run.command.ended_by, deaf.run.command.exit_code) == ("duration", -9)


def test_what_a_command_leaves_behind_is_named_and_ended_when_its_time_is_up(run: Auditor) -> None:
    done = run("--for", "2s", "--", "sh", "-c", "sleep 60 & sleep 0.3")
    assert done.run.command is not None
    assert done.run.command.ended_s is not None
    assert done.run.command.ended_s - done.run.command.started_s < 2
    assert (done.run.command.ended_by, done.run.command.exit_code) == ("itself", 0)
    assert done.run.duration_s < 8, "and not the ten seconds that an audit without a limit stays"
    assert "outlived the command" in done.stderr
    assert "was ended" in done.stderr


def test_a_unix_socket_is_one_row_by_its_path(run: Auditor, tmp_path: Path) -> None:
    script = (
        "import socket, sys\n"
        "server = socket.socket(socket.AF_UNIX); server.bind(sys.argv[1]); server.listen()\n"
        "socket.socket(socket.AF_UNIX).connect(sys.argv[1])\n"
    )
    done = run(*python(script, str(tmp_path / "s")))
    (row,) = [row for row in done.rows("connect") if row.name == str(tmp_path / "s")]
    assert set(row.witnesses) == {"hook", "syscalls"}
    assert row.peer == "watched", "it is its own"
    assert done.exit_code == 0, done.stderr


def test_the_command_keeps_environment_directory_and_input(run: Auditor, tmp_path: Path) -> None:
    (tmp_path / "in.txt").write_text("from a file")
    given = ("--cwd", str(tmp_path), "--env", "SAID=here", "--stdin", str(tmp_path / "in.txt"))
    assert run(*given, "--", "sh", "-c", 'pwd; echo "$SAID"; cat').stdout == f"{tmp_path}\nhere\nfrom a file"
    assert run("--", "cat", stdin="from a pipe").stdout == "from a pipe"


def test_what_weakens_the_audit_is_named(run: Auditor) -> None:
    done = run("--", "true", HTTPS_PROXY="http://127.0.0.1:3128")
    assert any(limit.startswith("HTTPS_PROXY is set") for limit in done.egress.limits)


def test_a_proxy_weakens_nothing_where_nothing_leads_to_it() -> None:
    given = {"https_proxy": "http://127.0.0.1:3128", "OTEL_EXPORTER_OTLP_ENDPOINT": "http://collector.example"}
    assert [said.split()[0] for said in weaknesses(given)] == ["OTEL_EXPORTER_OTLP_ENDPOINT", "https_proxy"]
    assert [said.split()[0] for said in weaknesses(given, led_out=False)] == ["OTEL_EXPORTER_OTLP_ENDPOINT"]


def test_a_gigabyte_of_output_passes_through_untouched() -> None:
    script = "import os\nblock = bytes(range(256)) * 4000\nfor _ in range(1000): os.write(1, block)"
    expected = hashlib.sha256()
    for _ in range(1000):
        expected.update(bytes(range(256)) * 4000)
    found, length = hashlib.sha256(), 0
    with subprocess.Popen(audit_command(*python(script)), stdout=subprocess.PIPE, stderr=subprocess.DEVNULL) as audit:
        assert audit.stdout is not None
        while part := audit.stdout.read(1 << 20):
            found.update(part)
            length += len(part)
    assert (audit.returncode, length) == (0, 1_024_000_000)
    assert found.digest() == expected.digest()


def test_many_children_are_all_seen(run: Auditor, outside_port: int) -> None:
    shell = f"for i in $(seq 1000); do (exec 3<>/dev/tcp/127.0.0.1/{outside_port}) & done; wait"
    done = run("--", "bash", "-c", shell)
    assert done.exit_code == 1
    assert len({row.pid for row in done.rows("connect") if row.port == outside_port}) == 1000


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["--allow", "256.1.1.1:80", "--", "true"], "256.1.1.1"),
        (["--allow", "host:99999", "--", "true"], "99999"),
        (["--allow", "two words", "--", "true"], "two words"),
        (["--for", "soon", "--", "true"], "soon"),
        (["--for", "0s", "--", "true"], "0s"),
        (["--env", "novalue", "--", "true"], "novalue"),
        (["--", "no-such-program-anywhere"], "no-such-program-anywhere"),
        (["--cwd", "/no/such/place", "--", "true"], "/no/such/place"),
        (["--log", "/no/such/place/log.json", "--", "true"], "/no/such/place"),
        ([], "COMMAND"),
    ],
)
def test_usage_errors_say_what_and_exit_2(arguments: list[str], words: str) -> None:
    done = subprocess.run(audit_command(*arguments), capture_output=True, text=True, check=False, env=os.environ)
    assert done.returncode == 2
    assert words in done.stderr


def test_the_page_shows_the_command(run: Auditor, tmp_path: Path) -> None:
    page = tmp_path / "page.html"
    run("--report", str(page), "--", "sh", "-c", "exit 3")
    assert "exit status 3" in page.read_text(encoding="utf-8")
    assert oct(page.stat().st_mode & 0o777) == "0o600"


def test_stopped_from_outside_it_still_tells(tmp_path: Path) -> None:
    log = tmp_path / "log.json"
    process = subprocess.Popen(
        audit_command("--log", str(log), "--", "sh", "-c", "echo up; exec sleep 60"),
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
    )
    assert process.stdout is not None
    process.stdout.readline()
    process.terminate()
    process.communicate(timeout=60)
    assert process.returncode == 3
    document = json.loads(log.read_text())
    assert (document["interrupted"], document["command"]["exit_code"]) == ("SIGTERM", -15)


def test_where_the_kernel_does_not_tell_it_is_sampled_and_says_so(run: Auditor, tmp_path: Path) -> None:
    """The kernel allows one supervisor: an audit within an audit has to do without."""
    inner = tmp_path / "inner.json"
    outer = run("--", *audit_command("--log", str(inner), "--for", "1500ms", "--", "sh", "-c", "sleep 30"))
    assert outer.exit_code == 0
    document = json.loads(inner.read_text())
    claims = {claim["id"]: (claim["status"], claim["level"]) for claim in document["claims"]}
    assert claims == {"egress": ("upheld", "sampled")}
    assert (document["command"]["ended_by"], document["command"]["exit_code"]) == ("duration", -15)
    reasons = {witness["name"]: witness["reason"] for witness in document["witnesses"]}
    assert "supervisor already" in reasons["syscalls"]


def test_where_no_seal_can_be_made_nothing_is_run(run: Auditor) -> None:
    outer = run("--", *audit_command("--seal", "--", "echo", "was run"))
    assert outer.run.command is not None
    assert outer.run.command.exit_code == 4
    assert outer.stdout == ""
    assert "cannot be sealed here" in outer.stderr
