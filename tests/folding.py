"""A file system in which case makes no other name, mounted for a test: by root, where this system has one."""

from __future__ import annotations

import os
import subprocess
from contextlib import contextmanager
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

_BYTES = 64 * 1024 * 1024


@contextmanager
def folding(directory: Path) -> Iterator[Path]:
    """Yield a directory where case makes no other name: of ext4, else of exFAT, whose driver is a program.

    The test is skipped where neither can be made or mounted.
    """
    image, place = directory / "image", directory / "place"
    image.touch()
    os.truncate(image, _BYTES)
    place.mkdir()
    made = _done("mkfs.ext4", "-q", "-O", "casefold", "-E", "encoding=utf8", image)
    if made and _done("mount", "-o", "loop", image, place):
        try:
            (place / "folds").mkdir()
            assert _done("chattr", "+F", place / "folds")
            yield place / "folds"
        finally:
            assert _done("umount", place)
        return
    device = _said("losetup", "--find", "--show", image)
    if device is None:
        pytest.skip("there are no loop devices here")
    try:
        if not _done("mkfs.exfat", image) or not _done("mount.exfat-fuse", device, place):
            pytest.skip("this system makes, or mounts, no file system that folds case: ext4's casefold, exfat-fuse")
        try:
            yield place
        finally:
            assert _done("umount", place)
    finally:
        assert _done("losetup", "--detach", device)


def _done(*command: str | Path) -> bool:
    return _said(*command) is not None


def _said(*command: str | Path) -> str | None:
    try:
        done = subprocess.run(command, check=False, capture_output=True, text=True)
    except OSError:  # there is no such program
        return None
    return None if done.returncode else done.stdout.strip()
