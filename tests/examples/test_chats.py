"""The chat scripts: what one process is told the next one knows, and another user does not."""

from __future__ import annotations

import ast
import stat
import sys
from typing import TYPE_CHECKING

import httpx
import pytest
from trying import CHATS, EXAMPLES, Project, copied

if TYPE_CHECKING:
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
    switches = [node.lineno for node in body if isinstance(node, ast.Assign) and "environ" in ast.unparse(node)]
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
