"""Start the server, and ask it twice, by its own model and by one with a cloud name: both.py [CLOUD-NAME [PROMPT]]."""

import os
import subprocess
import sys
from pathlib import Path

HERE = Path(__file__).resolve().parent
PORT = "11499"

name, prompt = [*sys.argv[1:], *("large-cloud", "my dog is called Biscuit")[len(sys.argv) - 1 :]]
for_server = dict(os.environ)
for_client = dict(os.environ)

with subprocess.Popen([sys.executable, str(HERE / "daemon.py"), PORT], env=for_server) as server:
    for model in ("small", name):
        subprocess.run([sys.executable, str(HERE / "client.py"), PORT, model, prompt], env=for_client, check=False)
    server.terminate()
