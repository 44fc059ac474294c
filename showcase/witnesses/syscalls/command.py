"""The command line of a supervisor, and whether one can work on this machine."""

from __future__ import annotations

import errno
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from showcase.documents.leftovers import temporary
from showcase.witnesses.syscalls.record.testimony import read

if TYPE_CHECKING:
    from collections.abc import Sequence

_START = (
    "import sys; sys.path.insert(0, sys.argv.pop(1)); "
    "from showcase.witnesses.syscalls.supervisor.supervise import main; main(sys.argv[1:])"
)
_PACKAGES = Path(__file__).resolve().parents[3]
_PROBE_S = 20.0

FAULT = "a supervised child failed"
"""How a reason begins that is a fault of ours, and not a machine that forbids to look."""

_REASONS = {
    errno.EBUSY: "this process runs under a seccomp supervisor already, and the kernel allows one",
    errno.EINVAL: "this kernel is older than Linux 5.19",
    errno.ENOSYS: "this kernel or this container does not offer seccomp user notification",
    errno.EPERM: "this container or this system forbids seccomp user notification or copying descriptors",
    errno.EACCES: "this container or this system forbids seccomp user notification",
}


def supervised(records: Path, command: Sequence[str], *options: str) -> tuple[str, ...]:
    """Return the command that runs `command` under a supervisor.

    The interpreter is isolated (`-I -S`): neither the environment of the command nor the packages that are
    installed reach the process that watches it, and it starts in 35 ms.
    """
    interpreter = (sys.executable, "-I", "-S", "-c", _START, str(_PACKAGES))
    return (*interpreter, "--records", str(records), *options, "--", *command)


def why_unavailable(*options: str) -> str | None:
    """Return why no supervisor can work here, None where one did: a child is watched to find out."""
    if sys.platform != "linux":
        return "needs Linux"
    with temporary("showcase-probe-") as directory:
        path = directory / "records"
        nothing = (sys.executable, "-I", "-S", "-c", "pass")
        try:
            probe = subprocess.run(
                supervised(path, nothing, *options),
                stdin=subprocess.DEVNULL,
                capture_output=True,
                timeout=_PROBE_S,
                check=False,
                start_new_session=True,
            )
        except subprocess.TimeoutExpired:
            return f"a supervised child did not end within {_PROBE_S:.0f} s"
        except OSError as error:
            return f"the supervisor cannot be started: {error.strerror}"
        refused = [record for record in read(path) if record["event"] == "refused"]
        if refused:
            why = _REASONS.get(refused[0]["errno"], errno.errorcode.get(refused[0]["errno"], "unknown"))
            return f"{refused[0]['stage']}: {why}"
        if probe.returncode != 0:
            said = probe.stderr.decode(errors="replace").strip().splitlines()
            said += [record["why"] for record in read(path) if record["event"] == "failed"]
            return f"{FAULT}: {said[-1] if said else probe.returncode}"
    return None
