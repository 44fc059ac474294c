"""A worker whose second user searches with `*`, which mem0's Chroma adapter reads as everybody."""

import sys
from types import SimpleNamespace
from typing import Any

from showcase import worker
from showcase.scenes import recall, second_user

original = recall.search_and_ask


def search_everybody(stage: Any, memory: Any) -> None:
    def search(question: str, *, filters: dict[str, str], **options: Any) -> Any:
        return memory.search(question, filters={**filters, "user_id": "*"}, **options)

    original(stage, SimpleNamespace(search=search, get_all=memory.get_all))


second_user.search_and_ask = search_everybody

if __name__ == "__main__":
    sys.exit(worker.main())
