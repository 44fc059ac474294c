"""Whoever asked in session 3 was given rows of their own, and of nobody else: my_claim.py LOG."""

import json
import sys
from typing import Any


def judge(log: dict[str, Any]) -> str:
    """Return what follows from a log."""
    session = next((each for each in log["sessions"] if each["number"] == 3), None)
    if session is None:
        return "upheld: no session was given anything of another"
    rows = session["recalled"] or []
    others = [row["text"] for row in rows if row["user_id"] != session["user_id"]]
    if others:
        return f"broken: {session['user_id']} was given {others[0]!r}"
    return f"upheld: {len(rows)} rows were recalled, all of {session['user_id']}"


try:
    with open(sys.argv[1], encoding="utf-8") as file:  # noqa: PTH123 - as anybody opens a file
        print(judge(json.load(file)))
except (ValueError, KeyError, TypeError, AttributeError) as error:
    print(f"inconclusive: this is no run log: {error!r}")
