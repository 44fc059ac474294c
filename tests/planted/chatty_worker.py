"""A worker in which a library's telemetry switch is on: an OTel endpoint of Chroma's, on a port where nobody is."""

import os
import sys

from showcase import worker
from showcase.scenes import stage

original = stage.Stage.say_switches


def switch_on(self: stage.Stage) -> None:
    # After the client was made: the setting is in force for whatever reads it next, and nothing is sent.
    os.environ["CHROMA_OTEL_COLLECTION_ENDPOINT"] = "http://127.0.0.1:9"
    original(self)


stage.Stage.say_switches = switch_on  # type: ignore[method-assign]

if __name__ == "__main__":
    sys.exit(worker.main())
