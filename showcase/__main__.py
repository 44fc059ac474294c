"""`python -m showcase`."""

from __future__ import annotations

from showcase.cli import main

if __name__ == "__main__":
    main()
