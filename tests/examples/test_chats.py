"""The chat scripts: what one process is told the next one knows, and another user does not."""

from __future__ import annotations

import ast
import socket
import stat
import sys
import threading
from typing import TYPE_CHECKING

import httpx
import pytest
from trying import CHATS, EXAMPLES, TIMEOUT_S, Project, copied

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

pytestmark = pytest.mark.parametrize("script", CHATS)

MOST_LINES = 40
USED = {"chromadb", "mem0", "ollama"}


def test_it_is_short_and_uses_nothing_of_ours(script: str) -> None:
    text = (EXAMPLES / script).read_text(encoding="utf-8")
    assert len(text.splitlines()) <= MOST_LINES
    nodes = list(ast.walk(ast.parse(text)))
    names = {alias.name for node in nodes if isinstance(node, ast.Import) for alias in node.names}
    names |= {str(node.module) for node in nodes if isinstance(node, ast.ImportFrom)}
    assert {name.partition(".")[0] for name in names} - set(sys.stdlib_module_names) <= USED


def test_switches_come_before_the_imports_that_read_them(script: str) -> None:
    body = ast.parse((EXAMPLES / script).read_text(encoding="utf-8")).body
    switches = [
        node.lineno for node in body if isinstance(node, ast.Assign) and "environ" in ast.unparse(node.targets[-1])
    ]
    readers = [node.lineno for node in body if isinstance(node, ast.Import | ast.ImportFrom)]
    readers = [line for line in readers if line > 5]
    assert switches
    assert readers
    assert max(switches) < min(readers)


def test_the_second_process_knows_it_and_another_user_does_not(script: str, project: Project) -> None:
    first = project.chat(script, "alice", "My dog is called Biscuit.", "I work as a beekeeper.")
    assert first.count("\n") == 2
    second = project.chat(script, "alice", "What is my dog called?")
    assert "Biscuit" in second
    assert "beekeeper" not in second
    third = project.chat(script, "bob", "What is my dog called?")
    assert "Biscuit" not in third
    assert "told me nothing" in third


def test_questions_that_are_asked_often_do_not_hide_the_answer(script: str, project: Project) -> None:
    asked = [f"What is my dog called{'?' * number}" for number in range(1, 8)]
    answers = project.chat(script, "alice", "My dog is called Biscuit.", *asked).splitlines()
    assert "Biscuit" in answers[-1]


def test_who_could_be_taken_for_somebody_else_is_refused(script: str, project: Project) -> None:
    for user in ("*", "", "alice ", "a/b", "al\u200bice"):
        done = project.run(sys.executable, script, user, "What is my dog called?")
        assert done.returncode == 1, user
        assert f"usage: {script} USER MESSAGE" in done.stderr
        assert "Traceback" not in done.stderr
    assert not (project.place / f"{script}.store" / "chroma.sqlite3").exists()


def test_nothing_said_is_a_word_on_how_to(script: str, project: Project) -> None:
    for arguments in ((), ("alice",)):
        done = project.run(sys.executable, script, *arguments)
        assert done.returncode == 1
        assert f"usage: {script} USER MESSAGE" in done.stderr
        assert "Traceback" not in done.stderr


def test_what_is_remembered_lies_beside_it_for_its_owner_alone(script: str, project: Project) -> None:
    elsewhere = project.place / "elsewhere"
    elsewhere.mkdir()
    before = sorted(project.place.rglob("*"))
    done = project.run("sh", "-c", 'cd elsewhere && exec "$@"', "sh", sys.executable, f"../{script}", "alice", "Hello.")
    assert done.returncode == 0, done.stderr
    store = project.place / f"{script}.store"
    new = [path for path in sorted(project.place.rglob("*")) if path not in before]
    assert new
    assert all(store == path or store in path.parents for path in new), new  # no ~/.mem0, nothing where it was run
    assert not [path for path in new if stat.S_IMODE(path.stat().st_mode) & 0o077]


def test_a_model_that_is_missing_is_named_and_not_pulled(script: str, project: Project) -> None:
    project.change(script, ', "rehearsal-embed:latest")', ")")
    done = project.run(sys.executable, script, "alice", "My dog is called Biscuit.")
    assert done.returncode == 1
    assert done.stderr.strip() == "first: ollama pull nomic-embed-text:latest"


def refuses(_: socket.socket) -> None:
    """Nobody listens: the port was somebody's just now."""


