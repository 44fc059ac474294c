"""What is told to be typed can be typed where it is read: POSIX shells, PowerShell, the command prompt of Windows."""

from __future__ import annotations

import ast
import inspect
import re
from pathlib import Path, PureWindowsPath
from typing import TYPE_CHECKING

import pytest

import showcase
from showcase import doctor, shell
from showcase.audit import unrun
from showcase.cli import step
from showcase.doctor import shell as variables
from showcase.documents import example_files
from showcase.documents.destination import Destination, UnwritableError
from showcase.engines import refusals
from showcase.evidence import Endpoint
from showcase.memory import store_errors
from showcase.orchestrator.output_directory import obstacle
from showcase.progress import Pause
from showcase.shell import CommandPrompt, GitBash, Posix, PowerShell, Shell, WindowsPowerShell, advice
from showcase.shell import interface as asked

if TYPE_CHECKING:
    from collections.abc import Iterator

PACKAGE = Path(showcase.__file__).parent
SHELLS = (Posix(), Posix("Darwin"), PowerShell(), CommandPrompt())
GIT = GitBash()
WINDOWS = (PowerShell(), CommandPrompt(), WindowsPowerShell())

TOOLS = (
    "cat", "chmod", "chown", "cp", "df", "env", "export", "file", "free", "fuser", "getconf", "grep", "head", "kill",
    "less", "ln", "ls", "lsof", "mkdir", "mv", "namei", "nc", "nsenter", "pgrep", "pkill", "printf", "ps", "pwd",
    "readlink", "rm", "sed", "sha256sum", "sqlite3", "ss", "strace", "sudo", "sysctl", "tail", "tee", "touch", "ulimit",
    "umount", "uname", "unset", "xargs",
)  # fmt: skip
_TOOL = rf"(?:sudo\s)?(?:{'|'.join(TOOLS)})"
AT_ITS_PLACE = rf"(?:^|[:;|&(]\s|then\s|with\s|by\s){_TOOL}(?=\s[-'\"./~1$A-Z])|[:;|&(]\s{_TOOL}$"
"""A tool at the place of a command, with an argument behind: a dash, a path, or what is filled in, which is a 1."""

OF_POSIX = re.compile(
    rf"{AT_ITS_PLACE}|\b(?:chmod|chown|sudo|ulimit|lsof|pgrep|pkill|nsenter|unset|df|readlink)\s|"
    r"\bexport [A-Z1]|\bmkdir -|\b(?:rm|ls|ps|cp|mv|grep|sed|head|tail) -|"
    r"(?:^|\s)[A-Z][A-Z_]+=\S* (?:showcase|ollama|python|1)\b|2>|/dev/null|&& |\$\(|\bcurl (?!-s https)"
)
"""What a POSIX shell alone understands."""

NO_HINT = {
    # what is run here, and not told
    "audit/programs.py", "bench/audit/samplers.py", "bench/audit/adding.py", "documents/destination.py",
    "documents/descriptors.py",
    # titles of programs in a table
    "audit/well_known.py", "bench/audit/plan.py",
}  # fmt: skip


