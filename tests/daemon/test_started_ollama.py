"""`run --start-ollama`: a server that is a process of the run is judged by the run's own witnesses."""

from __future__ import annotations

import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING

import psutil
import pytest
from program import Finished, showcase
from shared import finished_once
from standing_in import models, ollama

from showcase.engines import started_ollama
from showcase.engines.rehearsal_engine import free_port
from showcase.errors import EngineError
from showcase.evidence import Endpoint
from showcase.processes.environment import OLLAMA_FORCED, of_ollama
from showcase.witnesses.syscalls.command import why_unavailable

if TYPE_CHECKING:
    from showcase.evidence import Run, Verdict

SEALABLE = why_unavailable("--seal", "") is None
LEAK = (
    "import socket\n"
    "try: socket.getaddrinfo('collector.example.com', 443)\n"
    "except OSError: pass\n"
    "print('environment', sorted(os.environ.items()), file=sys.stderr, flush=True)\n"
)


def started(place: Path, first: str = "", *arguments: str, **variables: str) -> Finished:
    out = place / "out"
    given = (f"--start-ollama={ollama(place, first)}", "--out", str(out), *arguments)
    done = showcase("run", "--no-drill", *given, **{"OLLAMA_MODELS": models(place), **variables})
    return Finished(out=out, exit_code=done.returncode, stdout=done.stdout, stderr=done.stderr)


def verdict(run: Run, claim: str) -> Verdict:
    return next(each for each in run.claims if each.id == claim)


@pytest.fixture(scope="module")
def good(tmp_path_factory: pytest.TempPathFactory) -> Finished:
    return finished_once(tmp_path_factory, "started-ollama", lambda out: started(out.parent))


def test_a_server_that_stays_at_home_is_upheld_as_strongly_as_the_sessions(good: Finished) -> None:
    assert good.exit_code == 0, good.stdout + good.stderr
    run = good.log
    daemon = verdict(run, "daemon")
    assert (daemon.status, daemon.level) == ("upheld", verdict(run, "egress").level)
    if SEALABLE:
        assert daemon.level == "enforced"
    assert run.engine is not None
    (server,) = run.daemons
    assert (run.engine.kind, run.engine.started, server.sight) == ("ollama", True, "witnesses")
    assert [process.serves for process in server.processes] == [True]
    assert not any("not a process of this run" in limit for limit in verdict(run, "egress").limits)


def test_verify_says_it_again(good: Finished) -> None:
    again = showcase("verify", str(good.out / "run-log.json"))
    assert again.returncode == 0, again.stdout
    assert "The log's own verdicts are the same." in again.stdout


def test_its_processes_end_with_the_run_and_its_log_is_kept(good: Finished) -> None:
    (server,) = good.log.daemons
    assert server.processes
    assert not any(psutil.pid_exists(process.pid) for process in server.processes)
    (log,) = good.out.glob("events/*/ollama-serve.log")
    assert oct(log.stat().st_mode & 0o777) == "0o600"


def test_the_page_says_how_it_was_seen(good: Finished) -> None:
    page = (good.out / "mem0-cross-session-showcase.html").read_text(encoding="utf-8")
    assert "started by this run" in page
    assert "looked at 0 times" not in page


@pytest.mark.skipif(not SEALABLE, reason="sends its planted leak nowhere only in a seal")
def test_a_server_that_asks_for_a_name_is_broken_and_what_it_got_is_what_we_gave(tmp_path: Path) -> None:
    done = started(
        tmp_path,
        LEAK,
        "--phase",
        "1",
        OLLAMA_API_KEY="secret-key",
        OLLAMA_NO_CLOUD="0",
        HTTPS_PROXY="http://127.0.0.1:9",
    )
    assert done.exit_code == 1, done.stdout + done.stderr
    daemon = verdict(done.log, "daemon")
    assert (daemon.status, daemon.level) == ("broken", "recorded")
    assert "looked up collector.example.com" in daemon.reason
    assert verdict(done.log, "egress").status == "broken"
    (log,) = done.out.glob("events/*/ollama-serve.log")
    told = log.read_text()
    assert "('OLLAMA_NO_CLOUD', '1')" in told
    assert "secret-key" not in told
    assert "127.0.0.1:9'" not in told


