"""What no scan of files sees, each with what was found out about it on this machine."""

from __future__ import annotations

import os
import sys
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING

from showcase.documents import resources
from showcase.documents.encryption.linux import Linux
from showcase.documents.storage import storage_of
from showcase.erasure.places import Found
from showcase.erasure.scanning import Scanner
from showcase.evidence.erasure import NotCovered

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Mapping

    from showcase.erasure.patterns import Patterns

COPY_ON_WRITE = {"apfs", "bcachefs", "btrfs", "f2fs", "nilfs2", "overlay", "refs", "zfs"}
"""File systems that write elsewhere instead of over what is there; `overlay` copies a file up before."""

MAY_SHARE_BLOCKS = {"xfs", "ocfs2"}
"""File systems of which two files may share blocks that were copied with `cp --reflink`: ioctl_ficlone(2)."""

_HIBERNATION = Path("/sys/power/resume")

_HISTORIES = (
    ".bash_history", ".zsh_history", ".local/share/fish/fish_history", ".python_history", ".sqlite_history",
    ".local/share/powershell/PSReadLine/ConsoleHost_history.txt",
    "AppData/Roaming/Microsoft/Windows/PowerShell/PSReadLine/ConsoleHost_history.txt",
)  # fmt: skip
_OF_OLLAMA = (".ollama/history", ".ollama/logs/server.log", ".ollama/logs/app.log", "AppData/Local/Ollama/server.log")
_DELETED = " (deleted)"
_OURS = Path("/proc/self")


def not_covered(
    root: Path, patterns: Patterns, *, linked: int, old: Mapping[tuple[int, int], str]
) -> tuple[NotCovered, ...]:
    """Return what no scan of the store's files sees.

    Args:
        root: The store.
        patterns: What was looked for.
        linked: How many of the old files have another name.
        old: The path of each of the old files when it was removed, by device and inode.
    """
    return (
        _links(linked),
        _held_open(old),
        _file_system(root),
        _sync(root),
        _swap(),
        _looked_at("history of a shell", _HISTORIES, patterns, or_else="none of those that are known is there"),
        _looked_at(
            "model server's log and history",
            _OF_OLLAMA,
            patterns,
            or_else="no log of an Ollama is in this home; one that a system's service runs writes to the system's log",
        ),
        NotCovered(
            what="a model server's prompt cache",
            found_out="not looked at: a prompt stays in the memory of a server until its model is unloaded; of an "
            "Ollama: ollama stop MODEL",
        ),
        NotCovered(
            what="exports and copies made before",
            found_out="where they lie is noted nowhere: to look there too, name them with --also",
        ),
        NotCovered(
            what="temporary files of processes of this program that are at work",
            found_out="not looked at: a copy of a store that is open incognito, or that is just looked through, goes "
            "with its process",
        ),
        NotCovered(
            what="what other programs remember",
            found_out="not looked at: the lines of a terminal, backups, core dumps, the memory of other processes",
        ),
    )


def _links(linked: int) -> NotCovered:
    if linked:
        said = f"{linked} of the old files have another name, under which all of it stays; by inode: find -inum"
        return NotCovered(
            what="other names of the old files (hard links)", found_out=said, known_to_stay=True, of_the_store=True
        )
    return NotCovered(what="other names of the old files (hard links)", found_out="none had one")


def _held_open(old: Mapping[tuple[int, int], str]) -> NotCovered:
    what = "old files that a process holds open"
    if not Path("/proc/self/fd").is_dir():
        return NotCovered(what=what, found_out="this system does not tell which process has a removed file open")
    found, closed = _openers(old)
    if found:
        named = ", ".join(f"pid {pid}" for pid in sorted(found)[:5])
        return NotCovered(
            what=what,
            found_out=f"held open by {named}: it is there until that ends",
            known_to_stay=True,
            of_the_store=True,
        )
    others = f"; {closed} processes of other users could not be looked into" if closed else ""
    return NotCovered(what=what, found_out=f"none was seen in /proc{others}")


