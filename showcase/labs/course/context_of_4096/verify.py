"""Whether a prompt that was cut stored nothing, how long it is, and whether the mended program has room for it."""

from __future__ import annotations

import http.client
import json
import secrets
import shutil
import tempfile
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING, Any

from showcase.labs import programs
from showcase.labs.workspace import NothingToSeeError, judged, listed, unmet

if TYPE_CHECKING:
    from collections.abc import Iterator

    from showcase.labs.notebook import Check
    from showcase.labs.workspace import Workspace

PROGRAM = "remember.py"
SMALL = 4096
ANSWER = 2000
"""Tokens that mem0 lets the model answer."""

NEAR = 0.03
"""How far a finding may be from the server's count: the sentences may be one's own."""

LIMIT_S = 30.0
_MOST_BYTES = 1_000_000


def verify(workspace: Workspace) -> Iterator[Check]:
    """Yield what the stores and the server's counts say, and what the program does with an engine of our own."""
    counts = read_counts(workspace.file("counts.json"))
    rows = workspace.rows(f"store-{SMALL}")
    asked = [str(read) for num_ctx, read in counts if num_ctx == SMALL]
    yield judged(
        "lost",
        f"in a context of {SMALL} the server read {listed(asked)}; memories stored: {len(rows)}",
        holds=bool(asked) and not rows,
    )
    whole = max((read for num_ctx, read in counts if read < num_ctx and num_ctx > SMALL), default=None)
    finding = workspace.finding("whole")
    if whole is None:
        yield unmet("why", f"you say {finding}; in every run so far the server read as much as the context holds")
    else:
        said = "".join(letter for letter in finding if letter.isdigit())
        near = said.isdigit() and abs(int(said[:9]) - whole) <= NEAR * whole
        yield judged("why", f"you say {finding}; the server read {whole} where there was room", holds=near)
    yield from with_an_engine(workspace, whole)


def read_counts(path: Path) -> list[tuple[int, int]]:
    """Return context and count of each request that the program kept.

    Raises:
        NothingToSeeError: The file is something else.
    """
    try:
        with path.open("rb") as file:
            document: Any = json.loads(file.read(_MOST_BYTES))
        return [(int(each["num_ctx"]), int(each["prompt_eval_count"])) for each in document]
    except (OSError, ValueError, TypeError, KeyError, OverflowError, RecursionError) as error:
        raise NothingToSeeError(f"{path.name} is not what {PROGRAM} writes") from error


def with_an_engine(workspace: Workspace, whole: int | None) -> Iterator[Check]:
    """Run the program elsewhere, with facts that it does not know, and look at its store and at the engine."""
    numbers = [str(secrets.randbelow(90000) + 10000) for _ in range(3)]
    facts = [
        f"My {what} number is {number}." for what, number in zip(("locker", "badge", "room"), numbers, strict=True)
    ]
    with tempfile.TemporaryDirectory() as new:
        elsewhere = Path(new)
        shutil.copyfile(workspace.file(PROGRAM), elsewhere / PROGRAM)
        with programs.environment(elsewhere, engine=True) as around:
            command = (programs.PYTHON, str(elsewhere / PROGRAM), *facts)
            ran = programs.run(command, around, elsewhere, timeout_s=LIMIT_S)
            contexts = loaded(around["OLLAMA_HOST"])
        stores = [path.parent for path in elsewhere.rglob("chroma.sqlite3")]
        stored = [row.text or "" for store in stores for row in workspace.rows(str(store))]
    found = [number for number in numbers if any(number in text for text in stored)]
    told = f"{len(found)} of 3 facts are stored, in {len(stored)} memories"
    if ran.status != 0:
        told += f"; {PROGRAM} did not end well: {ran.last_line[:200]}"
    if not contexts:
        told += "; no chat model was asked"
    yield judged("stored", told, holds=len(found) == len(facts) and bool(contexts))
    if whole is None:
        raise NothingToSeeError("how long the whole prompt is has not been seen yet")
    in_force = min(contexts, default=0)
    yield judged(
        "room",
        f"the context in force was {in_force}, the prompt has {whole}, an answer up to {ANSWER}",
        holds=in_force >= whole + ANSWER,
    )


def loaded(host: str) -> list[int]:
    """Return the contexts of the chat models that an engine has loaded."""
    with closing(http.client.HTTPConnection(host.removeprefix("http://"), timeout=10)) as connection:
        connection.request("GET", "/api/ps")
        models = json.loads(connection.getresponse().read())["models"]
    return [int(each["context_length"]) for each in models if "embed" not in each["name"]]
