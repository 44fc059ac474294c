"""The leak that is planted for the witnesses of an audit: a process that connects to a listener of its own.

Its own, because a process in a seal can reach nobody else. `python control.py SECONDS` is that process.
"""

from __future__ import annotations

import json
import socket
import subprocess
import sys
import time
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

    from showcase.witnesses.panel import Decoy, Panel

END_S = 20.0


class PlantedLeak:
    """The process beside the command, under the same witnesses. It never has the terminal.

    Args:
        panel: The witnesses.
        environment: Its environment, which carries what the command's does.
        hold_s: How long it holds its connection.
    """

    def __init__(self, panel: Panel, environment: Mapping[str, str], hold_s: float) -> None:
        from showcase.witnesses.panel import CONTROL_ROLE  # noqa: PLC0415 - the planted process reads this file too

        self._panel = panel
        self._role = CONTROL_ROLE
        self._child = subprocess.Popen(
            panel.wrap(CONTROL_ROLE, (sys.executable, __file__, str(hold_s))),
            env=dict(environment),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
        )

    def finish(self) -> Decoy | None:
        """Wait for its end; return what it did, None where it did not get that far."""
        from showcase.evidence import Endpoint  # noqa: PLC0415 - as above
        from showcase.witnesses.panel import Decoy  # noqa: PLC0415 - as above

        try:
            told, _ = self._child.communicate(timeout=END_S)
        except subprocess.TimeoutExpired:
            self._child.kill()
            told, _ = self._child.communicate()
        self._panel.leave(self._role, self._child.pid)
        try:
            facts = json.loads(told)
        except ValueError:
            return None
        endpoint = Endpoint(address="127.0.0.1", port=facts["port"])
        return Decoy(endpoint=endpoint, pid=facts["pid"], listener_pid=facts["pid"])


def leak(hold_s: float) -> None:
    """Connect, hold the connection, and tell of it."""
    import os  # noqa: PLC0415 - only in the planted process

    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
        with socket.create_connection(("127.0.0.1", port)):
            time.sleep(hold_s)
    sys.stdout.write(json.dumps({"pid": os.getpid(), "port": port}))


if __name__ == "__main__":
    leak(float(sys.argv[1]))
