"""What is nearly right is named; what others named is never typed for them unquoted."""

from __future__ import annotations

import json
import shlex
import subprocess
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING, Any

import httpx
import pytest
from program import showcase

from showcase.claims import judge
from showcase.doctor import shell, watchers
from showcase.doctor.finding import Circumstances
from showcase.engines import refusals
from showcase.engines.answers import EndlessAnswerError
from showcase.engines.models.parameters import read_value
from showcase.errors import ModelError, UsageError
from showcase.evidence import Daemon, Endpoint
from showcase.settings import Settings
from showcase.shell.advice import near, ollama_command

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from showcase.evidence import Run

HOSTILE = "x; touch caught;#"


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    models: tuple[str, ...] = ()


class _Answer(BaseHTTPRequestHandler):
    server: _Server

    def do_POST(self) -> None:
        self.rfile.read(int(self.headers.get("Content-Length", 0)))
        remote = [name for name in self.server.models if name == HOSTILE]
        rows = [
            {"name": name, **({"remote_host": "https://x"} if name in remote else {})} for name in self.server.models
        ]
        answers: dict[str, Any] = {"/api/version": {"version": "0.24.0"}, "/api/tags": {"models": rows}}
        answers |= {"/api/show": {"capabilities": ["completion", "embedding"]}}
        content = json.dumps(answers.get(self.path, {})).encode()
        self.send_response(200)
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    do_GET = do_POST  # noqa: N815 - the name that http.server looks for

    def log_message(self, *_: object) -> None:
        pass


