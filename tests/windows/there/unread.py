"""Runs a command whose standard output nobody reads, leaves what it wrote to standard error, and ends as it did."""

import json
import subprocess
import sys
from pathlib import Path

if __name__ == "__main__":
    command = json.loads(Path(sys.argv[1]).read_text("utf-8"))
    with Path(sys.argv[1]).with_suffix(".err").open("wb") as err:
        process = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=err)
        process.stdout.close()
        status = process.wait()
    sys.exit(status)
