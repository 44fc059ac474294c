"""What one process does. A scene is a file with two functions: `prepare` imports, `play` acts on a `Stage`."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

from showcase.errors import UsageError
from showcase.processes.protocol.orders import (
    AfterForget,
    EmptyStore,
    Forget,
    GoOn,
    Leak,
    Plant,
    Prepare,
    Recall,
    SecondUser,
    UnfilteredRead,
)
from showcase.scenes.faults import in_words

if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import NoReturn

    from showcase.processes.protocol.events import Event
    from showcase.processes.protocol.orders import Order, Scene, Task

SCENES: dict[Scene, str] = {
    "plant": "showcase.scenes.plant",
    "recall": "showcase.scenes.recall",
    "second-user": "showcase.scenes.second_user",
    "empty-store": "showcase.scenes.empty_store",
    "unfiltered-read": "showcase.scenes.unfiltered_read",
    "decoy": "showcase.scenes.decoy",
    "forget": "showcase.scenes.forget",
    "after-forget": "showcase.scenes.after_forget",
}
"""Name in the run log to module. A new scene is a file, a task in `protocol.orders`, a line here and a case below."""


def prepare_scene(order: Order) -> None:
    """Import what the scene needs.

    Raises:
        UsageError: Something else is ordered.
    """
    if not isinstance(order, Prepare):
        _refuse(order)
    import_module(SCENES[order.scene]).prepare()


def play(task: Order, *, emit: Callable[[Event], None], wait: Callable[[], Order | None]) -> None:
    """Play the scene of a task.

    Args:
        task: What to do.
        emit: Writes an event.
        wait: Returns the next order when it comes, None where none will.

    Raises:
        UsageError: It is no task.
        ShowcaseError: What ended the scene early, in the words that a user sees; anything else passes as it is.
    """
    if isinstance(task, (Prepare, GoOn)):
        _refuse(task)
    with in_words(task):
        _play(task, emit, wait)


def _play(task: Task, emit: Callable[[Event], None], wait: Callable[[], Order | None]) -> None:
    from showcase.scenes.stage import MemoryStage, Stage  # noqa: PLC0415 - after what the scene prepared

    match task:
        case Plant():
            from showcase.scenes import plant  # noqa: PLC0415 - one scene needs none of the others

            plant.play(MemoryStage(task=task, emit=emit, wait=wait))
        case Recall():
            from showcase.scenes import recall  # noqa: PLC0415 - likewise

            recall.play(MemoryStage(task=task, emit=emit, wait=wait))
        case SecondUser():
            from showcase.scenes import second_user  # noqa: PLC0415 - likewise

            second_user.play(MemoryStage(task=task, emit=emit, wait=wait))
        case EmptyStore():
            from showcase.scenes import empty_store  # noqa: PLC0415 - likewise

            empty_store.play(MemoryStage(task=task, emit=emit, wait=wait))
        case UnfilteredRead():
            from showcase.scenes import unfiltered_read  # noqa: PLC0415 - likewise

            unfiltered_read.play(Stage(task=task, emit=emit, wait=wait))
        case Forget():
            from showcase.scenes import forget  # noqa: PLC0415 - likewise

            forget.play(Stage(task=task, emit=emit, wait=wait))
        case AfterForget():
            from showcase.scenes import after_forget  # noqa: PLC0415 - likewise

            after_forget.play(MemoryStage(task=task, emit=emit, wait=wait))
        case Leak():
            from showcase.scenes import decoy  # noqa: PLC0415 - likewise

            decoy.play(Stage(task=task, emit=emit, wait=wait))


def _refuse(order: Order) -> NoReturn:
    raise UsageError(
        f"this worker was told to {order.order!r} out of turn",
        hint="a worker is started by `showcase run`, of the same version; it takes no orders by hand",
    )
