"""What a supervisor writes down: JSON lines in a private file, each written before the call is answered."""

from __future__ import annotations

import errno
import json
import os
import time
from typing import Any

_FLAGS = os.O_WRONLY | os.O_CREAT | os.O_APPEND | os.O_CLOEXEC


class Records:
    """The file. Every line is one `write`, so that whatever kills the supervisor leaves whole lines."""

    def __init__(self, path: str) -> None:
        self._descriptor = os.open(path, _FLAGS, 0o600)
        self._seen: dict[tuple[object, ...], dict[str, Any]] = {}

    def write(self, event: str, **fields: object) -> None:
        """Append one line with the moment, in `time.monotonic` seconds of this machine."""
        record = {"t": round(time.monotonic(), 6), "event": event, **fields}
        line = json.dumps(record, separators=(",", ":")).encode() + b"\n"
        if os.write(self._descriptor, line) != len(line):  # a limit of ours was set, or there is no room
            raise OSError(errno.EFBIG, "a record was cut")

    def write_once(self, key: tuple[object, ...], **fields: object) -> None:
        """Append a call where none with this key was; count it otherwise, for `close` to say."""
        seen = self._seen.get(key)
        if seen is None:
            self.write("call", **fields)
            self._seen[key] = {**fields, "repeats": 0, "last": 0.0}
        else:
            seen["repeats"] += 1
            seen["last"] = round(time.monotonic(), 6)

    def close(self, **totals: object) -> None:
        """Append how often calls were repeated, then the line without which a reader knows we were killed."""
        for seen in self._seen.values():
            if seen["repeats"]:
                self.write("repeated", **seen)
        self.write("end", **totals)
        os.close(self._descriptor)