def texts(path: Path) -> Iterator[tuple[int, str]]:
    """Yield every text of a module that is no docstring, with 1 for what is filled in."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    bare = {id(node.value) for node in ast.walk(tree) if isinstance(node, ast.Expr)}
    inner = {
        id(part)
        for node in ast.walk(tree)
        if isinstance(node, ast.JoinedStr)
        for part in node.values
        if isinstance(part, ast.Constant)
    }
    for node in ast.walk(tree):
        if id(node) in bare or id(node) in inner:
            continue
        if isinstance(node, ast.Constant) and isinstance(node.value, str):
            yield node.lineno, node.value
        elif isinstance(node, ast.JoinedStr):
            parts = (str(part.value) if isinstance(part, ast.Constant) else "1" for part in node.values)
            yield node.lineno, "".join(parts)


def told() -> Iterator[tuple[str, int, str]]:
    for path in sorted(PACKAGE.rglob("*.py")):
        place = path.relative_to(PACKAGE).as_posix()
        spells = place.startswith("shell/") and place != "shell/advice.py"
        if (
            spells
            or place.startswith(("examples/", "pack/on_the_stick/", "engines/rehearsal/", "witnesses/"))
            or place in NO_HINT
        ):
            continue
        yield from ((place, line, text) for line, text in texts(path))


def test_no_hint_names_a_posix_command_by_itself() -> None:
    found = [f"{place}:{line}: {text}" for place, line, text in told() if OF_POSIX.search(text)]
    assert found == []


def test_nobody_else_quotes() -> None:
    for path in PACKAGE.rglob("*.py"):
        place = path.relative_to(PACKAGE).as_posix()
        if not place.startswith(("shell/", "examples/", "pack/on_the_stick/")) or place == "shell/advice.py":
            assert not re.search(r"^\s*(?:import|from) shlex", path.read_text(encoding="utf-8"), re.MULTILINE), path


@pytest.mark.parametrize(
    "hint",
    [
        "free space: df -h", "see why: ls -l 1", "ls -ld 1", "export MEM0_TELEMETRY=False", "unset OLLAMA_API_KEY",
        "chmod -R u+rwX 1", "look yourself: sudo lsof -nP", "mkdir -p 1", "see what it is: file 1", "rm 1",
        "ulimit -u; free -h", "take the line out that this shows: grep -in 1 .env", "see which: lsof 1",
        "see what it is: ps -fp 1", "end that server, then: OLLAMA_NO_CLOUD=1 ollama serve",
        "OLLAMA_MODELS=DIR showcase run --start-ollama", "read all of what it wrote: less 1",
        "see whether it is busy or stuck: curl 1/api/ps", "mkdir 1 && showcase run",
    ],
)  # fmt: skip
def test_the_search_finds_what_it_is_for(hint: str) -> None:
    assert OF_POSIX.search(hint)


def test_the_search_leaves_sentences_alone() -> None:
    for sentence in ("see whether the command is run", "look at the file of which this is the head", "which 1 it is"):
        assert OF_POSIX.search(sentence) is None
    assert len(list(told())) > 3000


@pytest.mark.parametrize(
    ("name", "power", "prompt"),
    [
        ("plain-1.0_x", "plain-1.0_x", "plain-1.0_x"),
        (r"C:\Users\ann\out", r"C:\Users\ann\out", r"C:\Users\ann\out"),
        ("a b", "'a b'", '"a b"'),
        ("it's", "'it''s'", '"it\'s"'),
        ("it\u2019s \u201ctea\u201d", "'it\u2019\u2019s \u201ctea\u201d'", '"it\u2019s \u201ctea\u201d"'),
        ("$env:PATH", "'$env:PATH'", '"$env:PATH"'),
        ("%PATH%", "'%PATH%'", '""^%"PATH"^%""'),
        ("a;b&c|d", "'a;b&c|d'", '"a;b&c|d"'),
        ('say "x"', "'say \"x\"'", '"say ""x"""'),
        ("end\\ of\\", "'end\\ of\\'", '"end\\ of\\\\"'),
        ("--out.x", "'--out.x'", "--out.x"),
        ("--out", "--out", "--out"),
        ("-1", "-1", "-1"),
        ("a,b", "'a,b'", '"a,b"'),
        ("@x", "'@x'", '"@x"'),
        ("", "''", '""'),
        ("a\nb$`", '"a$([char]0x000a)b`$``"', '"a\\nb$`"'),
        ("\U000e0041", '"$([char]0xdb40)$([char]0xdc41)"', '"\\U000e0041"'),
        (PureWindowsPath("-rf"), r".\-rf", r".\-rf"),
    ],
    ids=str,
)
def test_words_of_windows(name: object, power: str, prompt: str) -> None:
    assert (PowerShell().quoted(name), CommandPrompt().quoted(name)) == (power, prompt)


def test_a_program_is_run_by_its_path() -> None:
    path = PureWindowsPath(r"C:\Program Files\Python\python.exe")
    assert PowerShell().program(path) == r"& 'C:\Program Files\Python\python.exe'"
    assert CommandPrompt().program(path) == r'"C:\Program Files\Python\python.exe"'
    assert PowerShell().program(PureWindowsPath(r".venv\Scripts\showcase.exe")) == r".venv\Scripts\showcase.exe"


def test_variables_and_sequences() -> None:
    both = {"A": "1", "B": "x y"}
    assert [each.set_variables(both) for each in SHELLS[1:]] == [
        "export A=1 B='x y'", "$env:A = '1'; $env:B = 'x y'", 'set "A=1" && set "B=x y"',
    ]  # fmt: skip
    assert [each.with_variables({"A": "1"}, "ollama serve") for each in SHELLS[1:]] == [
        "A=1 ollama serve", "$env:A = '1'; ollama serve", 'set "A=1" && ollama serve',
    ]  # fmt: skip
    assert [each.unset_variables("A", "B") for each in SHELLS[1:]] == [
        "unset A B", "Remove-Item Env:A, Env:B -ErrorAction Ignore", 'set "A=" & set "B="',
    ]  # fmt: skip
    assert [each.then("one", "two", "three") for each in SHELLS[1:]] == [
        "one && two && three", "one; if ($?) { two }; if ($?) { three }", "one && two && three",
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("platform", "parents", "kind"),
    [
        ("linux", (), "a POSIX shell on Linux"),
        ("darwin", (), "a POSIX shell on macOS"),
        ("win32", ("showcase.exe", "powershell.exe", "explorer.exe"), "PowerShell on Windows"),
        ("win32", ("python.exe", "pwsh.exe", "cmd.exe"), "PowerShell on Windows"),
        ("win32", ("python.exe", "CMD.EXE", "powershell.exe"), "the command prompt on Windows"),
        ("win32", ("bash.exe", "explorer.exe"), "a POSIX shell on Windows"),
        ("win32", ("explorer.exe",), "PowerShell on Windows"),
        ("win32", (), "PowerShell on Windows"),
    ],
)
def test_the_nearest_shell_is_told_to(platform: str, parents: tuple[str, ...], kind: str) -> None:
    assert shell.of_parents(platform, parents).title == kind