def _openers(old: Mapping[tuple[int, int], str]) -> tuple[set[int], int]:
    """Return the processes that have one of these files open, and how many could not be looked into.

    A file that is made later may have the number of a removed one, and be removed itself while it is open: SQLite's
    temporary files are. So the path counts too, but for a process whose mounts are others: it names them otherwise.
    """
    found, closed = set[int](), 0
    for process in Path("/proc").iterdir():
        if not process.name.isdecimal() or int(process.name) == os.getpid():
            continue  # this one ends with the command, and what it has open is zeros
        try:
            descriptors = list((process / "fd").iterdir())
        except PermissionError:
            closed += 1
            continue
        except OSError:
            continue
        for each in descriptors:
            with suppress(OSError):
                name = str(each.readlink())
                if not name.endswith(_DELETED):
                    continue
                seen = each.stat()
                path = old.get((seen.st_dev, seen.st_ino))
                if path is not None and (name == path + _DELETED or _mounts(process) != _mounts(_OURS)):
                    found.add(int(process.name))
    return found, closed


def _mounts(process: Path) -> Path:
    return (process / "ns" / "mnt").readlink()


def _file_system(root: Path) -> NotCovered:
    what = "blocks that the file system copied or gave back before"
    name = (storage_of(root).file_system or "").lower()
    if not name:
        return NotCovered(what=what, found_out="which file system this is could not be told")
    if name in COPY_ON_WRITE:
        return NotCovered(
            what=what,
            found_out=f"{name} writes elsewhere instead of over what is there: the old bytes stay until it uses their "
            "place again, and in each snapshot",
        )
    if name in MAY_SHARE_BLOCKS:
        said = f"{name} writes in place, but for files that share blocks by a copy with --reflink"
        return NotCovered(what=what, found_out=said)
    return NotCovered(
        what=what,
        found_out=f"{name} writes in place; what files gave back before this, and what the device itself copies "
        "(flash does), was not looked at",
    )


def _sync(root: Path) -> NotCovered:
    carried = storage_of(root).carried_by
    if carried:
        said = f"the store lies in {carried}: what was taken to other machines before stays there"
        return NotCovered(what="copies that a sync client made", found_out=said, known_to_stay=True)
    return NotCovered(
        what="copies that a sync client made", found_out="the store lies in no folder of one that is known"
    )


def _swap() -> NotCovered:
    what = "swap and hibernation"
    swaps = Linux().swaps() if sys.platform == "linux" else None
    if swaps is None:
        return NotCovered(what=what, found_out=f"not looked at: {sys.platform} does not tell by a file")
    hibernates = False
    with suppress(OSError):
        hibernates = _HIBERNATION.read_text().strip() not in ("", "0:0")
    if not swaps:
        return NotCovered(what=what, found_out="no swap is in use" + ("; hibernation is set up" if hibernates else ""))
    told = ", ".join("not known whether encrypted" if each.state == "unknown" else each.state for each in swaps)
    return NotCovered(what=what, found_out=f"{len(swaps)} in use ({told}); what was written there before stays")


def _looked_at(what: str, names: Collection[str], patterns: Patterns, *, or_else: str) -> NotCovered:
    """Look through files of the user's home, which are left as they are."""
    seen = list(_there(names))
    scanner = Scanner(patterns)
    holds = []
    for path in seen:
        with suppress(OSError):
            if any(each.form != "word" for each in scanner.look(Found(path=path, shown=what, kind=what))[1]):
                holds.append(path.name)
    if holds:
        return NotCovered(
            what=what, found_out=f"found in {', '.join(holds)}, which is left as it is", known_to_stay=True
        )
    if not seen:
        return NotCovered(what=what, found_out=or_else)
    return NotCovered(what=what, found_out=f"nothing of it in {', '.join(path.name for path in seen)}")


def _there(names: Collection[str]) -> Iterator[Path]:
    home = resources.home()
    if home is not None:
        yield from (home / name for name in names if (home / name).is_file())
