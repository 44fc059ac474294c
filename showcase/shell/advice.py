"""What a person is told to type of this program and of Ollama: quoted for their shell, and never more than was meant.

Hints carry names that others chose: of files, of models on a server, of users. A shell gets each as one word, whatever
it holds.
"""

from __future__ import annotations

import difflib
import itertools
import json
import os
import re
import sys
import tempfile
from dataclasses import fields, replace
from pathlib import Path, PurePath
from typing import TYPE_CHECKING, Any

from showcase import shell
from showcase.documents import resources
from showcase.documents.surrogates import escaped
from showcase.errors import UsageError
from showcase.settings import OWN_ENGINES, Settings
from showcase.settings.ollama_host import find
from showcase.settings.store_address import ALLOW, OF_A_RUN

if TYPE_CHECKING:
    from collections.abc import Iterable

    from showcase.evidence import Endpoint

_OPTIONS = {
    "phase": "--phase",
    "out": "--out",
    "engine": "--engine",
    "embed_model": "--embed-model",
    "chat_model": "--chat-model",
    "scenario": "--scenario",
    "language": "--language",
    "top_k": "--top-k",
    "session_timeout_s": "--session-timeout",
    "infer": "--infer",
    "keep_store": "--keep-store",
    "step": "--step",
}
"""Fields of the settings that are an option each."""


_LONGEST_NAME = 200
"""Bytes are what counts, 255 of them on most file systems; characters here, of which most are one."""


def printable(text: str) -> str:
    """Return `text` with control, format and bidi characters shown as escapes, so that none reaches a terminal."""
    return "".join(
        character if character.isprintable() or character == "\n" else ascii(character)[1:-1] for character in text
    )


def quoted(argument: object) -> str:
    """Return an argument as one word of the shell that this program was started from; see `shell.Shell.quoted`."""
    return shell.here().quoted(argument)


def run_command(settings: Settings, **changes: Any) -> str:  # noqa: ANN401 - of the fields' own types
    """Return the `showcase run` that these settings are, with some of them changed."""
    changed = replace(settings, **changes)
    words = ["showcase", "run"]
    usual = {field.name: field.default for field in fields(Settings)}
    for name, option in _OPTIONS.items():
        value = getattr(changed, name)
        if value == usual[name] or (name == "engine" and changed.start_ollama):
            continue
        words += [option] if value is True else [option, quoted(f"{value:g}" if isinstance(value, float) else value)]
    if changed.under_test is not None:
        address = changed.address
        words += ["--store", quoted(changed.under_test if address is None else address.url(OF_A_RUN))]
        words += [ALLOW] if changed.allow_store else []
    for witness in changed.witnesses or ():
        words += ["--witness", quoted(witness)]
    if changed.seal != "auto":
        words.append("--seal" if changed.seal == "on" else "--no-seal")
    if not changed.drill:
        words.append("--no-drill")
    if changed.start_ollama is not None:
        words.append(
            "--start-ollama" if changed.start_ollama == "ollama" else f"--start-ollama={quoted(changed.start_ollama)}"
        )
        if changed.ollama.port:
            words += ["--ollama-host", quoted(changed.ollama)]
    elif changed.engine not in OWN_ENGINES and not changed.ollama_refused:
        words += host_option(changed.ollama)
    return " ".join(words)


def install_command(*words: str) -> str:
    """Return what installs packages for this very Python."""
    from importlib.util import find_spec  # noqa: PLC0415 - for a hint alone

    python = Path(sys.executable)
    if find_spec("pip"):
        return f"{shell.here().program(python)} -m pip install {shell.here().joined(words)}"
    return f"uv pip install --python {quoted(python)} {shell.here().joined(words)}"


def install_extra(extra: str, package: str) -> str:
    """Return what installs this program with an extra from where it came, or, where that is gone, what it brings.

    An index is never asked for this program by its name: anybody could have published another one there.

    Args:
        extra: One that pyproject.toml names.
        package: What it brings.
    """
    from importlib import metadata  # noqa: PLC0415 - for a hint alone

    try:
        installed = metadata.distribution("local-memory-showcase")
    except metadata.PackageNotFoundError:  # run from its sources
        installed = None
    asked = () if installed is None else installed.requires or ()
    came: dict[str, Any] = json.loads((installed and installed.read_text("direct_url.json")) or "{}")  # PEP 610
    sources = Path(__file__).resolve().parents[2]
    place = sources if (sources / "pyproject.toml").is_file() else _local(came.get("url", ""))
    if place is not None and place.exists():
        editable = came.get("dir_info", {}).get("editable", False) and _local(came["url"]) == place
        return install_command(*(["-e"] if editable else []), f"{place}[{extra}]")
    wanted = (text.partition(";")[0].strip() for text in asked)
    return install_command(next((each for each in wanted if re.split(r"[^\w.-]", each)[0].lower() == package), package))


def _local(url: str) -> Path | None:
    """Return the path that a URL names, None where it names none of this machine."""
    from urllib.parse import urlsplit  # noqa: PLC0415 - for a hint alone
    from urllib.request import url2pathname  # noqa: PLC0415 - likewise

    parts = urlsplit(url)
    return Path(url2pathname(parts.path)) if parts.scheme == "file" and not parts.netloc else None


def host_option(endpoint: Endpoint) -> list[str]:
    """Return the option that leads a command of this program to a server, nothing where it goes there by itself."""
    return [] if _is_usual(endpoint) else ["--ollama-host", quoted(endpoint)]


def ollama_command(endpoint: Endpoint, *arguments: str | PurePath) -> str:
    """Return a command of Ollama's own client, asked of this server and no other."""
    typed = shell.here().joined(("ollama", *arguments))
    return typed if _is_usual(endpoint) else shell.here().with_variables({"OLLAMA_HOST": str(endpoint)}, typed)


def _is_usual(endpoint: Endpoint) -> bool:
    """Tell whether both this program and Ollama's client go there where nothing is said."""
    try:
        return endpoint == find(None, os.environ).endpoint
    except UsageError:  # what is refused leads nowhere
        return False


def another_directory(out: Path) -> Path:
    """Return a directory in which a run could write: beside `out` where that takes files, else where one does.

    Nothing is made. One that is there already is not named: whose it is would have to be known.
    """
    name = out.name if 0 < len(out.name) <= _LONGEST_NAME and _is_utf_8(out.name) else "showcase-output"
    home = resources.home()
    places: tuple[Path, ...] = (out.parent, *(() if home is None else (home,)), *_temporary())
    for place in places:
        if takes_files(place) and _is_utf_8(str(place.absolute())):
            numbers = (place / f"{name}-{number}" for number in itertools.count(2))
            return next(path for path in numbers if not os.path.lexists(path))
    return Path("DIRECTORY")


def _is_utf_8(text: str) -> bool:
    """Return whether Chroma takes a path of these characters."""
    return escaped(text) is text


def _temporary() -> tuple[Path, ...]:
    """Return the system's place for temporary files, nothing where there is none that takes files."""
    try:
        return (Path(tempfile.gettempdir()),)
    except OSError:
        return ()


def takes_files(directory: Path) -> bool:
    """Tell whether files can be made there, as far as the system says without trying: never on a read-only disk."""
    return directory.is_dir() and os.access(directory, os.W_OK | os.X_OK)


def near(given: str, known: Iterable[str]) -> str:
    """Return "; did you mean …?" with what is most like what was given, nothing where nothing is like it."""
    by_folded = {name.casefold(): name for name in known}
    found = difflib.get_close_matches(given.casefold(), by_folded, n=1)
    return f"; did you mean {by_folded[found[0]]!r}?" if found else ""