@pytest.mark.parametrize(
    ("first", "words"),
    [
        ("sys.exit('no more room')", "it ended with exit status 1; it wrote last: no more room"),
        ("os.kill(os.getpid(), 9)", "it ended with signal 9; it wrote nothing"),
    ],
)
def test_a_server_that_does_not_start_says_why(tmp_path: Path, first: str, words: str) -> None:
    done = started(tmp_path, first)
    assert done.exit_code == 4
    assert f"`ollama serve` did not start: {words}" in done.stderr
    assert "fix:" in done.stderr


def test_a_server_that_never_answers_is_not_waited_for_for_ever(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(started_ollama, "START_TIMEOUT_S", 2.0)
    server = started_ollama.StartedOllama(
        ollama(tmp_path, "import time; print('loading', flush=True); time.sleep(600)"),
        port=free_port(),
        base=os.environ,
        models=tmp_path,
        cwd=tmp_path,
        log=tmp_path / "log",
    )
    with pytest.raises(EngineError, match="did not answer within 2 s; it wrote last: loading"):
        server.wait_ready()
    assert not (tmp_path / "ollama-home").exists(), "its keys go with it"


@pytest.mark.skipif(sys.platform != "linux", reason="elsewhere orphans are nobody's whom we could end")
def test_another_program_that_answers_at_its_port_is_not_taken_for_it(tmp_path: Path) -> None:
    """Without a supervisor to keep it, who forks twice is no process of the server any more."""
    elsewhere = (
        "import time\n"
        "if os.fork(): time.sleep(600)\n"
        "os.setsid()\n"
        "if os.fork(): os._exit(0)\n"
        f"open({str(tmp_path / 'pid')!r}, 'w').write(str(os.getpid()))\n"
    )
    done = started(tmp_path, elsewhere, "--witness", "hook", "--witness", "sockets")
    assert done.exit_code == 4, done.stdout
    assert "another program answers at 127.0.0.1:" in done.stderr
    assert not psutil.pid_exists(int((tmp_path / "pid").read_text())), "an orphan of a run that failed is ended too"


def test_a_server_that_dies_while_it_is_used_is_named(tmp_path: Path) -> None:
    store = str(tmp_path / "out" / "mem0_chroma" / "chroma.sqlite3")
    dying = (
        "import threading, time\n"
        "def die():\n"
        f"    while not os.path.exists({store!r}): time.sleep(0.05)\n"
        "    print('out of memory', flush=True); os._exit(7)\n"
        "threading.Thread(target=die, daemon=True).start()\n"
    )
    done = started(tmp_path, dying)
    assert done.exit_code == 4, done.stdout
    assert "serve ended by itself (exit status 7): out of memory; its log: " in done.stderr
    assert verdict(done.log, "daemon").status != "upheld"


def test_a_file_that_is_no_program_says_so(tmp_path: Path) -> None:
    program = tmp_path / "ollama"
    program.write_text("neither a script nor a binary")
    program.chmod(0o755)
    done = showcase("run", f"--start-ollama={program}", "--out", str(tmp_path / "out"), OLLAMA_MODELS=models(tmp_path))
    assert (done.returncode, "did not start: Exec format error" in done.stderr) == (4, True), done.stderr


def test_no_program_no_models_and_no_port_are_errors_with_a_way_out(tmp_path: Path) -> None:
    out = ("--out", str(tmp_path / "out"))
    program = f"--start-ollama={ollama(tmp_path)}"
    missing = showcase("run", "--start-ollama=no-such-program", *out)
    assert (missing.returncode, "--start-ollama=/path/to/ollama" in missing.stderr) == (4, True)
    empty = showcase("run", program, *out, OLLAMA_MODELS=str(tmp_path))
    assert (empty.returncode, "OLLAMA_MODELS=DIR" in empty.stderr) == (4, True)
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = f"127.0.0.1:{taken.getsockname()[1]}"
        busy = showcase("run", program, "--ollama-host", port, *out, OLLAMA_MODELS=models(tmp_path))
    assert (busy.returncode, "in use" in busy.stderr, "leave out --ollama-host" in busy.stderr) == (4, True, True)


@pytest.mark.parametrize(
    "arguments",
    [
        ("--engine", "rehearsal"),
        ("--ollama-host", "[::1]:11434"),
        ("--ollama-host", "127.0.0.2:11434"),
        ("--seal", "--no-seal"),
    ],
)
def test_what_excludes_each_other_is_refused_as_usage(arguments: tuple[str, ...], tmp_path: Path) -> None:
    done = showcase("run", "--start-ollama", *arguments, "--out", str(tmp_path / "out"))
    assert done.returncode == 2
    assert not (tmp_path / "out").exists()


@pytest.mark.skipif(sys.platform == "win32", reason="signals")
def test_a_run_that_is_killed_leaves_no_server_behind(tmp_path: Path) -> None:
    first = f"open({str(tmp_path / 'pid')!r}, 'w').write(str(os.getpid()))"
    command = [sys.executable, "-m", "showcase", "run", f"--start-ollama={ollama(tmp_path, first)}"]
    run = subprocess.Popen(
        [*command, "--out", str(tmp_path / "out")],
        env={**os.environ, "OLLAMA_MODELS": models(tmp_path)},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    server = psutil.Process(int(_eventually(lambda: (tmp_path / "pid").read_text() or None)))
    run.send_signal(signal.SIGKILL)
    run.wait()
    _eventually(lambda: None if server.is_running() and server.status() != psutil.STATUS_ZOMBIE else "gone")


def _eventually(look: object) -> str:
    until = time.monotonic() + 40
    while time.monotonic() < until:
        try:
            found = look()  # type: ignore[operator]
        except (OSError, psutil.NoSuchProcess) as error:
            found = "gone" if isinstance(error, psutil.NoSuchProcess) else None
        if found:
            return str(found)
        time.sleep(0.1)
    raise AssertionError("it never happened")


def test_the_environment_forces_what_keeps_it_at_home_and_keeps_what_tunes_it() -> None:
    given = {
        "OLLAMA_REMOTES": "evil.example",
        "OLLAMA_CONTEXT_LENGTH": "8192",
        "OLLAMA_HOST": "192.0.2.1",
        "HOME": "/h",
    }
    endpoint = Endpoint(address="127.0.0.1", port=4242)
    made = of_ollama({**given, "PATH": "/bin"}, endpoint=endpoint, models=Path("/models"), home=Path("/ours"))
    assert made["OLLAMA_HOST"] == "127.0.0.1:4242"
    assert (made["HOME"], made["OLLAMA_MODELS"], made["OLLAMA_CONTEXT_LENGTH"]) == ("/ours", "/models", "8192")
    assert "OLLAMA_REMOTES" not in made
    assert all(made[name] == value for name, (value, _) in OLLAMA_FORCED.items())


@pytest.mark.ollama
def test_a_real_server_is_started_sealed_and_upheld(tmp_path: Path) -> None:
    program = shutil.which("ollama")
    if program is None:
        pytest.skip("no ollama on PATH")
    done = showcase("run", "--start-ollama", "--json", "--out", str(tmp_path / "out"))
    assert done.returncode == 0, done.stdout + done.stderr
    claims = {claim["id"]: (claim["status"], claim["level"]) for claim in json.loads(done.stdout)["claims"]}
    assert claims["daemon"] == ("upheld", "enforced" if SEALABLE else "recorded")
