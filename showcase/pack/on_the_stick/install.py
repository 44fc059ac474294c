"""Makes an environment from this stick, without any network; started by install.sh, .bat or .ps1 beside it.

Python 3.7 has to read it, to say that it is too old: so nothing newer is used here, and nothing but its own library.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import shutil
import subprocess
import sys
import sysconfig
from pathlib import Path

sys.dont_write_bytecode = True  # the stick stays as it is

from install_models import DamagedError, copy_models, digest  # noqa: E402 - after what keeps it from being compiled

STICK = Path(__file__).resolve().parent
MIB = 1024 * 1024
MACHINES = {
    ("Linux", "x86_64"): "linux-x86_64",
    ("Linux", "aarch64"): "linux-aarch64",
    ("Darwin", "arm64"): "macos-arm64",
    ("Darwin", "x86_64"): "macos-x86_64",
    ("Windows", "AMD64"): "windows-x86_64",
}


OF_SYSTEMS = (".DS_Store", "Thumbs.db", "desktop.ini")
OLDEST_GLIBC = [2, 28]
OLDEST_MACOS = 14


class Refused(Exception):  # noqa: N818 - as the program calls what it tells a person
    """What is wrong, and what to do about it."""

    def __init__(self, message: str, fix: str) -> None:
        super().__init__(message)
        self.message = message
        self.fix = fix


def main() -> int:
    """Install; 0 where it is done, 1 where it is not."""
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(errors="backslashreplace")  # a console may not have every character of a path
    asked = argparse.ArgumentParser(description="Make an environment from this stick, without any network.")
    asked.add_argument("directory", nargs="?", help="where to; made if it is not there  [~/local-memory-showcase]")
    asked.add_argument("--no-models", action="store_true", help="copy no models to this machine's Ollama")
    options = asked.parse_args()
    try:
        install(options)
    except Refused as error:
        print(f"error: {error.message}\n  fix: {error.fix}", file=sys.stderr)
        return 1
    except DamagedError as error:
        print(f"error: {error}\n  fix: take another stick; do not use this one", file=sys.stderr)
        return 1
    except OSError as error:
        print(f"error: the system refused: {error}", file=sys.stderr)
        print("  fix: another directory: put its name behind the command", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print("interrupted; the same command again goes on", file=sys.stderr)
        return 1
    return 0


def install(options: argparse.Namespace) -> None:
    """Look at the stick, make an environment, install into it, copy the models, and say what to type next."""
    sums, pack = read_stick()
    target = choose(pack)
    say("Looking at the checksums of the stick.")
    check_sums({path: digest for path, digest in sums.items() if not path.startswith("models/")})
    home = Path(options.directory or Path.home() / "local-memory-showcase").absolute()
    environment = home / ".venv"
    check_room(home, target["unpacked_bytes"])
    python = make_environment(environment)
    say("Installing {wheels} wheels into {place}.".format(wheels=target["wheels"], place=environment))
    install_wheels(python, pack)
    program = python.with_name("showcase.exe" if os.name == "nt" else "showcase")
    version = subprocess.run([str(program), "--version"], stdout=subprocess.PIPE, text=True, check=False, env=clean())
    if version.returncode != 0:
        raise Refused("it was installed, and does not start", f"see why: {program} --version")
    if not options.no_models:
        copy_models(STICK, sums, pack["models"], say)
    free = shutil.disk_usage(str(home)).free // MIB
    machine = f"{platform.system()} {platform.machine()}"
    print(f"ready: showcase {version.stdout.split()[-1]}, Python {here()}, {machine}, {free} MiB free")
    print("Next:")
    for line in next_lines(home):
        print(f"  {line}")


def say(text: str) -> None:
    """Say what goes on."""
    print(text, file=sys.stderr, flush=True)


def here() -> str:
    """Return this Python's version, all three numbers."""
    return ".".join(map(str, sys.version_info[:3]))


def read_stick() -> tuple:
    """Return the checksums by path, and what the stick says of itself."""
    again = "give it back to who made it, who looks at it with: showcase pack DIR --check"
    if (STICK / "UNFINISHED.txt").exists() or not (STICK / "SHA256SUMS").is_file():
        raise Refused(f"{STICK} is not finished: writing it was cut short", again)
    lines = (STICK / "SHA256SUMS").read_text(encoding="utf-8").splitlines()
    sums = {line[66:]: line[:64] for line in lines}
    name = "pack.json"
    if name not in sums or digest(STICK / name) != sums[name]:
        raise Refused(f"{STICK / name} is not as it was written", again)
    return sums, json.loads((STICK / name).read_text(encoding="utf-8"))


def check_sums(sums: dict) -> None:
    """Hold files against their checksums; a wheel that has none would be installed like any other.

    So would one that a page among the wheels has a link to: pip reads it, and gets the wheel from where it leads.
    """
    for path in sorted((STICK / "wheels").iterdir()):
        of_system = path.name in OF_SYSTEMS or (path.name.startswith("._") and path.suffix == ".whl")
        if not of_system and f"wheels/{path.name}" not in sums:
            raise Refused(f"{path} is on the stick, and was not packed", "take another stick; do not use this one")
    for path, wanted in sorted(sums.items()):
        try:
            same = digest(STICK / path) == wanted
        except OSError as error:
            raise Refused(f"{STICK / path} cannot be read: {error.strerror}", "take another stick") from error
        if not same:
            raise Refused(f"{STICK / path} is not as it was written", "take another stick; do not use this one")


