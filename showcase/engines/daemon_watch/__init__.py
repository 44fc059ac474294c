"""Watches the servers behind allowed loopback ports from beside them: who serves, and whom they are connected to.

They are no processes of ours: they run before us and after us, often as another user. What can be seen of them is
their sockets, looked at every few milliseconds; of another user's, on Linux, those of the user as a whole.

`watch` looks and remembers, `linux` and `elsewhere` know how to look, `asking` asks a server what it is, `own` is about
one that the run started.
"""

from __future__ import annotations

from showcase.engines.daemon_watch.asking import ask
from showcase.engines.daemon_watch.own import of_this_run
from showcase.engines.daemon_watch.watch import DaemonWatch

__all__ = ["DaemonWatch", "ask", "of_this_run"]
