"""A session with nobody around it: the scene alone, no witness, no events, no order to wait for."""

from __future__ import annotations

import json
import sys

from showcase.scenes import prepare_scene
from showcase.scenes.stage import Stage


def main() -> None:
    """Play the scene whose name and task stand on stdin."""
    order = json.loads(sys.stdin.readline())
    prepare_scene(order["scene"])(Stage(task=order["task"], emit=lambda _event: None))


if __name__ == "__main__":
    main()
