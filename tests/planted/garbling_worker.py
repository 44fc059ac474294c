"""A worker in which half a line gets into the channel of events, so that the next event is lost."""

import os
import sys

from showcase import worker

original = worker.Channel._write


def garble(self: worker.Channel, line: bytes) -> None:
    if b'"searched"' in line:
        os.write(self._pipe, b'{"event": "sea')
    original(self, line)


worker.Channel._write = garble  # type: ignore[method-assign]

if __name__ == "__main__":
    sys.exit(worker.main())
