"""The machines that a stick is for: which wheels they take, and what the conditions of a dependency are there."""

from __future__ import annotations

import platform
import sys
from dataclasses import dataclass

from showcase.errors import UsageError
from showcase.shell.advice import near

ALL = "all"

PYTHONS = ("3.10", "3.11", "3.12", "3.13", "3.14")
"""Oldest first; the oldest is what pyproject.toml asks for."""

_LAST_PATCH = 99
"""Beyond the last release of any of them: a condition on the third number is then decided as for the newest."""

_GLIBC = ("2_28", "2_27", "2_26", "2_25", "2_24", "2_17", "2_12", "2_5")
"""Of manylinux tags, best first: those that pip does not derive from one another. Source: PEP 600."""

_OLD_NAMES = ("2014", "2010", "1")
"""What 2_17, 2_12 and 2_5 were called before PEP 600."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Platform:
    """A system on a kind of processor.

    Attributes:
        name: What it is called on the command line.
        title: The same in words, with the oldest release that its wheels run on.
        tags: Of wheels, as `pip --platform` takes them.
        sys_platform: As `sys.platform` has it there.
        system: As `platform.system` has it there.
        machine: As `platform.machine` has it there.
    """

    name: str
    title: str
    tags: tuple[str, ...]
    sys_platform: str
    system: str
    machine: str


def _linux(machine: str) -> Platform:
    names = (
        *(f"manylinux_{each}_{machine}" for each in _GLIBC),
        *(f"manylinux{each}_{machine}" for each in _OLD_NAMES),
    )
    return Platform(
        name=f"linux-{machine}",
        title=f"Linux with glibc 2.28 or newer, {machine}",
        tags=(*names, f"linux_{machine}"),
        sys_platform="linux",
        system="Linux",
        machine=machine,
    )


def _macos(machine: str) -> Platform:
    # pip derives every older release from this one.
    return Platform(
        name=f"macos-{machine}",
        title=f"macOS 14 or newer, {machine}",
        tags=(f"macosx_14_0_{machine}", "macosx_14_0_universal2"),
        sys_platform="darwin",
        system="Darwin",
        machine=machine,
    )


_WINDOWS = Platform(
    name="windows-x86_64",
    title="Windows, x86_64",
    tags=("win_amd64",),
    sys_platform="win32",
    system="Windows",
    machine="AMD64",
)

PLATFORMS = {
    each.name: each for each in (_linux("x86_64"), _linux("aarch64"), _macos("arm64"), _macos("x86_64"), _WINDOWS)
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Target:
    """A platform with a Python: what wheels are gathered for, and held to.

    Attributes:
        platform: The system.
        python: Two numbers, such as `3.12`. CPython; no build without the global lock.
    """

    platform: Platform
    python: str

    def __str__(self) -> str:
        return f"{self.platform.name} with Python {self.python}"

    @property
    def typed(self) -> str:
        """How `--without` names it."""
        return f"{self.platform.name}:{self.python}"

    def pip_options(self) -> list[str]:
        """Return what makes pip choose wheels for it."""
        abi = "cp" + self.python.replace(".", "")
        options = [f"--platform={tag}" for tag in self.platform.tags]
        options += [f"--abi={each}" for each in (abi, "abi3", "none")]
        return [*options, f"--python-version={self.python}", "--implementation=cp", "--only-binary=:all:"]

    def conditions(self, *, newest: bool = False) -> dict[str, str]:
        """Return what the conditions of a dependency are decided by there (PEP 508, "environment markers").

        Args:
            newest: As for the newest patch release, else as for the first.
        """
        full = f"{self.python}.{_LAST_PATCH if newest else 0}"
        return {
            "implementation_name": "cpython",
            "implementation_version": full,
            "os_name": "nt" if self.platform.sys_platform == "win32" else "posix",
            "platform_machine": self.platform.machine,
            "platform_python_implementation": "CPython",
            "platform_release": "",
            "platform_system": self.platform.system,
            "platform_version": "",
            "python_full_version": full,
            "python_version": self.python,
            "sys_platform": self.platform.sys_platform,
        }


def this_platform() -> Platform | None:
    """Return the platform of this machine, None where it is none of those."""
    machine = platform.machine()
    return next(
        (each for each in PLATFORMS.values() if (each.sys_platform, each.machine) == (sys.platform, machine)), None
    )


def this_python() -> str:
    """Return the version of this Python as a target has it."""
    return f"{sys.version_info.major}.{sys.version_info.minor}"


def targets(platforms: tuple[str, ...], pythons: tuple[str, ...], without: tuple[str, ...] = ()) -> tuple[Target, ...]:
    """Return what was asked for: each platform with each Python, in a fixed order, each once.

    Args:
        platforms: Names, `all` among them for every one; this machine's where there are none.
        pythons: Likewise.
        without: Pairs that are left out, `PLATFORM:PYTHON`.

    Raises:
        UsageError: A name is none of those, or nothing is left.
    """
    own = this_platform()
    if not platforms and own is None:
        raise UsageError(
            f"this machine is none of the platforms that a stick can be for: {sys.platform}, {platform.machine()}",
            hint=f"say which: --platform {next(iter(PLATFORMS))}, or --platform {ALL}",
        )
    asked = _known(platforms, tuple(PLATFORMS), "platform") if platforms else {own.name} if own else set()
    versions = _known(pythons, PYTHONS, "Python") if pythons else _known((this_python(),), PYTHONS, "Python")
    found = [
        Target(platform=each, python=python)
        for each in PLATFORMS.values()
        for python in PYTHONS
        if each.name in asked and python in versions
    ]
    unknown = [pair for pair in without if pair not in {each.typed for each in found}]
    if unknown:
        raise UsageError(
            f"--without {unknown[0]}: that is not among what was asked for{near(unknown[0], (e.typed for e in found))}",
            hint=f"a platform, a colon, a Python: --without {found[0].typed}",
        )
    left = tuple(each for each in found if each.typed not in without)
    if not left:
        raise UsageError("--without leaves nothing to pack for", hint="leave out fewer pairs")
    return left


def _known(names: tuple[str, ...], known: tuple[str, ...], what: str) -> set[str]:
    for name in names:
        if name != ALL and name not in known:
            raise UsageError(
                f"there are no wheels of the {what} {name!r} to ask for{near(name, known)}",
                hint=f"one of {', '.join(known)}, or {ALL}",
            )
    return set(known) if ALL in names else set(names)
