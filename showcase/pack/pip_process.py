"""The pip of this Python, run as a process of its own: with a registry, or with a directory of wheels alone."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from importlib.util import find_spec
from typing import TYPE_CHECKING

from showcase.errors import ShowcaseError
from showcase.pack import pip_elsewhere, wheel_file
from showcase.shell.advice import install_command

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from showcase.pack.platforms import Target

_NO_WHEEL = re.compile(r"No matching distribution found for (?P<wanted>\S.*)")
_WHO_ASKS = re.compile(r"satisfies the requirement (?P<wanted>.+?) \(from (?P<asking>[^()]+)\) \(from versions")
_UNREACHABLE = re.compile(
    r"Retrying \(|Connection broken|NewConnectionError|Could not fetch URL|ConnectTimeout|HTTP error"
)
_RAISED = re.compile(r"[A-Za-z.]*(?:Error|Exception): ")
"""The last line of a traceback, in which a build that failed says why."""

_MOST_SAID = 400

_PIP = "import runpy, sys; sys.path[:] = filter(None, sys.path); runpy.run_module('pip', run_name='__main__')"
"""As `-m pip`, without the working directory, in which anybody's `pip` may lie."""


class NoWheelError(Exception):
    """What is missing for a target, in pip's words or shorter."""


def check() -> None:
    """Make sure that this Python has a pip.

    Raises:
        ShowcaseError: It has none.
    """
    if find_spec("pip") is None:
        raise ShowcaseError(
            f"this Python ({sys.executable}) has no pip, which chooses wheels for other machines; environments made by "
            "uv have none",
            hint=f"{install_command('pip')}; then the same command again",
        )


def download(target: Target, wanted: Sequence[str], into: Path, *, only_from: Path | None = None) -> None:
    """Put what a target needs into a directory, as pip chooses it.

    `pip install --dry-run` would copy nothing, but refuses wheels for a newer Python than it runs on.

    Args:
        target: The machine.
        wanted: Requirements: paths of wheels, names.
        into: The directory.
        only_from: Where all of it has to come from, without any registry; the registry that pip is set to where None.

    Raises:
        NoWheelError: It cannot be had.
        ShowcaseError: This pip cannot do it, or the registry did not answer.
    """
    options = ["download", "--quiet", "--disable-pip-version-check", "--no-input", f"--dest={into}"]
    if only_from is not None:
        options += ["--isolated", "--no-index", f"--find-links={only_from}"]
    choosing = [*options, *target.pip_options(), *wanted]
    _run([pip_elsewhere.__file__, json.dumps(target.conditions()), *choosing], target, offline=only_from is not None)
    if any(wheel_file.asks_for_patch(each, target.python) for each in into.glob("*.whl")):
        newest = json.dumps(target.conditions(newest=True))
        _run([pip_elsewhere.__file__, newest, *choosing], target, offline=only_from is not None)


def build(sources: Path, into: Path) -> str | None:
    """Make this program's wheel from its sources, as pip does; return why not, None where it is there."""
    arguments = ["-c", _PIP, "wheel", "--quiet", "--disable-pip-version-check", "--no-deps", f"--wheel-dir={into}"]
    done = _process([*arguments, str(sources)], os.environ)
    return None if done.returncode == 0 else _said(done)


def quiet_environment(base: Mapping[str, str]) -> dict[str, str]:
    """Return an environment in which pip takes nothing from its user's settings, which may name a registry."""
    kept = {name: value for name, value in base.items() if not name.upper().startswith("PIP_")}
    return kept | {"PIP_CONFIG_FILE": os.devnull}


def _run(arguments: Sequence[str], target: Target, *, offline: bool) -> None:
    done = _process(arguments, quiet_environment(os.environ) if offline else os.environ)
    if done.returncode == 0:
        return
    if done.returncode == pip_elsewhere.NOT_THIS_PIP:
        raise ShowcaseError(
            "this pip does not let itself be told what machine to choose for",
            hint=f"another version of it: {install_command('pip>=23,<27')}",
        )
    if not offline and _UNREACHABLE.search(done.stderr):
        raise ShowcaseError(
            f"the package registry did not give what {target} needs: {_said(done)}",
            hint="with a connection, the same command again: what is on the stick is kept",
        )
    raise NoWheelError(_missing(done))


def _process(arguments: Sequence[str], environment: Mapping[str, str]) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, *arguments],
        capture_output=True,
        stdin=subprocess.DEVNULL,
        text=True,
        encoding="utf-8",
        errors="replace",
        env={**environment, "PYTHONIOENCODING": "utf-8"},
        check=False,
    )


def _missing(done: subprocess.CompletedProcess[str]) -> str:
    found = _NO_WHEEL.search(done.stderr)
    if found is None:
        return _said(done)
    asking = _WHO_ASKS.search(done.stderr)
    by = f", which {asking['asking']} asks for" if asking is not None else ""
    return f"no wheel of {found['wanted'].partition(';')[0].strip()}{by}"


def _said(done: subprocess.CompletedProcess[str]) -> str:
    """Return what pip said of an error, on one line."""
    lines = [line.strip() for line in (done.stderr or done.stdout).splitlines() if line.strip()]
    errors = [line.removeprefix("ERROR: ") for line in lines if line.startswith("ERROR:")]
    raised = [line for line in lines if _RAISED.match(line)]
    said = "; ".join(errors or raised[-1:] or lines[-2:]) or f"pip ended with {done.returncode}"
    return said if len(said) <= _MOST_SAID else said[: _MOST_SAID - 1] + "…"
