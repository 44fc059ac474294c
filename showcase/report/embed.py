"""The run log inside the page."""

from __future__ import annotations

import base64
import gzip
import hashlib
from dataclasses import dataclass
from typing import TYPE_CHECKING

from showcase import runlog

if TYPE_CHECKING:
    from showcase.evidence import Run


@dataclass(frozen=True, slots=True)
class EmbeddedLog:
    """The log as a link that saves it. `sha256` is that of the JSON document as `run-log.json` holds it."""

    href: str
    sha256: str
    json_bytes: int
    packed_bytes: int


def embed(run: Run) -> EmbeddedLog:
    """Pack the log into a link; a link saves it also where scripts are off."""
    document = runlog.dump(run)
    packed = gzip.compress(document, compresslevel=9, mtime=0)  # no time stamp: the same log, the same page
    return EmbeddedLog(
        href="data:application/gzip;base64," + base64.b64encode(packed).decode("ascii"),
        sha256=hashlib.sha256(document).hexdigest(),
        json_bytes=len(document),
        packed_bytes=len(packed),
    )
