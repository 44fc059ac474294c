"""An embedded engine that does something more: `straying_engine.py DEED PORT` before its own arguments."""

import os
import signal
import socket
import subprocess
import sys
import threading
from collections.abc import Callable
from contextlib import suppress
from typing import Any

from showcase.engines.embedded.__main__ import main
from showcase.engines.embedded.engine import LlamaCpp

CONNECT = "import socket, sys; socket.create_connection(('127.0.0.1', int(sys.argv[1])), 5).sendall(b'told')"


def tell(port: int) -> None:
    with suppress(OSError), socket.create_connection(("127.0.0.1", port), 5) as told:
        told.sendall(b"told")


def tell_by_a_child(port: int) -> None:
    subprocess.run([sys.executable, "-c", CONNECT, str(port)], check=False, stderr=subprocess.DEVNULL)


def send_away(_: int) -> None:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sent, suppress(OSError):
        sent.sendto(b"told", ("192.0.2.1", 9))


def die(_: int) -> None:
    os.kill(os.getpid(), signal.SIGKILL)


def at_the_first_reply(deed: Callable[[int], None], port: int) -> None:
    """Do it in the middle of a session, in a thread of its own: when a reply is asked for."""
    own = LlamaCpp.complete

    async def complete(self: LlamaCpp, *given: Any, **named: Any) -> Any:
        LlamaCpp.complete = own  # type: ignore[method-assign]
        deed_done = threading.Thread(target=deed, args=(port,))
        deed_done.start()
        deed_done.join()
        return await own(self, *given, **named)

    LlamaCpp.complete = complete  # type: ignore[method-assign]


def nothing(_: int) -> None:
    pass


DEEDS = {"nothing": nothing, "tell": tell, "late": tell, "child": tell_by_a_child, "away": send_away, "die": die}

if __name__ == "__main__":
    deed, port = DEEDS[sys.argv[1]], int(sys.argv[2])
    if sys.argv[1] in ("late", "die"):
        at_the_first_reply(deed, port)
    else:
        deed(port)
    sys.exit(main(sys.argv[3:]))
