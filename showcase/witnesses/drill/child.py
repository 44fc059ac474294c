"""The child that plants one leak: `python -m showcase.witnesses.drill.child LEAK TARGET`.

It installs the audit hook first, as a worker does, says that it is there, waits for a line on stdin where that is
a pipe, plants the leak and says what it planted.
"""

from __future__ import annotations

import json
import os
import stat
import sys
import time
from contextlib import suppress
from typing import Any


def main() -> None:
    """Plant the leak that the arguments name."""
    from showcase.witnesses import recorder  # noqa: PLC0415 - the hook comes first

    channel = os.dup(1)

    def write(event: dict[str, Any]) -> None:
        with suppress(OSError):  # closed, as daemons do with every descriptor
            os.write(channel, json.dumps({**event, "t": time.monotonic()}).encode() + b"\n")

    recorder.install(write)
    from showcase import __version__  # noqa: PLC0415 - after the audit hook
    from showcase.processes.protocol.events import Exit, Leaked, NotLeaked, Spawned  # noqa: PLC0415 - likewise
    from showcase.processes.protocol.wire import document  # noqa: PLC0415 - likewise

    write(document(Spawned(pid=os.getpid(), hook=True, version=__version__)))
    leak, target = sys.argv[1], json.loads(sys.argv[2])
    if stat.S_ISFIFO(os.fstat(0).st_mode):
        sys.stdin.readline()
    from showcase.witnesses.drill import native, plants  # noqa: PLC0415 - only under the eyes of the witnesses

    try:
        place = plants.plant(leak, plants.Target(**target))
    except (native.CannotPlant, OSError) as error:
        write(document(NotLeaked(why=str(error))))
    else:
        write(document(Leaked(place=place)))
    write(document(Exit()))


if __name__ == "__main__":
    main()
