"""Output directories from which files leave by themselves: a warning, and a limit of the egress claim."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from planting import verified

from showcase.orchestrator.output_directory import storage_of

if TYPE_CHECKING:
    from program import Finished

DISK = (("/", "ext4", "rw"), ("/tmp", "tmpfs", "rw"))  # noqa: S108 - names in a table of mounts


def test_a_run_in_a_synchronised_folder(hooked: Finished) -> None:
    """The client's own mark is planted, as Nextcloud leaves it; then a whole run is made there."""
    assert "warning: the output directory lies in a folder that Nextcloud or ownCloud carries" in hooked.stderr
    assert "--out DIR" in hooked.stderr
    log = hooked.log
    assert log.storage is not None
    assert log.storage.carried_by is not None
    (egress,) = [claim for claim in log.claims if claim.id == "egress"]
    assert [limit for limit in egress.limits if "leaves this machine through the file system" in limit]
    assert str(hooked.out.parent) not in (hooked.out / "run-log.json").read_text(), "no path of this machine in the log"
    assert verified(hooked.out) == 0


@pytest.mark.parametrize(
    ("folder", "client"),
    [
        ("OneDrive - School/out", "OneDrive"),
        ("Dropbox (Team)/a/b", "Dropbox"),
        ("Library/Mobile Documents/com~apple~CloudDocs/out", "iCloud"),
        ("Library/CloudStorage/Box-Box/out", "cloud storage"),
        ("Google Drive/My Drive/out", "Google Drive"),
        ("Nextcloud2/out", "Nextcloud"),
        ("My Drive/out", "Google Drive"),
        ("Meine Ablage/out", "Google Drive"),
        ("iCloudDrive/out", "iCloud"),
        ("Box/out", "Box"),
        ("Box Sync/out", "Box"),
        ("pCloudDrive/out", "pCloud"),
        ("MEGAsync/out", "MEGA"),
        ("MEGA/out", "MEGA"),
        ("Proton Drive/me/out", "Proton Drive"),
        ("Yandex.Disk/out", "Yandex Disk"),
        ("Seafile/out", "Seafile"),
    ],
)
def test_folders_are_known_by_name(tmp_path: Path, folder: str, client: str) -> None:
    directory = tmp_path / folder
    directory.mkdir(parents=True)
    found = storage_of(directory, mounts=lambda: DISK, variables={}, home=tmp_path)
    assert found.carried_by == f"a folder that {client} carries to other machines"


@pytest.mark.parametrize(
    ("mark", "client"), [(".stfolder", "Syncthing"), (".dropbox", "Dropbox"), ("._sync_1.db", "Nextcloud or ownCloud")]
)
def test_folders_of_any_name_are_known_by_what_the_client_leaves(tmp_path: Path, mark: str, client: str) -> None:
    directory = tmp_path / "work" / "out"
    directory.mkdir(parents=True)
    assert storage_of(directory, mounts=lambda: DISK, variables={}, home=tmp_path).carried_by is None
    (tmp_path / "work" / mark).mkdir()
    assert client in str(storage_of(directory, mounts=lambda: DISK, variables={}, home=tmp_path).carried_by)


def test_folders_are_known_by_the_clients_settings(tmp_path: Path) -> None:
    out = tmp_path / "moved" / "out"
    out.mkdir(parents=True)
    (tmp_path / ".dropbox").mkdir()
    (tmp_path / ".dropbox" / "info.json").write_text(f'{{"personal": {{"path": "{tmp_path}/moved"}}}}')
    other = tmp_path / "elsewhere"
    other.mkdir()
    home = tmp_path
    assert "Dropbox" in str(storage_of(out, mounts=lambda: DISK, variables={}, home=home).carried_by)
    assert "OneDrive" in str(
        storage_of(other, mounts=lambda: DISK, variables={"OneDriveCommercial": str(other)}, home=home).carried_by
    )


@pytest.mark.parametrize(
    ("mounts", "words"),
    [
        ([*DISK, ("/mnt/school", "nfs4", "rw")], "a network file system (nfs4)"),
        ([*DISK, ("/mnt", "cifs", "rw"), ("/mnt/school", "fuse.sshfs", "rw")], "a network file system (fuse.sshfs)"),
        ([*DISK, ("/mnt/school", "ntfs", "rw,remote")], "a network drive"),
        ([*DISK, ("/mnt/school", "ext4", "rw")], None),
        ([*DISK, ("/mnt", "nfs4", "rw"), ("/mnt/school", "ext4", "rw")], None),
        ([*DISK, ("/mnt/schoolhouse", "nfs4", "rw")], None),
        ([("/mnt/school", "autofs", "rw"), ("/mnt/school", "nfs", "rw")], "a network file system (nfs)"),
        ([], None),
    ],
)
def test_network_mounts_are_known_by_the_table_of_mounts(mounts: list[tuple[str, str, str]], words: str | None) -> None:
    found = storage_of(Path("/mnt/school/out"), mounts=lambda: mounts, variables={}, home=Path("/nowhere"))
    assert found.carried_by == words


def test_this_machine_s_own_table_is_read(tmp_path: Path) -> None:
    assert storage_of(tmp_path.resolve()).file_system


@pytest.mark.parametrize("folder", ["Dropboxes/out", "work/box/out", "work/mega/out", "Boxing/out", "my driver/out"])
def test_like_names_are_nobodys(tmp_path: Path, folder: str) -> None:
    directory = tmp_path / folder
    directory.mkdir(parents=True)
    assert storage_of(directory, mounts=lambda: DISK, variables={}, home=tmp_path).carried_by is None


def test_folders_of_syncthing_are_known_by_its_settings(tmp_path: Path) -> None:
    settings = tmp_path / ".local" / "state" / "syncthing" / "config.xml"
    settings.parent.mkdir(parents=True)
    settings.write_text('<configuration><folder id="a" label="Notes &amp; more" path="~/Notes &amp; more" type="x"/>')
    directory = tmp_path / "Notes & more" / "out"
    assert "Syncthing" in str(storage_of(directory, mounts=lambda: DISK, variables={}, home=tmp_path).carried_by)


@pytest.mark.parametrize("kind", ["9p", "virtiofs", "vboxsf"])
def test_a_folder_of_the_host_is_said_to_be_one(kind: str) -> None:
    mounts = [("/", "ext4", "rw"), ("/mnt", kind, "rw")]
    found = storage_of(Path("/mnt/c/out"), mounts=lambda: mounts, variables={}, home=None)
    assert found.carried_by == f"a folder of the computer that runs this system ({kind})"
