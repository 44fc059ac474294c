"""What a program was refused because it was watched, beside destinations: it may not have got to what it does."""

from __future__ import annotations

from typing import TYPE_CHECKING

from showcase.claims.reading import counted
from showcase.shell.endings import ending

if TYPE_CHECKING:
    from showcase.evidence import Run

_BEGINS = "refused "
_OF_SANDBOXES = frozenset(
    {"mount", "umount2", "move_mount", "fsopen", "pivot_root", "chroot", "unshare", "clone", "setns"}
)
"""Calls by which a program builds walls of its own: bubblewrap, a browser, a container."""

WITHOUT_SANDBOX = (
    "if that was a sandbox of its own, run what it holds without it, as with --no-sandbox: the seal is around it"
)
WATCHED_WITHOUT_SANDBOX = "if that was a sandbox of its own, run what it holds without it, as with --no-sandbox"


def withheld(run: Run) -> str | None:
    """Return what an audited command asked for and was refused for the watch's sake, in words; None where nothing."""
    counts = _refused(run)
    if run.command is None or not counts:
        return None
    named = ", ".join(f"{name} ({counted(number, 'time')})" for name, number in sorted(counts.items()))
    return f"the seal refused it {named}" if run.command.sealing != "none" else f"watched, it was refused {named}"


def way_out(run: Run) -> str | None:
    """Return how a program gets to what it does that was refused the walls it builds itself, None where it was not."""
    if run.command is None or not _OF_SANDBOXES & _refused(run).keys():
        return None
    return WITHOUT_SANDBOX if run.command.sealing != "none" else WATCHED_WITHOUT_SANDBOX


def _refused(run: Run) -> dict[str, int]:
    counts: dict[str, int] = {}
    for report in run.witnesses:
        for name, number in report.counts.items():
            if name.startswith(_BEGINS) and number:
                counts[name.removeprefix(_BEGINS)] = counts.get(name.removeprefix(_BEGINS), 0) + number
    return counts


def prevented(run: Run) -> str | None:
    """Return why what the command did not do says nothing: it failed by itself after it was refused something.

    A command of root is without its capabilities in a seal: whatever it failed at may have been for want of them.
    """
    refused = withheld(run)
    if refused is None and any(report.counts.get("without rights") for report in run.witnesses):
        refused = "it was without the rights of root in its seal"
    if refused is None or run.command is None or run.command.ended_by != "itself" or not run.command.exit_code:
        return None
    ended = ending(run.command.exit_code)
    told = f"{refused}, and it ended with {ended}: it may not have got to what it does elsewhere"
    return "; ".join(filter(None, (told, way_out(run))))
