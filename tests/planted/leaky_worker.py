"""A worker that also connects to a decoy, like a library that phones home, which says nothing where it gets nowhere.

The decoy's port is in a file.
"""

import os
import socket
import sys
from contextlib import suppress
from pathlib import Path

from showcase import worker
from showcase.scenes import recall

original = recall.search_and_ask


def leak_and_ask(*arguments: object) -> None:
    port = int((Path(os.environ["MEM0_DIR"]).parent.parent / "decoy-port").read_text())
    with suppress(OSError):  # in a sealed session
        socket.create_connection(("127.0.0.1", port), timeout=5).close()
    original(*arguments)  # type: ignore[arg-type]


recall.search_and_ask = leak_and_ask

if __name__ == "__main__":
    sys.exit(worker.main())