def test_every_shell_has_every_command() -> None:
    """And on Windows none is a POSIX shell's."""
    arguments = {
        "path": "a b", "directory": "a b", "log": "a b", "database": "a b", "commands": "x", "names": "A", "parts": "x",
        "variables": {"A": "1"}, "command": "x", "text": "t", "url": "http://127.0.0.1:1", "statement": "select 1",
        "pid": 7, "name": "n", "port": 7, "sealed": True, "argument": "a b", "arguments": ("a b",),
        "number": 64, "beside": "a c", "to": "a c", "raised": False,
    }  # fmt: skip
    names = [name for name, _ in inspect.getmembers(asked.Shell, inspect.isfunction)]
    assert len(names) > 30
    for each in (*SHELLS, WindowsPowerShell(), GIT):
        for name in names:
            if name == "program":
                continue
            parameters = inspect.signature(getattr(asked.Shell, name)).parameters.values()
            given = [arguments[it.name] for it in parameters if it.name != "self" and it.kind is not it.KEYWORD_ONLY]
            named = {it.name: arguments[it.name] for it in parameters if it.name in {"sealed", "raised"}}
            line = getattr(each, name)(*given, **named)
            assert line is None or (line and "\n" not in line), (name, line)
            if each in WINDOWS and line is not None:
                assert not re.search(AT_ITS_PLACE.replace("file ", ""), line), (name, line)
                assert not re.search(r"\b(?:lsof|chmod|sudo|grep|ls|df|rm|export) ", line), (name, line)
            if each is GIT and line is not None:
                # What it has not, or with other options, and what of Windows' own it would take for a path.
                assert not re.search(r"\b(?:lsof|chmod|sudo|pgrep|ps|free|ss|prlimit|python3|ulimit) ", line), (
                    name,
                    line,
                )
                assert not re.search(r"(?:tasklist|icacls|attrib)\b.* /(?!/)", line), (name, line)


@pytest.fixture(params=WINDOWS, ids=lambda each: type(each).__name__)
def reader(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Shell:
    """Whoever reads a hint has this shell."""
    given: Shell = request.param
    shell.here.cache_clear()
    monkeypatch.setattr(shell, "of_parents", lambda *_: given)
    yield given
    shell.here.cache_clear()


def hints(place: Path) -> Iterator[str]:
    """Yield hints of all kinds, as they are made here."""
    for number in (13, 28):
        found = store_errors.as_store_error(OSError(number, "no"), place, None)
        assert found is not None
        yield found.hint
    yield store_errors._in_words("locked", place).hint
    yield refusals.give_it_more("http://127.0.0.1:7", "more")
    yield refusals.missing("http://127.0.0.1:7", "m x").hint
    for trouble in (2, 13, 28):
        yield example_files._refusal(place / "no" / "x", OSError(trouble, "no")).hint
    yield variables._mem0(None).fix
    yield variables._bypass({})
    yield unrun.not_run(["x"], 0, {}, None).hint
    for name, error in (("script.py", 13), ("empty", 8), ("folder", 13)):
        yield unrun.not_run([str(place / name)], error, {}, None).hint
    yield advice.ollama_command(Endpoint(address="127.0.0.1", port=7), "pull", "m x")
    pause = Pause(
        role="session 1",
        user_id="ann",
        pid=7,
        alive=True,
        store=place,
        endpoint="127.0.0.1:7",
        took_s=1,
        sessions_left=1,
    )
    yield from (command for command, _ in step.commands(pause))
    with pytest.raises(UnwritableError) as refused:
        Destination(place / "there is" / "none")
    yield refused.value.hint
    taken = obstacle(place)
    assert taken is not None
    yield taken.hint


def test_hints_are_of_the_reader_s_shell(reader: Shell, tmp_path: Path) -> None:
    (tmp_path / "script.py").write_text("x")
    (tmp_path / "empty").write_text("")
    (tmp_path / "folder").mkdir()
    made = list(hints(tmp_path))
    assert len(made) > 15
    # The command prompt has these two too.
    own = [hint.replace("&& ", "").removeprefix("mkdir ") for hint in made]
    assert [hint for hint in own if OF_POSIX.search(hint)] == []
    assert reader.with_variables({"OLLAMA_HOST": "127.0.0.1:7"}, reader.joined(("ollama", "pull", "m x"))) in made
    assert not [hint for hint in made if "(printf" in hint or re.search(r"(?:^|\s)A?[A-Z_]+=\S+ ollama", hint)]


def test_the_doctor_s_own_module_of_that_name_is_another() -> None:
    assert doctor.shell is not shell
