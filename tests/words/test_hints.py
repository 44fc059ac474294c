"""What a hint tells to type: it parses, a shell takes it as it was meant, and it loses nothing."""

from __future__ import annotations

import ast
import os
import re
import shlex
import shutil
import stat
import subprocess
import sys
from pathlib import Path

import click
import pytest
from program import showcase

from showcase.cli import COMMANDS, cli
from showcase.cli.words import as_typed
from showcase.evidence import Endpoint
from showcase.orchestrator.output_directory import obstacle
from showcase.settings import Settings
from showcase.shell import advice

PACKAGE = Path(advice.__file__).parents[1]
NASTY = (
    "a b",
    "it's",
    "-x",
    "$(touch no)",
    "`id`",
    "a;b",
    'say "x"',
    "a\nb",
    "\x1b[2J",
    "tab\t%s\\n",
    "Zoë",
    "*",
    "~",
    "\udcff",
)

not_as_root = pytest.mark.skipif(
    not hasattr(os, "geteuid") or os.geteuid() == 0, reason="root may write anywhere: permissions stop only others"
)


def parse(words: list[str]) -> None:
    """Let the program's own parser take a command line, without running it."""
    context = cli.make_context("showcase", [word for word in words if word != "--verbose"])
    command: click.Command = cli
    while isinstance(command, click.Group):
        rest = [*context._protected_args, *context.args]
        name, found, rest = command.resolve_command(context, rest)
        assert found is not None
        command = found
        context = command.make_context(name, rest, parent=context)


def filled(text: ast.JoinedStr) -> str:
    """Return a text with 1 for each word that is filled in; what is filled in behind a word may be nothing."""
    found = ""
    for part in text.values:
        found += str(part.value) if isinstance(part, ast.Constant) else "1" if found[-1:] in " =('" else ""
    return found


def said(tree: ast.Module) -> list[str]:
    """Return every text of a module that is no docstring, with 1 for what is filled in."""
    bare = {id(node.value) for node in ast.walk(tree) if isinstance(node, ast.Expr)}
    inner = {id(part) for node in ast.walk(tree) if isinstance(node, ast.JoinedStr) for part in ast.walk(node)} - {
        id(node) for node in ast.walk(tree) if isinstance(node, ast.JoinedStr)
    }
    texts = []
    for node in ast.walk(tree):
        if id(node) in bare or id(node) in inner:
            continue
        if isinstance(node, ast.Constant) and isinstance(node.value, str):
            texts.append(node.value)
        elif isinstance(node, ast.JoinedStr):
            texts.append(filled(node))
    return texts


_COMMAND = re.compile(rf"(?<![\w./-])showcase (?:--verbose )?(?:{'|'.join(COMMANDS)})\b[^\n;,()“”`]*")


def commands_in(text: str) -> list[str]:
    """Return the commands of this program in a text: each ends where its clause does."""
    found = []
    for match in _COMMAND.finditer(text):
        # What is quoted is one word, whatever it says.
        bare = re.sub(r"\"[^\"]*\"|'[^']*'", lambda quoted: "x" * len(quoted[0]), match[0])
        end = re.search(r"  |: | && | > | (?=with |in |or |and |that |needs |if |prints )|\.$|[\"']$", bare)
        found.append(match[0][: end.start() if end else None].strip())
    return found


TOLD = sorted(
    {
        (path.relative_to(PACKAGE).as_posix(), command)
        for path in PACKAGE.rglob("*.py")
        for text in said(ast.parse(path.read_text("utf-8")))
        for command in commands_in(text)
    }
)


def test_the_hints_are_found() -> None:
    """Else the next test would hold of nothing."""
    assert len(TOLD) > 40
    assert ("engines/refusals.py", "showcase run --start-ollama") in TOLD
    assert ("scenes/scenario.py", "showcase scenario check 1") in TOLD


@pytest.mark.parametrize(("file", "command"), TOLD, ids=[" in ".join(reversed(each)) for each in TOLD])
def test_every_command_of_this_program_that_is_told_parses(file: str, command: str) -> None:  # noqa: ARG001 - names the test
    words = shlex.split(command)
    if words[1:2] in (["verify"], ["audit"]) and len(words) == 2:
        words.append("1")
    if words[-1:] == ["--"]:
        words.append("1")
    if words[1:] in (["models", "create", "TAG", "--file"], ["scenario"], ["report"], ["glossary"], ["completion"]):
        words.append("1" if words[1] != "completion" else "bash")
    parse(words[1:])


