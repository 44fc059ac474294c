"""Erases copies of a store, each in a fork that ends itself, as by `kill -9`, at one of its operations on files.

Started by a test as a process of its own: ROOT OUT POINTS ID. Chroma is imported once; no client is made before a fork.
"""

from __future__ import annotations

import json
import os
import shutil
import signal
import sys
from pathlib import Path
from typing import Any

from erased import holding
from kept_stores import everything

from showcase.documents import overwriting
from showcase.erasure import erasing, removal
from showcase.erasure.order import Order
from showcase.memory import history, rebuilding, replacement
from showcase.memory.backends.opening import look
from showcase.settings.store_place import store_place

WATCHED = {
    "os.rename", "os.remove", "os.rmdir", "os.mkdir", "shutil.rmtree", "shutil.copyfile", "sqlite3.connect",
    "os.truncate", "os.link",
}  # fmt: skip
SECRET = (b"obsidian", b"locker")


class Mortal:
    """Counts operations on files, and ends the process at one of them."""

    def __init__(self, root: str, last: int, told: Path | None = None) -> None:
        self.root, self.last, self.count, self.told = root, last, 0, told
        self.phase = "gather"
        self.seen: list[tuple[str, str]] = []

    def hook(self, event: str, arguments: tuple[Any, ...]) -> None:
        if event == "open":
            path, _mode, flags = arguments
            writes = isinstance(flags, int) and flags & (os.O_WRONLY | os.O_RDWR | os.O_CREAT)
            if not (writes or (isinstance(path, str) and path.startswith(self.root))):
                return
        elif event not in WATCHED:
            return
        self.point(event)

    def point(self, what: str) -> None:
        self.count += 1
        if self.told is not None:
            self.seen.append((self.phase, what))
        if self.count == self.last:
            os.kill(os.getpid(), signal.SIGKILL)

    def named(self, owner: Any, name: str, phase: str) -> None:
        """Let a function begin a phase, and be a point before and after."""
        real = getattr(owner, name)

        def within(*arguments: Any, **options: Any) -> Any:
            before, self.phase = self.phase, phase
            self.point(f"before {name}")
            try:
                return real(*arguments, **options)
            finally:
                self.point(f"after {name}")
                self.phase = before

        setattr(owner, name, within)


def child(root: Path, memory_id: str, last: int, told: Path | None) -> None:
    mortal = Mortal(str(root), last, told)
    for owner, name, phase in (
        (erasing.gathering, "gather", "gather"),
        (erasing, "_scan", "scan"),
        (rebuilding, "rebuild", "copy"),
        (removal, "_history", "copy"),
        (replacement, "sync", "decide"),
        (replacement, "decide", "decide"),
        (replacement, "_carry_out", "carry out"),
        (replacement, "_replace", "carry out"),
        (replacement, "clear", "overwrite"),
        (overwriting, "overwrite", "overwrite"),
        (replacement, "_sync_directory", "carry out"),
    ):
        mortal.named(owner, name, phase)
    # The controls have tests of their own, and would be most of the time.
    erasing.controls = lambda _files: ((), 0)
    sys.addaudithook(mortal.hook)
    kept = look(store_place(root))
    order = Order(kept=kept, user_id="alice", ids=(memory_id,), everything=False, key=b"k" * 32)
    with erasing.alone(kept.place):
        erasing.check_alone(kept.place)
        erasing.forget(order, removal.rebuilt)
    if told is not None:
        told.write_text(json.dumps(mortal.seen))


def state(root: Path) -> dict[str, Any]:
    """Return what a fresh look finds in a store."""
    kept = look(store_place(root))
    rows = everything(kept.place, kept.layout)
    return {
        "rows": sorted(
            [each, found.text, str(found.user_id), list(numbers)] for each, (found, numbers) in rows.items()
        ),
        "history": sorted([each.memory_id, str(each.new_memory)] for each in history.everything(kept.place)),
    }


def in_a_fork(run: Any) -> int:
    pid = os.fork()
    if pid == 0:
        code = 1
        try:
            run()
            code = 0
        finally:
            os._exit(code)
    return os.waitpid(pid, 0)[1]


def main() -> None:
    import chromadb  # noqa: F401, PLC0415 - once for all forks
    import psutil  # noqa: F401, PLC0415 - likewise

    source, out, points, memory_id = Path(sys.argv[1]), Path(sys.argv[2]), int(sys.argv[3]), sys.argv[4]

    def looked(root: Path, to: Path) -> None:
        to.write_text(json.dumps(state(root)))

    def state_in_a_fork(root: Path) -> Any:
        to = out / "state.json"
        if in_a_fork(lambda: looked(root, to)):
            return f"{root} could not be looked at"
        return json.loads(to.read_text())

    whole = out / "whole"
    shutil.copytree(source, whole)
    old = state_in_a_fork(whole)
    if in_a_fork(lambda: child(whole, memory_id, 0, out / "points.json")):
        raise SystemExit("it does not erase even where nobody kills it")
    new = state_in_a_fork(whole)
    seen = json.loads((out / "points.json").read_text())
    # All of the few that are near the decision, and as many of the others as make up the number.
    near = {number for number, (phase, _) in enumerate(seen, 1) if phase in ("decide", "carry out", "overwrite")}
    rest = [number for number in range(1, len(seen) + 1) if number not in near]
    lacking = max(points - len(near), 40)
    chosen = sorted(near | {rest[at * len(rest) // lacking] for at in range(min(lacking, len(rest)))})
    killed = []
    for point in chosen:
        root = out / "s"
        shutil.copytree(source, root)
        status = in_a_fork(lambda root=root, point=point: child(root, memory_id, point, None))
        if not (os.WIFSIGNALED(status) and os.WTERMSIG(status) == signal.SIGKILL):
            shutil.rmtree(root)
            continue
        found = state_in_a_fork(root)
        phase, operation = seen[point - 1]
        killed.append({
            "point": point, "phase": phase, "operation": operation, "state": found,
            "workshop": replacement.workshop(store_place(root)).exists(), "holding": holding(root, SECRET),
        })  # fmt: skip
        shutil.rmtree(root)
    (out / "told.json").write_text(json.dumps({"old": old, "new": new, "points": len(seen), "killed": killed}))


if __name__ == "__main__":
    main()
