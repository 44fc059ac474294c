"""Isolation, as the log has it: my_claim.py LOG."""

import json
import sys
from pathlib import Path

log = json.loads(Path(sys.argv[1]).read_text("utf-8"))
found = [claim["status"] for claim in log["claims"] if claim["id"] == "isolation"]
print(f"{found[0]}: isolation, by the log" if found else "inconclusive: the log does not say")
