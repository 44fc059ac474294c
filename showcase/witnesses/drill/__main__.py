"""`python -m showcase.witnesses.drill`: holds the short drill and prints what came of it as one line of JSON."""

from __future__ import annotations

import json
import sys

from showcase.errors import ShowcaseError
from showcase.witnesses.drill.catalogue import SHORT
from showcase.witnesses.drill.matrix import drill


def main() -> int:
    """Print the matrix, or why none could be had."""
    try:
        matrix = drill(SHORT)
    except ShowcaseError as error:
        print(json.dumps({"event": "no drill", "why": error.message}))  # noqa: T201 - its one line of output
        return int(error.exit_code)
    found = matrix.document()
    for row, leak in zip(matrix.rows, found["leaks"], strict=True):
        leak["worse"] = row.worse
    print(json.dumps({"event": "drill", **found}))  # noqa: T201 - its one line of output
    return 0


if __name__ == "__main__":
    sys.exit(main())
