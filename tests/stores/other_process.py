"""A process of its own at a store: asked by a line of JSON, it answers by one."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

from showcase.settings.store_address import parse
from showcase.settings.store_place import place_of
from showcase.stores.engines import table
from showcase.stores.interface import Row

if TYPE_CHECKING:
    from showcase.stores.interface import Table


class OtherProcess:
    """A process that has a table open."""

    def __init__(self, named: str, secret: str | None) -> None:
        self._process = subprocess.Popen(
            [sys.executable, str(Path(__file__)), named],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            cwd=Path(__file__).parents[2],
        )
        self.ask(secret=secret)

    def ask(self, **asked: Any) -> Any:
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.write(json.dumps(asked) + "\n")
        self._process.stdin.flush()
        answer = self._process.stdout.readline()
        assert answer, "the other process ended"
        return json.loads(answer)

    def kill(self) -> None:
        """End it as the power does: nothing is closed or flushed."""
        self._process.kill()
        self._process.communicate()

    def end(self) -> None:
        self._process.communicate(timeout=30)
        assert self._process.returncode == 0


def answer(opened: Table, asked: dict[str, Any]) -> Any:
    if "put" in asked:
        rows = [Row(memory_id=each, beside=beside, vector=(1.0, 0.0, 0.0)) for each, beside in asked["put"].items()]
        opened.put(rows)
    elif "delete" in asked:
        opened.delete(asked["delete"])
    elif "close" in asked:
        opened.close()
    elif "nearest" in asked:
        return [row.memory_id for row, _ in opened.nearest(asked["nearest"], (1.0, 0.0, 0.0), 10)]
    elif "mark" in asked:
        return opened.mark()
    else:
        return {row.memory_id: dict(row.beside) for page in opened.pages(asked["rows"]) for row in page}
    return None


def main() -> None:
    address = parse(sys.argv[1])
    assert address is not None
    opened = table(place_of(address), json.loads(sys.stdin.readline())["secret"])
    print("null", flush=True)  # noqa: T201 - what is said to the other
    for line in sys.stdin:
        print(json.dumps(answer(opened, json.loads(line))), flush=True)  # noqa: T201 - likewise
    opened.close()


if __name__ == "__main__":
    sys.path.insert(0, str(Path(__file__).parents[2]))
    main()
