"""The run log inside the page."""

from __future__ import annotations

import base64
import binascii
import gzip
import hashlib
import re
import zlib
from dataclasses import dataclass
from typing import TYPE_CHECKING

from showcase import runlog

if TYPE_CHECKING:
    from showcase.evidence import Run


_GZIP = 16
"""Added to the window's size: what follows has a gzip header (zlib.h, inflateInit2)."""


@dataclass(frozen=True, slots=True)
class EmbeddedLog:
    """The log as a link that saves it. `sha256` is that of the JSON document as `run-log.json` holds it."""

    href: str
    sha256: str
    json_bytes: int
    packed_bytes: int


_LINK = re.compile(rb'href="data:application/gzip;base64,([A-Za-z0-9+/=]+)"')


def embedded(page: bytes) -> bytes | None:
    """Return the log that a page of ours holds, None where it holds none or more than one.

    Raises:
        ValueError: What it holds is damaged, or larger than a log may be.
    """
    found = _LINK.findall(page)
    if len(found) != 1:
        return None
    try:
        unpacked = zlib.decompressobj(wbits=zlib.MAX_WBITS | _GZIP)
        document = unpacked.decompress(base64.b64decode(found[0], validate=True), runlog.MAX_BYTES)
    except (zlib.error, binascii.Error) as error:
        raise ValueError(f"the log in the page is damaged: {error}") from error
    if not unpacked.eof:
        raise ValueError("the log in the page is cut off, or larger than a log may be")
    return document


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