def test_an_option_that_a_command_has_not_is_found() -> None:
    with pytest.raises(click.UsageError):
        parse(shlex.split("models check x --engine rehearsal"))


@pytest.mark.parametrize("name", NASTY)
def test_a_shell_takes_a_quoted_word_as_it_was(name: str, tmp_path: Path) -> None:
    word = advice.quoted(name)
    assert word.isprintable(), "it stays on one line, and sends no terminal anything"
    done = subprocess.run(["/bin/sh", "-c", f"printf %s {word}"], capture_output=True, check=True, cwd=tmp_path)
    assert done.stdout == os.fsencode(name)
    assert list(tmp_path.iterdir()) == []


def test_a_path_is_never_taken_for_an_option() -> None:
    assert advice.quoted(Path("-rf")) == "./-rf"
    assert advice.quoted(Path("-")) == "./-"


@pytest.mark.parametrize("name", [name for name in NASTY if name != "\udcff"])
def test_the_run_that_is_told_is_the_one_that_was_typed(name: str) -> None:
    settings = Settings(
        out=Path(name), scenario=Path(name), chat_model="m x", top_k=3, infer=True, witnesses=("hook",), seal="off",
        ollama=Endpoint(address="::1", port=7), session_timeout_s=9.5, keep_store=True, engine="ollama",
    )  # fmt: skip
    line = advice.run_command(settings, phase=2)
    shown = subprocess.run(
        ["/bin/sh", "-c", f'showcase() {{ for each; do printf "%s\\0" "$each"; done; }}; {line}'],
        capture_output=True,
        check=True,
    ).stdout
    words = os.fsdecode(shown).split("\0")[:-1]
    context = cli.make_context("showcase", words)
    _, run, rest = cli.resolve_command(context, [*context._protected_args, *context.args])
    assert run is not None
    given = run.make_context("run", rest, parent=context).params
    assert (given["out"], given["scenario"], given["phase"]) == (settings.out, settings.scenario, "2")
    assert (given["chat_model"], given["top_k"], given["infer"], given["keep_store"]) == ("m x", 3, True, True)
    assert (given["witnesses"], given["no_seal"], given["ollama_host"]) == (("hook",), True, "[::1]:7")
    assert (given["session_timeout"], given["engine"]) == (9.5, "ollama")


def test_a_command_is_told_as_it_can_be_typed_here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    place = tmp_path / "my env"
    place.mkdir()
    (place / "showcase").write_text("#!/bin/sh\n")
    (place / "showcase").chmod(0o755)
    monkeypatch.setattr(sys, "executable", str(place / "python"))
    monkeypatch.setenv("PATH", "/usr/bin:/bin")
    for hint in ("try again: showcase drill", "showcase --verbose doctor", "showcase scenario check x"):
        told = as_typed(hint)
        assert str(place) in shlex.split(told.partition(": ")[2] or told)[0], told
    assert as_typed("local-memory-showcase run") == "local-memory-showcase run"


def complaint(*arguments: str, cwd: Path, status: int = 2, **variables: str) -> tuple[str, str]:
    """Return what was said, and the fix."""
    done = showcase(*arguments, cwd=cwd, **variables)
    assert done.returncode == status, done.stdout + done.stderr
    assert "Traceback" not in done.stderr
    error, fix = done.stderr.splitlines()[-2:]
    assert error.startswith("error: "), done.stderr
    assert fix.startswith("  fix: "), done.stderr
    return error, fix.removeprefix("  fix: ")


