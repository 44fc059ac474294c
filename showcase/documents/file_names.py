"""Names that Windows takes for something else than a file of that name, and paths too long for it.

A name of a device is that device in every directory and with every ending: what is written to `aux.json` is gone. A
period or space at the end of a name is dropped, so that another file is written; behind a colon a file has a second
content, which no listing shows. Source: "Naming Files, Paths, and Namespaces" of Microsoft.
"""

from __future__ import annotations

import re
import sys
import unicodedata
from pathlib import PureWindowsPath
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

_DEVICE = re.compile(
    r"(?:con|prn|aux|nul|conin\$|conout\$|(?:com|lpt)[0-9\u00b9\u00b2\u00b3]) *(?:[.:].*)?", re.IGNORECASE
)
_SPECIAL = re.compile(r'[<>:"|?*\x00-\x1f]')
_OF_DEVICES = re.compile(r"[\\/]{2}\.[\\/]|[\\/]{2}\?[\\/](?![a-z]:[\\/]|unc[\\/])", re.IGNORECASE)
"""How a path begins that leads to devices: disks, consoles, pipes. With a drive or share behind `?` it is a file's."""

MOST_CHARACTERS = 259
"""Of a path. MAX_PATH is 260 with the zero at its end; longer ones work where the machine's settings and every library
in the way allow it, SQLite among them."""

MOST_BYTES_OF_SQLITE = 504
"""Of the path of a database elsewhere: MAX_PATHNAME in `os_unix.c` of SQLite is 512, and its journal's name has eight
more than its own. A longer one is "unable to open database file", whoever may write there."""

BELOW_A_RUN = 80
"""Characters of the longest path that a run makes below its directory, its separator included: 65 by Chroma's index."""

BESIDE = 48
"""Of the name, its separator included, under which a document is written before it takes its own; of `leftovers`."""


def why_unfit(path: Path, *, below: int = 0) -> str | None:
    """Return why this system makes no file or directory of that name, None where it may.

    Whoever makes what a person named asks here first: what Windows makes of some names says nothing of why.

    Args:
        path: What was named.
        below: Characters of the longest path that will be made below it, its separator included.
    """
    system = sys.platform
    return why_no_name(path, system) or why_too_long(path.absolute(), system, below=below)


def why_no_name(path: object, platform: str) -> str | None:
    """Return why a path names no file that can be made, None where it does or where it is another system's.

    Args:
        path: What was named.
        platform: The system, as `sys.platform` has it.
    """
    if platform != "win32":
        return None
    if _OF_DEVICES.match(str(path)):
        return f"{path} leads to a device on Windows"
    named = PureWindowsPath(str(path))
    for part in named.parts[1:] if named.anchor else named.parts:
        why = _why_no_part(part)
        if why is not None:
            return why
    return None


def why_too_long(path: object, platform: str, *, below: int = 0) -> str | None:
    """Return why an absolute path is too long, None where it is not.

    On Windows every one may be; elsewhere that of a directory with a database below it.

    Args:
        path: The whole path.
        platform: The system, as `sys.platform` has it.
        below: Characters of the longest path that will be made below it, its separator included.
    """
    inside = f" with what is made in it ({below})" if below else ""
    if platform != "win32":
        size = len(str(path).encode("utf-8", "surrogateescape")) + below
        if not below or size <= MOST_BYTES_OF_SQLITE:
            return None
        return f"its path has {size} bytes{inside}, and SQLite opens no database of more than {MOST_BYTES_OF_SQLITE}"
    length = len(str(path).encode("utf-16-le", "surrogatepass")) // 2 + below
    if length <= MOST_CHARACTERS:
        return None
    return f"its path has {length} characters{inside}, and Windows takes {MOST_CHARACTERS}"


def is_null(path: object, platform: str) -> bool:
    """Tell whether a path is the device that swallows everything, by its plain name."""
    return platform == "win32" and PureWindowsPath(str(path)).name.lower() == "nul"


def folded(name: str) -> str:
    """Return what two names have in common that are one where case means nothing."""
    return unicodedata.normalize("NFC", unicodedata.normalize("NFC", name).casefold())


def _why_no_part(part: str) -> str | None:
    if part in (".", ".."):
        return None
    if _DEVICE.fullmatch(part):
        return f"{part} is the name of a device on Windows, with every ending"
    special = _SPECIAL.search(part)
    if special is not None:
        return f"no name on Windows may have {special[0]!r} in it"
    if part[-1:] in (".", " "):
        what = "period" if part[-1] == "." else "space"
        return f"Windows drops the {what} at the end of {part!r}, so that another name is meant"
    return None
