"""A worker that empties the store before session 2 searches."""

import shutil
import sys
from typing import Any

from showcase import worker
from showcase.scenes import recall
from showcase.scenes.stage import MemoryStage

original = recall.play


def wipe_and_play(stage: MemoryStage[Any]) -> None:
    if stage.task.memories == () and not stage.store.parent.name.startswith(".control-"):
        shutil.rmtree(stage.store)
        stage.store.mkdir()
    original(stage)


recall.play = wipe_and_play

if __name__ == "__main__":
    sys.exit(worker.main())
