"""`python -m showcase.audit.programs`: well-known programs in a seal, as a Markdown table. Nothing of theirs leaves.

Each is run as its users run it. What is not installed here is left out, and said so.
"""

from __future__ import annotations

import os
import shutil
import sys
from typing import TYPE_CHECKING

from showcase.audit.conduct import audit
from showcase.audit.request import Request
from showcase.audit.rules import DEFAULT
from showcase.audit.well_known import GO, programs
from showcase.claims.policy import dispositions
from showcase.documents.leftovers import temporary

if TYPE_CHECKING:
    from pathlib import Path

    from showcase.audit.well_known import Program
    from showcase.evidence import Attempt, Run

_UNSET = (
    *(
        "OLLAMA_HOST",
        "MEM0_TELEMETRY",
        "OLLAMA_NO_CLOUD",
        "HF_HUB_OFFLINE",
        "TRANSFORMERS_OFFLINE",
        "DO_NOT_TRACK",
        "NO_PROXY",
    ),
    *("OFFLINE_MODE", "OLLAMA_BASE_URL", "DATA_DIR", "DISPLAY", "WAYLAND_DISPLAY"),
    *("PIP_INDEX_URL", "GRADIO_ANALYTICS_ENABLED", "LANGSMITH_TRACING", "LITELLM_LOCAL_MODEL_COST_MAP", "WANDB_MODE"),
)
"""What somebody may have set who wants less to be asked for: each program is run as it comes."""


def row(program: Program, home: Path) -> str:
    """Run one program in a seal; return its line of the table."""
    environment = {
        **os.environ,
        "HOME": str(home),
        "OLLAMA_MODELS": str(home / "models"),
        "PIP_RETRIES": "0",
        "PIP_DISABLE_PIP_VERSION_CHECK": "1",
        **dict(program.variables),
    }
    for name in _UNSET:
        if name not in dict(program.variables):
            environment.pop(name, None)
    run = audit(
        Request(
            command=program.command,
            environment=environment,
            rules=DEFAULT,
            cwd=home,
            sealing="namespace",
            bridges=False,
            limit_s=program.limit_s,
            stdout_to_stderr=True,
        )
    )
    return f"| {program.title} | {_verdict(run)} | {_named(run)} |"


def _verdict(run: Run) -> str:
    verdict = next(each for each in run.claims if each.id == "egress")
    return f"{verdict.status}{f' ({verdict.level})' if verdict.level else ''}"


def _named(run: Run) -> str:
    looked_up: dict[str, Attempt] = {}
    for attempt, how in zip(run.connections, dispositions(run), strict=True):
        if attempt.kind == "lookup" and attempt.name and how.kind == "finding":
            before = looked_up.get(attempt.name)
            looked_up[attempt.name] = before if before is not None and before.package else attempt
    packages = (f" by {each.package}" if each.package else "" for each in looked_up.values())
    return ", ".join(f"`{name}`{by}" for name, by in zip(looked_up, packages, strict=True)) or "nobody"


def main() -> None:
    """Print the table."""
    sys.stdout.write("| program | verdict | names it asked for |\n|---|---|---|\n")
    missing = []
    with temporary("showcase-programs-") as place:
        ollama = (sys.argv[1:] or [shutil.which("ollama") or "ollama"])[0]
        for number, program in enumerate(programs(ollama, go_program(place))):
            if not is_there(program):
                missing.append(program.title)
                continue
            home = place / str(number)
            home.mkdir()
            sys.stdout.write(row(program, home) + "\n")
            sys.stdout.flush()
    if missing:
        sys.stdout.write(f"\nNot installed here: {', '.join(missing)}.\n")


def go_program(place: Path) -> str:
    """Build the Go program in a directory and return its path; there is nothing where there is no Go."""
    import subprocess  # noqa: PLC0415 - only here

    source, built = place / "main.go", place / "fetch"
    source.write_text(GO)
    go = shutil.which("go")
    if go is not None:
        build = [go, "build", "-o", str(built), str(source)]
        subprocess.run(build, check=False, capture_output=True, env={**os.environ, "GOFLAGS": "-mod=mod"})
    return str(built)


def is_there(program: Program) -> bool:
    """Return whether what it runs, and the module that it needs, are installed."""
    from importlib.util import find_spec  # noqa: PLC0415 - only here

    try:
        has_module = program.module is None or find_spec(program.module) is not None
    except ModuleNotFoundError:  # nor what it would lie in
        has_module = False
    return has_module and all(shutil.which(name) is not None for name in (program.command[0], *program.beside))


if __name__ == "__main__":
    main()
