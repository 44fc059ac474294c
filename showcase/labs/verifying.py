"""Looks at what a participant left, by the lab's own `verify.py`."""

from __future__ import annotations

import sys
from importlib.util import module_from_spec, spec_from_file_location
from typing import TYPE_CHECKING, Any

from showcase.errors import UsageError
from showcase.labs import folder
from showcase.labs.notebook import Check, directory_of
from showcase.labs.workspace import NothingToSeeError, Workspace

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from showcase.labs.lab import Lab
    from showcase.labs.notebook import Page

NOT_REACHED = "not looked at: what it needs was not there"


def verify(lab: Lab, root: Path, page: Page) -> tuple[Check, ...]:
    """Return what was seen of each check of a lab, in its order.

    A check that `verify.py` does not yield is unseen: nothing is met by being left out.

    Args:
        lab: Which.
        root: The participant's directory.
        page: What they predicted and found.

    Raises:
        UsageError: `verify.py` fails, or yields what the lab does not have: that is for whoever wrote it.
    """
    workspace = Workspace(
        here=directory_of(root, lab.number),
        given=lab.given,
        findings={name: text.strip() for name, text in page.findings.items()},
        prediction=page.prediction,
        recorded=page.recorded,
    )
    if not workspace.here.is_dir():
        return tuple(Check(id=each, status="unseen", seen=f"there is no {workspace.here}") for each in lab.frame.checks)
    seen: dict[str, Check] = {}
    stopped = NOT_REACHED
    try:
        for check in _verdicts(lab)(workspace):
            _take(lab, check, seen)
    except NothingToSeeError as error:
        stopped = str(error)
    except UsageError:
        raise
    except Exception as error:
        raise _fault(lab, f"it fails: {type(error).__name__}: {error}") from error
    left = [each for each in lab.frame.checks if each not in seen]
    if left and stopped != NOT_REACHED:  # the first that it did not come to is the one that lacked something
        seen[left[0]] = Check(id=left[0], status="unseen", seen=stopped)
    return tuple(seen.get(each) or Check(id=each, status="unseen", seen=NOT_REACHED) for each in lab.frame.checks)


def _take(lab: Lab, check: object, seen: dict[str, Check]) -> None:
    if not isinstance(check, Check) or check.id not in lab.frame.checks or check.id in seen:
        raise _fault(lab, f"it yields {check!r}, which {folder.FRAME} does not have, or twice")
    seen[check.id] = check


def are_met(checks: tuple[Check, ...]) -> bool:
    """Tell whether a lab is verified: every check was looked at, and met; of none nothing follows."""
    return bool(checks) and all(check.status == "met" for check in checks)


def _verdicts(lab: Lab) -> Callable[[Workspace], Iterator[Check]]:
    path = lab.folder / folder.VERIFY
    name = f"showcase_lab_{lab.number}"
    spec = spec_from_file_location(name, path)
    if spec is None or spec.loader is None:
        raise _fault(lab, "it cannot be loaded")
    module = module_from_spec(spec)
    sys.modules[name] = module  # dataclasses of it are looked up there
    wrote, sys.dont_write_bytecode = sys.dont_write_bytecode, True
    try:
        spec.loader.exec_module(module)
    except Exception as error:
        raise _fault(lab, f"it cannot be loaded: {type(error).__name__}: {error}") from error
    finally:
        sys.dont_write_bytecode = wrote
    found: Any = module.verify
    return found  # type: ignore[no-any-return]  # as docs/labs.md has it


def _fault(lab: Lab, what: str) -> UsageError:
    return UsageError(f"{lab.folder / folder.VERIFY}: {what}", hint="tell whoever wrote the lab; docs/labs.md says how")
