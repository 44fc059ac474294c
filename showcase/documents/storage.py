"""What a directory lies on: a disk of this machine, a network mount, or a folder that a sync client carries away.

Where files are taken to other machines, watching sockets of our own processes cannot see the bytes leave.
"""

from __future__ import annotations

import json
import os
import re
from contextlib import suppress
from html import unescape
from pathlib import Path
from typing import TYPE_CHECKING

from showcase.documents import reading, resources
from showcase.evidence import Storage

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence

SETTINGS_BYTES = 16 * 1024 * 1024

NETWORK_FILE_SYSTEMS = frozenset(
    {
        "afpfs", "afs", "beegfs", "ceph", "cifs", "coda", "davfs", "fuse.ceph", "fuse.curlftpfs", "fuse.davfs2",
        "fuse.gcsfuse", "fuse.glusterfs", "fuse.google-drive-ocamlfuse", "fuse.goofys", "fuse.gvfsd-fuse",
        "fuse.juicefs", "fuse.mount-s3", "fuse.onedriver", "fuse.pcloud", "fuse.rclone", "fuse.s3fs", "fuse.seadrive",
        "fuse.sshfs", "glusterfs", "gpfs", "lustre", "ncpfs", "nfs", "nfs4", "smb2", "smb3", "smbfs", "webdav",
    }
)  # fmt: skip
"""Types as Linux, macOS and the BSDs name them in their tables of mounts, in small letters."""

OF_THE_HOST = frozenset({"9p", "drvfs", "fuse.vmhgfs-fuse", "prl_fs", "vboxsf", "virtiofs"})
"""Likewise, of folders that a virtual machine, a container or WSL has from the computer that runs it."""

FOLDER_NAMES = (
    # In the form that each client gives its folder; most append an account, "OneDrive - School", "Dropbox (Company)".
    ("onedrive", "OneDrive"),
    ("dropbox", "Dropbox"),
    ("google drive", "Google Drive"),
    ("googledrive", "Google Drive"),
    ("drivefs", "Google Drive"),
    ("my drive", "Google Drive"),
    ("meine ablage", "Google Drive"),
    ("mon drive", "Google Drive"),
    ("mi unidad", "Google Drive"),
    ("il mio drive", "Google Drive"),
    ("meu drive", "Google Drive"),
    ("マイドライブ", "Google Drive"),
    ("nextcloud", "Nextcloud"),
    ("owncloud", "ownCloud"),
    ("icloud", "iCloud"),
    ("icloud drive", "iCloud"),
    ("iclouddrive", "iCloud"),
    ("com~apple~clouddocs", "iCloud"),
    ("mobile documents", "iCloud"),
    ("cloudstorage", "cloud storage"),
    ("box sync", "Box"),
    ("pcloud", "pCloud"),
    ("pcloud drive", "pCloud"),
    ("pclouddrive", "pCloud"),
    ("pcloud sync", "pCloud"),
    ("megasync", "MEGA"),
    ("mega downloads", "MEGA"),
    ("proton drive", "Proton Drive"),
    ("protondrive", "Proton Drive"),
    ("seafile", "Seafile"),
    ("seadrive", "Seafile"),
    ("syncthing", "Syncthing"),
    ("resilio sync", "Resilio Sync"),
    ("synologydrive", "Synology Drive"),
    ("synology drive", "Synology Drive"),
    ("cloudstation", "Synology Drive"),
    ("yandex.disk", "Yandex Disk"),
    ("jottacloud", "Jottacloud"),
    ("kdrive", "kDrive"),
    ("koofr", "Koofr"),
    ("icedrive", "Icedrive"),
    ("tresorit", "Tresorit"),
    ("sugarsync", "SugarSync"),
    ("spideroak hive", "SpiderOak"),
    ("amazon drive", "Amazon Drive"),
    ("creative cloud files", "Creative Cloud"),
    ("nutstore", "Nutstore"),
)

NAMES_AT_HOME = (("box", "Box"), ("mega", "MEGA"), ("sync", "a sync client"))
"""Folders that their clients make in the home directory, under names that mean something else elsewhere."""

MARKS: tuple[tuple[str, str], ...] = (
    (".dropbox", "Dropbox"),
    (".dropbox.cache", "Dropbox"),
    (".tmp.drivedownload", "Google Drive"),
    (".tmp.driveupload", "Google Drive"),
    (".nextcloudsync.log", "Nextcloud"),
    (".owncloudsync.log", "Nextcloud or ownCloud"),
    (".sync_*.db", "Nextcloud or ownCloud"),
    ("._sync_*.db", "Nextcloud or ownCloud"),
    (".stfolder", "Syncthing"),
    (".seafile-data", "Seafile"),
    (".megaignore", "MEGA"),
    (".sync/ID", "Resilio Sync"),
)
"""What the clients leave in the top directory of what they carry, whatever its name; shell patterns."""

OF_SETTINGS = frozenset({".dropbox"})
"""Marks that are also the name of a client's own settings, in the home directory."""

VARIABLES = (("OneDrive", "OneDrive"), ("OneDriveConsumer", "OneDrive"), ("OneDriveCommercial", "OneDrive"))
"""Set by the client on Windows, to its folder."""


