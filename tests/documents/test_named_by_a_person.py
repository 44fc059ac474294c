"""Whatever a person names to be written is refused where its name makes something else of it on Windows."""

from __future__ import annotations

import os
import subprocess
import sys
from typing import TYPE_CHECKING

import click
import pytest

from showcase.cli import cli
from showcase.cli.store_named import StoreType

if TYPE_CHECKING:
    from pathlib import Path

AS_ON_WINDOWS = """
import sys
from types import SimpleNamespace
from showcase.documents import file_names
file_names.sys = SimpleNamespace(platform="win32")
from showcase.cli import main
sys.exit(main(sys.argv[1:]))
"""
"""The program, in a process of its own, where names mean what they mean there; nothing else is as there."""

LABS = ("hint", "list", "reset", "solution", "start", "verify")

READ = {"report RUN_LOGS", "verify RUN_LOG", "limits RUN_LOG", "scenario check FILE", "run --scenario",
        "models create --file", "models list PLACES", "audit --cwd", "audit --stdin", "report --class", "inspect STORE",
        "memories import FILE", "memories forget --also", "inspect --also", "bench show RESULT", "bench recall --data",
        "bench recall --seed-file", "pack --wheel", *(f"lab {each} --labs" for each in LABS)}  # fmt: skip
"""What is read, and has to be there."""

WRITTEN = {
    "run --out": ("run", "--engine", "rehearsal", "--out"),
    "doctor --out": ("doctor", "--out"),
    "audit --log": ("audit", "--log", "{}", "--", sys.executable, "-c", "open('ran', 'w')"),
    "audit --report": ("audit", "--report", "{}", "--", sys.executable, "-c", "open('ran', 'w')"),
    "report --output": ("report", "run-log.json", "-o"),
    "inspect --html": ("inspect", ".", "--html"),
    "scenario new FILE": ("scenario", "new"),
    "init PLACE": ("init",),
    "pack PLACE": ("pack", "--no-models"),
    "lab start --dir": ("lab", "start", "1", "--predict", "1", "--dir"),
    "lab check-in --dir": ("lab", "check-in", "--dir"),
    "lab end --certificates": ("lab", "end", "--yes", "--certificates"),
    "bench scale --out": ("bench", "scale", "--quick", "--out"),
    "bench show --page": ("bench", "show", "run-log.json", "--page"),
    "bench recall --write-set": ("bench", "recall", "--write-set"),
    "ask --audit": ("ask", "Hello.", "--user-id", "a", "--engine", "rehearsal", "--audit"),
    "ask --store": ("ask", "Hello.", "--user-id", "a", "--engine", "rehearsal", "--store"),
    "chat --store": ("chat", "--user-id", "a", "--engine", "rehearsal", "--store"),
    "memories add --store": ("memories", "add", "Hello.", "--user-id", "a", "--engine", "rehearsal", "--store"),
    "memories import --store": ("memories", "import", "run-log.json", "--store"),
    "memories export FILE": ("memories", "export", "--store", ".", "--user-id", "a"),
    "memories move --to": ("memories", "move", "--store", ".", "--to"),
    "memories list --store": ("memories", "list", "--store"),
    "memories forget --certificate": (
        "memories",
        "forget",
        "--store",
        ".",
        "--user-id",
        "a",
        "--traces",
        "--yes",
        "--certificate",
    ),
}
"""What is written, and a command that would."""

UNFIT = ("aux.x", "a?b", "nowhere/nul/x", "x" * 250)


def as_on_windows(*arguments: str, cwd: Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-c", AS_ON_WINDOWS, *arguments],
        capture_output=True, text=True, encoding="utf-8", cwd=cwd, timeout=120, check=False,
        env={**os.environ, "COLUMNS": "1000"},
    )  # fmt: skip


def named(command: click.Command, above: tuple[str, ...] = ()) -> set[str]:
    """Return every parameter of the program that is a path, by its command."""
    if isinstance(command, click.Group):
        return set().union(*(named(each, (*above, name)) for name, each in command.commands.items()))
    return {
        " ".join((*above, max(each.opts, key=len) if isinstance(each, click.Option) else (each.name or "").upper()))
        for each in command.params
        if isinstance(each.type, (click.Path, StoreType))
    }


def test_every_path_that_can_be_named_is_known_here() -> None:
    context = click.Context(cli)
    commands = ((name, cli.get_command(context, name)) for name in cli.list_commands(context))
    group = click.Group(commands={name: command for name, command in commands if command is not None})
    # One place opens a store, whichever command names it, one runs what opens it under the witnesses, and one takes the
    # samples of every benchmark; one opens the notebook of the labs.
    alike = {each for each in named(group) if each.endswith((" --store", " --audit"))}
    alike |= {each for each in named(group) if each.startswith("bench ") and each.endswith(" --out")}
    alike |= {each for each in named(group) if each.startswith("lab ") and each.endswith(" --dir")}
    assert named(group) == READ | set(WRITTEN) | alike


@pytest.mark.parametrize("what", WRITTEN)
def test_it_is_refused_and_nothing_is_made(tmp_path: Path, what: str) -> None:
    command = WRITTEN[what]
    (tmp_path / "run-log.json").write_text("{}")
    for name in UNFIT:
        given = [name if each == "{}" else each for each in command] if "{}" in command else [*command, name]
        done = as_on_windows(*given, cwd=tmp_path)
        said = done.stdout + done.stderr
        assert done.returncode not in (0, 1), (name, said)
        assert "Windows" in said, (name, said)
        assert "Traceback" not in said
        assert [path.name for path in tmp_path.iterdir()] == ["run-log.json"], name


@pytest.mark.parametrize("name", ["aux.toml", "a?b.toml", "out.", r"\\.\COM1", "y" * 250])
def test_what_is_named_instead_can_be_made(tmp_path: Path, name: str) -> None:
    done = as_on_windows("scenario", "new", name, cwd=tmp_path)
    assert done.returncode == 2
    (hint,) = [line for line in done.stderr.splitlines() if "scenario new" in line]
    instead = hint.rpartition(" ")[2]
    again = as_on_windows("scenario", "new", instead, cwd=tmp_path)
    assert again.returncode == 0, again.stderr
    assert (tmp_path / instead).is_file()


def test_a_name_like_any_other_is_taken(tmp_path: Path) -> None:
    assert as_on_windows("scenario", "new", "mine.toml", cwd=tmp_path).returncode == 0
    assert as_on_windows("init", "mine", cwd=tmp_path).returncode == 0
