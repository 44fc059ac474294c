"""My claim about a run, from its log alone: my_claim.py LOG."""

import json
import sys
from typing import Any


def judge(log: dict[str, Any]) -> str:
    """Return what follows from a log: "upheld: why", "broken: why" or "inconclusive: why"."""
    session = next((each for each in log["sessions"] if each["number"] == 3), None)
    if session is None:
        return "inconclusive: there is no session 3"
    return "inconclusive: I have not looked at anything yet"


with open(sys.argv[1], encoding="utf-8") as file:  # noqa: PTH123 - as anybody opens a file
    print(judge(json.load(file)))
