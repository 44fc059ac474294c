"""Runs pip as if on another machine: the conditions of dependencies are decided as they are there.

`pip download --platform --python-version` chooses wheels for another machine, but decides `sys_platform == "win32"` and
`python_version < "3.11"` by the Python that it runs on. Wheels for Windows that were gathered on Linux would lack
colorama, and ask for uvloop, which has none for Windows. So pip is told here what to decide them by. It is a script,
run by itself with pip alone: nothing of this program is imported.
"""

from __future__ import annotations

import json
import sys

NOT_THIS_PIP = 97
"""Exit status: this pip keeps them elsewhere than those that were tried, 23.0 to 26.3."""


def main() -> int:
    """Run pip; its own exit status."""
    sys.path.pop(0)  # the directory of this file, whose modules have names of their own
    try:
        from pip._internal.cli.main import main as pip  # noqa: PLC0415 - found only without that directory
        from pip._vendor.packaging import markers  # noqa: PLC0415 - likewise
    except ImportError:
        return NOT_THIS_PIP
    if not callable(getattr(markers, "default_environment", None)):
        return NOT_THIS_PIP
    conditions = json.loads(sys.argv[1])
    if set(conditions) != set(markers.default_environment()):
        return NOT_THIS_PIP
    markers.default_environment = lambda: dict(conditions)
    return int(pip(sys.argv[2:]))


if __name__ == "__main__":
    sys.exit(main())
