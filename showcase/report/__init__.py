"""Report: a run log as one HTML page that fetches nothing and needs no script to be read.

Everything on the page comes from the log; the report shows and judges nothing.
"""

from __future__ import annotations

from showcase.report.bench_page import render_result
from showcase.report.classroom import render_class
from showcase.report.comparison import render_comparison
from showcase.report.environment import load
from showcase.report.inspection_page import render_inspection
from showcase.report.page import render
from showcase.report.redaction import redact

__all__ = ["load", "redact", "render", "render_class", "render_comparison", "render_inspection", "render_result"]
