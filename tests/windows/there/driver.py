"""Starts a command on Windows, ends it as asked, and tells what is left: `driver.py SPECIFICATION RESULT`, both JSON.

The specification: `command`; `how` it is ended (null: by itself; "kill"; "Ctrl-C", at a console of this process's own,
as typed there: to all that share it, but to no group that was made with CREATE_NEW_PROCESS_GROUP); `when`, a text in
the command line of some process that it started, from whose appearance on; `after_s` later; `env`, added to the
environment. Whatever process begins after this one counts as left where it lives `PATIENCE_S` after the command's end.
"""

import contextlib
import ctypes
import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import psutil

PATIENCE_S = 20.0


def others(since: float) -> dict[int, str]:
    """Return command lines of programs of ours that began since, by pid."""
    found = {}
    for process in psutil.process_iter():
        try:
            if process.name().lower() in ("python.exe", "cmd.exe") and process.create_time() >= since:
                found[process.pid] = " ".join(process.cmdline())
        except (psutil.Error, OSError):  # noqa: PERF203 - it may end at any of these questions
            continue
    found.pop(os.getpid(), None)
    return found


def have_console() -> None:
    """Leave the console that there may be, and open one."""
    ctypes.windll.kernel32.FreeConsole()
    if not ctypes.windll.kernel32.AllocConsole():
        raise ctypes.WinError()
    signal.signal(signal.SIGINT, lambda _number, _frame: None)


def main(asked: dict, result: Path) -> None:
    began = psutil.Process().create_time()
    told = {name: result.with_suffix(f".{name}") for name in ("out", "err")}
    if asked.get("how") == "Ctrl-C":
        have_console()
    with told["out"].open("wb") as out, told["err"].open("wb") as err:
        process = subprocess.Popen(
            asked["command"],
            stdin=subprocess.DEVNULL,
            stdout=out,
            stderr=err,
            env={**os.environ, **asked.get("env", {})},
        )
        seen = asked.get("how") is None
        if asked.get("how"):
            while process.poll() is None and not seen:
                time.sleep(0.1)
                seen = any(asked["when"] in line for pid, line in others(began).items() if pid != process.pid)
            time.sleep(asked.get("after_s", 0.0))
            if asked["how"] == "kill":
                process.kill()
            else:
                os.kill(0, signal.CTRL_C_EVENT)
        status = process.wait()
    until = time.monotonic() + PATIENCE_S
    while (left := others(began)) and time.monotonic() < until:
        time.sleep(0.2)
    for pid in left:
        with contextlib.suppress(psutil.Error, OSError):
            psutil.Process(pid).kill()
    said = {name: path.read_text("utf-8", "replace") for name, path in told.items()}
    result.write_text(json.dumps({"status": status, "left": list(left.values()), "ended_in_time": seen, **said}))


if __name__ == "__main__":
    main(json.loads(Path(sys.argv[1]).read_text("utf-8")), Path(sys.argv[2]))