def storage_of(
    directory: Path,
    *,
    mounts: Callable[[], Iterable[tuple[str, str, str]]] | None = None,
    variables: Mapping[str, str] | None = None,
    home: Path | None = None,
) -> Storage:
    """Return what `directory` lies on.

    Args:
        directory: An existing directory, links resolved.
        mounts: Gives (mount point, file system type, options) of every mount; the system's own where None.
        variables: The environment; the process's own where None.
        home: Where the clients' settings lie; the user's own where None.
    """
    file_system, options = _mount_of(directory, _system_mounts() if mounts is None else mounts())
    carried_by = _network(directory, file_system, options)
    if carried_by is None:
        environ = os.environ if variables is None else variables
        client = _sync_client(directory, environ, resources.home() if home is None else home)
        carried_by = f"a folder that {client} carries to other machines" if client else None
    return Storage(file_system=file_system, carried_by=carried_by)


def _system_mounts() -> list[tuple[str, str, str]]:
    import psutil  # noqa: PLC0415 - only runs need it

    try:
        return [(part.mountpoint, part.fstype, part.opts) for part in psutil.disk_partitions(all=True)]
    except (OSError, psutil.Error):
        return []


def _mount_of(directory: Path, mounts: Iterable[tuple[str, str, str]]) -> tuple[str | None, str]:
    """Return type and options of the mount with the longest path above `directory`; of equals the last one."""
    found: tuple[int, str | None, str] = (0, None, "")
    for point, kind, options in mounts:
        if directory.is_relative_to(point) and len(Path(point).parts) >= found[0]:
            found = (len(Path(point).parts), kind, options)
    return found[1], found[2]


def _network(directory: Path, file_system: str | None, options: str) -> str | None:
    if (file_system or "").lower() in NETWORK_FILE_SYSTEMS:
        return f"a network file system ({file_system})"
    # What psutil says of a drive that Windows maps, and a path that names a server itself.
    if "remote" in options.split(",") or directory.drive.startswith("\\\\"):
        return "a network drive"
    if (file_system or "").lower() in OF_THE_HOST:
        return f"a folder of the computer that runs this system ({file_system})"
    return None


def _sync_client(directory: Path, variables: Mapping[str, str], home: Path | None) -> str | None:
    for variable, client in VARIABLES:
        folder = variables.get(variable)
        if folder and directory.is_relative_to(folder):
            return client
    for place in (directory, *directory.parents):
        client = _named(place.name, FOLDER_NAMES) or (_named(place.name, NAMES_AT_HOME) if place.parent == home else "")
        if client:
            return client
        for pattern, marked in MARKS:
            if not (place == home and pattern in OF_SETTINGS) and any(_matches(place, pattern)):
                return marked
    configured = [] if home is None else _configured(home)
    return next((client for folder, client in configured if directory.is_relative_to(folder)), None)


def _named(name: str, names: Iterable[tuple[str, str]]) -> str:
    """Return the client that gives its folder this name, alone or with something appended; empty where none does."""
    name = name.casefold()
    return next(
        (client for own, client in names if name.startswith(own) and not name[len(own) : len(own) + 1].isalpha()), ""
    )


def _matches(place: Path, pattern: str) -> Sequence[Path]:
    try:
        return list(place.glob(pattern))
    except OSError:
        return ()


_DROPBOX = (".dropbox/info.json", "AppData/Roaming/Dropbox/info.json", "AppData/Local/Dropbox/info.json")
_LINES = {
    "Nextcloud": (
        ".config/Nextcloud/nextcloud.cfg",
        "AppData/Roaming/Nextcloud/nextcloud.cfg",
        "Library/Preferences/Nextcloud/nextcloud.cfg",
    ),
    "ownCloud": (
        ".config/ownCloud/owncloud.cfg",
        "AppData/Roaming/ownCloud/owncloud.cfg",
        "Library/Preferences/ownCloud/owncloud.cfg",
    ),
}
_SYNCTHING = (
    ".config/syncthing/config.xml",
    ".local/state/syncthing/config.xml",
    "AppData/Local/Syncthing/config.xml",
    "Library/Application Support/Syncthing/config.xml",
)
_FOLDER = re.compile(r"<folder [^>]*\bpath=\"([^\"]+)\"")


def _configured(home: Path) -> list[tuple[str, str]]:
    """Return the folders that the clients' own settings name, as each system keeps them below the home directory."""
    folders = []
    for place in _DROPBOX:
        with suppress(ValueError, TypeError, KeyError, AttributeError, RecursionError):
            folders += [(str(account["path"]), "Dropbox") for account in json.loads(_settings(home / place)).values()]
    for client, places in _LINES.items():
        lines = [line for place in places for line in _settings(home / place).splitlines() if "localPath=" in line]
        folders += [(line.partition("=")[2].strip(), client) for line in lines]
    for place in _SYNCTHING:
        paths = (unescape(path) for path in _FOLDER.findall(_settings(home / place)))
        folders += [(str(home / path[2:]) if path.startswith("~/") else path, "Syncthing") for path in paths]
    return [(folder, client) for folder, client in folders if folder]


def _settings(path: Path) -> str:
    """Return the text of a client's settings, empty where there are none that can be read."""
    try:
        return reading.read(path, limit=SETTINGS_BYTES, files_only=True).decode("utf-8", "replace")
    except reading.UnreadableError:
        return ""
