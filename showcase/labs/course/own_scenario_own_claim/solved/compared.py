"""Rows of session 3 are those of the scenario's second user: my_claim.py LOG. It needs scenario.toml."""

import json
import sys
from pathlib import Path

log = json.loads(Path(sys.argv[1]).read_text("utf-8"))
told = (Path(__file__).resolve().parent / "scenario.toml").read_text("utf-8")
rows = next((each["recalled"] for each in log["sessions"] if each["number"] == 3), None)
second = told.rpartition("[[users]]")[2]
if not rows:
    print("inconclusive: session 3 recalled nothing")
elif all(row["text"] in second and row["user_id"] in second for row in rows):
    print("upheld: all rows are the second user's")
else:
    print("broken: a row is not the second user's")
