"""The workflow runs README's own commands, on every system and Python that README and the package name."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import yaml  # type: ignore[import-untyped]  # its stubs are a package of their own

ROOT = Path(__file__).parents[2]


def job() -> dict[str, Any]:
    document = yaml.safe_load((ROOT / ".github" / "workflows" / "readme.yml").read_text("utf-8"))
    return dict(document["jobs"]["readme"])


def ran(system: str) -> list[str]:
    """Return the commands that are run on a system, as GitHub names it."""
    return [
        step["run"]
        for step in job()["steps"]
        if "run" in step
        and step.get("if") in (None, f"runner.os == '{system}'", *(f"runner.os != '{o}'" for o in others(system)))
    ]


def others(system: str) -> set[str]:
    return {"Linux", "Windows", "macOS"} - {system}


def test_it_runs_the_commands_of_readme() -> None:
    text = (ROOT / "README.md").read_text("utf-8")
    block = re.search(r"^```sh\n(.*?)\n(.*?)\n```$", text, re.MULTILINE | re.DOTALL)
    assert block
    windows = re.search(r"^Windows: `(.*?)`", text, re.MULTILINE)
    assert windows
    for system in ("Linux", "macOS"):
        assert set(block.groups()) <= set(ran(system))
    assert windows[1] in ran("Windows")
    assert r".venv\Scripts\pip install '.[test]'; .venv\Scripts\pytest" in ran("Windows")


def test_it_runs_on_what_is_promised() -> None:
    matrix = job()["strategy"]["matrix"]
    assert job()["strategy"]["fail-fast"] is False
    assert {name.partition("-")[0] for name in matrix["system"]} == {"ubuntu", "windows", "macos"}
    named = re.findall(r"Python :: (3\.\d+)\"", (ROOT / "pyproject.toml").read_text("utf-8"))
    assert named
    assert set(named) <= set(matrix["python"])
