"""What a directory lies on: a disk of this machine, a network mount, or a folder that a sync client carries away.

Where files are taken to other machines, watching sockets of our own processes cannot see the bytes leave.
"""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import TYPE_CHECKING

from showcase.documents import reading
from showcase.evidence import Storage

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence

SETTINGS_BYTES = 16 * 1024 * 1024

NETWORK_FILE_SYSTEMS = frozenset(
    {
        "afpfs", "afs", "beegfs", "ceph", "cifs", "coda", "davfs", "fuse.davfs2", "fuse.gcsfuse", "fuse.glusterfs",
        "fuse.gvfsd-fuse", "fuse.rclone", "fuse.s3fs", "fuse.sshfs", "glusterfs", "gpfs", "lustre", "ncpfs", "nfs",
        "nfs4", "smb2", "smb3", "smbfs", "webdav",
    }
)  # fmt: skip
"""Types as Linux, macOS and the BSDs name them in their tables of mounts."""

FOLDER_NAMES = (
    # In the form that each client gives its folder; most append an account, "OneDrive - School".
    ("onedrive", "OneDrive"),
    ("dropbox", "Dropbox"),
    ("google drive", "Google Drive"),
    ("googledrive", "Google Drive"),
    ("nextcloud", "Nextcloud"),
    ("owncloud", "ownCloud"),
    ("icloud", "iCloud"),
    ("com~apple~clouddocs", "iCloud"),
    ("mobile documents", "iCloud"),
    ("cloudstorage", "cloud storage"),
)

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
)
"""What the clients leave in the top directory of what they carry, whatever its name; shell patterns."""

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
        client = _sync_client(directory, os.environ if variables is None else variables, home or Path.home())
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
    return None


def _sync_client(directory: Path, variables: Mapping[str, str], home: Path) -> str | None:
    for variable, client in VARIABLES:
        folder = variables.get(variable)
        if folder and directory.is_relative_to(folder):
            return client
    for place in (directory, *directory.parents):
        for beginning, client in FOLDER_NAMES:
            if place.name.lower().startswith(beginning):
                return client
        for pattern, client in MARKS:
            if any(_matches(place, pattern)):
                return client
    return next((client for folder, client in _configured(home) if directory.is_relative_to(folder)), None)


def _matches(place: Path, pattern: str) -> Sequence[Path]:
    # The clients' own settings lie in the home directory under some of the same names.
    if place == Path.home():
        return ()
    try:
        return list(place.glob(pattern))
    except OSError:
        return ()


def _configured(home: Path) -> list[tuple[str, str]]:
    """Return the folders that the clients' own settings name."""
    folders = []
    try:
        accounts = json.loads(_settings(home / ".dropbox" / "info.json"))
        folders += [(str(account["path"]), "Dropbox") for account in accounts.values()]
    except (reading.UnreadableError, ValueError, TypeError, KeyError, AttributeError, RecursionError):
        pass
    try:
        text = _settings(home / ".config" / "Nextcloud" / "nextcloud.cfg")
        folders += [(line.partition("=")[2].strip(), "Nextcloud") for line in text.splitlines() if "localPath=" in line]
    except (reading.UnreadableError, ValueError):
        pass
    return [(folder, client) for folder, client in folders if folder]


def _settings(path: Path) -> str:
    return reading.read(path, limit=SETTINGS_BYTES, files_only=True).decode("utf-8")
