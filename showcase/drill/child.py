"""The child that plants one leak: `python -m showcase.drill.child LEAK TARGET`.

It installs the audit hook first, as a worker does, says that it is there, waits for a line on stdin where that is
a pipe, plants the leak and says what it planted.
"""

from __future__ import annotations

import json
import os
import stat
import sys
from contextlib import suppress
from typing import Any


def main() -> None:
    """Plant the leak that the arguments name."""
    from showcase.witnesses import recorder  # noqa: PLC0415 - the hook comes first

    channel = os.dup(1)

    def emit(event: dict[str, Any]) -> None:
        with suppress(OSError):  # closed, as daemons do with every descriptor
            os.write(channel, json.dumps(event).encode() + b"\n")

    recorder.install(emit)
    emit({"event": "spawned", "pid": os.getpid(), "hook": True})
    leak, target = sys.argv[1], json.loads(sys.argv[2])
    if stat.S_ISFIFO(os.fstat(0).st_mode):
        sys.stdin.readline()
    from showcase.drill import native, plants  # noqa: PLC0415 - only under the eyes of the witnesses

    try:
        place = plants.plant(leak, plants.Target(**target))
    except (native.CannotPlant, OSError) as error:
        emit({"event": "not planted", "why": str(error)})
    else:
        emit({"event": "planted", "place": place})
    emit({"event": "exit"})


if __name__ == "__main__":
    main()
