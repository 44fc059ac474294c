"""A worker of another version: `older_worker.py` says which, or what another version would say."""

import sys

from showcase import worker
from showcase.processes.protocol import wire

original = wire.document


def document(event: object) -> dict[str, object]:
    said = original(event)  # type: ignore[arg-type]
    if said["event"] == "spawned":
        said.update(version="0.0.9", mood="fine")
    return said


wire.document = document  # type: ignore[assignment]

if __name__ == "__main__":
    sys.exit(worker.main())
