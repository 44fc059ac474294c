"""The end of a run: facts gathered, log written, claims judged, page rendered."""

from __future__ import annotations

import contextlib
import os
import platform
import time
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

from showcase import runlog
from showcase.documents.surrogates import escaped
from showcase.errors import ExitCode, ShowcaseError, StoreError
from showcase.evidence import Platform, Run
from showcase.orchestrator import output_directory

if TYPE_CHECKING:
    from showcase.settings import Settings


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """What a run left behind.

    Attributes:
        run: The log, with verdicts.
        run_log: Where it lies.
        sha256: Digest of that file.
        report: Where the page lies.
        earlier: Files of an earlier run that were kept under new names.
        trouble: What in the environment ended a session, if anything did.
    """

    run: Run
    run_log: Path
    sha256: str
    report: Path
    earlier: tuple[Path, ...]
    trouble: ShowcaseError | None

    @property
    def exit_code(self) -> ExitCode:
        """Exit status of the run."""
        from showcase.claims import exit_code  # noqa: PLC0415 - with the judging

        code = exit_code(self.run.claims)
        return self.trouble.exit_code if self.trouble and code is not ExitCode.BROKEN else code


def write_down(facts: Run, settings: Settings, trouble: ShowcaseError | None) -> Outcome:
    """Write the log, judge it, render the page.

    Raises:
        StoreError: It cannot be written; the log and page of an earlier run are where they were. Where those cannot
            make way, the log has another name, which the error says.
    """
    from showcase import claims, report  # noqa: PLC0415 - heavy, imported ahead while the sessions ran

    facts = escaped(facts)
    # Facts first, and safe on disk, before anybody judges them or an earlier log makes way.
    draft = settings.run_log.with_name(f".{settings.run_log.name}.facts")
    try:
        runlog.write(facts, draft)
        judged = replace(facts, claims=claims.judge(facts))
        page = report.render(judged, presenter=settings.presenter).encode()
        try:
            earlier = output_directory.keep_earlier(settings.out)
        except StoreError as error:  # another program has it open, which Windows does not rename then
            raise _kept_beside(judged, settings, error) from error
        draft.replace(settings.run_log)
    except BaseException:
        with contextlib.suppress(OSError):
            draft.unlink()
        raise
    digest = runlog.write(judged, settings.run_log)
    runlog.write_private(settings.report, page)
    return Outcome(
        run=judged,
        run_log=settings.run_log,
        sha256=digest,
        report=settings.report,
        earlier=earlier,
        trouble=trouble,
    )


def _kept_beside(judged: Run, settings: Settings, error: StoreError) -> StoreError:
    """Return the error with the place where the log of this run went instead."""
    place = output_directory.name_by_time(settings.run_log, time.time())
    try:
        runlog.write(judged, place)
    except StoreError:  # nothing can be written there at all
        return error
    return StoreError(f"{error.message}; the log of this run is {place}", hint=error.hint)


@cache
def versions() -> dict[str, str]:
    """Return the versions of this program and of what it shows or stands on, as they were when first asked for."""
    from importlib import metadata  # noqa: PLC0415 - only here

    from showcase import __version__  # noqa: PLC0415 - only here

    names = ("mem0ai", "chromadb", "ollama", "psutil", "posthog", "huggingface_hub", "httpx", "pydantic", "model2vec")
    found = {"local-memory-showcase": __version__}
    for name in names:
        with contextlib.suppress(metadata.PackageNotFoundError):
            found[name] = metadata.version(name)
    return found


def this_platform() -> Platform:
    """Return the machine, without names of host or user."""
    import psutil  # noqa: PLC0415 - only here

    return Platform(
        system=platform.system(),
        release=platform.release(),
        machine=platform.machine(),
        python=platform.python_version(),
        implementation=platform.python_implementation(),
        cpus=os.cpu_count(),
        memory_bytes=psutil.virtual_memory().total,
    )


def import_ahead(*, page: bool = True) -> None:
    """Import and read what the end needs, before a program starts that could rewrite it in the meantime.

    Args:
        page: Whether a page is rendered in the end: its templates take longer to compile than all else together.
    """
    import hashlib  # noqa: F401, PLC0415 - for the import alone, and what it imports

    from pydantic import ValidationError  # noqa: F401, PLC0415 - likewise
    from pydantic_core import PydanticSerializationError  # noqa: F401, PLC0415 - likewise

    from showcase import claims  # noqa: F401, PLC0415 - likewise

    runlog.prepare()
    if page:
        from showcase import report  # noqa: PLC0415 - likewise

        report.load()
    versions()
    this_platform()