def choose(pack: dict) -> dict:
    """Return what the stick has for this machine and this Python."""
    system, machine = platform.system(), platform.machine()
    name = MACHINES.get((system, machine))
    there = sorted({target["platform"] for target in pack["targets"]})
    of_platform = [target for target in pack["targets"] if target["platform"] == name]
    if not of_platform:
        raise Refused(
            f"this stick has no wheels for {system} on {machine}: it is for {', '.join(there)}",
            f"have it packed for this system too: showcase pack DIR --platform {name or 'all'}",
        )
    why = why_unfit(system)
    if why:
        raise Refused(f"this stick is not for this machine: {why}", "another machine, or another Python of this one")
    own = "{}.{}".format(*sys.version_info[:2])
    pythons = [target["python"] for target in of_platform]
    if own not in pythons:
        raise Refused(
            f"this is Python {own} ({sys.executable}), and this stick has wheels for {name} with Python "
            f"{', '.join(pythons)}",
            f"use one of these: python{pythons[-1]} install.py (Windows: py -{pythons[-1]} install.py); "
            f"or have it packed for this one too: showcase pack DIR --python {own}",
        )
    return of_platform[pythons.index(own)]


def why_unfit(system: str) -> str:
    """Return why no wheel of the stick can be installed here although the system is right; empty where one may be."""
    if platform.python_implementation() != "CPython":
        return f"its wheels are for CPython, and this is {platform.python_implementation()}"
    if sys.maxsize < 2**32:
        return "its wheels are for 64 bits, and this Python has 32"
    if sysconfig.get_config_var("Py_GIL_DISABLED"):
        return "its wheels are for the usual Python, and this one was built without the global lock"
    if system == "Linux":
        name, version = platform.libc_ver()
        numbers = [int(each) for each in version.split(".") if each.isdigit()]
        if name != "glibc" or numbers < OLDEST_GLIBC:
            return f"its wheels need glibc 2.28, and this system has {f'{name} {version}'.strip() or 'none'}"
    if system == "Darwin" and int(platform.mac_ver()[0].split(".")[0] or 0) < OLDEST_MACOS:
        return f"its wheels need macOS {OLDEST_MACOS}, and this is {platform.mac_ver()[0]}"
    return ""


def check_room(home: Path, needed: int) -> None:
    """Refuse where the disk has no room for it."""
    there = next(each for each in (home, *home.parents) if each.is_dir())
    free = shutil.disk_usage(str(there)).free
    if free < needed and not (home / ".venv").is_dir():
        raise Refused(
            f"{there} has {free // MIB} MiB free, and {needed // MIB} are needed",
            "another directory: put its name behind the command",
        )


def clean() -> dict:
    """Return an environment in which neither Python nor pip looks at anything but what they are given."""
    dropped = ("PIP_", "PYTHON", "VIRTUAL_ENV", "__PYVENV_LAUNCHER__")
    kept = {name: value for name, value in os.environ.items() if not name.upper().startswith(dropped)}
    kept.update(PIP_CONFIG_FILE=os.devnull, PIP_DISABLE_PIP_VERSION_CHECK="1", PYTHONNOUSERSITE="1", PYTHONUTF8="1")
    return kept


def make_environment(place: Path) -> Path:
    """Make a virtual environment, or take the one that an earlier time made; return its Python."""
    python = place / ("Scripts/python.exe" if os.name == "nt" else "bin/python")
    if place.exists() and not (place / "pyvenv.cfg").is_file():
        raise Refused(
            f"{place} is there, and is no environment of Python", "another directory: put its name behind the command"
        )
    if python.exists() and version_of(python) != list(sys.version_info[:2]):
        raise Refused(
            f"{place} was made with another Python than this one ({here()})",
            "another directory: put its name behind the command",
        )
    place.parent.mkdir(parents=True, exist_ok=True)
    # Without pip: Debian's Python has none to give where python3-venv is missing, and the stick brings its own.
    made = subprocess.run(
        [sys.executable, "-m", "venv", "--without-pip", str(place)],
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
        env=clean(),
    )
    if made.returncode != 0 or not python.exists():
        said = made.stdout.strip().splitlines()[-1:] or ["it said nothing"]
        raise Refused(
            f"this Python makes no virtual environment in {place}: {said[0]}",
            "where a module is missing: sudo apt install python3-venv (Debian, Ubuntu; needs a connection); else "
            "another directory: put its name behind the command",
        )
    return python


def version_of(python: Path) -> list:
    """Return two numbers of another Python's version."""
    done = subprocess.run(
        [str(python), "-c", "import sys; print(*sys.version_info[:2])"],
        stdout=subprocess.PIPE,
        text=True,
        check=False,
        env=clean(),
    )
    return [int(each) for each in done.stdout.split()]


def install_wheels(python: Path, pack: dict) -> None:
    """Install from the wheels of the stick alone, by the pip of the stick."""
    wheels = STICK / "wheels"
    pip = next(iter(sorted(wheels.glob("pip-*.whl"))))
    own = str(STICK / pack["wheel"]) + ("[{}]".format(",".join(pack["extras"])) if pack["extras"] else "")
    command = [str(python), str(pip / "pip"), "install", "--isolated", "--no-index", "--no-input", "--quiet"]
    command += ["--find-links", str(wheels), "--only-binary", ":all:", "--upgrade", own, str(pip)]
    done = subprocess.run(command, check=False, env=clean())
    if done.returncode != 0:
        raise Refused(
            "pip did not install it: what it wrote stands above",
            "the same command again; where that fails too, remove the directory first",
        )


def next_lines(home: Path) -> list:
    """Return what to type next, in the usual shell of this system."""
    if os.name == "nt":
        return [f'cd "{home}"', r".venv\Scripts\activate", "showcase doctor", "showcase run"]
    quoted = "'" + str(home).replace("'", "'\\''") + "'"
    return [f"cd {quoted}", ". .venv/bin/activate", "showcase doctor", "showcase run"]


if __name__ == "__main__":
    sys.exit(main())
