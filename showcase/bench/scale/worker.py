"""One step's two processes: `python -m showcase.bench.scale.worker fill|ask ORDER`.

Each is a process of its own, since what memory a store takes is not to be told from what filling it took, and the
first query of a process that filled it is no first query. Lines of JSON go to stdout: `doing`, and at last `result`.
"""

from __future__ import annotations

import json
import statistics
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

import psutil

from showcase.bench.scale import arms
from showcase.bench.scale.rows import Rows, is_of, nearest, row_id, text, user_id

if TYPE_CHECKING:
    from collections.abc import Sequence

BULK = 1000
"""Rows that are added at once, of one user, who may have fewer."""

SINGLES = 20
"""Rows that are added one by one, after all others."""

ASKING = 5
"""Users that ask, in turn."""

NEAREST = 10


def main() -> None:
    """Do what is ordered."""
    order = json.loads(sys.argv[2])
    rows = Rows(order["rows"], order["users"])
    _write(result=(_fill if sys.argv[1] == "fill" else _ask)(order, rows))


def _write(**line: object) -> None:
    sys.stdout.write(json.dumps(line) + "\n")
    sys.stdout.flush()


def _fill(order: dict[str, Any], rows: Rows) -> dict[str, Any]:
    arms.load(order["arm"])
    singly = [number % rows.users for number in range(min(SINGLES, rows.users * (rows.own // 2)))]
    bulk_s, bulked, singles = 0.0, 0, []
    last: dict[int, list[Sequence[float]]] = {}
    with arms.opened(order["arm"], Path(order["directory"])) as store:

        def add(user: int, held: list[Sequence[float]], begin: int) -> float:
            some = {row_id(user, begin + at): (text(user, begin + at), vector) for at, vector in enumerate(held)}
            began = time.perf_counter()
            store.add(user_id(user), some)
            return time.perf_counter() - began

        for user in range(rows.users):
            vectors = rows.vectors(user)
            until = rows.own - singly.count(user)
            last[user] = vectors[until:].tolist()
            for begin in range(0, until, BULK):
                bulk_s += add(user, vectors[begin : min(begin + BULK, until)].tolist(), begin)
                bulked += min(begin + BULK, until) - begin
                _write(doing=f"storing, {bulked:,} of {rows.own * rows.users:,} rows")
        for user in singly:
            held = last[user]
            singles.append(add(user, held[:1], rows.own - len(held)) * 1000)
            del held[:1]
    return {"bulk_s": bulk_s, "bulked": bulked, "single_ms": singles}


def _ask(order: dict[str, Any], rows: Rows) -> dict[str, Any]:
    users = range(min(ASKING, rows.users))
    held = {user: rows.vectors(user) for user in users}
    # The first of each user opens what is opened once, and is not among those that are called warm.
    asked = [
        (number % len(users), rows.question(number % len(users), number, held[number % len(users)]))
        for number in range(len(users) + order["queries"])
    ]
    arms.load(order["arm"])
    answers, took = [], []
    before = psutil.Process().memory_info().rss
    began = time.perf_counter()
    with arms.opened(order["arm"], Path(order["directory"])) as store:
        for user, vector in asked:
            answers.append(store.search(user_id(user), vector, NEAREST))
            took.append((time.perf_counter() - began) * 1000)
            began = time.perf_counter()
        after = psutil.Process().memory_info().rss
    judged = [judge(user, held[user], vector, found) for (user, vector), found in zip(asked, answers, strict=True)]
    return {
        "first_ms": took[0],
        "opening_ms": statistics.median(took[1 : len(users)]) if len(users) > 1 else None,
        "query_ms": took[len(users) :],
        "recall": [recalled for recalled, _ in judged],
        "foreign": sum(foreign for _, foreign in judged),
        "returned": sum(len(found) for found in answers),
        "memory_before": before,
        "memory_after": after,
    }


def judge(user: int, vectors: Any, asked: list[float], found: Sequence[str]) -> tuple[float, int]:  # noqa: ANN401 - numpy's array
    """Return the share of the nearest rows of a user that were found, and how many found rows are somebody else's."""
    wanted = {row_id(user, number) for number in nearest(vectors, asked, NEAREST)}
    return len(wanted.intersection(found)) / len(wanted), sum(not is_of(each, user) for each in found)


if __name__ == "__main__":
    main()
