"""Report: a run log as one HTML page that fetches nothing and needs no script to be read.

Everything on the page comes from the log; the report shows and judges nothing.
"""

from __future__ import annotations

from showcase.report.page import render

__all__ = ["render"]
