"""What one process does. A scene is a file with two functions: `prepare` imports, `play` acts."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

from showcase.scenes.faults import in_words

if TYPE_CHECKING:
    from collections.abc import Callable

    from showcase.scenes.stage import Stage

SCENES = {
    "plant": "showcase.scenes.plant",
    "recall": "showcase.scenes.recall",
    "second-user": "showcase.scenes.second_user",
    "empty-store": "showcase.scenes.empty_store",
    "unfiltered-read": "showcase.scenes.unfiltered_read",
    "decoy": "showcase.scenes.decoy",
}
"""Name in the run log to module. A new scene is a new file and a line here."""


def prepare_scene(name: str) -> Callable[[Stage], None]:
    """Import what the scene needs and return what plays it."""
    module = import_module(SCENES[name])
    module.prepare()
    play: Callable[[Stage], None] = module.play

    def act(stage: Stage) -> None:
        with in_words(stage):
            play(stage)

    return act
