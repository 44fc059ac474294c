"""The leak that is planted for the witnesses of an audit: a process that connects to a listener.

To one of its own where it has a supervisor, which tells who it is and where it went: a process in a seal can reach
nobody else. Without a supervisor, and so without a seal, to one of ours, whose port we know. What it says itself counts
for nothing: the command may have written it. `python control.py SECONDS [PORT]` is that process.
"""

from __future__ import annotations

import socket
import subprocess
import sys
import time
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

    from showcase.clock import RunClock
    from showcase.witnesses.panel import Decoy, Panel

END_S = 20.0


class PlantedLeak:
    """The process beside the command, under the same witnesses. It never has the terminal.

    Args:
        panel: The witnesses.
        environment: Its environment, which carries what the command's does.
        hold_s: How long it holds its connection.
        clock: The run's.

    Raises:
        ShowcaseError: It cannot be started.
    """

    def __init__(self, panel: Panel, environment: Mapping[str, str], hold_s: float, clock: RunClock) -> None:
        from showcase.audit.unrun import not_run  # noqa: PLC0415 - the planted process reads this file too
        from showcase.witnesses.decoy import DecoyListener  # noqa: PLC0415 - as above
        from showcase.witnesses.panel import CONTROL_ROLE  # noqa: PLC0415 - as above

        self._panel = panel
        self._role = CONTROL_ROLE
        self._clock = clock
        self._from_s = clock.now_s()
        self._listener = None if panel.launches else DecoyListener()
        # The base interpreter: that of a virtual environment is on Windows a program which starts this one.
        python = getattr(sys, "_base_executable", sys.executable) if sys.platform == "win32" else sys.executable
        where = () if self._listener is None else (str(self._listener.endpoint.port),)
        command = (python, __file__, str(hold_s), *where)
        try:
            self._child = subprocess.Popen(
                panel.wrap(CONTROL_ROLE, command),
                env=dict(environment),
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
                start_new_session=True,
            )
        except OSError as error:
            if self._listener is not None:
                self._listener.close()
            raise not_run(command, error, environment, None) from error

    def finish(self) -> Decoy | None:
        """Wait for its end; return what it did, None where it did not get that far."""
        try:
            self._child.wait(timeout=END_S)
        except subprocess.TimeoutExpired:
            self._child.kill()
            self._child.wait()
        self._panel.leave(self._role, self._child.pid)
        return self._supervised() if self._listener is None else self._alone()

    def _supervised(self) -> Decoy | None:
        from showcase.evidence import Endpoint  # noqa: PLC0415 - as above
        from showcase.witnesses.panel import Decoy  # noqa: PLC0415 - as above

        own = self._panel.own_connection(self._role)
        if own is None:
            return None
        endpoint = Endpoint(address="127.0.0.1", port=own.port)
        return Decoy(
            endpoint=endpoint,
            pid=own.pid,
            listener_pid=own.pid,
            from_s=own.from_s,
            until_s=own.until_s,
            whole=own.whole and self._child.returncode == 0,
        )

    def _alone(self) -> Decoy | None:
        import os  # noqa: PLC0415 - as above

        from showcase.witnesses.panel import Decoy  # noqa: PLC0415 - as above

        assert self._listener is not None, "nobody launches"  # noqa: S101 - for the type
        self._listener.close()
        return Decoy(
            endpoint=self._listener.endpoint,
            pid=self._child.pid,
            listener_pid=os.getpid(),
            reached=self._listener.reached,
            from_s=self._from_s,
            until_s=self._clock.now_s(),
            whole=self._child.returncode == 0,
        )


def leak(hold_s: float, port: int | None) -> None:
    """Connect, and hold the connection."""
    if port is not None:
        with socket.create_connection(("127.0.0.1", port)):
            time.sleep(hold_s)
        return
    with socket.create_server(("127.0.0.1", 0)) as listener, socket.create_connection(listener.getsockname()):
        time.sleep(hold_s)


if __name__ == "__main__":
    leak(float(sys.argv[1]), int(sys.argv[2]) if len(sys.argv) > 2 else None)  # noqa: PLR2004 - the port, if any
