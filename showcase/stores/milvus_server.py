"""Milvus Lite's server inside of this process, on a socket that its user alone may reach.

The library would have it listen at a port of 127.0.0.1, and it asks nobody who they are: while a store is open, every
user of the machine could read it and drop it. So it is started here, in the same way, on a Unix socket in a directory
of mode 0700; mem0 is told its address. Where there are no such sockets (Windows), the library's own way is all there
is.
"""

from __future__ import annotations

import atexit
import logging
import os
import shutil
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from showcase.errors import StoreError
from showcase.stores import private_place
from showcase.stores.errors import as_store_error
from showcase.stores.extras import imported

if TYPE_CHECKING:
    from showcase.settings.store_address import StoreAddress

_WORKERS = 4
_LARGEST = 256 * 1024 * 1024
"""Bytes of a message, as the library sets it."""

_GRACE_S = 2


@dataclass(slots=True)
class _Running:
    server: Any
    database: Any
    socket: Path
    holders: int = 0


_running: dict[str, _Running] = {}
"""By the path; it ends with the last table that holds it, or with the process."""


def url(address: StoreAddress, path: Path) -> str:
    """Return what pymilvus is told to reach a store by, which is opened for it where it is not yet.

    Raises:
        StoreError: Another process has it open, it cannot be read, or others may write to it.
        UsageError: The library is missing.
    """
    # They write what they were asked, with the stack, to the terminal; every error is raised as well.
    for name in ("pymilvus", "milvus_lite", "grpc._server"):
        logging.getLogger(name).setLevel(logging.CRITICAL)
    if os.name != "posix":
        return str(path)
    return f"unix:{_started(address, path).socket}"


def hold(address: StoreAddress, path: Path) -> str:
    """Return the same for a table, which lets go of it by `let_go`."""
    found = url(address, path)
    if os.name == "posix":
        _started(address, path).holders += 1
    return found


def let_go(path: Path) -> None:
    """Let go of a store; with the last one that does, another process may open it."""
    if os.name != "posix":
        imported("milvus", "milvus_lite.server_manager").server_manager_instance.release_server(str(path))
        return
    key = str(path.resolve())
    running = _running.get(key)
    if running is None:
        return
    running.holders -= 1
    if running.holders <= 0:
        _end(key)


def _started(address: StoreAddress, path: Path) -> _Running:
    running = _running.get(str(path.resolve()))
    if running is not None:
        return running
    if path.is_file():
        raise StoreError(
            f"{path} is a file, as Milvus Lite 2 kept its rows in; Milvus Lite 3 has a directory and reads none",
            hint="name another path: --store milvus:DIR",
        )
    lite, grpc = imported("milvus", "milvus_lite"), imported("milvus", "grpc")
    servicer = imported("milvus", "milvus_lite.adapter.grpc.servicer")
    generated = imported("milvus", "pymilvus.grpc_gen.milvus_pb2_grpc")
    from concurrent import futures  # noqa: PLC0415 - with what needs it

    real = private_place.checked(path)
    try:
        database = lite.MilvusLite(str(real))
        # One that was opened answers no search before it is told to, and mem0 does not tell it.
        for name in database.list_collections():
            database.get_collection(name).load()
    except lite.DataDirLockedError as error:
        raise StoreError(
            f"another process has the store {address} open, and Milvus Lite is for one alone",
            hint="end that one first; several at once take a server, such as --store postgresql://",
        ) from error
    except Exception as error:
        raise as_store_error(address, error) from error
    sizes = [("grpc.max_receive_message_length", _LARGEST), ("grpc.max_send_message_length", _LARGEST)]
    server = grpc.server(futures.ThreadPoolExecutor(max_workers=_WORKERS), options=sizes)
    generated.add_MilvusServiceServicer_to_server(servicer.MilvusServicer(database), server)
    socket = Path(tempfile.mkdtemp(prefix="milvus-")) / "socket"
    server.add_insecure_port(f"unix:{socket}")
    server.start()
    running = _running[str(real)] = _Running(server=server, database=database, socket=socket)
    return running


def _end(key: str) -> None:
    running = _running.pop(key)
    running.server.stop(grace=_GRACE_S).wait()
    running.database.close()
    shutil.rmtree(running.socket.parent, ignore_errors=True)


@atexit.register
def _end_all() -> None:
    for key in list(_running):
        _end(key)
