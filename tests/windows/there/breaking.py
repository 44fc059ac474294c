"""`breaking.py OUT WORKER`: a run in which Ctrl-Break is raised once its first session plays."""

import signal
import sys
import threading
import time
from pathlib import Path

from showcase import orchestrator
from showcase.processes.worker_process import WorkerProcess
from showcase.progress import Silence
from showcase.scenes import scenario
from showcase.settings import Settings

BEFORE_S = 3.0


def main() -> int:
    play = WorkerProcess.play

    def interrupted(worker: WorkerProcess, *arguments: object, **options: object) -> None:
        play(worker, *arguments, **options)  # type: ignore[arg-type]
        if worker.role == "session 1":
            threading.Thread(target=break_off, daemon=True).start()

    WorkerProcess.play = interrupted  # type: ignore[method-assign]
    settings = Settings(out=Path(sys.argv[1]), engine="rehearsal", worker=sys.argv[2], witnesses=("hook", "sockets"))
    return int(orchestrator.run(settings, scenario.read(), Silence()).exit_code)


def break_off() -> None:
    time.sleep(BEFORE_S)
    signal.raise_signal(signal.SIGBREAK)


if __name__ == "__main__":
    sys.exit(main())