@pytest.fixture
def server() -> Iterator[_Server]:
    with _Server(("127.0.0.1", 0), _Answer) as running:
        running.models = ("qwen3:4b-instruct", "nomic-embed-text:latest", HOSTILE)
        thread = threading.Thread(target=running.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        yield running
        running.shutdown()
        thread.join()


def fix_of(text: str) -> str:
    return text.partition("  fix: ")[2].splitlines()[0]


@pytest.mark.parametrize(
    ("arguments", "meant"),
    [
        (("run", "--chat-model", "qwen3:4b-instrct"), "'qwen3:4b-instruct'"),
        (("run", "--embed-model", "nomic-embed-txt"), "'nomic-embed-text'"),
        (("models", "check", "qwen3:4b-instrct"), "'qwen3:4b-instruct'"),
        (("models", "check", "gemma3-4b-mm"), "'gemma3-4b-mem'"),
        (("models", "create", "gemma3-4b-mm"), "'gemma3-4b-mem'"),
    ],
)
def test_models(tmp_path: Path, server: _Server, arguments: tuple[str, ...], meant: str) -> None:
    host = f"127.0.0.1:{server.server_port}"
    done = showcase(*arguments, "--ollama-host", host, cwd=tmp_path, OLLAMA_HOST="127.0.0.1:1")
    assert done.returncode in (2, 4), done.stderr
    assert f"did you mean {meant}?" in done.stderr
    if "ollama " in fix_of(done.stderr):
        assert fix_of(done.stderr).partition("OLLAMA_HOST=")[2].startswith(host), "another server would be asked"


def test_the_doctor_names_the_nearest_model_and_quotes_what_a_server_calls_its_own(
    tmp_path: Path, server: _Server
) -> None:
    host = f"http://127.0.0.1:{server.server_port}"
    done = showcase("doctor", "--json", "--chat-model", "qwen3:4b-instrct", cwd=tmp_path, OLLAMA_HOST=host)
    found = json.loads(done.stdout)
    assert any("did you mean 'qwen3:4b-instruct'?" in each["message"] for each in found)
    (fix,) = [each["fix"] for each in found if " rm " in each["fix"]]
    command = fix.partition(": ")[2]
    subprocess.run(["/bin/sh", "-c", f"ollama() {{ :; }}; {command}"], cwd=tmp_path, check=False, capture_output=True)
    assert not (tmp_path / "caught").exists()
    assert shlex.split(command)[-1] == HOSTILE


@pytest.mark.parametrize(
    ("arguments", "meant"),
    [
        (("models", "chek"), "'check'"),
        (("engine", "strat"), "'start'"),
        (("bench", "adit"), "'audit'"),
        (("scenario", "nwe"), "'new'"),
        (("glossary", "wittness"), "'witness'"),
        (("drill", "--leak", "io-urng"), "'io-uring'"),
        (("run", "--witness", "hok"), "'hook'"),
        (("audit", "--seal=snk", "--", "true"), "'sink'"),
        (("completion", "bsh"), "'bash'"),
        (("models", "plan", "--rm", "6GB"), "--ram"),
    ],
)
def test_commands_options_and_their_values(tmp_path: Path, arguments: tuple[str, ...], meant: str) -> None:
    done = showcase(*arguments, cwd=tmp_path)
    assert done.returncode == 2
    assert meant in done.stderr
    assert "|" not in fix_of(done.stderr), "pasted into a shell, that is a pipe"


def test_parameters_of_a_modelfile() -> None:
    with pytest.raises(ValueError, match="did you mean 'num_ctx'"):
        read_value("numctx", "1")


def test_nothing_is_suggested_where_nothing_is_like_it() -> None:
    assert near("zzzzzz", ("hook", "seal")) == ""


def test_ollama_is_asked_at_the_server_that_is_meant(monkeypatch: pytest.MonkeyPatch) -> None:
    usual, other = Endpoint(address="127.0.0.1", port=11434), Endpoint(address="127.0.0.1", port=7)
    monkeypatch.delenv("OLLAMA_HOST", raising=False)
    assert ollama_command(usual, "pull", "m") == "ollama pull m"
    assert ollama_command(other, "pull", "a b") == "OLLAMA_HOST=127.0.0.1:7 ollama pull 'a b'"
    monkeypatch.setenv("OLLAMA_HOST", "127.0.0.1:7")
    assert ollama_command(other, "list") == "ollama list"
    assert ollama_command(usual, "list") == "OLLAMA_HOST=127.0.0.1:11434 ollama list"


def refused() -> list[Any]:
    url = "http://127.0.0.1:7"
    errors = [httpx.ReadTimeout("x"), httpx.ConnectError("x"), httpx.ReadError("x"), EndlessAnswerError("x")]
    found = [refusals.broken_off(error, url) for error in errors]
    found += [refusals.refused(url, status, "does not support", "m") for status in (404, 400, 500)]
    return [
        *found,
        refusals.refused(url, 500, "x", ""),
        refusals.not_ollama(url, "x"),
        refusals.unreadable(ValueError(), url),
    ]


@pytest.mark.parametrize("error", refused(), ids=lambda error: error.message)
def test_what_every_command_may_say_names_no_option_that_one_of_them_has_not(error: ModelError) -> None:
    """`run`, `doctor` and `models` say it: an option stands in a whole command, or all of them have it."""
    bare = [clause for clause in error.hint.split(";") if "--" in clause and "showcase run " not in clause]
    assert all("--ollama-host" in clause and clause.count("--") == 1 for clause in bare), error.hint


def test_a_server_of_another_user_is_not_first_met_with_more_rights(log: Run) -> None:
    engine = log.engine
    assert engine is not None
    theirs = Daemon(
        endpoint=engine.endpoint, ollama="0.24.0", cloud_disabled=True, sight="none", uid=998,
        unseen="this system shows them to their owner and to root. It runs as user id 998. Run this with sudo",
        looks=3, longest_gap_s=0.1, from_s=0.0, until_s=99.0, processes=(), sockets=(),
    )  # fmt: skip
    from dataclasses import replace  # noqa: PLC0415 - here alone

    run = replace(log, engine=replace(engine, kind="ollama", started=False), daemons=(theirs,))
    (verdict,) = [each for each in judge(run) if each.id == "daemon"]
    assert verdict.status == "inconclusive"
    assert -1 < verdict.reason.find("showcase run --start-ollama") < verdict.reason.find("sudo"), verdict.reason


def circumstances(**environ: str) -> Circumstances:
    return Circumstances(settings=Settings(), environ=environ)


@pytest.mark.parametrize("name", ["NO_PROXY", "no_proxy"])
def test_exceptions_of_a_proxy_are_added_to_and_not_replaced(monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    for each in ("http_proxy", "HTTP_PROXY", "no_proxy", "NO_PROXY", "all_proxy", "https_proxy"):
        monkeypatch.delenv(each, raising=False)
    monkeypatch.setenv("HTTP_PROXY", "http://192.0.2.1:3128")
    monkeypatch.setenv(name, "example.org,.corp")
    (finding,) = shell.proxies(circumstances(**{name: "example.org,.corp"}))
    done = subprocess.run(
        ["/bin/sh", "-c", f'{finding.fix}; printf "%s %s" "$NO_PROXY" "$no_proxy"'],
        capture_output=True,
        text=True,
        check=True,
    )
    for value in done.stdout.split():
        assert set(value.split(",")) == {"example.org", ".corp", "localhost", "127.0.0.1", "::1"}
    assert len(done.stdout.split()) == 2


def test_a_line_of_dotenv_is_shown_and_no_file_is_edited(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    text = "KEY=1\nchroma_otel_collection_endpoint=http://192.0.2.1:4317\n"
    (tmp_path / ".env").write_text(text)
    (tmp_path / ".env.bak").write_text("an older one")
    (fix,) = [each.fix for each in shell.telemetry(circumstances(MEM0_TELEMETRY="False")) if each.level == "warning"]
    done = subprocess.run(
        ["/bin/sh", "-c", fix.partition(": ")[2]], capture_output=True, text=True, check=True, cwd=tmp_path
    )
    assert done.stdout == "2:chroma_otel_collection_endpoint=http://192.0.2.1:4317\n"
    assert (tmp_path / ".env").read_text() == text
    assert (tmp_path / ".env.bak").read_text() == "an older one"


def test_the_run_without_a_witness_is_one_that_is_accepted() -> None:
    assert watchers.with_those(["sockets", "hook", "seal"]) == "showcase run --witness sockets --witness hook"
    assert watchers.with_those(["hook"]) == "showcase run --witness hook"


def test_a_rung_that_needs_its_base_is_told_with_its_options(tmp_path: Path, server: _Server) -> None:
    (tmp_path / "my file").write_text("FROM none:1b\n")
    host = f"127.0.0.1:{server.server_port}"
    done = showcase(
        *("models", "create", "mine", "--file", "my file", "--num-ctx", "9", "--ollama-host", host),
        cwd=tmp_path,
        OLLAMA_HOST="127.0.0.1:1",
    )
    assert done.returncode == 4, done.stderr
    words = shlex.split(fix_of(done.stderr).partition("do it: ")[2])
    assert words[1:] == [
        "models",
        "create",
        "mine",
        "--num-ctx",
        "9",
        "--file",
        "my file",
        "--ollama-host",
        host,
        "--pull",
    ]


def test_an_id_is_shown_as_it_was_typed_and_a_space_is_explained() -> None:
    from showcase.memory.user_ids import check_user_id  # noqa: PLC0415 - with its words

    for user_id, shown in (("Zoë Müller", "'Zoë Müller'"), ("it's me", "'it's me'"), ("a\x1b b", "'a\\x1b b'")):
        with pytest.raises(UsageError) as caught:
            check_user_id(user_id)
        assert shown in caught.value.message
    assert "mem0 cuts white space off" in caught.value.message or "nobody sees" in caught.value.message
    with pytest.raises(UsageError, match=r"space.*mem0 cuts white space off.*write - or _") as caught:
        check_user_id("al ice")
    assert "'al-ice'" in caught.value.hint
