"""Whether what was deleted is in the files still, and what was erased is not."""

from __future__ import annotations

import re
from pathlib import PurePosixPath
from typing import TYPE_CHECKING

from showcase.documents import reading
from showcase.erasure import certificate
from showcase.errors import ShowcaseError
from showcase.inspection.look import place_of
from showcase.labs.workspace import NothingToSeeError, judged

if TYPE_CHECKING:
    from collections.abc import Iterator

    from showcase.labs.notebook import Check
    from showcase.labs.workspace import Workspace

SECRET = "The alarm code of the shop is 4711."  # noqa: S105 - a sentence of the lab's text
OTHER = "I take my tea without sugar."


def verify(workspace: Workspace) -> Iterator[Check]:
    """Yield what rows and bytes of both stores say, and the certificate of the second."""
    seen, only_other = _rows(workspace, "plain")
    yield judged("deleted", seen, holds=only_other)
    left = workspace.residue("plain", SECRET)
    names = {PurePosixPath(each.path).name for each in left.scan.residues}
    said = set(re.findall(r"[^\s,;&/\\]+\.\w+", workspace.finding("where").casefold()))
    yield judged(
        "still",
        f"files that have it: {len(names)}; you named {len(said & names)} of them, and of others {len(said - names)}",
        holds=only_other and left.status == "broken" and said == names,
    )
    seen, only_other = _rows(workspace, "erased")
    gone = workspace.residue("erased", SECRET)
    yield judged("erased", f"{seen}; {gone.reason}", holds=only_other and gone.status == "upheld")
    yield _certified(workspace)


def _rows(workspace: Workspace, store: str) -> tuple[str, bool]:
    """Return how many rows of a store have which sentence, and whether the other one alone is there."""
    texts = [row.text for row in workspace.rows(store)]
    secret, other = texts.count(SECRET), texts.count(OTHER)
    return f"{secret} rows have the sentence, {other} the other one", other > 0 and secret == 0


def _certified(workspace: Workspace) -> Check:
    try:
        data = reading.read(workspace.file("certificate.json"), limit=certificate.MAX_BYTES, files_only=True)
        found = certificate.load(data, source="certificate.json")
        own = [path.read_bytes() for _, path in certificate.issued(place_of(workspace.here / "erased"))]
    except (reading.UnreadableError, ShowcaseError, OSError) as error:
        raise NothingToSeeError(f"the certificate cannot be read: {error}") from error
    status, removed = certificate.derived(found).status, found.erasure.removed
    theirs = "this store wrote it" if data in own else "this store wrote another one, or none"
    return judged(
        "certified",
        f"{removed} rows removed, judged anew it is {status}; {theirs}",
        holds=status == "upheld" and removed > 0 and data in own,
    )
