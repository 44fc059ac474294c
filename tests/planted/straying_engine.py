"""An embedded engine that does something more: `straying_engine.py DEED PORT` before its own arguments."""

import os
import signal
import socket
import subprocess
import sys
import threading
from collections.abc import Callable
from contextlib import suppress

from showcase.engines.embedded.__main__ import main

AFTER_S = 1.5

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


def once_ready(deed: Callable[[int], None], port: int) -> None:
    """Do it a moment after the engine said that it is ready, in the middle of a session."""
    write = sys.stdout.write

    def said(text: str) -> int:
        if '"ready"' in text:
            threading.Timer(AFTER_S, deed, (port,)).start()
        return write(text)

    sys.stdout.write = said  # type: ignore[method-assign]


def nothing(_: int) -> None:
    pass


DEEDS = {"nothing": nothing, "tell": tell, "late": tell, "child": tell_by_a_child, "away": send_away, "die": die}

if __name__ == "__main__":
    deed, port = DEEDS[sys.argv[1]], int(sys.argv[2])
    if sys.argv[1] in ("late", "die"):
        once_ready(deed, port)
    else:
        deed(port)
    sys.exit(main(sys.argv[3:]))