def answers_as_a_web_server(listener: socket.socket) -> None:
    say(listener, b"HTTP/1.1 404 Not Found\r\nContent-Length: 5\r\nConnection: close\r\n\r\nnone\n")


def answers_with_a_page(listener: socket.socket) -> None:
    say(listener, b"HTTP/1.1 200 OK\r\nContent-Length: 6\r\nConnection: close\r\n\r\n<html>")


def speaks_no_http(listener: socket.socket) -> None:
    say(listener, b"SSH-2.0-OpenSSH_9.2\r\n")


def say(listener: socket.socket, answer: bytes) -> None:
    connection, _ = listener.accept()
    with connection:
        connection.recv(65536)
        connection.sendall(answer)


@pytest.mark.parametrize("conduct", [refuses, answers_as_a_web_server, answers_with_a_page, speaks_no_http])
def test_where_no_ollama_answers_it_says_where_and_what_to_do(
    conduct: Callable[[socket.socket], None], script: str, project: Project
) -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        listener.settimeout(TIMEOUT_S)
        host = f"127.0.0.1:{listener.getsockname()[1]}"
        if conduct is refuses:
            listener.close()
        server = threading.Thread(target=conduct, args=(listener,))
        server.start()
        done = project.run(sys.executable, script, "alice", "My dog is called Biscuit.", OLLAMA_HOST=host)
        server.join(TIMEOUT_S)
    assert done.returncode == 1
    said = f"no Ollama answers at {host}: start it with `ollama serve`, or set OLLAMA_HOST"
    assert done.stderr.strip() == said


@pytest.mark.parametrize("setting", ["os.environ['OLLAMA_HOST'] = ''", "del os.environ['OLLAMA_HOST']"])
def test_where_no_address_is_set_the_one_that_ollama_takes_is_told(setting: str, script: str, project: Project) -> None:
    told = "ollama.list = lambda: sys.exit(str(ollama.Client()._client.base_url))"  # whoever has that port is not asked
    project.change(script, "import sys\n", f"import sys\n{setting}\n")
    project.change(script, "    import ollama", f"    import ollama\n    {told}")
    taken = project.run(sys.executable, script, "alice", "Hello.").stderr.strip()
    assert taken == "http://127.0.0.1:11434"
    project.change(script, told, "ollama.list = lambda: 1 / 0")
    done = project.run(sys.executable, script, "alice", "Hello.")
    assert done.stderr.startswith(f"no Ollama answers at {taken.removeprefix('http://')}: "), done.stderr


@pytest.mark.parametrize("host", ["::1", '"127.0.0.1:1"', "127.0.0.1:x", "http://me:hidden@127.0.0.1:1"])
def test_an_address_that_ollama_cannot_read_is_told_and_no_password(host: str, script: str, project: Project) -> None:
    done = project.run(sys.executable, script, "alice", "Hello.", OLLAMA_HOST=host)
    assert done.returncode == 1
    (said,) = done.stderr.strip().splitlines()
    assert said.startswith(f"no Ollama answers at {host.rpartition('@')[2]}: "), done.stderr
    assert "hidden" not in said


def test_a_run_that_went_well_alarms_nobody(script: str, project: Project) -> None:
    done = project.run(sys.executable, script, "alice", "My dog is called Biscuit.", "What is my dog called?")
    assert done.returncode == 0
    assert done.stderr == ""
    assert "Biscuit" in done.stdout


@pytest.mark.ollama
def test_a_real_ollama_serves_it_too(script: str, tmp_path: Path) -> None:
    try:
        rows = httpx.get("http://127.0.0.1:11434/api/tags", trust_env=False, timeout=5).json()["models"]
    except (httpx.HTTPError, ValueError, KeyError) as failure:
        pytest.skip(f"no Ollama server answers at its port ({type(failure).__name__})")
    if missing := {"tiny-chat:latest", "all-minilm:latest"} - {row["name"] for row in rows}:
        pytest.skip(f"the Ollama server lacks {', '.join(sorted(missing))}")
    project = copied(tmp_path / "project", "127.0.0.1:11434")
    project.change(script, "CHAT_MODELS = (", 'CHAT_MODELS = ("tiny-chat:latest", ')
    project.change(script, "print(", "print(facts, ")  # so small a model answers now so, now otherwise
    project.chat(script, "alice", "I do not eat spicy food.", "My dog is called Biscuit.")
    assert "Biscuit" in project.chat(script, "alice", "What is my dog called?")
    assert "Biscuit" not in project.chat(script, "bob", "What is my dog called?")
