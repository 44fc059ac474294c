"""Make two logs of the run's own: one in which my claim is broken, one that lacks what it looks at."""

import json
from pathlib import Path

HERE = Path(__file__).resolve().parent
LOG = (HERE / "run" / "run-log.json").read_text("utf-8")

broken = json.loads(LOG)

unseen = json.loads(LOG)
unseen["sessions"][2]["recalled"] = None

for name, log in (("broken.json", broken), ("unseen.json", unseen)):
    (HERE / name).write_text(json.dumps(log, indent=1) + "\n", "utf-8")