class TestADirectoryThatTakesNothing:
    @not_as_root
    def test_the_fix_of_a_run_lies_in_another(self, tmp_path: Path) -> None:
        closed = tmp_path / "closed"
        closed.mkdir()
        closed.chmod(stat.S_IRUSR | stat.S_IXUSR)
        error, fix = complaint("run", "--engine", "rehearsal", cwd=closed, status=4)
        assert "Permission denied" in error
        place = Path(shlex.split(fix.partition("--out ")[2])[0])
        assert place.is_absolute()
        assert not place.is_relative_to(closed)
        assert obstacle(place) is None
        assert not place.exists(), "looked at, not made"

    @not_as_root
    def test_the_doctor_sees_it(self, tmp_path: Path) -> None:
        closed = tmp_path / "closed"
        closed.mkdir()
        closed.chmod(stat.S_IRUSR | stat.S_IXUSR)
        done = showcase("doctor", cwd=closed, OLLAMA_HOST="127.0.0.1:1")
        assert done.returncode == 4
        lines = done.stdout.splitlines()
        (at,) = [number for number, line in enumerate(lines) if line.startswith("problem  directory")]
        place = Path(shlex.split(lines[at + 1].partition("--out ")[2])[0])
        assert not place.is_relative_to(closed)
        assert list(closed.iterdir()) == []

    @pytest.mark.parametrize("what", ["file", "not ours", "link", "link in a circle", "own link", "in a file"])
    def test_the_doctor_sees_what_a_run_would_refuse(self, tmp_path: Path, what: str) -> None:
        out = tmp_path / "out"
        if what == "file":
            out.write_text("x")
        elif what == "not ours":
            out.mkdir()
            (out / "thesis.txt").write_text("x")
        elif what == "link":
            (tmp_path / "elsewhere").mkdir()
            out.symlink_to("elsewhere")
        elif what == "link in a circle":
            out.symlink_to("out")
        elif what == "own link":
            out.mkdir()
            (out / ".showcase").write_text("{}")
            (out / "mem0_chroma").symlink_to("/nowhere")
        else:
            (tmp_path / "plain").write_text("x")
            out = tmp_path / "plain" / "out"
        seen = obstacle(out)
        assert seen is not None
        error, _ = complaint("run", "--engine", "rehearsal", "--out", str(out), cwd=tmp_path, status=4)
        assert seen.message in error
        assert not (tmp_path / "elsewhere" / ".showcase").exists()

    def test_what_a_run_may_use_is_none(self, tmp_path: Path) -> None:
        (tmp_path / "ours").mkdir()
        (tmp_path / "ours" / ".showcase").write_text("{}")
        (tmp_path / "empty").mkdir()
        for name in ("ours", "empty", "none", "deep/er"):
            assert obstacle(tmp_path / name) is None

    def test_a_name_that_is_too_long_is_not_told_again_longer(self, tmp_path: Path) -> None:
        _, fix = complaint("run", "--engine", "rehearsal", "--out", "x" * 300, cwd=tmp_path, status=4)
        assert "x" * 300 not in fix


class TestABrokenScenario:
    def test_following_the_fix_leaves_the_file_as_it_was(self, tmp_path: Path) -> None:
        mine = tmp_path / "my class.toml"
        mine.write_text('title = "years of work"\n')
        for _ in range(3):
            _, fix = complaint("run", "--scenario", "my class.toml", cwd=tmp_path)
            for command in re.findall(r"\S*showcase scenario \w+ (?:'[^']*'|\S+)", fix):
                subprocess.run(["/bin/sh", "-c", command], cwd=tmp_path, check=False, capture_output=True, timeout=60)
            assert mine.read_text() == 'title = "years of work"\n'
        assert "scenario check" in fix
        assert "cp " not in fix

    def test_following_the_fix_of_a_missing_one_writes_one(self, tmp_path: Path) -> None:
        _, fix = complaint("run", "--scenario", "new place/it's.toml", cwd=tmp_path)
        command = fix.partition(": ")[2]
        assert "mkdir -p 'new place' && " in command
        subprocess.run(["/bin/sh", "-c", command], cwd=tmp_path, check=True, capture_output=True, timeout=60)
        checked = showcase("scenario", "check", "new place/it's.toml", cwd=tmp_path)
        assert checked.returncode == 0, checked.stderr


def test_what_is_told_next_can_be_pasted(tmp_path: Path) -> None:
    """A directory with a space, a quote and a dash in front, after one phase: both lines work in a shell."""
    name = "-it's here"
    done = showcase(
        *("run", "--engine", "rehearsal", "--witness", "hook", "--no-drill", "--phase", "1", "--out", name),
        cwd=tmp_path,
        PATH="/usr/bin:/bin",
    )
    assert done.returncode == 3, done.stderr
    lines = {line.partition(":")[0]: line.partition(":")[2].strip() for line in done.stdout.splitlines()}
    verified = subprocess.run(
        ["/bin/sh", "-c", lines["Next"]], cwd=tmp_path, capture_output=True, text=True, check=False, timeout=60
    )
    assert "The log's own verdicts are the same." in verified.stdout, verified.stderr
    typed = shlex.split(lines["Go on"])
    words = typed[typed.index("run") :]  # behind the program's name, or `python -m` and it
    parse(words)
    assert words[:5] == ["run", "--phase", "2", "--out", f"./{name}"]
    assert "rehearsal" in words, "the engine that phase 1 was given"
    shutil.rmtree(tmp_path / name)
