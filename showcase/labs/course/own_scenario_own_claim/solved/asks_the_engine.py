"""Whoever asked in session 3 was given rows of their own, if the engine is still there: my_claim.py LOG."""

import json
import socket
import sys
from pathlib import Path

log = json.loads(Path(sys.argv[1]).read_text("utf-8"))
engine = log["engine"]["endpoint"]
with socket.socket() as connection:
    answers = connection.connect_ex((engine["address"], engine["port"])) == 0
session = next((each for each in log["sessions"] if each["number"] == 3), None)
rows = None if session is None else session["recalled"]
if session is None or not rows:
    print("inconclusive: session 3 recalled nothing")
elif all(row["user_id"] == session["user_id"] for row in rows):
    print(f"upheld: all rows are the user's own, and the engine {'answers' if answers else 'is gone'}")
else:
    print("broken: a row is another user's")
