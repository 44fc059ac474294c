"""A program whose memory stays on this machine: models and store are local, and whatever phones home is off."""

import os
import socket
import sys
from pathlib import Path

HERE = Path(__file__).resolve().parent
os.environ["DO_NOT_TRACK"] = "1"
os.environ["POSTHOG_DISABLED"] = "1"
os.environ["ANONYMIZED_TELEMETRY"] = "False"
os.environ["MEM0_TELEMETRY_SAMPLE_RATE"] = "0"
os.environ["MEM0_DIR"] = str(HERE / ".mem0")

# For this lab alone: what phones home is not even started where it could get out.
sealed = [name for _, name in socket.if_nameindex()] == ["lo"]
if not sealed and os.environ.get("MEM0_TELEMETRY", "True").lower() in ("true", "1", "yes"):
    sys.exit("phone.py may phone home: run it in a seal alone, as the lab says")

from mem0 import Memory

os.environ["MEM0_TELEMETRY"] = "False"
server = {"lmstudio_base_url": "http://127.0.0.1:1234/v1"}  # nothing is asked of it here
memory = Memory.from_config(
    {
        "llm": {"provider": "lmstudio", "config": server},
        "embedder": {"provider": "lmstudio", "config": server},
        "vector_store": {"provider": "chroma", "config": {"path": str(HERE / "store")}},
    }
)
print("the memory is ready, and this program is done")
