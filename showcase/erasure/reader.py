"""The process that verifies: `python -m showcase.erasure.reader`, which is told on standard input what to look for.

On standard input, because a command line is there for every user of a machine to read.
"""

from __future__ import annotations

import base64
import json
import os
import shutil
import subprocess
import sys
from contextlib import suppress
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING

from showcase.documents.leftovers import temporary
from showcase.documents.overwriting import clear
from showcase.erasure import places
from showcase.erasure.controls import controls
from showcase.erasure.patterns import patterns
from showcase.erasure.scanning import scan
from showcase.erasure.subject import Subject
from showcase.errors import StoreError
from showcase.evidence.erasure import Sought, Verified
from showcase.memory.chroma_client import ChromaClient, forget_opened
from showcase.memory.history_copy import digest_of_tables
from showcase.memory.rebuilding import Going, Rebuilt, digest_of, history_files, own_files
from showcase.memory.store_files import HISTORY
from showcase.settings.store_place import StorePlace

if TYPE_CHECKING:
    from collections.abc import Sequence

_TIMEOUT_S = 3600.0
_LOOK_AGAIN = "the rows are gone; look again at what is left: showcase inspect --residue TEXT"


def verify(place: StorePlace, subject: Subject, going: Going, also: Sequence[Path] = ()) -> Verified:
    """Scan, then read a copy of the store with Chroma: it writes to what it reads, memory of this process too."""
    listing = places.listing(place, also)
    seen = scan(patterns(subject), listing.files, canaries=controls(listing.files), missed=listing.missed)
    left = state_of(place)
    with temporary("showcase-verify-") as top:
        try:
            copy = StorePlace(root=top, chroma=top / "chroma", home=top / "home")
            copy.chroma.mkdir()
            for path in own_files(place):
                target = copy.chroma / path.name
                shutil.copytree(path, target) if path.is_dir() else shutil.copyfile(path, target)
            stays, by_id = _read(copy, going)
        finally:
            clear(top)
    return Verified(
        scan=seen,
        rows=stays.rows,
        digest=stays.digest,
        history=digest_of_tables(place.home / HISTORY),
        by_id=by_id,
        left=left,
    )


def _read(place: StorePlace, going: Going) -> tuple[Rebuilt, int]:
    """Return what stays, and how many of the rows that went are still got by their ids."""
    by_id = 0
    try:
        with ChromaClient(place) as client:
            stays = digest_of(client, going)
            for name in client.names():
                with client.translated():
                    collection = client.opened().get_collection(name, embedding_function=None)
                    answer = collection.get(ids=sorted(going.ids), include=["metadatas"]) if going.ids else {}
                by_id += sum((each or {}).get("user_id") == going.user_id for each in answer.get("metadatas") or ())
    finally:
        forget_opened()
    return stays, by_id


def state_of(place: StorePlace) -> str:
    """Return a digest of the names and contents of the store's own files."""
    import hashlib  # noqa: PLC0415 - only here

    found = hashlib.sha256()
    for top in (*own_files(place), *history_files(place)):
        for path in sorted(top.rglob("*")) if top.is_dir() else [top]:
            if path.is_file():
                with path.open("rb") as file:
                    while piece := file.read(1024 * 1024):
                        found.update(piece)
                found.update(path.name.encode())
    return found.hexdigest()


def in_another_process(place: StorePlace, subject: Subject, going: Going, also: Sequence[Path]) -> Verified:
    """Let another process of this program verify.

    Raises:
        StoreError: It ended without an answer.
    """
    from pydantic import TypeAdapter, ValidationError  # noqa: PLC0415 - heavy

    document = {
        "root": str(place.root),
        "chroma": str(place.chroma),
        "home": str(place.home),
        "subject": asdict(written(subject)),
        "going": {"user_id": going.user_id, "ids": sorted(going.ids), "everything": going.everything},
        "also": [str(path) for path in also],
    }
    source = Path(__file__).parents[2]
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join([str(source), *sys.path[1:2]])}
    try:
        done = subprocess.run(
            [sys.executable, "-m", "showcase.erasure.reader"],
            input=json.dumps(document).encode(errors="surrogatepass"),
            capture_output=True,
            timeout=_TIMEOUT_S,
            check=False,
            env=environment,
        )
    except subprocess.TimeoutExpired as error:
        raise StoreError(
            f"the process that was to verify did not end within {_TIMEOUT_S:g} s", hint=_LOOK_AGAIN
        ) from error
    try:
        return TypeAdapter(Verified).validate_json(done.stdout)
    except ValidationError as error:
        said = done.stderr.decode(errors="replace").strip().splitlines()[-1:] or ["nothing"]
        raise StoreError(
            f"the process that was to verify ended with {done.returncode} and said: {said[0]}",
            hint=_LOOK_AGAIN,
        ) from error


def written(subject: Subject) -> Sought:
    """Return a subject as a process is told it."""
    return Sought(
        texts=subject.texts,
        ids=subject.ids,
        vectors=tuple(base64.b64encode(each).decode() for each in subject.vectors),
        kept=subject.kept,
        kept_vectors=tuple(
            base64.b64encode(each).decode() for each in sorted(subject.kept_vectors & set(subject.vectors))
        ),
        plain=subject.plain,
    )


def read(sought: Sought) -> Subject:
    """Return the subject that `written` wrote."""
    return Subject(
        texts=sought.texts,
        ids=sought.ids,
        vectors=tuple(base64.b64decode(each) for each in sought.vectors),
        kept=sought.kept,
        kept_vectors=frozenset(base64.b64decode(each) for each in sought.kept_vectors),
        plain=sought.plain,
    )


def main() -> None:
    """Verify what standard input tells, and answer on standard output."""
    from pydantic import TypeAdapter  # noqa: PLC0415 - heavy

    channel = os.dup(1)
    os.dup2(2, 1)  # whatever a library prints is no answer
    document = json.loads(sys.stdin.buffer.read())
    place = StorePlace(root=Path(document["root"]), chroma=Path(document["chroma"]), home=Path(document["home"]))
    going = document["going"]
    found = verify(
        place,
        read(Sought(**{name: tuple(each) for name, each in document["subject"].items()})),
        Going(user_id=going["user_id"], ids=frozenset(going["ids"]), everything=going["everything"]),
        [Path(each) for each in document["also"]],
    )
    with suppress(BrokenPipeError), os.fdopen(channel, "wb") as answer:
        answer.write(TypeAdapter(Verified).dump_json(found))


if __name__ == "__main__":
    main()
