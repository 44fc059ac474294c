"""Whether what lies in a directory is encrypted: as the system's tables tell it, and never where they do not."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path, PureWindowsPath
from typing import TYPE_CHECKING

import pytest
from planted_linux import CRYPT, LVM, Planted

from showcase.documents.encryption import elsewhere, mounts
from showcase.documents.encryption.linux import Linux
from showcase.documents.encryption.look import encryption_of

if TYPE_CHECKING:
    from collections.abc import Iterator

STORE = Path("/data/store")
linux_only = pytest.mark.skipif(sys.platform != "linux", reason="sysfs and its links")


@pytest.fixture
def planted(tmp_path: Path) -> Planted:
    found = Planted(tmp_path)
    found.device("sda", "8:0")
    found.device("sda1", "8:1", of="sda")
    found.device("sdb", "8:16")
    found.swaps()
    return found


def answered(planted: Planted, *lines: str) -> str:
    planted.mounts("8:0 / ext4 /dev/sda", *lines)
    return planted.linux.encryption_of(STORE).told()


@linux_only
def test_a_disk_and_a_partition_are_in_clear_and_what_the_drive_does_stays_open(planted: Planted) -> None:
    planted.mounts("8:0 / ext4 /dev/sda", "8:1 /data xfs /dev/sda1")
    found = planted.linux.encryption_of(STORE)
    assert (found.state, found.by) == ("not encrypted", "nothing of this system encrypts sda")
    assert "a drive that encrypts" in found.open


@linux_only
@pytest.mark.parametrize(
    ("identifier", "told"),
    [
        (CRYPT, "encrypted by dm-crypt (LUKS2) (dm-0)"),
        ("CRYPT-LUKS1-00-x", "encrypted by dm-crypt (LUKS) (dm-0)"),
        ("CRYPT-PLAIN-swap", "encrypted by dm-crypt (plain) (dm-0)"),
        ("CRYPT-VERITY-00-x", "not encrypted: nothing of this system encrypts sda"),
        ("CRYPT-INTEGRITY-x", "not encrypted: nothing of this system encrypts sda"),
        (LVM, "not encrypted: nothing of this system encrypts sda"),
        ("part1-mpath-36001405", "not encrypted: nothing of this system encrypts sda"),
        ("", "not known to be encrypted: dm-0 is a mapping of a kind that its identifier does not tell"),
        ("SOMETHING-NEW", "not known to be encrypted: dm-0 is a mapping of a kind that its identifier does not tell"),
    ],
)
def test_a_mapping_is_told_by_its_identifier(planted: Planted, identifier: str, told: str) -> None:
    planted.device("dm-0", "253:0", below=("sda1",), dm=identifier)
    assert answered(planted, "253:0 /data ext4 /dev/mapper/called-dm-0") == told


@linux_only
def test_a_logical_volume_on_an_encrypted_partition_is_encrypted(planted: Planted) -> None:
    planted.device("dm-0", "253:0", below=("sda1",), dm=CRYPT)
    planted.device("dm-1", "253:1", below=("dm-0",), dm=LVM)
    assert answered(planted, "253:1 /data ext4 /dev/mapper/vg-lv") == "encrypted by dm-crypt (LUKS2) (dm-0)"


@linux_only
@pytest.mark.parametrize(("second", "state"), [("sdb", "not encrypted"), ("dm-2", "encrypted")])
def test_an_array_is_encrypted_where_each_of_its_disks_is(planted: Planted, second: str, state: str) -> None:
    planted.device("dm-0", "253:0", below=("sda1",), dm=CRYPT)
    planted.device("dm-2", "253:2", below=("sdb",), dm=CRYPT)
    planted.device("md0", "9:0", below=("dm-0", second))
    planted.mounts("8:0 / ext4 /dev/sda", "9:0 /data ext4 /dev/md0")
    assert planted.linux.encryption_of(STORE).state == state


@linux_only
@pytest.mark.parametrize(("second", "state"), [("sdb", "not encrypted"), ("dm-2", "encrypted")])
def test_a_btrfs_over_two_devices_is_asked_for_both(planted: Planted, second: str, state: str) -> None:
    planted.device("dm-0", "253:0", below=("sda1",), dm=CRYPT)
    planted.device("dm-2", "253:2", below=("sdb",), dm=CRYPT)
    devices = planted.sys / "fs" / "btrfs" / "0f0f" / "devices"
    devices.mkdir(parents=True)
    for name in ("dm-0", second):
        (devices / name).symlink_to((planted.sys / "class" / "block" / name).resolve())
    planted.mounts("8:0 / ext4 /dev/sda", "0:40 /data btrfs /dev/mapper/called-dm-0 rw,subvol=/data")
    assert planted.linux.encryption_of(STORE).state == state


@linux_only
def test_a_loop_device_is_as_its_file_is(planted: Planted) -> None:
    planted.device("dm-0", "253:0", below=("sda1",), dm=CRYPT)
    planted.device("loop0", "7:0", loop__backing_file="/secret/image (deleted)")
    assert answered(planted, "253:0 /secret ext4 /dev/dm-0", "7:0 /data ext4 /dev/loop0").startswith("encrypted by")
    assert answered(planted, "7:0 /data ext4 /dev/loop0").startswith("not encrypted")


@linux_only
def test_a_loop_device_whose_file_lies_on_itself_is_not_followed_for_ever(planted: Planted) -> None:
    planted.device("loop0", "7:0", loop__backing_file="/data/store/image")
    assert answered(planted, "7:0 /data ext4 /dev/loop0").startswith("not known")


@linux_only
@pytest.mark.parametrize(
    ("line", "told"),
    [
        ("0:50 /data fuse.gocryptfs /home/cipher", "encrypted by gocryptfs"),
        ("0:50 /data ecryptfs /home/.ecryptfs", "encrypted by eCryptfs"),
        ("0:50 /data nfs4 server:/export", "nfs4 keeps it on a server"),
        ("0:50 /data virtiofs tag", "virtiofs keeps it on the computer that runs this system"),
        ("0:50 /data overlay overlay lowerdir=/a,upperdir=/b", "as containers have it"),
        ("0:50 /data fuse.mergerfs a:b", "fuse.mergerfs names no device"),
        ("0:50 /data zfs pool/data", "zfs did not tell"),
        ("0:50 /data bcachefs /dev/sda:/dev/sdb", "bcachefs can encrypt by itself"),
        ("0:50 /data bcachefs /dev/sda:/dev/gone", "bcachefs names no device"),
        ("43:0 /data ext4 /dev/nbd0", "nbd0 is a disk that a server keeps"),
        ("259:9 /data ext4 /dev/hidden", "259:9 is not shown"),
        ("8:16 /da ext4 /dev/sdb", "not encrypted: nothing of this system encrypts sda"),
        ("8:16 /data/store ext4 /dev/sdb", "not encrypted: nothing of this system encrypts sdb"),
    ],
)
def test_file_systems_are_told_by_their_type_and_what_is_not_seen_is_not_guessed(
    planted: Planted, line: str, told: str
) -> None:
    planted.device("nbd0", "43:0")
    assert told in answered(planted, line)


@linux_only
@pytest.mark.parametrize(
    ("swaps", "state"),
    [
        ([], "in memory"),
        (["/dev/sda1 partition"], "not encrypted"),
        (["/dev/dm-0 partition"], "in memory"),
        (["/dev/dm-0 partition", "/dev/sda1 partition"], "not encrypted"),
        (["/dev/zram0 partition"], "in memory"),
        (["/dev/zram1 partition"], "unknown"),
        (["/secret/swap\\040file file"], "in memory"),
        (["/swapfile file"], "not encrypted"),
        (["/dev/gone partition"], "unknown"),
    ],
)
def test_what_is_in_memory_is_as_the_swaps_in_use(planted: Planted, swaps: list[str], state: str) -> None:
    planted.device("dm-0", "253:0", below=("sda1",), dm=CRYPT)
    planted.device("zram0", "252:0", backing_dev="none")
    planted.device("zram1", "252:1", backing_dev="/dev/sda1")
    planted.mounts("8:0 / ext4 /dev/sda", "253:0 /secret ext4 /dev/dm-0", "0:30 /data tmpfs tmpfs")
    planted.swaps(*swaps)
    assert planted.linux.encryption_of(STORE).state == state
    planted.mounts("8:0 / ext4 /dev/sda", "0:30 /data tmpfs tmpfs rw,noswap")
    assert planted.linux.encryption_of(STORE).state == "in memory"


@linux_only
def test_a_table_that_is_not_there_or_broken_is_not_known(planted: Planted) -> None:
    assert planted.linux.encryption_of(STORE).state == "unknown"
    (planted.proc / "self" / "mountinfo").write_text("broken\n1 2 - \n\n")
    assert planted.linux.encryption_of(STORE).state == "unknown"


def test_names_in_the_table_are_unescaped_and_a_number_counts_more_than_a_path() -> None:
    table = r"""31 1 8:1 / /my\040disk rw - ext4 /dev/sda1 rw
