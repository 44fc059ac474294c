"""A store as one page: the facts of `showcase inspect`, and nothing that looks for them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from showcase.inspection import wording
from showcase.report.environment import render_page

if TYPE_CHECKING:
    from showcase.inspection.facts import Inspection


def render_inspection(found: Inspection) -> str:
    """Return what was seen of a store as one HTML document that refers to nothing outside itself."""
    return render_page("inspection.html.j2", found=found, say=wording)
