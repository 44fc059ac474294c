"""An embedded engine that does something more: `straying_engine.py DEED PORT` before its own arguments."""

import os
import signal
import socket
import subprocess
import sys
import threading
import time
from contextlib import suppress

from showcase.engines.embedded.__main__ import main

CONNECT = "import socket, sys; socket.create_connection(('127.0.0.1', int(sys.argv[1])), 5).sendall(b'told')"


def tell(port: int) -> None:
    with suppress(OSError), socket.create_connection(("127.0.0.1", port), 5) as told:
        told.sendall(b"told")


def tell_late(port: int) -> None:
    time.sleep(2.5)
    tell(port)


def tell_by_a_child(port: int) -> None:
    subprocess.run([sys.executable, "-c", CONNECT, str(port)], check=False, stderr=subprocess.DEVNULL)


def send_away(_: int) -> None:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sent, suppress(OSError):
        sent.sendto(b"told", ("192.0.2.1", 9))


def die(_: int) -> None:
    time.sleep(4)
    os.kill(os.getpid(), signal.SIGKILL)


DEEDS = {"tell": tell, "late": tell_late, "child": tell_by_a_child, "away": send_away, "die": die}

if __name__ == "__main__":
    deed, port = DEEDS[sys.argv[1]], int(sys.argv[2])
    if sys.argv[1] in ("late", "die"):
        threading.Thread(target=deed, args=(port,), daemon=True).start()
    else:
        deed(port)
    sys.exit(main(sys.argv[3:]))