32 1 8:2 / / rw - ext4 /dev/sda2 rw
"""
    found = mounts.parse(table)
    assert [mount.point for mount in found] == ["/my disk", "/"]
    inside = Path("/my disk/store")
    for number, device in ((None, "8:1"), (31, "8:1"), (32, "8:2")):
        mount = mounts.mount_of(inside, found, number)
        assert mount is not None
        assert mount.device == device
    assert mounts.mount_of(inside, found, 99) is None


@pytest.mark.parametrize(
    ("said", "state"),
    [
        ("FileVault is On.", "encrypted"),
        ("FileVault is Off.", "not encrypted"),
        ("FileVault is On.\nEncryption in progress: Percent completed = 4", "unknown"),
        ("FileVault is Off.\nDecryption in progress: Percent completed = 4", "unknown"),
        ("FileVault is On, but needs to be restarted to finish.", "unknown"),
        (None, "unknown"),
    ],
)
def test_filevault_is_asked_and_tells_of_the_volume_that_starts_the_mac_alone(said: str | None, state: str) -> None:
    assert elsewhere.by_filevault(Path("/Users/anna/store"), said).state == state
    assert elsewhere.by_filevault(Path("/Volumes/stick/store"), said).state == "unknown"


def test_bitlocker_is_not_known_and_efs_is_an_attribute() -> None:
    found = elsewhere.by_attributes(PureWindowsPath(r"C:\Users\anna"), 0x10)
    assert (found.state, found.known_by) == ("unknown", "manage-bde -status C:, as an administrator")
    assert elsewhere.by_attributes(PureWindowsPath(r"C:\Users\anna"), 0x4010).by == "EFS"


def test_another_system_is_not_guessed_at(tmp_path: Path) -> None:
    assert encryption_of(tmp_path, "freebsd14").state == "unknown"


def run(*arguments: object, text: str = "") -> None:
    subprocess.run(list(map(str, arguments)), input=text.encode(), check=True, timeout=60, capture_output=True)


@linux_only
@pytest.mark.skipif(
    not (shutil.which("gocryptfs") and shutil.which("fusermount3") and os.access("/dev/fuse", os.W_OK)),
    reason="gocryptfs and FUSE",
)
def test_a_real_gocryptfs_is_seen_and_gone_when_it_is_unmounted(tmp_path: Path) -> None:
    cipher, plain, word = tmp_path / "cipher", tmp_path / "plain", tmp_path / "word"
    for each in (cipher, plain):
        each.mkdir()
    word.write_text("of this test")
    run("gocryptfs", "-q", "-init", "-scryptn", 10, "-passfile", word, cipher)
    run("gocryptfs", "-q", "-passfile", word, cipher, plain)
    try:
        assert Linux().encryption_of(plain).told() == "encrypted by gocryptfs"
    finally:
        run("fusermount3", "-u", plain)
    assert Linux().encryption_of(plain) == Linux().encryption_of(tmp_path)


@pytest.fixture
def image(tmp_path: Path) -> Iterator[Path]:
    """Return a mount point for a file system in a file, taken away afterwards."""
    point = tmp_path / "mounted"
    point.mkdir()
    (tmp_path / "image").write_bytes(b"")
    os.truncate(tmp_path / "image", 64 * 1024 * 1024)
    yield point
    subprocess.run([shutil.which("umount") or "umount", str(point)], capture_output=True, check=False, timeout=60)


def loops() -> bool:
    return sys.platform == "linux" and os.geteuid() == 0 and Path("/dev/loop-control").exists()


@pytest.mark.root
@pytest.mark.skipif(not loops(), reason="root and loop devices")
def test_a_real_directory_of_fscrypt_is_told_from_the_one_beside_it(image: Path) -> None:
    import fscrypt_policy  # noqa: PLC0415 - of Linux alone

    run("mkfs.ext4", "-q", "-O", "encrypt", image.parent / "image")
    run("mount", "-o", "loop", image.parent / "image", image)
    for name in ("secret", "beside"):
        (image / name).mkdir()
    fscrypt_policy.encrypt(image, image / "secret")
    assert Linux().encryption_of(image / "secret").told() == "encrypted by fscrypt"
    assert Linux().encryption_of(image / "beside") == Linux().encryption_of(image.parent.parent)


@pytest.mark.root
@pytest.mark.skipif(
    not loops() or not shutil.which("cryptsetup") or not Path("/dev/mapper/control").exists(),
    reason="root, loop devices, cryptsetup and a kernel with a device mapper",
)
def test_a_real_luks_is_seen_below_the_mount(image: Path) -> None:
    file, name = image.parent / "image", f"showcase-{os.getpid()}"
    run("cryptsetup", "luksFormat", "-q", "--pbkdf", "pbkdf2", "--iter-time", 10, file, "-", text="of this test")
    run("cryptsetup", "open", file, name, "--key-file", "-", text="of this test")
    try:
        run("mkfs.ext4", "-q", f"/dev/mapper/{name}")
        run("mount", f"/dev/mapper/{name}", image)
        assert Linux().encryption_of(image).told().startswith("encrypted by dm-crypt (LUKS2)")
        run("umount", image)
        assert Linux().encryption_of(image) == Linux().encryption_of(image.parent)
    finally:
        run("cryptsetup", "close", name)
