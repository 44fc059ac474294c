"""The mark of a collection that a run made: it alone may be emptied by another run.

It is the store's record as it stands beside the rows, with one word more, so that every other command reads it too.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from showcase.documents import strict_json
from showcase.memory import store_record

if TYPE_CHECKING:
    from showcase.evidence import Model


def written(model: Model) -> str:
    """Return the mark of a collection whose vectors `model` makes."""
    record = store_record.made_by(model, layout="shared")
    return json.dumps({**json.loads(store_record.document(record)), store_record.OF_A_RUN: True})


def is_of_a_run(mark: str | None) -> bool:
    """Tell whether a text beside a collection says that a run made it; what cannot be read does not."""
    try:
        document = strict_json.parse((mark or "").encode())
    except ValueError:
        return False
    return (
        isinstance(document, dict)
        and document.get("format") == store_record.FORMAT
        and document.get(store_record.OF_A_RUN) is True
    )
